"""The list a caller should follow: which model, which credential, and why one is skipped."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credentials.profile import ProfileSummary
from domain.instants import DAY, HOUR, MINUTE, SECOND
from domain.journal.records import ProbeRecord, keyless_id
from domain.providers.refs import ModelRef
from domain.routing.route import Route, candidates
from domain.routing.state import State
from domain.selection.selection import Selection
from tests.domain.values import LOCAL, NOW, profile, record, refusal, state, token, using, variable

Told = list[tuple[str, str | None, str | None]]


def listed(route: Route) -> Told:
    return [(str(a.ref), a.profile_id, a.reason) for a in route.attempts]


def failed(id: str, outcome: str, **given: Any) -> ProbeRecord:
    """A failure that ended this very moment."""
    usual = {"outcome": outcome, "credential": "unknown", "started_at": NOW, "finished_at": NOW}
    return record(id, **{**usual, **given})


def route(found: State, text: str | None = None, **given: Any) -> Route:
    return candidates(found, ModelRef.parse(text) if text else None, NOW, **given)


CHAIN = using("openai/a", "groq/b", "openai/c")


def test_the_default_then_its_fallbacks_each_with_the_credentials_of_its_provider() -> None:
    found = state(profile(), profile("groq:x"), variable(), selection=CHAIN)
    assert listed(route(found)) == [
        ("openai/a", "openai:default", None),
        ("openai/a", "openai:env:OPENAI_API_KEY", None),
        ("groq/b", "groq:x", None),
        ("openai/c", "openai:default", None),
        ("openai/c", "openai:env:OPENAI_API_KEY", None),
    ]


@pytest.mark.parametrize(
    ("begun", "models"),
    [
        (None, ["openai/a", "groq/b", "openai/c"]),
        ("openai/a", ["openai/a", "groq/b", "openai/c"]),
        ("openai/c", ["openai/c", "groq/b", "openai/a"]),
        ("openai/z", ["openai/z", "groq/b", "openai/c", "openai/a"]),
    ],
)
def test_the_default_closes_a_list_that_began_elsewhere(
    begun: str | None, models: list[str]
) -> None:
    found = route(state(profile(), profile("groq:x"), selection=CHAIN), begun)
    assert [str(a.ref) for a in found.usable] == models


def test_images_have_a_chain_of_their_own() -> None:
    chosen = using("openai/a", "openai/b").with_image(ModelRef("openai", "see"))
    chosen = chosen.with_image_fallback(ModelRef("groq", "look"))
    found = state(profile(), profile("groq:x"), selection=chosen)
    assert [str(a.ref) for a in route(found, image=True).usable] == ["openai/see", "groq/look"]
    begun = route(found, "openai/a", image=True)
    assert [str(a.ref) for a in begun.usable] == ["openai/a", "groq/look", "openai/see"]


def test_without_a_default_there_is_nothing_to_follow() -> None:
    assert listed(route(state(profile()))) == []


def test_what_cannot_be_asked_is_there_with_its_reason() -> None:
    chosen = using("openai/a", "groq/b", "gone/c")
    expired = token("openai:t", -HOUR)
    assert listed(route(state(expired, selection=chosen))) == [
        ("openai/a", "openai:t", "expired"),
        ("groq/b", None, "no_credential"),
        ("gone/c", None, "no_provider"),
    ]


def test_an_expired_grant_that_can_be_refreshed_is_tried_for_whoever_opens_it_refreshes_it() -> (
    None
):
    grant = profile("openai:o", kind="oauth", expires_at=NOW - HOUR, refreshable=True)
    found = route(state(grant, selection=using("openai/a")))
    assert listed(found) == [("openai/a", "openai:o", None)]


def test_a_rate_limit_skips_that_model_with_that_credential_and_nothing_else() -> None:
    """Complaints 31 and 32: one limit blocked a provider, and its fallbacks were not tried."""
    limited = failed("openai:default", "rate_limit", model="a", resets_at=NOW + HOUR)
    found = state(profile(), variable(), selection=CHAIN, records=(limited,))
    assert listed(route(found)) == [
        ("openai/a", "openai:env:OPENAI_API_KEY", None),
        ("openai/a", "openai:default", "cooldown"),
        ("groq/b", None, "no_credential"),
        ("openai/c", "openai:default", None),
        ("openai/c", "openai:env:OPENAI_API_KEY", None),
    ]
    assert route(found).next_at == NOW + HOUR


def test_an_empty_purse_skips_every_model_of_the_credential_and_not_other_providers() -> None:
    """Complaint 32, openclaw/openclaw#13807, #22136, #5763, #25926."""
    broke = failed("openai:default", "billing", model="a")
    found = state(profile(), profile("groq:x"), selection=CHAIN, records=(broke,))
    assert listed(route(found)) == [
        ("openai/a", "openai:default", "disabled"),
        ("groq/b", "groq:x", None),
        ("openai/c", "openai:default", "disabled"),
    ]


def test_a_model_that_is_not_there_is_passed_over() -> None:
    """Complaint 33, openclaw/openclaw#6203, #6939, #21107, #97564."""
    missing = failed("openai:default", "no_model", model="a")
    found = state(profile(), selection=using("openai/a", "openai/c"), records=(missing,))
    assert [str(a.ref) for a in route(found).usable] == ["openai/c"]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("auth", "refused"), ("expired", "refused"), ("permission", "permission")],
)
def test_a_credential_that_was_refused_is_out_until_it_changes(outcome: str, reason: str) -> None:
    refused = refusal(outcome=outcome)
    chosen = using("openai/a")
    (attempt,) = route(state(profile(), selection=chosen, records=(refused,))).attempts
    assert (attempt.reason, attempt.window and attempt.window.outcome) == (reason, outcome)
    renewed = profile(revision=2, fingerprint="12345678")
    assert route(state(renewed, selection=chosen, records=(refused,))).usable


def test_a_standing_of_a_variable_is_of_its_value() -> None:
    limited = failed("openai:env:OPENAI_API_KEY", "network")
    chosen = using("openai/a")
    assert not route(state(variable(), selection=chosen, records=(limited,))).usable
    other = variable(fingerprint="01234567")
    assert route(state(other, selection=chosen, records=(limited,))).usable


def test_of_one_kind_the_one_not_used_for_longest_comes_first() -> None:
    found = state(
        profile("openai:a"),
        profile("openai:b"),
        profile("openai:c"),
        token("openai:t", DAY * 9),
        selection=using("openai/a"),
        last_used={"openai:a": NOW - 5, "openai:c": NOW - 9, "openai:t": NOW},
    )
    assert [a.profile_id for a in route(found).usable] == [
        "openai:t",
        "openai:b",
        "openai:c",
        "openai:a",
    ]


def test_an_explicit_order_does_not_rotate() -> None:
    chosen = using("openai/a").with_order("openai", ("openai:a", "openai:b"))
    found = state(
        profile("openai:a"), profile("openai:b"), selection=chosen, last_used={"openai:a": NOW}
    )
    assert [a.profile_id for a in route(found).usable] == ["openai:a", "openai:b"]


def test_a_server_of_this_machine_is_asked_without_a_key() -> None:
    found = state(selection=using("local/m"))
    assert listed(route(found)) == [("local/m", None, None)]


@pytest.mark.parametrize(("ago", "usable"), [(29 * SECOND, False), (30 * SECOND, True)])
def test_such_a_server_is_asked_again_after_half_a_minute(ago: int, usable: bool) -> None:
    down = record(
        keyless_id("local"),
        source="none",
        outcome="network",
        credential="unknown",
        base_url=LOCAL.base_url,
        finished_at=NOW - ago,
    )
    found = state(selection=using("local/m"), records=(down, down._replace(id=2)))
    assert bool(route(found).usable) is usable


def test_a_long_limit_told_by_a_server_of_this_machine_is_half_a_minute_too() -> None:
    limited = failed("local:k", "rate_limit", model="m", resets_at=NOW + DAY)
    credential = profile("local:k", base_url=LOCAL.base_url)
    limited = limited._replace(base_url=LOCAL.base_url)
    found = state(credential, selection=using("local/m"), records=(limited,))
    assert route(found).next_at == NOW + 30 * SECOND


_IDS = ("openai:a", "openai:b", "groq:a", "openai:env:OPENAI_API_KEY")
_MODELS = ("openai/a", "openai/b", "groq/a", "gone/x", "local/m", "mistral/m")
_OUTCOMES = ("ok", "auth", "billing", "rate_limit", "network", "no_model", "permission", "quota")


@st.composite
def states(draw: st.DrawFn) -> State:
    held = draw(st.lists(st.sampled_from(_IDS), unique=True))
    kinds = st.sampled_from(["api_key", "token"])
    credentials = [
        variable()
        if ":env:" in id
        else profile(id, kind=draw(kinds), expires_at=draw(st.sampled_from([None, NOW, NOW + DAY])))
        for id in held
    ]
    refs = draw(st.lists(st.sampled_from(_MODELS), unique=True))
    order = draw(st.lists(st.sampled_from(_IDS[:2]), unique=True, max_size=2))
    chosen = (using(*refs) if refs else Selection()).with_order("openai", tuple(order))
    past = [
        record(
            draw(st.sampled_from(_IDS)),
            id=n,
            outcome=draw(st.sampled_from(_OUTCOMES)),
            credential=draw(st.sampled_from(["proven", "refused", "unknown"])),
            model=draw(st.sampled_from("abm")),
            finished_at=NOW - draw(st.integers(0, 2 * MINUTE)),
        )
        for n in range(draw(st.integers(0, 6)))
    ]
    used = draw(st.dictionaries(st.sampled_from(_IDS), st.integers(0, NOW)))
    return state(*credentials, selection=chosen, records=tuple(past), last_used=used)


_BEGUN = st.none() | st.sampled_from(_MODELS).map(ModelRef.parse)


@given(states(), _BEGUN)
def test_nothing_is_in_the_list_twice(found: State, begun: ModelRef | None) -> None:
    told = [(a.ref, a.profile_id) for a in candidates(found, begun, NOW).attempts]
    assert len(told) == len(set(told))


def _held_against(found: State, id: str, model: str) -> bool:
    """Whether anything in the past is, by more than a success later."""
    past = [r for r in found.trail.get(id, ()) if r.outcome != "ok"]
    return any(
        r.model in (model, None) or r.outcome not in ("rate_limit", "no_model") for r in past
    )


@given(states(), _BEGUN)
def test_every_skip_has_a_reason_that_is_true(found: State, begun: ModelRef | None) -> None:
    for attempt in candidates(found, begun, NOW).skipped:
        if attempt.reason in ("cooldown", "disabled"):
            assert attempt.window is not None
            assert attempt.window.until is None or attempt.window.until > NOW
            assert attempt.window.model in (None, attempt.ref.model)
        elif attempt.reason == "expired":
            assert isinstance(attempt.credential, ProfileSummary)
            assert attempt.credential.expires_at is not None
            assert attempt.credential.expires_at <= NOW
        elif attempt.reason == "not_in_order":
            assert attempt.profile_id not in found.selection.auth_order["openai"]
        elif attempt.reason in ("refused", "permission"):
            assert attempt.window is not None
            assert attempt.window.is_out
        else:
            assert attempt.credential is None


@given(states(), _BEGUN)
def test_no_usable_candidate_is_ever_left_out(found: State, begun: ModelRef | None) -> None:
    route = candidates(found, begun, NOW)
    usable = {(a.ref, a.profile_id) for a in route.usable}
    order = found.selection.auth_order.get("openai", ())
    for ref in {attempt.ref for attempt in route.attempts}:
        for held in found.profiles:
            fresh = held.expires_at is None or held.expires_at > NOW
            wanted = held.provider != "openai" or not order or held.id in order
            clean = not _held_against(found, held.id, ref.model)
            if held.provider == ref.provider and fresh and wanted and clean:
                assert (ref, held.id) in usable


@given(states(), _BEGUN)
def test_no_credential_of_a_model_of_the_chain_is_ever_left_out(
    found: State, begun: ModelRef | None
) -> None:
    told = {(a.ref, a.profile_id) for a in candidates(found, begun, NOW).attempts}
    chosen = found.selection
    for ref in filter(None, (begun, chosen.default, *chosen.fallbacks)):
        held = {p.id for p in found.profiles if p.provider == ref.provider}
        held |= {v.id for v in found.environment if v.provider == ref.provider}
        shown = {id for model, id in told if model == ref}
        assert shown >= held
        assert shown


@given(states(), _BEGUN)
def test_the_order_does_not_hang_on_how_the_past_is_told(
    found: State, begun: ModelRef | None
) -> None:
    told = {id: tuple(reversed(records)) for id, records in found.trail.items()}
    again = found._replace(trail=told, last_used=dict(reversed([*found.last_used.items()])))
    assert candidates(again, begun, NOW) == candidates(found, begun, NOW)


@given(states(), _BEGUN)
def test_within_a_model_those_to_be_tried_come_first(found: State, begun: ModelRef | None) -> None:
    told = candidates(found, begun, NOW).attempts
    for ref in {a.ref for a in told}:
        usable = [a.usable for a in told if a.ref == ref]
        assert usable == sorted(usable, reverse=True)


@given(states(), _BEGUN, st.sampled_from(_IDS), st.sampled_from("abm"))
def test_one_more_success_never_takes_a_candidate_away(
    found: State, begun: ModelRef | None, id: str, model: str
) -> None:
    before = {(a.ref, a.profile_id) for a in candidates(found, begun, NOW).usable}
    success = record(id, id=99, model=model, finished_at=NOW)
    trail = {**found.trail, id: (*found.trail.get(id, ()), success)}
    after = candidates(
        State(
            found.selection,
            found.providers,
            found.profiles,
            found.environment,
            trail=trail,
            last_used=found.last_used,
        ),
        begun,
        NOW,
    )
    assert before <= {(a.ref, a.profile_id) for a in after.usable}
