"""A scan of lists of 300, 5,000 and 50,000 models, half of those it may try lying about tools.

Whole processes beside a server of this machine: time, peak memory, requests as announced, and how
many of the picks really call a tool.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.program import Program
from tests.cli.routers import Router, catalogue
from tests.cli.servers import Answer, scripted_server

COUNTS = (300, 5_000, 50_000)
WORDS = "models scan --dry-run --json --max-candidates 12"


def main() -> None:
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            print(measured(count, Path(folder)))


def measured(count: int, folder: Path) -> str:
    body = json.dumps({"data": catalogue(count)}).encode()
    with scripted_server(Router(list_answer=Answer(200, body))) as router:
        assert isinstance(router, Router)
        environ = {"OPENROUTER_API_KEY": "sk-or-scripted-1", "OPENROUTER_BASE_URL": router.url}
        out, began = folder / "out", time.perf_counter()
        with out.open("w") as stdout:
            process = Program(folder / "home", environ).start(
                WORDS, stdout=stdout, stderr=subprocess.PIPE
            )
            said = process.stderr.read() if process.stderr else ""
            _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        asked, announced = len(router.asked), re.match(r"(\d+) to (\d+) requests", said)
    assert os.waitstatus_to_exitcode(status) == 0, said
    assert announced, said
    least, most = map(int, announced.groups())
    assert least <= asked <= most, (asked, said)
    picked = json.loads(out.read_text())["selected"]
    true = sum("liar" not in name for name in picked)
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return (
        f"{count:>6} models: {took:5.2f} s, {used.ru_maxrss // unit:4} MiB; {asked} requests of "
        f"{least} to {most}; {true} of {len(picked)} picks call a tool"
    )


if __name__ == "__main__":
    main()
