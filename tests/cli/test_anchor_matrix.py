"""Seventeen answers others tell wrong, as seventeen providers in one run: all told right, at once.

What is measured without a busy machine in the way: `python -m benchmarks.anchor`.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import pytest

from benchmarks.anchor import GOAL, OPTIONS, ROWS, TIMEOUT, Matrix, fill, judged
from tests.cli.program import Program

# For a machine that runs other tests beside this one: loading of modules, the journal's syncs.
SLACK = 3000


@contextmanager
def served(matrix: Matrix) -> Iterator[int]:
    """The port the matrix answers at, from a thread."""
    ready: SimpleQueue[tuple[int, Callable[[], object]]] = SimpleQueue()

    async def serve() -> None:
        server = await asyncio.start_server(matrix.answer, "127.0.0.1", 0)
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        port = server.sockets[0].getsockname()[1]
        ready.put((port, lambda: loop.call_soon_threadsafe(stop.set)))
        async with server:
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    port, stop = ready.get()
    try:
        yield port
    finally:
        stop()
        thread.join()


@pytest.fixture
def run(cli: Program) -> tuple[dict[str, Any], Counter[int]]:
    """One run over all of them, and the requests that arrived for each."""
    matrix = Matrix()
    with served(matrix) as port:
        fill(cli.home, port)
        ran = cli(f"models status --probe {OPTIONS}")
    assert ran.code == 0
    return ran.document["auth"]["probes"], matrix.seen


def test_seventeen_answers_are_told_right_in_one_request_each_within_the_slowest(
    run: tuple[dict[str, Any], Counter[int]],
) -> None:
    probes, seen = run
    assert probes["totalTargets"] == len(ROWS) == 17
    assert judged(probes) == []
    answering = {at for at, row in enumerate(ROWS) if row.body != "refused"}
    assert seen == dict.fromkeys(answering, 1)
    assert TIMEOUT <= probes["durationMs"] <= GOAL * TIMEOUT + SLACK
