"""The YAML language server that editors run, asked over its standard input and output."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

VARIABLE = "YAML_LANGUAGE_SERVER"
"""Names the program, where it is not found by itself."""

SECONDS = 30.0
"""How long an answer may take."""


def command() -> list[str] | None:
    """How to run the server, or None where it is not installed."""
    node = shutil.which("node")
    named = os.environ.get(VARIABLE)
    if named:
        return [named, "--stdio"] if node is None else [node, named, "--stdio"]
    found = shutil.which("yaml-language-server")
    if found is not None:
        return [found, "--stdio"]
    if node is None or (npm := shutil.which("npm")) is None:
        return None
    for where in ((), ("-g",)):
        root = subprocess.run([npm, "root", *where], capture_output=True, text=True, check=False)
        program = Path(root.stdout.strip(), "yaml-language-server/bin/yaml-language-server")
        if program.is_file():
            return [node, str(program), "--stdio"]
    return None


class LanguageServer:
    """A running server, with one document open."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._received: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._receive, daemon=True).start()
        self._folder = folder
        self._uri = ""
        self._number = 0
        self._ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder.as_uri(),
                "capabilities": {
                    "textDocument": {
                        "hover": {"contentFormat": ["plaintext"]},
                        "completion": {"completionItem": {"documentationFormat": ["plaintext"]}},
                    }
                },
            },
        )
        self._tell("initialized", {})
        yaml = {"validate": True, "hover": True, "completion": True}
        settings = {"yaml": {**yaml, "schemaStore": {"enable": False}}}
        self._tell("workspace/didChangeConfiguration", {"settings": settings})

    def open(self, name: str, text: str) -> list[tuple[int, str]]:
        """Open a document; returns what is wrong with it: line, counted from 1, and message."""
        if self._uri:
            self._tell("textDocument/didClose", {"textDocument": {"uri": self._uri}})
        self._uri = (self._folder / name).as_uri()
        document = {"uri": self._uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        for message in self._messages():
            told = message.get("params", {})
            if (
                message.get("method") == "textDocument/publishDiagnostics"
                and told["uri"] == self._uri
            ):
                return [
                    (one["range"]["start"]["line"] + 1, one["message"])
                    for one in told["diagnostics"]
                ]
        raise EOFError("the language server has ended")

    def completions(self, line: int, column: int) -> dict[str, str]:
        """What could stand at a place, counted from 1: label and documentation."""
        found = self._ask("textDocument/completion", self._at(line, column))
        items = found["items"] if isinstance(found, dict) else found
        return {one["label"]: _text(one.get("documentation")) for one in items or ()}

    def hover(self, line: int, column: int) -> str:
        """What is told about a place, counted from 1."""
        found = self._ask("textDocument/hover", self._at(line, column))
        return _text(found["contents"]) if found else ""

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def _at(self, line: int, column: int) -> dict[str, Any]:
        return {
            "textDocument": {"uri": self._uri},
            "position": {"line": line - 1, "character": column - 1},
        }

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        for message in self._messages():
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
        raise EOFError("the language server has ended")

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _messages(self) -> Iterator[dict[str, Any]]:
        """Messages as they come; what the server asks is answered with nothing."""
        while (message := self._received.get(timeout=SECONDS)) is not None:
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
            yield message

    def _receive(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        try:
            while (length := _length(stream)) is not None:
                self._received.put(json.loads(stream.read(length)))
        finally:
            self._received.put(None)


def _length(stream: IO[bytes]) -> int | None:
    """Length of the next message, by its header; None at the end."""
    length = None
    while (line := stream.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length


def _text(contents: Any) -> str:
    if isinstance(contents, list):
        return "\n".join(map(_text, contents))
    return contents.get("value", "") if isinstance(contents, dict) else contents or ""
