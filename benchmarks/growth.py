"""How `models status --json` grows from 20 to 10,000 profiles, against the bare SQL read.

In one process: the command as `main.run` runs it, and the SELECT of the same rows.
"""

import contextlib
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.stores import bare_read, container, filled
from entrypoints.main import run

SMALL, LARGE, ROUNDS, GOAL = 20, 10_000, 15, 4.0


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def best_of_each(*works: Callable[[], object]) -> list[float]:
    """The best of a few rounds of each, in turns, so that a busy moment hits all of them."""
    rounds = [[milliseconds(work) for work in works] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def status(home: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        assert run(["models", "status", "--json"], container(home)) == 0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        filled(small, SMALL)
        store = filled(large, LARGE).settings().store
        few, many, read = best_of_each(
            lambda: status(small), lambda: status(large), lambda: bare_read(store)
        )
    print(f"status of {SMALL:>6} profiles   {few:7.1f} ms")
    print(f"status of {LARGE:>6} profiles   {many:7.1f} ms")
    print(f"bare read of {LARGE} rows    {read:7.1f} ms")
    print(f"growth / bare read         {(many - few) / read:7.2f} (goal {GOAL})")


if __name__ == "__main__":
    main()
