"""What the real client libraries raise, judged by the table of answers."""

import json
import socket
from typing import NamedTuple

import pytest

from aura_intelligence import ModelAccess, open_router
from domain.answers.exceptions import verdict_of
from domain.answers.verdict import ProbeVerdict
from tests.adapters import servers
from tests.adapters.servers import OK_HEADERS, Behaviour, Server
from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer
from tests.clients.calls import (
    CALLS,
    Call,
    by_anthropic,
    by_litellm_as_nobody,
    by_litellm_as_openai,
    by_openai,
)
from tests.domain.values import NOW

KEY = "sk-canary-0123456789"
ELSEWHERE = "https://elsewhere.example/v1"


class Case(NamedTuple):
    """An answer, and what it says."""

    status: int
    error: dict[str, str]
    outcome: str
    credential: str
    resets_at: int | None = None


CASES = [
    Case(400, {"message": "bad request"}, "format", "unknown"),
    Case(401, {"message": "Incorrect API key", "code": "invalid_api_key"}, "auth", "refused"),
    Case(402, {"message": "Insufficient credits"}, "billing", "proven", NOW + 7_000),
    Case(403, {"message": "Not allowed"}, "permission", "unknown"),
    Case(404, {"message": "No model m", "code": "model_not_found"}, "no_model", "proven"),
    Case(429, {"message": "Slow down"}, "rate_limit", "proven", NOW + 7_000),
    Case(500, {"message": "Oh no"}, "provider_error", "unknown"),
    Case(503, {"message": "Busy"}, "overloaded", "unknown", NOW + 7_000),
    Case(529, {"message": "Busy"}, "overloaded", "unknown", NOW + 7_000),
]


def raised_by(call: Call, url: str) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever it raises is looked at
        call(url, "m", KEY)
    return caught.value


def judged(call: Call, behaviour: Behaviour) -> tuple[ProbeVerdict | None, int]:
    """The verdict on what is raised, and how often the server was asked."""
    with Server(behaviour) as server:
        raised = raised_by(call, server.url)
        return verdict_of(raised, NOW, f"{server.url}/v1"), len(server.requests)


def refusal(case: Case) -> Behaviour:
    body = json.dumps({"error": case.error}).encode()
    headers = "retry-after: 7\r\nconnection: close\r\n"
    return servers.answer(body, case.status, headers=headers)


@pytest.mark.parametrize("case", CASES, ids=[str(case.status) for case in CASES])
@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_judged_by_the_table_and_met_once(call: Call, case: Case) -> None:
    verdict, asked = judged(call, refusal(case))
    assert verdict is not None
    assert (verdict.outcome, verdict.http_status) == (case.outcome, case.status)
    assert (verdict.credential, verdict.resets_at) == (case.credential, case.resets_at)
    assert asked == 1
    assert KEY not in repr(verdict)


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_connection_is_the_networks_fault(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    verdict = verdict_of(raised_by(call, url), NOW, url)
    assert verdict is not None
    assert (verdict.outcome, verdict.credential) == ("network", "unknown")


HALF = OK_HEADERS + b"content-length: 100\r\n\r\n{"


@pytest.mark.parametrize("behaviour", [servers.silence, servers.hang(HALF)], ids=["all", "half"])
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_that_does_not_come_is_late(call: Call, behaviour: Behaviour) -> None:
    verdict, asked = judged(call, behaviour)
    assert verdict is not None
    assert (verdict.outcome, verdict.credential, asked) == ("timeout", "unknown", 1)


@pytest.mark.parametrize("behaviour", [servers.reset, servers.raw(HALF)], ids=["reset", "half"])
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_that_breaks_off_is_the_networks_fault(call: Call, behaviour: Behaviour) -> None:
    verdict, asked = judged(call, behaviour)
    assert verdict is not None
    assert (verdict.outcome, verdict.credential, asked) == ("network", "unknown", 1)


@pytest.mark.parametrize("call", CALLS)
def test_what_another_host_answered_says_nothing_of_this_one(call: Call) -> None:
    with Server(refusal(CASES[1])) as server:
        raised = raised_by(call, server.url)
    assert verdict_of(raised, NOW, ELSEWHERE) is None


def test_a_provider_that_litellm_does_not_know_is_the_callers_own() -> None:
    with Server(servers.silence) as server:
        raised = raised_by(by_litellm_as_nobody, server.url)
        assert server.accepted == 0
    assert verdict_of(raised, NOW, server.url) is None


@pytest.mark.parametrize(
    ("model", "outcome"),
    [
        ("unauthorized", "auth"),
        ("payment", "billing"),
        ("limited", "rate_limit"),
        ("missing", "no_model"),
        ("broken", "provider_error"),
        ("busy", "overloaded"),
    ],
)
@pytest.mark.parametrize(
    ("call", "dialect"),
    [(by_openai, "openai"), (by_anthropic, "anthropic"), (by_litellm_as_openai, "openai")],
)
def test_a_router_goes_on_with_the_next_and_keeps_what_was_learned(
    cli: Program, server: ScriptedServer, call: Call, dialect: str, model: str, outcome: str
) -> None:
    def ask(access: ModelAccess) -> str:
        url = access.base_url.removesuffix("/v1")
        return f"{access.ref}: {call(url, access.model, access.api_key)}"

    url = server.url if dialect == "openai" else server.url.removesuffix("/v1")
    for id in ("gate", "spare"):
        cli.must(f"models providers add {id} --base-url {url} --dialect {dialect}")
        cli.must(f"models auth add --provider {id} --stdin --no-verify", stdin=GOOD)
    cli.must("models set spare/ok")
    with open_router(cli.environment()) as router:
        assert router.run(f"gate/{model}", ask) == "spare/ok: OK."
    records = cli("models history --json").document["records"]
    assert [record["outcome"] for record in records] == ["ok", outcome]
