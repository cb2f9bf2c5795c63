"""What workers do in tests, by the name of the file: modules are all that spawned ones share."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from nixschema.checking.job import Job, Outcome

done: list[str] = []
"""What this process has done."""


def act(job: Job) -> Outcome:
    """Do what the file's name says; the outcome tells the process that did it."""
    name = os.path.basename(job.path)
    done.append(name)
    match name.partition("-")[0]:
        case "hang":
            time.sleep(60)
        case "loop":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
            while True:
                pass
        case "segv":
            signal.raise_signal(signal.SIGSEGV)
        case "abort":
            os.abort()
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(3)
        case "memory":
            bytearray(4 * 1024**3)
        case "many":
            return Outcome(job.path, bug="x" * 10_000_000)
        case "bug":
            raise KeyError("of ours")
        case "worn":
            if len(done) > 1:
                os.abort()
        case "slow":
            time.sleep(0.5)
        case "note":
            Path(job.path).write_text(str(os.getpid()))
    return Outcome(job.path, bug=str(os.getpid()))
