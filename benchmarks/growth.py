"""How reading commands grow with the store: 10,000 profiles, and 200,000 failures in the journal.

Whole processes, in turns. The first against a bare interpreter that reads the rows `status` reads;
the second against the same store with 200 failures.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.stores import failing, filled
from domain.credentials.profile import ProfileSummary

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
PROFILES, FEW, MANY = 10_000, 200, 200_000
PROGRAM = str(Path(sys.executable).parent / "aura_intelligence")
STATUS, COMMANDS = "models status --json", ("models list --json", "models resolve --plain")
READ = f"""
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute("SELECT {", ".join(ProfileSummary._fields)} FROM profiles ORDER BY id").fetchall()
"""
Command = tuple[list[str], Path]


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        large = folder / "large"
        store = filled(large, PROFILES).settings().store
        commands: dict[str, Command] = {
            f"bare read of {PROFILES} profiles": ([sys.executable, "-c", READ, str(store)], large)
        }
        for words in (STATUS, *COMMANDS):
            commands[f"{words}, {PROFILES} profiles"] = ([PROGRAM, *words.split()], large)
        show(commands)
        for models in (1, 5):
            show(dict(_failures(folder, models)))


def _failures(folder: Path, models: int) -> Iterator[tuple[str, Command]]:
    for count in (FEW, MANY):
        home = folder / f"{models}-{count}"
        failing(home, count, models)
        name = f"{STATUS}, {count} failures of 20 profiles x {models}"
        yield name, ([PROGRAM, *STATUS.split()], home)


def show(commands: Mapping[str, Command]) -> None:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(RUNS + 2):
        for name, (command, home) in commands.items():
            environ: dict[str, Any] = {**os.environ, "AURA_INTELLIGENCE_HOME": str(home)}
            began = time.perf_counter()
            subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False)
            if run >= 2:
                times[name].append((time.perf_counter() - began) * 1000)
    first = next(iter(times.values()))
    for name, values in times.items():
        print(
            f"{name:<58} median {statistics.median(values):6.1f} ms "
            f"({statistics.median(values) / statistics.median(first):.2f})   "
            f"best {min(values):6.1f} ms ({min(values) / min(first):.2f})"
        )


if __name__ == "__main__":
    main()
