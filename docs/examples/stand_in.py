"""A stand-in provider for trying things out without an account: OpenAI's chat completions.

Run `python docs/examples/stand_in.py [port]`; it listens on 127.0.0.1 only. It knows one key,
`sk-stand-in-0001`, and two models, `small` and `large`.
"""

import contextlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-stand-in-0001"
MODELS = ("small", "large")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self._known():
            return
        if self.path != "/v1/models":
            return self._answer(404, _error("not found", "not_found"))
        models = [{"id": name, "object": "model"} for name in MODELS]
        self._answer(200, {"object": "list", "data": models})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        if not self._known():
            return
        if self.path != "/v1/chat/completions":
            return self._answer(404, _error("not found", "not_found"))
        model = body.get("model")
        if model not in MODELS:
            return self._answer(
                404, _error(f"The model `{model}` does not exist", "model_not_found")
            )
        message = {"role": "assistant", "content": "OK."}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self._answer(200, {"object": "chat.completion", "model": model, "choices": [choice]})

    def _known(self) -> bool:
        if self.headers.get("authorization") == f"Bearer {KEY}":
            return True
        self._answer(401, _error("Incorrect API key provided", "invalid_api_key"))
        return False

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a log line would land in the middle of somebody's terminal."""


def _error(message: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}}


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    print(f"Ctrl-C ends it; listening on http://127.0.0.1:{port}/v1")
    with contextlib.suppress(KeyboardInterrupt):
        ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
