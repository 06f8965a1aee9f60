"""Whole-process time and memory of reading commands with 20 profiles, against their floor.

The floor is a process that only imports what the whole command line cannot do without: cyclopts,
dependency_injector and sqlite3. Everything is run in turns, so that a busy machine slows all of it.
Two environments are made, by `pip install`, which compiles bytecode: the program alone, and with
pydantic-settings beside it, which dependency_injector imports wherever it is.
"""

import argparse
import os
import pty
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping
from pathlib import Path

from entrypoints.start import CYCLOPTS_ONLY

ROOT = Path(__file__).parents[1]
FLOOR = "import cyclopts, sqlite3, dependency_injector.containers, dependency_injector.providers"
HOT = [
    "models status --json",
    "models list --json",
    "models resolve --plain",
    "models history --json",
    "models auth list --json",
    "models auth token openai:p00000",
    "paths",
    "--version",
]
WHOLE = ["models providers list", "models set openai/gpt-5-mini", "--help"]
WARM = 2
"""Runs that are thrown away."""


def measured(command: list[str], environ: Mapping[str, str], terminal: bool) -> tuple[float, float]:
    """Wall time (ms) and peak memory (MiB) of one run, its output to nowhere or to a terminal."""
    master, slave = pty.openpty()
    out = slave if terminal else subprocess.DEVNULL
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)
    _, status, usage = os.wait4(process.pid, 0)
    took = (time.perf_counter() - began) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    os.close(master)
    os.close(slave)
    return took, usage.ru_maxrss / 1024


def installed(folder: Path, *beside: str) -> Path:
    """The folder of programs of a new environment."""
    venv.create(folder, with_pip=True)
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", str(ROOT)]
    subprocess.run([*command, *beside], check=True)
    return folder / "bin"


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("runs", type=int, nargs="?", default=30)
    words.add_argument("--peer", help="another program's command, measured in the same run")
    said = words.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        alone = installed(folder / "alone")
        beside = installed(folder / "beside", "pydantic-settings")
        # Made by another process: a child's peak memory counts what its parent had at the fork.
        made = [sys.executable, "-m", "benchmarks.stores", str(folder / "home"), "20"]
        subprocess.run(made, check=True)
        environ = {**os.environ, "AURA_INTELLIGENCE_HOME": str(folder / "home"), "COLUMNS": "100"}
        off = {**environ, CYCLOPTS_ONLY: "1"}
        # What is served again within the hour was handed out before.
        first = [str(alone / "aura_intelligence"), "models", "auth", "token", "openai:p00000"]
        subprocess.run(first, env=environ, stdout=subprocess.DEVNULL, check=True)
        commands = {"floor": ([str(alone / "python"), "-c", FLOOR], environ)}
        for at, program, all_words in (
            ("", alone, HOT + WHOLE),
            (" (pydantic beside)", beside, [HOT[0], WHOLE[0]]),
        ):
            command = str(program / "aura_intelligence")
            for line in all_words:
                commands[f"{line}{at}"] = ([command, *line.split()], environ)
        status = [str(alone / "aura_intelligence"), "models", "status"]
        commands["models status, on a terminal"] = (status, environ)
        for line in HOT:
            commands[f"{line}, by Cyclopts"] = ([status[0], *line.split()], off)
        if said.peer:
            commands[said.peer] = (shlex.split(said.peer), environ)
        show(commands, said.runs)


def show(commands: Mapping[str, tuple[list[str], Mapping[str, str]]], runs: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0.0)
    for run in range(runs + WARM):
        for name, (command, environ) in commands.items():
            took, peak = measured(command, environ, "terminal" in name)
            if run >= WARM:
                times[name].append(took)
                memory[name] = max(memory[name], peak)
    floor, floor_best = statistics.median(times["floor"]), min(times["floor"])
    for name, values in times.items():
        median, best = statistics.median(values), min(values)
        print(
            f"{name[-44:]:<44} median {median:6.1f} ms ({median / floor:.2f})   "
            f"best {best:6.1f} ms ({best / floor_best:.2f})   {memory[name]:.1f} MiB"
        )


if __name__ == "__main__":
    main()
