"""Seventeen ways a provider answers, as seventeen providers, tried in one run: who is told right.

The rows are those on which other tools were measured, with what is true of each. A run may take as
long as its slowest answer: here the provider that never answers, given up after TIMEOUT. The
server is a process of its own.
"""

import asyncio
import contextlib
import io
import json
import multiprocessing
import socket
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.stores import container, filled
from domain.credentials.credential import ApiKey, AuthProfile
from domain.credentials.secret import Secret
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from entrypoints.main import run

TIMEOUT, CONCURRENCY, ROUNDS, GOAL = 1500, 20, 5, 1.2
OPTIONS = f"--json --probe-concurrency {CONCURRENCY} --probe-timeout {TIMEOUT}"


@dataclass(frozen=True, slots=True)
class Row:
    """An answer and the truth about it. A `status` of 0 is none: `never`, `reset` or `refused`."""

    name: str
    status: int
    body: str
    outcome: str
    credential: str


def _completion(text: str) -> str:
    message = {"role": "assistant", "content": text}
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "length"}]})


def _error(message: str, code: str) -> str:
    return json.dumps({"error": {"message": message, "type": code, "code": code}})


ROWS = (
    Row("200", 200, _completion("OK"), "ok", "proven"),
    Row("200 empty text", 200, _completion(""), "ok", "proven"),
    Row("400", 400, _error("bad request", "invalid_request_error"), "format", "unknown"),
    Row("401", 401, _error("no such key", "invalid_api_key"), "auth", "refused"),
    Row("402", 402, _error("pay first", "payment_required"), "billing", "proven"),
    Row("403", 403, _error("forbidden", "forbidden"), "permission", "unknown"),
    Row("404 model", 404, _error("no such model", "model_not_found"), "no_model", "proven"),
    Row("408", 408, _error("too slow", "request_timeout"), "timeout", "unknown"),
    Row("429 rate", 429, _error("slow down", "rate_limit_exceeded"), "rate_limit", "proven"),
    Row("429 quota", 429, _error("no credit", "insufficient_quota"), "billing", "proven"),
    Row("500", 500, _error("broken", "server_error"), "provider_error", "unknown"),
    Row("502 HTML", 502, "<html><h1>502</h1></html>", "provider_error", "unknown"),
    Row("503", 503, _error("away", "service_unavailable"), "overloaded", "unknown"),
    Row("529", 529, _error("overloaded", "overloaded_error"), "overloaded", "unknown"),
    Row("refused", 0, "refused", "network", "unknown"),
    Row("reset", 0, "reset", "network", "unknown"),
    Row("never", 0, "never", "timeout", "unknown"),
)


@dataclass(slots=True)
class Matrix:
    """Answers a request for `/N/…` as row N says; `seen` counts the requests of each."""

    seen: Counter[int] = field(default_factory=Counter)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with (
            contextlib.closing(writer),
            contextlib.suppress(asyncio.IncompleteReadError, ConnectionError),
        ):
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            at = int(head.split(b"/", 2)[1])
            self.seen[at] += 1
            await self._reply(ROWS[at], writer)

    async def _reply(self, row: Row, writer: asyncio.StreamWriter) -> None:
        if row.body == "never":
            await asyncio.sleep(3600)
        if row.body == "reset":
            writer.transport.abort()
            return
        body = row.body.encode()
        kind = "text/html" if body.startswith(b"<") else "application/json"
        head = f"HTTP/1.1 {row.status} X\r\nconnection: close\r\ncontent-type: {kind}\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def fill(home: Path, port: int) -> None:
    """A store with one provider for each row, a key for each, and a chain of all their models."""
    made = filled(home, 1)
    made.profiles().remove("openai:p00000", 0)
    nowhere = closed_port()
    urls = [
        f"http://127.0.0.1:{nowhere if row.body == 'refused' else port}/{at}"
        for at, row in enumerate(ROWS)
    ]
    rows = tuple(
        Provider(f"p{at:02}", ROWS[at].name, url, "openai", source="user", revision=1)
        for at, url in enumerate(urls)
    )
    made.selection().update(lambda s: s._replace(default=None, providers=rows), 0)
    for row in rows:
        key = ApiKey(Secret(f"sk-anchor-{row.id}-0123456789"))
        made.profiles().put(
            AuthProfile(f"{row.id}:default", row.id, "", row.base_url, "bearer", key), 0
        )
        made.selection().update(lambda s, id=row.id: s.with_fallback(ModelRef(id, "m")), 0)
    made.selection().update(lambda s: s.with_default(ModelRef("p00", "m")), 0)


def judged(probes: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The rows that were told wrong: name, outcome, credential."""
    results = {r["provider"]: r for r in probes["results"]}
    told = [(row, results[f"p{at:02}"]) for at, row in enumerate(ROWS)]
    return [
        (row.name, result["status"], result["credential"])
        for row, result in told
        if (result["status"], result["credential"]) != (row.outcome, row.credential)
    ]


def _serve(told: Connection) -> None:
    async def forever() -> None:
        matrix = Matrix()
        server = await asyncio.start_server(matrix.answer, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        # Whoever writes to the pipe is told what arrived until then.
        asyncio.get_running_loop().add_reader(told.fileno(), lambda: told.send(matrix.seen))
        await server.serve_forever()

    asyncio.run(forever())


def _probed(home: Path) -> dict[str, Any]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run(["models", "status", "--probe", *OPTIONS.split()], container(home)) == 0
    probes: dict[str, Any] = json.loads(out.getvalue())["auth"]["probes"]
    return probes


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), ours.recv())
        runs = [_probed(Path(folder)) for _ in range(ROUNDS)]
    ours.send("how many?")
    seen = ours.recv()
    server.terminate()
    right = [len(ROWS) - len(judged(probes)) for probes in runs]
    times = [int(probes["durationMs"]) for probes in runs]
    asked = sorted(set(seen.values()))
    print(f"right    {' '.join(f'{n:7}' for n in right)} of {len(ROWS)}")
    print(f"took     {' '.join(f'{t:7}' for t in times)} ms")
    print(f"best / slowest answer  {min(times) / TIMEOUT:.3f} (goal {GOAL})")
    print(f"requests {sum(seen.values())}, {asked} of each provider in {ROUNDS} runs")


if __name__ == "__main__":
    main()
