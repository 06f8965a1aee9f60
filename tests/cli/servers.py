"""A scripted provider on this machine: what it answers follows from the model and the key."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

GOOD = "sk-scripted-good-0001"
BAD = "sk-scripted-bad-00002"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def refusal(status: int, code: str, message: str = "no", **headers: str) -> Answer:
    document = {"error": {"message": message, "type": code, "code": code}}
    return Answer(status, json.dumps(document).encode(), tuple(headers.items()))


# What a POST for the model of that name is answered with.
SCRIPT: dict[str, Answer] = {
    "unauthorized": refusal(401, "invalid_api_key", "Incorrect API key provided"),
    "payment": refusal(402, "insufficient_credits", "Insufficient credits"),
    "forbidden": refusal(403, "forbidden", "Not allowed"),
    "paid": refusal(403, "forbidden", "this model requires a subscription, upgrade for access"),
    "flagged": refusal(403, "forbidden", "Your input was flagged"),
    "shut": refusal(400, "invalid_request_error", "This organization has been disabled."),
    "elsewhere": refusal(404, "not_found_error", "Not Found"),
    "missing": refusal(404, "model_not_found", "The model `missing` does not exist"),
    "limited": refusal(429, "rate_limit_exceeded", "Slow down", **{"retry-after": "30"}),
    "broken": refusal(500, "server_error"),
    "busy": refusal(503, "overloaded"),
    "control": refusal(400, "\x1b]0;owned\x07", "\x1b[2J\u202eevil\r\nline \x00 end"),
    "html": Answer(502, b"<html><h1>Bad gateway</h1></html>"),
}


@dataclass(slots=True)
class ScriptedServer:
    """`hang` is answered when the server is closed; `seen` lists (path, model, key), `bodies` what
    was posted.

    `pages` are documents served under a path of their own. `words` are what a good answer says,
    streamed one by one where that is asked for; a model `stall` stops after the first, `cut` hangs
    up there.
    """

    port: int = 0
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    pages: dict[str, object] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    arrived: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def answer(self, path: str, model: str, key: str) -> Answer | None:
        """None: no answer while the server lives."""
        self.seen.append((path, model, key))
        if model == "hang" or key.startswith("sk-scripted-hang"):
            self.arrived.set()
            return None
        if model == "echo" or key.startswith("sk-scripted-echo"):
            return _echo(key)
        if key == BAD:
            return SCRIPT["unauthorized"]
        if path in self.pages:
            page = self.pages[path]
            return Answer(200, page if isinstance(page, bytes) else json.dumps(page).encode())
        if path.endswith("/models"):
            listed = {"object": "list", "data": [{"id": "ok", "object": "model"}]}
            return Answer(200, json.dumps(listed).encode())
        return SCRIPT.get(model) or _completion(model, path)


def _completion(model: str, path: str) -> Answer:
    if path.endswith("/messages"):
        document: dict[str, Any] = {
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [{"type": "text", "text": "OK."}],
        }
    else:
        message = {"role": "assistant", "content": "OK."}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        document = {"object": "chat.completion", "model": model, "choices": [choice]}
    return Answer(200, json.dumps(document).encode())


def _echo(key: str) -> Answer:
    """The worst a provider can do: the key in every form, in the body and the headers."""
    encoded = base64.b64encode(key.encode()).decode()
    shifted = base64.b64encode(b"x" + key.encode()).decode()
    message = f"bad key {key} {quote(key, safe='')} {encoded} {shifted} tail {key[-16:]}"
    return refusal(401, key, message, **{"x-request-id": key})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: ScriptedServer

    def do_GET(self) -> None:
        self._reply("")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        self.script.bodies.append(body)
        self._reply(str(body.get("model", "")), streamed=body.get("stream") is True)

    def _reply(self, model: str, *, streamed: bool = False) -> None:
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        key = self.headers.get("x-api-key") or self.headers.get("api-key") or bearer
        answer = self.script.answer(self.path, model, key)
        if answer is None:
            self.script.closing.wait(60)
            self.close_connection = True
            return
        if streamed and self.script.words and answer.status == 200:
            return self._stream(model)
        self.send_response(answer.status)
        for name, value in (("content-type", "application/json"), *answer.headers):
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _stream(self, model: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for word in self.script.words:
            self._event({"choices": [{"index": 0, "delta": {"content": word}}]})
            if model == "stall":
                self.script.arrived.set()
                self.script.closing.wait(60)
            if model in ("stall", "cut"):
                self.close_connection = True
                return
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, document: object) -> None:
        self._chunk(b"data: " + json.dumps(document).encode() + b"\n\n")

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the script."""


@contextmanager
def scripted_server(script: ScriptedServer | None = None) -> Iterator[ScriptedServer]:
    script = script or ScriptedServer()
    handler = type("Scripted", (_Handler,), {"script": script})
    with _Server(("127.0.0.1", 0), handler) as server:
        script.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            script.closing.set()
            server.shutdown()
            thread.join()
