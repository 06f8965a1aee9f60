"""200 probes of a server that answers in 250 ms, 20 at a time, against the ideal of 2.5 s.

The server is a process of its own. What is compared is `auth.probes.durationMs`, which is all of
the run: intents, requests, results in the journal.
"""

import asyncio
import contextlib
import io
import json
import multiprocessing
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.stores import container, filled
from domain.credentials.credential import ApiKey, AuthProfile
from domain.credentials.secret import Secret
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from entrypoints.main import run

PROBES, CONCURRENCY, DELAY, ROUNDS, GOAL = 200, 20, 0.25, 3, 1.15
_BODY = json.dumps({"choices": [{"message": {"role": "assistant", "content": "OK"}}]}).encode()
_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
    + str(len(_BODY)).encode()
    + b"\r\n\r\n"
    + _BODY
)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            await asyncio.sleep(DELAY)
            writer.write(_ANSWER)
            await writer.drain()


def serve(told: Connection) -> None:
    async def forever() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


def probed(home: Path) -> int:
    """One run of the command; `durationMs` of its probes."""
    out = io.StringIO()
    options = ["--json", "--probe", "--probe-concurrency", str(CONCURRENCY)]
    with contextlib.redirect_stdout(out):
        assert run(["models", "status", *options], container(home)) == 0
    probes = json.loads(out.getvalue())["auth"]["probes"]
    assert [r["status"] for r in probes["results"]] == ["ok"] * PROBES
    return int(probes["durationMs"])


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}/v1"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _fill(home, url)
        times = [probed(home) for _ in range(ROUNDS)]
    server.terminate()
    ideal = PROBES / CONCURRENCY * DELAY * 1000
    print(f"ideal    {ideal:7.0f} ms")
    print(f"measured {' '.join(f'{t:7.0f}' for t in times)} ms")
    print(f"best / ideal  {min(times) / ideal:.3f} (goal {GOAL})   worst {max(times) / ideal:.3f}")


def _fill(home: Path, url: str) -> None:
    made = filled(home, 1)
    made.profiles().remove("openai:p00000", 0)
    row = Provider("bench", "Bench", url, "openai", source="user", revision=1)
    made.selection().update(lambda s: s._replace(default=None, providers=(row,)), 0)
    for n in range(PROBES):
        key = ApiKey(Secret(f"sk-bench-{n:08}"))
        made.profiles().put(AuthProfile(f"bench:p{n:03}", "bench", "", url, "bearer", key), 0)
    made.selection().update(lambda s: s.with_default(ModelRef("bench", "model")), 0)


if __name__ == "__main__":
    main()
