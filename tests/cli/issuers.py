"""A real OAuth server on this machine: discovery, PKCE, device codes, rotation, revocation.

    with issuer() as server:
        server.account = "bob@example.test"        # whose grants are issued from now on
        server.expires_in = 60
        server.device = "approved"                 # what a device code is answered with from now on
        server.answers("/token", HTML, error(400, "slow_down"))   # the next two, then as usual
        ...
        assert (server.refreshes, server.reuses, server.revoked) == (1, 0, 0)

`/v1/...` is an API of the same server, that takes its access tokens while they are good.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.cli.servers import Answer

ALICE, BOB = "alice@example.test", "bob@example.test"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Fields = Mapping[str, str]


def said(document: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document).encode())


def error(status: int, code: str, description: str = "") -> Answer:
    more = {"error_description": description} if description else {}
    return said({"error": code, **more}, status)


HTML = Answer(200, b"<html><h1>Hello</h1></html>")
BROKEN = Answer(500, b"<html><h1>Oops</h1></html>")
ESCAPES = error(400, "\x1b]0;owned\x07bad", "\x1b[2Jgone\u202e\r\nline two")
HUGE = Answer(200, b'{"a": "' + b"x" * 10_000_000 + b'"}')
TOO_SOON = error(400, "slow_down")


@dataclass(slots=True)
class Family:
    """All that came of one sign-in. `codes` is what was bound to its code."""

    account: str
    codes: Fields = field(default_factory=dict)
    refresh: str = ""
    is_revoked: bool = False


@dataclass(slots=True)
class Issuer:
    """What a test says and reads; everything may be changed while it runs.

    `metadata` is laid over what discovery says, None taking a name out. `decides` is what the page
    does with a person: sends a code back, sends access_denied, or shows a page and nothing else.
    `state` replaces the one that is sent back. `delay` is how long the token endpoint takes (s).
    With a `secret` only who gives it is served. `requests` are (path, fields), `polls` the times of
    the device polls, `secrets` everything issued that nobody else may see.
    """

    client_id: str = "aura"
    secret: str = ""
    account: str = ALICE
    plan: str = ""
    expires_in: object = 3600
    rotates: bool = True
    decides: Literal["grant", "deny", "nothing"] = "grant"
    state: str | None = None
    device: Literal["pending", "approved", "denied", "expired"] = "pending"
    interval: object = 1
    code_life: object = 900
    delay: float = 0.0
    metadata: dict[str, object] = field(default_factory=dict)

    port: int = 0
    refreshes: int = 0
    reuses: int = 0
    revoked: int = 0
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _scripts: dict[str, list[Answer]] = field(default_factory=dict)
    _codes: dict[str, Family] = field(default_factory=dict)
    _devices: dict[str, Family] = field(default_factory=dict)
    _refresh: dict[str, Family] = field(default_factory=dict)
    _access: dict[str, tuple[Family, float]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return f"{self.url}/v1"

    def answers(self, path: str, *answers: Answer) -> None:
        """The next requests for `path` are answered so, one each; then as usual."""
        with self._lock:
            self._scripts.setdefault(path, []).extend(answers)

    def asked(self, path: str) -> list[dict[str, str]]:
        """The fields of every request for `path`."""
        with self._lock:
            return [fields for asked, fields in self.requests if asked == path]

    def is_good(self, access: str) -> bool:
        """Whether the API takes that access token now."""
        family, ends = self._access.get(access, (None, 0.0))
        return family is not None and not family.is_revoked and time.time() < ends

    # What follows is the server's own.

    def answer(self, path: str, fields: dict[str, str], bearer: str) -> Answer:
        if path == "/token" and self.delay:
            self.closing.wait(self.delay)
        with self._lock:
            self.requests.append((path, fields))
            if path == "/token" and fields.get("grant_type") == DEVICE_GRANT:
                self.polls.append(time.monotonic())
            if script := self._scripts.get(path):
                return script.pop(0)
            pages = {
                "/.well-known/openid-configuration": self._discovery,
                "/auth": self._page,
                "/token": self._token,
                "/device/auth": self._device,
                "/revoke": self._revoke,
            }
            if path in pages:
                return pages[path](fields)
            if not path.startswith("/v1/"):
                return error(404, "not_found")
            return said({"data": []}) if self.is_good(bearer) else error(401, "invalid_token")

    def _discovery(self, _: Fields) -> Answer:
        document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "device_authorization_endpoint": f"{self.url}/device/auth",
            "revocation_endpoint": f"{self.url}/revoke",
            **self.metadata,
        }
        return said({name: value for name, value in document.items() if value is not None})

    def _page(self, fields: Fields) -> Answer:
        wanted = {"client_id": self.client_id, "response_type": "code"}
        back, state = fields.get("redirect_uri", ""), fields.get("state", "")
        is_here = urlsplit(back).hostname in ("127.0.0.1", "localhost", "::1")
        if not is_here or fields.items() & wanted.items() != wanted.items():
            return error(400, "invalid_request", "another client, or another way back")
        if fields.get("code_challenge_method") != "S256" or len(state) < 8:
            return error(400, "invalid_request", "no PKCE, or no state")
        if self.decides == "nothing":
            return HTML
        if self.decides == "deny":
            told = {"error": "access_denied", "error_description": "the person said no"}
        else:
            told = {"code": self._issued("code")}
            self._codes[told["code"]] = Family(self.account, fields)
        told["state"] = state if self.state is None else self.state
        joint = "&" if "?" in back else "?"
        return Answer(302, b"", (("location", f"{back}{joint}{urlencode(told)}"),))

    def _token(self, fields: Fields) -> Answer:
        if not self._is_client(fields):
            return error(401, "invalid_client")
        match fields.get("grant_type"):
            case "authorization_code":
                return self._of_code(fields)
            case "refresh_token":
                return self._of_refresh(fields.get("refresh_token", ""))
            case grant if grant == DEVICE_GRANT:
                return self._of_device(fields.get("device_code", ""))
        return error(400, "unsupported_grant_type")

    def _of_code(self, fields: Fields) -> Answer:
        family = self._codes.get(fields.get("code", ""))
        if family is None or not family.codes:
            # RFC 6749, 4.1.2: what came of a code that comes twice is good no longer.
            if family is not None:
                family.is_revoked = True
            return error(400, "invalid_grant", "that code is not good")
        bound, family.codes = family.codes, {}
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        is_same = bound["redirect_uri"] == fields.get("redirect_uri")
        if not is_same or _base64(digest) != bound.get("code_challenge"):
            family.is_revoked = True
            return error(400, "invalid_grant", "not who began")
        return self._granted(family)

    def _of_refresh(self, token: str) -> Answer:
        family = self._refresh.get(token)
        if family is not None and family.refresh != token:
            self.reuses += 1
            family.is_revoked = True
        if family is None or family.is_revoked:
            return error(400, "invalid_grant", "that refresh token is not good")
        self.refreshes += 1
        return self._granted(family)

    def _of_device(self, code: str) -> Answer:
        if code not in self._devices:
            return error(400, "expired_token")
        if self.device == "approved":
            family = self._devices.pop(code)
            family.account = self.account
            return self._granted(family)
        codes = {
            "pending": "authorization_pending",
            "denied": "access_denied",
            "expired": "expired_token",
        }
        return error(400, codes[self.device])

    def _device(self, fields: Fields) -> Answer:
        if not self._is_client(fields):
            return error(401, "invalid_client")
        code = self._issued("device")
        self._devices[code] = Family(self.account)
        document = {
            "device_code": code,
            "user_code": "WDJB-MJHT",
            "verification_uri": f"{self.url}/activate",
            "verification_uri_complete": f"{self.url}/activate?user_code=WDJB-MJHT",
            "expires_in": self.code_life,
            "interval": self.interval,
        }
        return said(document)

    def _revoke(self, fields: Fields) -> Answer:
        self.revoked += 1
        token = fields.get("token", "")
        family = self._refresh.get(token) or self._access.get(token, (None, 0.0))[0]
        if family is not None:
            family.is_revoked = True
        return Answer(200, b"")

    def _is_client(self, fields: Fields) -> bool:
        told = fields.get("client_id"), fields.get("client_secret", "")
        return told == (self.client_id, self.secret)

    def _granted(self, family: Family) -> Answer:
        access = self._issued("access")
        if self.rotates or not family.refresh:
            family.refresh = self._issued("refresh")
        self._refresh[family.refresh] = family
        life = self.expires_in if isinstance(self.expires_in, int | float) else 3600
        self._access[access] = family, time.time() + life
        document = {
            "access_token": access,
            "token_type": "Bearer",
            "refresh_token": family.refresh,
            "id_token": self._id_token(family.account),
            "expires_in": self.expires_in,
        }
        return said({name: value for name, value in document.items() if value is not None})

    def _id_token(self, account: str) -> str:
        claims: dict[str, object] = {"iss": self.url, "aud": self.client_id, "email": account}
        claims["sub"] = f"id-of-{account.partition('@')[0]}"
        if self.plan:
            claims["https://api.openai.com/auth"] = {"chatgpt_plan_type": self.plan}
        parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
        return ".".join((*map(_base64, parts), ""))

    def _issued(self, kind: str) -> str:
        self.secrets.append(f"{kind}-{secrets.token_urlsafe(24)}")
        return self.secrets[-1]


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        self._reply(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._reply(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def _reply(self, form: str) -> None:
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        fields = dict(parse_qsl(form, keep_blank_values=True))
        answer = self.issuer.answer(urlsplit(self.path).path, fields, bearer)
        self.send_response(answer.status)
        for name, value in (("content-type", "application/json"), *answer.headers):
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is its own affair."""


@contextmanager
def issuer() -> Iterator[Issuer]:
    """A server that runs until the end of the block."""
    server = Issuer()
    with _Server(("127.0.0.1", 0), type("Issuing", (_Handler,), {"issuer": server})) as http:
        server.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            http.shutdown()
            thread.join()
