"""What is true now, and what `--check` answers."""

from typing import Any

import pytest

from domain.instants import DAY, HOUR
from domain.journal.records import keyless_id
from domain.providers.refs import ModelRef
from domain.routing.state import State
from domain.routing.status import ProviderStatus, Status, status
from domain.selection.aliases import AliasTable
from domain.selection.selection import Selection
from tests.domain.values import NOW, profile, record, refusal, state, token, using, variable

EXPIRED = token("openai:old", -HOUR)
EXPIRING = token("openai:soon", HOUR)
FRESH = token("openai:new", 30 * DAY)
KEY = profile("openai:key")
VARIABLE = variable()


def now(found: State) -> Status:
    return status(found, NOW)


def one(found: State, provider: str = "openai") -> ProviderStatus:
    shown = now(found).provider(provider)
    assert shown is not None
    return shown


@pytest.mark.parametrize(
    ("credentials", "code"),
    [
        ((), 1),
        ((KEY,), 0),
        ((VARIABLE,), 0),
        ((FRESH,), 0),
        ((EXPIRED,), 1),
        ((EXPIRING,), 2),
        ((EXPIRED, KEY), 0),
        ((EXPIRED, FRESH), 0),
        ((EXPIRED, VARIABLE), 0),
        ((EXPIRED, EXPIRING), 2),
        ((EXPIRING, KEY), 0),
        ((EXPIRING, FRESH), 0),
        ((EXPIRING, VARIABLE), 0),
        ((EXPIRED, token("openai:older", -DAY)), 1),
        ((token("openai:never", None),), 0),
        ((profile(kind="oauth"),), 1),
        ((profile(kind="oauth", refreshable=True, expires_at=NOW + HOUR),), 0),
        ((profile(kind="oauth", refreshable=True, expires_at=NOW + 60_000),), 2),
        ((profile(base_url="https://elsewhere"),), 1),
        ((variable(problem="malformed"),), 1),
        ((variable(problem="bad_base_url"),), 1),
        ((profile("groq:key"),), 1),
    ],
)
def test_check_judges_the_best_credential_of_the_default(
    credentials: tuple[Any, ...], code: int
) -> None:
    assert now(state(*credentials, selection=using("openai/m"))).exit_code == code


@pytest.mark.parametrize("credentials", [(), (KEY,), (KEY, EXPIRED)])
def test_no_default_is_one_whatever_the_credentials(credentials: tuple[Any, ...]) -> None:
    assert now(state(*credentials)).exit_code == 1
    assert now(state(*credentials, selection=Selection(image=M))).exit_code == 1


M = ModelRef("openai", "m")
OTHER = ModelRef("groq", "m")


@pytest.mark.parametrize(
    "selection",
    [
        using("openai/m", "groq/m"),
        using("openai/m").with_image(OTHER),
        using("openai/m").with_image_fallback(OTHER),
    ],
    ids=["fallback", "image", "image fallback"],
)
@pytest.mark.parametrize(
    ("credential", "code"),
    [(None, 1), (profile("groq:k"), 0), (token("groq:t", -1), 1), (token("groq:t", 1), 2)],
)
def test_every_chain_is_a_route(selection: Selection, credential: Any, code: int) -> None:
    credentials = (KEY, credential) if credential else (KEY,)
    assert now(state(*credentials, selection=selection)).exit_code == code


def test_an_alias_is_no_route() -> None:
    named = using("openai/m", aliases=AliasTable().add("x", OTHER))
    assert now(state(KEY, selection=named)).exit_code == 0


def test_missing_is_worse_than_expiring() -> None:
    both = using("openai/m", "groq/m")
    assert now(state(EXPIRING, selection=both)).exit_code == 1


def test_what_no_model_uses_is_not_judged() -> None:
    unused = (token("groq:t", -1), profile("mistral:x", base_url="https://elsewhere"))
    assert now(state(KEY, *unused, selection=using("openai/m"))).exit_code == 0


def test_a_model_of_a_provider_that_is_gone_has_no_credential() -> None:
    found = now(state(profile("gone:a"), selection=using("gone/m")))
    assert found.exit_code == 1
    assert (found.providers[0].row, found.providers[0].usable) == (None, False)


class TestRefused:
    @pytest.mark.parametrize(
        ("spare", "code"), [((), 1), ((profile("openai:spare"),), 0), ((VARIABLE,), 0)]
    )
    def test_a_refused_key_is_not_usable_and_a_spare_is(
        self, spare: tuple[Any, ...], code: int
    ) -> None:
        found = state(profile(), *spare, selection=using("openai/m"), records=(refusal(),))
        assert now(found).exit_code == code

    @pytest.mark.parametrize("outcome", ["network", "timeout", "overloaded", "provider_error"])
    def test_could_not_check_changes_nothing(self, outcome: str) -> None:
        unclear = record(id=2, outcome=outcome, credential="unknown")
        selection = using("openai/m", "openai/other")
        later = NOW + HOUR
        once = status(state(profile(), selection=selection, records=(unclear,)), later)
        assert (once.exit_code, once.problem) == (0, None)
        after = now(state(profile(), selection=selection, records=(refusal(), unclear)))
        assert after.exit_code == 1
        assert [last.record for last in after.last_probes] == [unclear]

    @pytest.mark.parametrize("outcome", ["rate_limit", "billing", "quota", "no_model"])
    def test_an_answer_that_proves_the_key_takes_a_refusal_back(self, outcome: str) -> None:
        proven = record(id=2, outcome=outcome, credential="proven")
        found = state(profile(), selection=using("openai/m"), records=(refusal(), proven))
        assert status(found, NOW + DAY).exit_code == 0

    @pytest.mark.parametrize("outcome", ["rate_limit", "billing", "no_model", "overloaded"])
    def test_where_nothing_can_be_tried_now_it_would_not_work(self, outcome: str) -> None:
        met = record(id=2, outcome=outcome, model="m", credential="proven")
        at = met.ended_at + 1
        alone = status(state(profile(), selection=using("openai/m"), records=(met,)), at)
        assert alone.exit_code == 1
        assert str(alone.problem).startswith("nothing can be tried now: openai/m with openai:def")
        spare = using("openai/m", "groq/m")
        found = status(state(profile(), profile("groq:k"), selection=spare, records=(met,)), at)
        assert (found.exit_code, found.problem) == (0, None)


class TestThisMachine:
    selection = using("local/m")

    def test_without_a_key_it_is_usable_and_never_fails(self) -> None:
        found = state(selection=self.selection)
        shown = one(found, "local")
        assert (shown.kind, shown.effective, shown.usable, shown.health) == (
            "none",
            None,
            True,
            "static",
        )
        assert now(found).exit_code == 0
        assert now(found).missing == ()

    @pytest.mark.parametrize("outcome", ["network", "auth", "no_model"])
    def test_whatever_a_probe_without_a_key_found(self, outcome: str) -> None:
        told = record(
            keyless_id("local"),
            source="none",
            revision=None,
            fingerprint=None,
            outcome=outcome,
            credential="refused" if outcome == "auth" else "unknown",
        )
        found = now(state(selection=self.selection, records=(told,)))
        assert found.exit_code == 0
        assert [(last.provider, last.candidate) for last in found.last_probes] == [("local", None)]

    def test_a_probe_of_another_address_is_not_its_last(self) -> None:
        told = record(keyless_id("local"), source="none", base_url="http://127.0.0.1:1/v1")
        assert now(state(selection=self.selection, records=(told,))).last_probes == ()

    def test_a_key_given_to_it_is_judged_like_any_other(self) -> None:
        assert now(state(token("local:t", -1), selection=self.selection)).exit_code == 1
        assert now(state(token("local:t", 1), selection=self.selection)).exit_code == 2
        assert now(state(profile("local:k"), selection=self.selection)).exit_code == 0

    def test_a_placeholder_for_a_key_is_no_key(self) -> None:
        empty = variable("local", "LOCAL_KEY", problem="malformed", fingerprint=None)
        found = state(empty, selection=self.selection)
        assert one(found, "local").kind == "none"
        assert now(found).exit_code == 0


def test_a_usable_variable_is_shadowed_by_a_stored_profile() -> None:
    shown = one(state(KEY, VARIABLE))
    assert (shown.kind, [c.credential.id for c in shown.shadowed]) == ("profiles", [VARIABLE.id])
    assert one(state(KEY, variable(problem="malformed"))).shadowed == ()
    assert one(state(EXPIRED, VARIABLE)).shadowed == ()
    assert one(state(EXPIRED, VARIABLE)).kind == "env"


def test_health_is_that_of_what_would_be_used() -> None:
    assert one(state(EXPIRED, KEY)).health == "static"
    assert one(state(EXPIRED, EXPIRING)).health == "expiring"
    assert one(state(EXPIRED)).health == "expired"
    assert one(state(selection=using("openai/m"))).health == "missing"


def test_missing_are_providers_in_use_with_no_credential_at_all() -> None:
    found = now(state(EXPIRED, selection=using("openai/m", "groq/m", "mistral/m")))
    assert found.missing == ("groq", "mistral")
    assert [c.credential.id for c in found.unusable] == ["openai:old"]


def test_variables_are_not_among_the_unusable_profiles() -> None:
    assert now(state(variable(problem="malformed"))).unusable == ()


def test_providers_come_in_the_order_of_use_then_by_name() -> None:
    found = now(state(profile("mistral:a"), VARIABLE, selection=using("groq/m")))
    assert [p.id for p in found.providers] == ["groq", "mistral", "openai"]
    assert [p.in_use for p in found.providers] == [True, False, False]


def test_nothing_configured_and_nothing_found_is_an_empty_answer() -> None:
    found = now(state())
    assert (found.providers, found.missing, found.unusable, found.last_probes) == ((), (), (), ())
    assert found.exit_code == 1
