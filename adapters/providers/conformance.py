"""What every provider has to keep, tried with canned answers: no network, no test framework.

For authors of plug-ins: `assert check(PLUGIN) == ()` is the whole test.
"""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from urllib.parse import quote

from adapters.providers.dialects.loading import dialect_named
from adapters.providers.sign_in.beginning import problem_of
from application.ports.network import Flow, Request, Response
from application.ports.providers import Access, Dialect, ProviderPlugin
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.errors import WireFailure
from domain.providers.endpoints import is_below
from domain.providers.row import DIALECTS, Provider

CANARY = "conformance-7f3a91c25e8d4b60"
_ELSEWHERE = "https://provider.test"
_MODEL = "conformance-model"
_NOW = 1_700_000_000_000
_LIMIT = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: in which case, and what."""

    case: str
    problem: str

    def __str__(self) -> str:
        return f"{self.case}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Case:
    """An answer, and the outcomes one may conclude from it; empty: any but `ok`."""

    name: str
    answer: Response
    outcomes: tuple[Outcome, ...] = ()
    credential: str | None = None


def check(plugin: ProviderPlugin) -> tuple[Finding, ...]:
    """Every promise of application/ports/providers.py that `plugin` breaks; none is the aim.

    Drives `probe` and `check` of its dialect, and begins a sign-in where its row has a client.
    Whatever they raise or print is a finding.
    """
    dialect = _dialect(plugin)
    if dialect is None:
        return (Finding("the plug-in", f"there is no dialect {plugin.dialect!r}"),)
    found = [*_of_probe(plugin, dialect), *_of_check(plugin, dialect)]
    client = plugin.provider.client
    if client is not None and (problem := problem_of(client)):
        found.append(Finding("sign-in", problem))
    return tuple(dict.fromkeys(found))


def _dialect(plugin: ProviderPlugin) -> Dialect | None:
    if not isinstance(plugin.dialect, str):
        return plugin.dialect
    return dialect_named(plugin.dialect) if plugin.dialect in DIALECTS else None


def _of_probe(plugin: ProviderPlugin, dialect: Dialect) -> Iterator[Finding]:
    row, access = plugin.provider, _access(plugin.provider)
    for case in (*_good(plugin), *FAILURES, NO_MODEL):
        yield from _held(
            f"probe, {case.name}",
            lambda: dialect.probe(row, access, _MODEL, _LIMIT, _NOW),
            access,
            case,
        )
    yield from _unanswered("probe", lambda: dialect.probe(row, access, _MODEL, _LIMIT, _NOW))


def _of_check(plugin: ProviderPlugin, dialect: Dialect) -> Iterator[Finding]:
    row, access = plugin.provider, _access(plugin.provider)
    listing = plugin.listing or (_LISTING if isinstance(plugin.dialect, str) else b"")
    good = [Case("a good answer", _said(200, listing), (Outcome.OK,))] if listing else []
    for case in (*good, *FAILURES):
        yield from _held(
            f"check, {case.name}", lambda: dialect.check(row, access, _NOW), access, case
        )
    yield from _unanswered("check", lambda: dialect.check(row, access, _NOW))


def _access(row: Provider) -> Access:
    return Access(row.base_url or _ELSEWHERE, row.scheme, Secret(CANARY))


def _held(
    name: str, begin: Callable[[], Flow[ProbeVerdict]], access: Access, case: Case
) -> Iterator[Finding]:
    """One conversation with one answer, and what was wrong in it."""
    problems: list[str] = []
    with _unheard() as sink:
        try:
            flow = begin()
            problems += _of_request(next(flow), access)
            problems += _of_verdict(flow, case)
        except BaseException as failure:  # noqa: BLE001 - whatever a stranger raises is a finding
            problems.append(f"it raised {type(failure).__name__}")
        if sink.getvalue():
            problems.append("it printed something")
    for problem in problems:
        yield Finding(name, problem)


@contextmanager
def _unheard() -> Iterator[io.StringIO]:
    """What is printed meanwhile."""
    with io.StringIO() as sink, redirect_stdout(sink), redirect_stderr(sink):
        yield sink


def _of_request(request: object, access: Access) -> Iterator[str]:
    if not isinstance(request, Request):
        yield "it yields what is no Request"
        return
    if not is_below(request.url, access.base_url):
        yield "it asks another host than that of its access"
    written = (CANARY, quote(CANARY, safe=""))
    if any(text in request.url for text in written):
        yield "the secret is in the URL"
    if CANARY.encode() in request.body:
        yield "the secret is in the body"
    if not any(CANARY in value for value in request.headers.values()):
        yield "no header carries the secret"


def _of_verdict(flow: Flow[ProbeVerdict], case: Case) -> Iterator[str]:
    try:
        flow.send(case.answer)
    except StopIteration as stop:
        yield from _of_learned(stop.value, case)
    else:
        flow.close()
        yield "it asks more than once"


def _of_learned(verdict: object, case: Case) -> Iterator[str]:
    if not isinstance(verdict, ProbeVerdict):
        yield "it returns what is no ProbeVerdict"
        return
    found = verdict.outcome
    if case.outcomes and found not in case.outcomes:
        yield f"the outcome is {found}, not {' or '.join(case.outcomes)}"
    elif not case.outcomes and found is Outcome.OK:
        yield "the outcome is ok"
    if case.credential and verdict.credential != case.credential:
        yield f"the credential is {verdict.credential}, not {case.credential}"
    if case.name.startswith("429") and verdict.resets_at != _NOW + 30_000:
        yield "the moment of retry-after is not in resets_at"


def _unanswered(name: str, begin: Callable[[], Flow[ProbeVerdict]]) -> Iterator[Finding]:
    """Where no answer comes, the WireFailure is let pass."""
    failure, problem = WireFailure("reset", "the connection broke"), None
    with _unheard():
        try:
            flow = begin()
            next(flow)
            flow.throw(failure)
        except WireFailure as passed:
            problem = None if passed is failure else "it raises a WireFailure of its own"
        except StopIteration:
            problem = "it swallows the WireFailure"
        except BaseException as raised:  # noqa: BLE001 - as above
            problem = f"it raised {type(raised).__name__}"
        else:
            problem = "it asks again after a WireFailure"
    if problem:
        yield Finding(f"{name}, no answer", problem)


def _said(status: int, body: bytes, kind: str = "application/json", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": kind, **named}, body)


def _refusal(status: int, type: str, code: str, message: str, **headers: str) -> Response:
    document = {"error": {"message": message, "type": type, "code": code}}
    return _said(status, json.dumps(document).encode(), **headers)


def _good(plugin: ProviderPlugin) -> tuple[Case, ...]:
    if not isinstance(plugin.dialect, str):
        bodies = {"a good answer": plugin.completion} if plugin.completion else {}
    else:
        whole, cut = COMPLETIONS[plugin.dialect]
        bodies = {"a good answer": whole, "an answer cut by length": cut}
    return tuple(
        Case(name, _said(200, body), (Outcome.OK,), "proven") for name, body in bodies.items()
    )


_WRONG_KEY = _refusal(401, "authentication_error", "invalid_api_key", "Incorrect API key provided")
_LISTING = (
    b'{"object": "list", "data": [{"id": "m", "object": "model"}], "models": [{"name": "m"}]}'
)
_CUT_SHORT = b'{"choices": [{"message": {"content": "O'

FAILURES = (
    Case("401 wrong key", _WRONG_KEY, (Outcome.AUTH,), "refused"),
    Case(
        "403 forbidden",
        _refusal(403, "permission_error", "forbidden", "Not allowed"),
        (Outcome.PERMISSION, Outcome.AUTH),
    ),
    Case(
        "402 no money",
        _refusal(402, "billing_error", "insufficient_credits", "Insufficient credits"),
        (Outcome.BILLING,),
    ),
    Case(
        "429 with retry-after",
        _refusal(429, "rate_limit_error", "rate_limit_exceeded", "Slow down", retry_after="30"),
        (Outcome.RATE_LIMIT,),
    ),
    Case(
        "500",
        _refusal(500, "server_error", "internal_error", "Something broke"),
        (Outcome.PROVIDER_ERROR,),
    ),
    Case("200 in HTML", _said(200, b"<!doctype html><title>Hello</title>", "text/html")),
    Case("200 cut off", _said(200, _CUT_SHORT)),
    Case("200 nested 100,000 deep", _said(200, b"[" * 100_000 + b"]" * 100_000)),
    Case("200 with NaN", _said(200, b"NaN")),
    Case("200 and nothing", _said(200, b"")),
)
NO_MODEL = Case(
    "404 no such model",
    _refusal(404, "invalid_request_error", "model_not_found", "The model does not exist"),
    (Outcome.NO_MODEL,),
)
# A whole answer and one cut by its token limit, of each dialect of ours; OpenAI's is of chat and
# of responses at once, since a row may ask for either.
COMPLETIONS = {
    "openai": (
        b'{"choices": [{"message": {"content": "OK"}}], "output": [], "status": "completed"}',
        b'{"choices": [{"message": {"content": ""}, "finish_reason": "length"}],'
        b' "output": [], "status": "incomplete"}',
    ),
    "anthropic": (
        b'{"type": "message", "content": [{"type": "text", "text": "OK"}]}',
        b'{"type": "message", "content": [], "stop_reason": "max_tokens"}',
    ),
    "google": (
        b'{"candidates": [{"content": {"parts": [{"text": "OK"}]}}]}',
        b'{"candidates": [{"finishReason": "MAX_TOKENS"}]}',
    ),
    "ollama": (
        b'{"message": {"content": "OK"}, "done": true}',
        b'{"message": {"content": ""}, "done_reason": "length", "done": true}',
    ),
}
