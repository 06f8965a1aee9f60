"""`models status --probe` with a mode, and with models named."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer

pytestmark = pytest.mark.usefixtures("back_end")

Result = dict[str, Any]


def results(cli: Program, words: str) -> list[Result]:
    found: list[Result] = cli(f"models status --probe --json {words}").document["auth"]["probes"][
        "results"
    ]
    return found


def told(found: Sequence[Result]) -> list[tuple[str | None, str | None, str, str | None]]:
    return [(r["model"], r["profileId"], r["status"], r["code"]) for r in found]


@pytest.fixture
def chain(gateway: Program, server: ScriptedServer) -> Program:
    """gate/ok, then gate/missing, groq/llama without a key, and this machine without one."""
    gateway.must(f"models providers add here --base-url {server.url} --dialect openai")
    for ref in ("gate/missing", "groq/llama", "here/ok"):
        gateway.must(f"models fallbacks add {ref}")
    gateway.must("models aliases add quick gate/limited")
    server.seen.clear()
    return gateway


def test_the_chain_is_tried_model_by_model_as_its_route_would_be(
    chain: Program, server: ScriptedServer
) -> None:
    chain.must("models auth add --provider gate --profile-id bad --stdin --no-verify", stdin=BAD)
    chain.must("models auth order set --provider gate gate:default gate:bad")
    server.seen.clear()
    chain.must("models set-image gate/broken")
    assert told(results(chain, "--probe-model chain")) == [
        ("gate/ok", "gate:default", "ok", None),
        ("gate/missing", "gate:default", "no_model", "model_not_found"),
        ("groq/llama", None, "unreadable", "no_credential"),
        ("here/ok", None, "ok", None),
    ]
    assert sorted((model, key) for _, model, key in server.seen) == [
        ("missing", GOOD),
        ("ok", ""),
        ("ok", GOOD),
    ]


def test_a_missing_credential_is_said_and_nothing_is_sent(
    chain: Program, server: ScriptedServer
) -> None:
    (result,) = results(chain, "--probe-model groq/llama")
    assert (result["latencyMs"], result["credential"]) == (None, "unknown")
    assert result["error"] == "groq has no usable credential; nothing was sent"
    assert server.seen == []
    assert "groq has no usable credential" in chain("models status --probe --probe-model chain").out


def test_models_are_named_by_ref_by_alias_and_by_name(chain: Program) -> None:
    found = results(chain, "--probe-model gate/broken,QUICK --probe-model busy --probe-model quick")
    assert [(r["model"], r["status"]) for r in found] == [
        ("gate/broken", "provider_error"),
        ("gate/limited", "rate_limit"),
        ("gate/busy", "overloaded"),
    ]


def test_a_run_says_which_models_and_which_mode_were_asked_for(chain: Program) -> None:
    words = "models status --probe --json --probe-model quick,chain"
    assert chain(words).document["auth"]["probes"]["options"] == {
        "provider": None,
        "profileIds": [],
        "models": ["gate/limited", "gate/ok", "gate/missing", "groq/llama", "here/ok"],
        "mode": "inference",
        "timeoutMs": 8000,
        "concurrency": 4,
        "maxTokens": 16,
    }
    free = chain("models status --probe --json --probe-mode free").document["auth"]["probes"]
    assert free["options"]["mode"] == "free"


def test_a_free_check_spends_no_token_and_says_what_it_proves(
    chain: Program, server: ScriptedServer
) -> None:
    chain.environ["OPENAI_API_KEY"] = GOOD
    chain.environ["OPENAI_BASE_URL"] = server.url
    chain.must("models auth add --provider gate --profile-id bad --stdin --no-verify", stdin=BAD)
    server.seen.clear()
    found = {r["label"]: r for r in results(chain, "--probe-mode free")}
    assert {path for path, _, _ in server.seen} == {"/v1/models"}
    assert all((r["mode"], r["model"]) == ("free", None) for r in found.values())
    facts = {label: (r["status"], r["credential"]) for label, r in found.items()}
    assert facts == {
        # The list of an endpoint nobody knows may be public: it proves nothing of a key ...
        "gate:default": ("ok", "unknown"),
        # ... unless it refuses one.
        "gate:bad": ("auth", "refused"),
        "OPENAI_API_KEY": ("ok", "proven"),
        "no key": ("ok", "unknown"),
    }


def test_a_chain_is_checked_for_free_once_for_each_credential(
    chain: Program, server: ScriptedServer
) -> None:
    assert told(results(chain, "--probe-mode free --probe-model chain")) == [
        (None, "gate:default", "ok", None),
        (None, None, "unreadable", "no_credential"),
        (None, None, "ok", None),
    ]
    assert [path for path, _, _ in server.seen] == ["/v1/models"] * 2


def test_a_provider_or_a_profile_narrows_the_chain(chain: Program) -> None:
    chain.must("models auth add --provider gate --profile-id bad --stdin --no-verify", stdin=BAD)
    assert told(results(chain, "--probe-model chain --probe-provider here")) == [
        ("here/ok", None, "ok", None)
    ]
    assert told(results(chain, "--probe-model chain --probe-profile gate:bad")) == [
        ("gate/ok", "gate:bad", "auth", "invalid_api_key"),
        ("gate/missing", "gate:bad", "auth", "invalid_api_key"),
    ]
    both = results(chain, "--probe-model busy --probe-profile gate:bad,gate:default")
    assert [(r["model"], r["profileId"]) for r in both] == [
        ("gate/busy", "gate:bad"),
        ("gate/busy", "gate:default"),
    ]
    assert results(chain, "--probe-model ok --probe-provider here")[0]["model"] == "here/ok"


def test_a_key_that_was_refused_is_tried_again(chain: Program) -> None:
    chain.must("models auth remove gate:default --yes")
    chain.must("models auth add --provider gate --profile-id bad --stdin --no-verify", stdin=BAD)
    for _ in range(2):
        (result,) = results(chain, "--probe-model gate/ok")
        assert (result["profileId"], result["status"]) == ("gate:bad", "auth")


def test_an_expired_token_is_on_no_route(chain: Program) -> None:
    chain.must("models auth paste-token --provider groq --expires-in 1ms", stdin=GOOD)
    (result,) = results(chain, "--probe-model groq/llama")
    assert (result["status"], result["code"]) == ("unreadable", "no_credential")


def test_a_fallback_without_its_model_says_nothing_of_the_key(chain: Program) -> None:
    results(chain, "--probe-model gate/missing")
    status = chain("models status --json").document["auth"]
    assert status["unusableProfiles"] == []
    gate = next(p for p in status["providers"] if p["provider"] == "gate")
    assert gate["effective"]["usable"] is True
    results(chain, "--probe-model groq/llama")
    last = chain("models status --json").document["auth"]["lastProbes"]
    assert [(p["profileId"], p["model"], p["status"]) for p in last] == [
        ("gate:default", "gate/missing", "no_model")
    ]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("--probe-mode fre", "free"),
        ("--probe-mode ''", "inference"),
        ("--probe-model opnai/x", "did you mean openai?"),
        ("--probe-model qiuck", "did you mean quick?"),
        ("--probe-model chian", "did you mean chain?"),
        ("--probe-model /x", ""),
        ("--probe-model 'two words'", ""),
        ("--probe-model groq/x --probe-provider gate", ""),
        ("--probe-model groq/x --probe-profile gate:default", ""),
        ("--probe-model chain --probe-provider gaet", "did you mean gate?"),
        ("--probe-model chain --probe-profile gate:defualt", "did you mean gate:default?"),
    ],
)
def test_what_is_unknown_or_does_not_go_together_is_malformed(
    chain: Program, server: ScriptedServer, words: str, hint: str
) -> None:
    ran = chain(f"models status --probe --json {words}")
    assert ran.code == 64
    assert hint in (ran.error["hint"] or "")
    assert server.seen == []


@pytest.mark.parametrize("words", ["--probe-model chain", "--probe-mode free"])
def test_without_probe_they_mean_nothing_and_that_is_said(chain: Program, words: str) -> None:
    ran = chain(f"models status {words} --json")
    assert (ran.code, ran.error["hint"]) == (64, "add --probe")


def test_without_a_default_a_bare_name_or_a_chain_is_nothing_to_try(cli: Program) -> None:
    assert cli("models status --probe --probe-model gpt-5 --json").code == 64
    ran = cli("models status --probe --probe-model chain")
    assert (ran.code, "there is no model to try" in ran.err) == (0, True)
