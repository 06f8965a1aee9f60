"""What status knows of usage: of this very secret, and only while its windows last."""

from domain.answers.usage import Snapshot, UsageWindow
from domain.instants import HOUR, MINUTE
from domain.routing.status import status
from tests.domain.values import NOW, profile, record, state, variable

FIVE = UsageWindow("5h", 0.2, resets_at=NOW + HOUR, length=5 * HOUR)
OVER = UsageWindow("tokens", 0.9, resets_at=NOW - 1)
TOLD_AT = NOW - 59_000


def test_windows_that_are_over_are_left_out() -> None:
    told = record(usage=(OVER, FIVE))
    found = status(state(profile(), records=(told,)), NOW)
    assert found.usage == {"openai:default": Snapshot((FIVE,), TOLD_AT, "probe")}
    later = status(state(profile(), records=(told,)), NOW + 2 * HOUR)
    assert later.usage == {}


def test_a_probe_that_told_nothing_takes_nothing_back() -> None:
    told, silent = record(usage=(FIVE,)), record(id=2, outcome="timeout", credential="unknown")
    found = status(state(profile(), records=(told, silent)), NOW)
    assert found.usage["openai:default"].windows == (FIVE,)


def test_another_secret_or_another_endpoint_inherits_nothing() -> None:
    for told in (
        record(usage=(FIVE,), revision=2),
        record(usage=(FIVE,), fingerprint="another0"),
        record(usage=(FIVE,), base_url="https://elsewhere.test/v1"),
    ):
        assert status(state(profile(), records=(told,)), NOW).usage == {}


def test_a_variable_has_usage_while_it_is_known_to_be_the_same() -> None:
    told = record("openai:env:OPENAI_API_KEY", usage=(FIVE,))
    found = status(state(variable(), records=(told,)), NOW)
    assert set(found.usage) == {"openai:env:OPENAI_API_KEY"}
    unknown = state(variable(fingerprint=None), records=(told._replace(fingerprint=None),))
    assert status(unknown, NOW).usage == {}


def test_without_a_reset_a_window_lasts_as_long_as_it_is() -> None:
    minute = UsageWindow("requests/minute", 0.5, length=MINUTE)
    some = state(profile(), records=(record(usage=(minute,)),))
    assert status(some, NOW).usage["openai:default"].windows == (minute,)
    assert status(some, NOW + 2000).usage == {}
