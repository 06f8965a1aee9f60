"""Which credential is used, in what order, and why another one is not."""

from typing import Any

import pytest

from domain.instants import DAY, HOUR
from domain.routing.precedence import Candidate, credentials, last_probe
from domain.routing.state import State
from domain.selection.selection import Selection
from tests.domain.values import NOW, PROVIDERS, profile, record, refusal, state, token, variable


def candidates(found: State, provider: str = "openai") -> tuple[Candidate, ...]:
    return credentials(found, NOW).of(provider)


def order_of(found: State, provider: str = "openai") -> list[tuple[str, str | None]]:
    return [(c.credential.id, c.skip) for c in candidates(found, provider)]


def skip_of(found: State) -> str | None:
    (candidate,) = candidates(found)
    return candidate.skip


def test_oauth_comes_before_tokens_and_tokens_before_keys_and_variables_last() -> None:
    found = state(
        variable(),
        profile("openai:a"),
        profile("openai:b"),
        token("openai:t", 30 * DAY),
        profile("openai:o", kind="oauth", expires_at=NOW + DAY, refreshable=True),
    )
    assert [id for id, _ in order_of(found)] == [
        "openai:o",
        "openai:t",
        "openai:a",
        "openai:b",
        "openai:env:OPENAI_API_KEY",
    ]


def test_an_order_says_who_is_tried_and_who_is_not() -> None:
    chosen = Selection().with_order("openai", ("openai:b", "openai:gone", "openai:t"))
    found = state(
        profile("openai:a"),
        profile("openai:b"),
        token("openai:t", None),
        variable(),
        selection=chosen,
    )
    assert order_of(found) == [
        ("openai:b", None),
        ("openai:t", None),
        ("openai:a", "not_in_order"),
        ("openai:env:OPENAI_API_KEY", None),
    ]


def test_an_order_is_of_one_provider() -> None:
    chosen = Selection().with_order("openai", ("openai:b",))
    found = state(profile("openai:b"), profile("groq:a"), selection=chosen)
    assert order_of(found, "groq") == [("groq:a", None)]


def test_a_stored_profile_wins_over_a_variable() -> None:
    found = credentials(state(variable(), profile()), NOW)
    assert (best := found.effective("openai")) is not None
    assert best.credential.id == "openai:default"


@pytest.mark.parametrize("spoilt", [{"expires_at": NOW}, {"base_url": "https://elsewhere"}])
def test_a_variable_is_used_where_no_stored_profile_can_be(spoilt: dict[str, Any]) -> None:
    found = credentials(state(variable(), profile(**spoilt)), NOW)
    assert (best := found.effective("openai")) is not None
    assert best.credential.id == "openai:env:OPENAI_API_KEY"


def test_where_none_can_be_used_the_first_is_named_with_its_reason() -> None:
    found = credentials(state(token("openai:t", -HOUR), variable(problem="malformed")), NOW)
    assert (best := found.effective("openai")) is not None
    assert (best.credential.id, best.skip) == ("openai:t", "expired")
    assert not [c for c in found.of("openai") if c.skip is None]
    assert found.effective("groq") is None


@pytest.mark.parametrize(
    ("credential", "skip"),
    [
        (profile(), None),
        (token("openai:t", 1), None),
        (token("openai:t", 0), "expired"),
        (profile(kind="oauth"), "needs_login"),
        (profile(base_url="https://elsewhere"), "endpoint_moved"),
        (profile(base_url="https://elsewhere", custom_base_url=True), None),
        (token("openai:t", -HOUR, base_url="https://elsewhere"), "endpoint_moved"),
        (variable(), None),
        (variable(problem="malformed"), "malformed"),
        (variable(problem="bad_base_url"), "bad_base_url"),
    ],
)
def test_why_a_credential_is_not_used(credential: Any, skip: str | None) -> None:
    assert skip_of(state(credential)) == skip


def test_a_profile_of_a_provider_that_is_gone_is_not_used() -> None:
    assert order_of(state(profile("gone:a")), "gone") == [("gone:a", "no_provider")]


@pytest.mark.parametrize("problem", ["key_missing", "key_malformed", "wrong_key", "unsafe_file"])
def test_without_the_stores_key_stored_profiles_are_not_used_and_variables_are(
    problem: str,
) -> None:
    found = state(profile(), variable(), key_problem=problem)
    assert order_of(found) == [
        ("openai:default", problem),
        ("openai:env:OPENAI_API_KEY", None),
    ]


@pytest.mark.parametrize("problem", ["store_readonly", "unavailable", "anything_new"])
def test_a_key_that_is_there_but_cannot_be_read_is_not_called_missing(problem: str) -> None:
    assert skip_of(state(profile(), key_problem=problem)) == "key_malformed"


def test_a_key_that_is_refused_stays_refused_until_it_is_proven() -> None:
    refused = refusal(id=1)
    unclear = record(id=2, outcome="network", credential="unknown")
    proven = record(id=3)
    assert skip_of(state(profile(), records=(refused,))) == "refused"
    assert skip_of(state(profile(), records=(refused, unclear))) == "refused"
    assert skip_of(state(profile(), records=(refused, unclear, proven))) is None
    assert skip_of(state(profile(), records=(proven, refused._replace(id=4)))) == "refused"


@pytest.mark.parametrize(
    "changed",
    [{"revision": 2}, {"fingerprint": "12345678"}, {"base_url": "https://x"}],
)
def test_a_refusal_is_of_that_secret_at_that_endpoint_only(changed: dict[str, Any]) -> None:
    renewed = profile(**{"custom_base_url": "base_url" in changed, **changed})
    assert skip_of(state(renewed, records=(refusal(),))) is None


@pytest.mark.parametrize(
    ("changed", "skip"),
    [
        ({}, "refused"),
        ({"fingerprint": "12345678"}, None),
        ({"fingerprint": None}, None),
        ({"base_url": "https://proxy.example/v1"}, None),
    ],
)
def test_a_refusal_of_a_variable_is_of_its_value_at_its_endpoint(
    changed: dict[str, Any], skip: str | None
) -> None:
    refused = refusal("openai:env:OPENAI_API_KEY")
    assert skip_of(state(variable(**changed), records=(refused,))) == skip


def test_a_refusal_recorded_without_a_fingerprint_holds_for_nothing() -> None:
    refused = refusal("openai:env:OPENAI_API_KEY", fingerprint=None)
    assert skip_of(state(variable(fingerprint=None), records=(refused,))) is None


def test_the_last_probe_is_shown_only_where_it_still_holds() -> None:
    newest = record(id=9, outcome="timeout", credential="unknown")
    (same,) = candidates(state(profile(), records=(newest,)))
    (renewed,) = candidates(state(profile(revision=2), records=(newest,)))
    found = state(records=(newest,))
    assert last_probe(found, same) == newest
    assert last_probe(found, renewed) is None
    assert last_probe(state(), same) is None


def test_the_only_provider_is_that_of_every_credential_that_is_one() -> None:
    assert state().only_provider is None
    assert state(profile(), profile("openai:b"), variable()).only_provider == "openai"
    assert state(profile(), profile("groq:a")).only_provider is None
    broken = variable("groq", "GROQ_API_KEY", problem="malformed")
    assert state(profile(), broken, profile("gone:a")).only_provider == "openai"


def test_the_rows_of_providers_are_taken_as_they_are_now() -> None:
    moved = PROVIDERS["openai"]._replace(base_url="https://new.example/v1")
    found = state(profile())._replace(providers={**PROVIDERS, "openai": moved})
    assert skip_of(found) == "endpoint_moved"
