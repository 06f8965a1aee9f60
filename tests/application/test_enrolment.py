"""Taking a credential in: refused only where its provider refused it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from adapters.memory import MemoryStore
from adapters.providers.table import BY_ID
from application.enrolment import Enrolled, Enroller, NewCredential
from application.ports.network import Request
from domain.credentials.credential import ApiKey, BearerToken, bearer_of
from domain.credentials.secret import Secret
from domain.errors import CredentialRejected, ProviderTampered, WireFailure
from domain.instants import DAY
from domain.journal.records import HistoryQuery
from tests.application.fakes import (
    MODELS,
    WRONG_KEY,
    Answer,
    Nothing,
    ScriptedWire,
    answer,
    caller,
    fine,
    key_in,
    stored,
)
from tests.domain.values import GATEWAY, LOCAL, NOW

OPENAI, ANTHROPIC = BY_ID["openai"], BY_ID["anthropic"]
KEY = "sk-proj-Qm9vdFN0cmFw/x1+y2=zz"
EXPIRED = answer(401, {"error": {"message": "token expired", "code": "token_expired"}})


def new(**given: Any) -> NewCredential:
    usual: dict[str, Any] = {
        "provider": OPENAI,
        "profile_id": "openai:default",
        "credential": ApiKey(Secret(KEY)),
    }
    return NewCredential(**{**usual, **given})


def enrol(
    wanted: NewCredential, wire: ScriptedWire, store: MemoryStore | None = None
) -> tuple[Enrolled, MemoryStore]:
    store = store or MemoryStore()
    enroller = Enroller(store, store, caller(store, wire), Nothing())
    return asyncio.run(enroller.enrol(wanted)), store


def saying(said: Answer) -> ScriptedWire:
    return ScriptedWire(lambda _: said)


def test_a_key_its_provider_knows_is_saved_and_checked() -> None:
    wire = ScriptedWire()
    done, store = enrol(new(label="work"), wire)
    assert done.not_checked is None
    assert (done.summary.id, done.summary.label, done.summary.kind) == (
        "openai:default",
        "work",
        "api_key",
    )
    assert (done.summary.created_at, done.summary.revision) == (NOW, 1)
    assert store.get("openai:default").credential == ApiKey(Secret(KEY))
    assert [(r.method, r.url, key_in(r)) for r in wire.sent] == [
        ("GET", "https://api.openai.com/v1/models", KEY)
    ]


@pytest.mark.parametrize("said", [WRONG_KEY, EXPIRED, answer(401, {})])
def test_a_refused_key_never_replaces_one_that_works(said: Answer) -> None:
    store = MemoryStore()
    before = stored(store, "openai:default", OPENAI, "the-key-that-works")
    summary = store.read().profiles
    with pytest.raises(CredentialRejected) as refused:
        enrol(new(), saying(said), store)
    assert store.get("openai:default") == before
    assert store.read().profiles == summary
    assert "--no-verify" in (refused.value.hint or "")
    assert KEY not in f"{refused.value} {refused.value.hint}"


def test_a_refused_key_is_not_saved_where_there_was_none() -> None:
    store = MemoryStore()
    with pytest.raises(CredentialRejected):
        enrol(new(), saying(WRONG_KEY), store)
    assert store.read().profiles == ()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (WireFailure("timeout", "no whole answer in time"), "timeout (timeout)"),
        (WireFailure("dns", "the host's name was not found"), "network (dns)"),
        (WireFailure("tls", "not to be trusted"), "network (tls)"),
        (answer(500, {}), "provider_error"),
        (answer(503, {}), "overloaded"),
        (answer(403, {}), "permission"),
        (answer(302, {}, location="https://elsewhere.example/x"), "network (redirect)"),
        (answer(200, {"hello": 1}), "provider_error (unexpected_answer)"),
    ],
)
def test_any_doubt_is_saved_and_told(said: Answer, reason: str) -> None:
    done, store = enrol(new(), saying(said))
    assert done.not_checked is not None
    assert done.not_checked.startswith(reason)
    assert bearer_of(store.get("openai:default").credential) == Secret(KEY)


def test_a_gateway_whose_own_key_was_refused_says_nothing_of_ours() -> None:
    passed_on = {
        "error": {
            "message": "litellm.AuthenticationError: AuthenticationError: OpenAIException - no",
            "code": "401",
        }
    }
    done, store = enrol(new(), saying(answer(401, passed_on)))

    assert done.not_checked is not None
    assert done.not_checked.startswith("auth")
    assert store.get("openai:default").credential == ApiKey(Secret(KEY))


@pytest.mark.parametrize(
    "said",
    [
        answer(429, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}),
        answer(429, {"error": {"code": "insufficient_quota"}}),
    ],
)
def test_an_answer_that_proves_the_key_is_no_doubt(said: Answer) -> None:
    assert enrol(new(), saying(said))[0].not_checked is None


def test_a_public_list_of_models_proves_nothing() -> None:
    row = OPENAI._replace(check_proves=False)
    done, _ = enrol(new(provider=row), saying(MODELS))
    assert done.not_checked == "this server may answer any key"


def test_without_verifying_nothing_is_sent() -> None:
    wire = saying(WRONG_KEY)
    done, store = enrol(new(verify=False), wire)
    assert (done.verdict, done.not_checked) == (None, "no check was asked for")
    assert wire.sent == []
    assert len(store.read().profiles) == 1


def test_a_check_is_no_probe_and_leaves_no_record() -> None:
    _, store = enrol(new(), ScriptedWire())
    assert store.search(HistoryQuery()).records == ()


def test_a_replacement_is_a_new_revision() -> None:
    _, store = enrol(new(), ScriptedWire())
    done, _ = enrol(new(credential=ApiKey(Secret("another-key-0123"))), ScriptedWire(), store)
    assert (done.summary.revision, len(store.read().profiles)) == (2, 1)


def test_a_token_goes_as_a_bearer_and_keeps_its_expiry() -> None:
    wire = ScriptedWire()
    wanted = new(
        provider=ANTHROPIC,
        profile_id="anthropic:manual",
        credential=BearerToken(Secret(KEY), NOW + DAY),
    )
    done, store = enrol(wanted, wire)
    assert store.get("anthropic:manual").credential == BearerToken(Secret(KEY), NOW + DAY)
    assert (done.summary.scheme, done.summary.expires_at) == ("bearer", NOW + DAY)
    assert wire.sent[0].headers["authorization"] == f"Bearer {KEY}"
    assert "x-api-key" not in wire.sent[0].headers


def test_an_anthropic_key_goes_in_its_own_header() -> None:
    wire = ScriptedWire()
    done, _ = enrol(new(provider=ANTHROPIC, profile_id="anthropic:default"), wire)
    assert done.summary.scheme == "x-api-key"
    assert wire.sent[0].headers["x-api-key"] == KEY
    assert "authorization" not in wire.sent[0].headers


def test_an_endpoint_of_its_own_is_checked_there_and_sealed_with_it() -> None:
    wire = ScriptedWire()
    done, _ = enrol(new(base_url="https://proxy.example/v1"), wire)
    assert wire.sent[0].url == "https://proxy.example/v1/models"
    assert (done.summary.base_url, done.summary.custom_base_url) == (
        "https://proxy.example/v1",
        True,
    )


def test_the_providers_own_endpoint_is_no_endpoint_of_its_own() -> None:
    done, _ = enrol(new(base_url=OPENAI.base_url), ScriptedWire())
    assert (done.summary.base_url, done.summary.custom_base_url) == (OPENAI.base_url, False)


@pytest.mark.parametrize("verify", [True, False])
def test_nothing_is_sent_to_or_kept_for_a_provider_nobody_here_signed(verify: bool) -> None:
    wire, store = ScriptedWire(), MemoryStore()
    with pytest.raises(ProviderTampered):
        enrol(new(provider=GATEWAY, profile_id="gate:a", verify=verify), wire, store)
    assert (wire.sent, store.read().profiles) == ([], ())


def test_a_provider_added_here_takes_credentials() -> None:
    store = MemoryStore()
    (row,) = store.update(lambda s: s._replace(providers=(LOCAL,)), NOW).providers
    done, _ = enrol(new(provider=row, profile_id="local:a"), ScriptedWire(), store)
    assert done.summary.base_url == LOCAL.base_url


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_server_that_repeats_the_key_is_not_quoted(status: int) -> None:
    def echo(request: Request) -> Answer:
        return answer(status, {"error": {"message": f"bad {key_in(request)}", "code": KEY[:16]}})

    try:
        done, _ = enrol(new(), ScriptedWire(echo))
        shown = f"{done!r} {done.not_checked}"
    except CredentialRejected as refused:
        shown = f"{refused} {refused.hint}"
    assert not any(KEY[at : at + 8] in shown for at in range(len(KEY) - 7))


def test_a_fault_of_our_own_saves_nothing() -> None:
    def broken(_: Request) -> Answer:
        raise LookupError("a bug")

    store = MemoryStore()
    with pytest.raises(LookupError):
        enrol(new(), ScriptedWire(broken), store)
    assert store.read().profiles == ()


WIRES: list[Callable[[Request], Answer]] = [fine, lambda _: WireFailure("dns", "not found")]


@pytest.mark.parametrize("script", WIRES)
def test_one_check_is_one_request(script: Callable[[Request], Answer]) -> None:
    wire = ScriptedWire(script)
    enrol(new(), wire)
    assert len(wire.sent) == 1
