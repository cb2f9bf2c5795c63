"""Write the data files that the descriptions in this folder take their values from.

python examples/make_data.py            writes them beside the descriptions
python examples/make_data.py FOLDER     writes them into another folder
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent


def write_all(folder: Path) -> None:
    """Write all data files into the folders of their examples."""
    random = np.random.Generator(np.random.PCG64(seed=6))
    for name, write in (
        ("course", _course),
        ("multichannel", _multichannel),
        ("relacs", _relacs),
        ("neo", _neo),
    ):
        (folder / name).mkdir(parents=True, exist_ok=True)
        write(folder / name, random)


def _course(folder: Path, random: np.random.Generator) -> None:
    """A sine, the same with gaps and with a cosine, and a trace with spikes."""
    time = np.arange(0, 1, 0.001)
    waves = np.round([np.sin(10 * np.pi * time), np.cos(10 * np.pi * time)], 4)
    kept = np.sort(random.choice(len(time), 51, replace=False))
    np.save(folder / "sine.npy", waves[0])
    rows = (f"{time[i]:.3f},{waves[0][i]:.4f}" for i in kept)
    _write_lines(folder / "irregular.csv", ["time,voltage", *rows])
    np.savez(folder / "traces.npz", both=waves)
    spikes = np.sort(random.choice(np.arange(20, 990), 40, replace=False)) / 1000
    noise = random.integers(-900, 900, 10_000)
    noise[np.round(spikes * 10_000).astype(int)] += 10_000
    noise.astype("<i2").tofile(folder / "membrane.raw")
    _write_lines(folder / "spikes.csv", ["time", *(f"{one:.3f}" for one in spikes)])


def _multichannel(folder: Path, random: np.random.Generator) -> None:
    """Eight channels as an amplifier writes them, and what a spreadsheet makes of a slow sensor."""
    counts = random.integers(-300, 300, (2000, 8)) + 100 * np.arange(8)
    header = b"AMP1".ljust(64, b"\0")
    (folder / "amplifier.raw").write_bytes(header + counts.astype("<i2").tobytes())
    lines = ["Messung vom 4. März", "Zeit/s;Temperatur/°C;Atmung/mm"]
    for i in range(40):
        depth = "k.A." if i in (7, 8) else _german(1.5 + random.integers(-500, 500) / 1000)
        lines.append(f"{_german(i / 20)};{_german(34 + random.integers(0, 400) / 1000)};{depth}")
    _write_lines(folder / "sensors.csv", lines, encoding="latin-1")
    trials = ["onset,duration,stimulus,correct"]
    trials += [
        f"{0.1 + i / 4:.2f},0.1,{('tone', 'noise')[i % 2]},{('true', 'false')[i % 3 == 0]}"
        for i in range(7)
    ]
    _write_lines(folder / "trials.csv", trials)


def _german(number: float) -> str:
    return f"{number:.3f}".replace(".", ",")


def _relacs(folder: Path, random: np.random.Generator) -> None:
    """A membrane potential and the field of the fish, each a second long."""
    potential = random.integers(-6200, -5800, 5_000) / 100
    field = np.round(np.sin(2 * np.pi * 800 * np.arange(5_000) / 5_000), 2)
    potential.astype("<f4").tofile(folder / "V-1.raw")
    field.astype("<f4").tofile(folder / "EOD.raw")


def _neo(folder: Path, random: np.random.Generator) -> None:
    """Two channels and the waveforms of five spikes."""
    signals: dict[str, Any] = {
        "signal": random.integers(-7000, -5000, (2, 1000)) / 100,
        "waveforms": random.integers(-500, 500, (5, 2, 16)) / 10,
    }
    np.savez(folder / "sweep.npz", **signals)


def _write_lines(path: Path, lines: list[str], encoding: str = "utf-8") -> None:
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))


if __name__ == "__main__":
    write_all(Path(*sys.argv[1:2] or [HERE]))
