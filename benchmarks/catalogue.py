"""The bundled catalogue: cold processes that read it, and how merging grows with the rows.

Processes are run in turns, against a bare interpreter and the import floor of benchmarks.startup;
what a line costs is shown as well over a process that only imports what a listing has anyway.
Merging and ranking are timed in this process: own rows, a live list and a fetched file over as many
rows that are shipped.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping

from adapters.catalogue.snapshot import bundled
from benchmarks.startup import FLOOR, ROOT, WARM, measured
from domain.selection.catalogue import CatalogueRow, Wishes, merged, narrowed, ranked

# What each row of the hot lane has loaded before it reads anything.
BASE = "import pathlib, typing, zlib"
READ = "from adapters.catalogue.snapshot import bundled"
LISTED = """
rows = ranked(merged(bundled().rows()))
out = "".join([f"{row.provider}/{row.model}\\t{row.context}\\n" for row in rows])
"""
# The first command of who has nothing, at a terminal: it looks around, and reads what is free.
FIRST = """
import sys
from entrypoints.start import console
sys.argv[1:] = ["models"]
console()
"""
CODES = {
    "bare interpreter": "",
    "floor": FLOOR,
    "base": BASE,
    "base, no rows read": f"{BASE}\n{READ}",
    "one provider read": f"{BASE}\n{READ}\nlist(bundled().rows('openai'))",
    "one model read": f"{BASE}\n{READ}\nlist(bundled().rows('openai', 'gpt-5.4-mini'))",
    "all read": f"{BASE}\n{READ}\nlist(bundled().rows())",
    "all read, no collector": f"import gc\ngc.disable()\n{BASE}\n{READ}\nlist(bundled().rows())",
    "all read, merged, ranked, written": (
        f"{BASE}\n{READ}\nfrom domain.selection.catalogue import merged, ranked\n{LISTED}"
    ),
    "first command, at a terminal": FIRST,
}
SIZES = (5_000, 50_000)


def cold(runs: int) -> Mapping[str, list[float]]:
    """Wall times (ms) of `runs` processes of each kind."""
    times: dict[str, list[float]] = {name: [] for name in CODES}
    with tempfile.TemporaryDirectory() as bare:
        here = {"HOME": bare, "AURA_INTELLIGENCE_HOME": f"{bare}/home", "PYTHONPATH": str(ROOT)}
        environ = {**os.environ, **here}
        for run in range(runs + WARM):
            for name, code in CODES.items():
                command = [sys.executable, "-c", code]
                took, _ = measured(command, environ, terminal="terminal" in name)
                if run >= WARM:
                    times[name].append(took)
    return times


def grown(count: int) -> list[CatalogueRow]:
    """As many rows as are wanted, out of those that are shipped."""
    shipped = list(bundled().rows())
    return [
        shipped[at % len(shipped)]._replace(model=f"{at}/{shipped[at % len(shipped)].model}")
        for at in range(count)
    ]


def combined(count: int) -> tuple[float, float]:
    """The best times (ms) of merging four sources of `count` models; of narrowing and ranking."""
    rows = grown(count)
    live = [row._replace(name="", context=None, source="live") for row in rows]
    tries = []
    for _ in range(7):
        began = time.perf_counter()
        one = merged(rows[:20], live[: count // 2], live, rows)
        between = time.perf_counter()
        ranked(narrowed(one, Wishes("a", min_context=1)))
        tries.append((between - began, time.perf_counter() - between))
        assert len(one) == count
    merging, ranking = (min(taken) * 1000 for taken in zip(*tries, strict=True))
    return merging, ranking


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("runs", type=int, nargs="?", default=20)
    times = cold(words.parse_args().runs)
    middle = {name: statistics.median(values) for name, values in times.items()}
    least = {name: min(values) for name, values in times.items()}
    for name in CODES:
        print(
            f"{name:<34} median {middle[name]:6.1f} ms, {middle[name] / middle['floor']:.2f} floor,"
            f" {middle[name] / middle['bare interpreter']:.2f} bare; best {least[name]:6.1f} ms,"
            f" {least[name] / least['floor']:.2f} floor,"
            f" {least[name] - least['base']:+.1f} ms over base"
        )
    for count in SIZES:
        merging, ranking = combined(count)
        print(
            f"{count} rows: merged in {merging:.0f} ms, {merging / count * 1000:.1f} us a row;"
            f" narrowed and ranked in {ranking:.0f} ms"
        )


if __name__ == "__main__":
    main()
