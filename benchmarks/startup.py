"""Whole-process time and memory of reading commands with 20 profiles, against their floor.

The floor is a process that only imports what the command line cannot do without: cyclopts,
dependency_injector and sqlite3. Both are run in turns, so that a busy machine slows both.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
GOAL, GOAL_MEMORY = 1.35, 40.0
COMMANDS = {"status": "models status --json", "resolve": "models resolve --plain"}
FLOOR = "import cyclopts, sqlite3, dependency_injector.containers, dependency_injector.providers"


def measured(command: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """Wall time (ms) and peak memory (MiB) of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return (time.perf_counter() - began) * 1000, usage.ru_maxrss / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Made by another process: a child's peak memory counts what its parent had at the fork.
        subprocess.run([sys.executable, "-m", "benchmarks.stores", folder, "20"], check=True)
        # Bytecode as `pip install` leaves it; writing it is left on for the first run.
        environ = {**os.environ, "AURA_INTELLIGENCE_HOME": folder}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        program = str(Path(sys.executable).parent / "aura_intelligence")
        commands = {"floor": [sys.executable, "-c", FLOOR]}
        commands |= {name: [program, *words.split()] for name, words in COMMANDS.items()}
        times: dict[str, list[float]] = {name: [] for name in commands}
        memory = dict.fromkeys(commands, 0.0)
        for run in range(RUNS + 2):
            for name, command in commands.items():
                took, peak = measured(command, environ)
                if run >= 2:
                    times[name].append(took)
                    memory[name] = max(memory[name], peak)
    floor, floor_best = statistics.median(times["floor"]), min(times["floor"])
    print(f"goal     at most {GOAL} x the floor and {GOAL_MEMORY} MiB")
    for name, values in times.items():
        median, best = statistics.median(values), min(values)
        print(
            f"{name:<8} median {median:6.1f} ms ({median / floor:.3f})   "
            f"best {best:6.1f} ms ({best / floor_best:.3f})   {memory[name]:.1f} MiB"
        )


if __name__ == "__main__":
    main()
