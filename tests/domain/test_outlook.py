"""What will break: each kind of it, and a replay of every date of the bundled catalogue."""

from collections import defaultdict
from collections.abc import Sequence

import pytest

from adapters.catalogue import snapshot
from domain.answers.usage import UsageWindow, runs_out
from domain.instants import DAY, HOUR, day_start, iso
from domain.journal.records import ProbeRecord
from domain.providers.refs import ModelRef
from domain.routing.outlook import Expected, outlook
from domain.routing.retirements import Source
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from domain.selection.catalogue import CatalogueRow
from tests.domain.values import NOW, profile, record, state, token, using, variable

MONTH = 30 * DAY
WEEK = UsageWindow("week", 0.2, resets_at=NOW + 5 * DAY, length=7 * DAY)
CREDIT = UsageWindow("credits", remaining=40)


def seen(
    of: State,
    readings: Sequence[ProbeRecord] = (),
    rows: Sequence[CatalogueRow] = (),
    within: int = MONTH,
) -> tuple[Expected, ...]:
    return outlook(of, lambda _: (rows,), lambda _: readings, NOW, within)


def test_every_model_in_use_is_looked_at_with_why_it_is_in_use() -> None:
    day = iso(NOW + 9 * DAY)[:10]
    rows = [CatalogueRow("openai", name, retires=day) for name in ("a", "b", "c", "unused")]
    chosen = using("openai/a", "openai/b").with_image(ModelRef("openai", "c"))
    chosen = chosen._replace(aliases=AliasTable().add("x", chosen.fallbacks[0]))
    found = seen(state(selection=chosen), rows=rows)
    assert [(one.what, one.tags) for one in found] == [
        ("openai/a", ("default",)),
        ("openai/b", ("fallback#1", "alias:x")),
        ("openai/c", ("image",)),
    ]
    assert {one.certainty for one in found} == {"earliest"}
    assert seen(state(selection=chosen), rows=rows, within=8 * DAY) == ()


def test_a_credential_that_a_person_has_to_replace_is_told_of_before_it_ends() -> None:
    found = seen(
        state(
            token("openai:soon", DAY),
            token("openai:late", 31 * DAY),
            token("openai:gone", -1),
            profile("openai:key", expires_at=NOW + 2 * DAY),
            profile("openai:grant", kind="oauth", expires_at=NOW + 3 * DAY),
            profile("openai:renewed", kind="oauth", expires_at=NOW + 3 * DAY, refreshable=True),
            token("openai:kept", DAY, refreshable=True, origin="codex"),
        )
    )
    assert [(one.kind, one.what) for one in found] == [
        ("expiry", "openai:soon"),
        ("expiry", "openai:key"),
        ("expiry", "openai:grant"),
    ]
    assert (found[0].source, found[0].certainty) == (Source("profile"), "exact")


def readings(*levels: UsageWindow, step: int = DAY) -> list[ProbeRecord]:
    """Answers at intervals of `step`, the last one just now; newest first, as the journal has."""
    moments = [NOW - step * back for back in range(len(levels))][::-1]
    made = zip(range(1, 99), moments, levels, strict=False)
    return [record(id=id, started_at=at, finished_at=at, usage=(w,)) for id, at, w in made][::-1]


def test_a_limit_that_starts_again_is_one_item_until_it_has() -> None:
    told = readings(WEEK)
    (found,) = seen(state(profile(), records=tuple(told)), told)
    assert (found.kind, found.at, found.source) == (
        "reset",
        WEEK.resets_at,
        Source("answer", iso(NOW)[:10]),
    )
    over = readings(WEEK._replace(resets_at=NOW - 1))
    assert seen(state(profile(), records=tuple(over)), over) == ()


def test_credit_has_an_end_only_where_two_answers_show_that_it_falls() -> None:
    for levels, left in (
        ((60, 40), [2 * DAY]),
        # Since the last time that it rose.
        ((10, 1, 80, 60, 40), [2 * DAY]),
        ((40,), []),
        ((40, 40), []),
        ((30, 40), []),
    ):
        told = readings(*(CREDIT._replace(remaining=level) for level in levels))
        found = seen(state(profile(), records=tuple(told[::-1])), told)
        assert [one.at - NOW for one in found] == left, levels
        assert all((one.kind, one.certainty) == ("credit", "about") for one in found)


def test_another_secret_and_a_moment_show_nothing() -> None:
    told = readings(CREDIT._replace(remaining=60), CREDIT)
    other = [told[0], told[1]._replace(fingerprint="another0")]
    assert seen(state(profile(), records=(told[0],)), other) == ()
    quick = readings(CREDIT._replace(remaining=60), CREDIT, step=HOUR - 1)
    assert seen(state(profile(), records=(quick[0],)), quick) == ()


def test_a_limit_runs_out_only_before_it_starts_again() -> None:
    fast = readings(WEEK._replace(used=0.4), WEEK._replace(used=0.8))
    slow = readings(WEEK._replace(used=0.2), WEEK._replace(used=0.25))
    kinds = [
        [one.kind for one in seen(state(profile(), records=(told[0],)), told)]
        for told in (fast, slow)
    ]
    assert kinds == [["credit", "reset"], ["reset"]]


@pytest.mark.parametrize("label", ["requests", "tokens", "key limit/month"])
def test_a_rate_of_which_nobody_told_the_period_is_no_credit(label: str) -> None:
    told = readings(UsageWindow(label, 0.2), UsageWindow(label, 0.6))
    assert "credit" not in [one.kind for one in seen(state(profile(), records=(told[0],)), told)]


def test_a_variable_has_limits_like_any_other() -> None:
    own = variable()
    told = [record(own.id, started_at=NOW, finished_at=NOW, usage=(WEEK,))]
    assert [one.what for one in seen(state(own, records=tuple(told)), told)] == [own.id]


def test_what_became_less_is_spent_at_the_same_pace() -> None:
    fraction = [(NOW, UsageWindow("w", 0.5)), (NOW + DAY, UsageWindow("w", 0.75))]
    assert runs_out(fraction) == NOW + 2 * DAY
    assert runs_out([(NOW, UsageWindow("w")), *fraction]) == NOW + 2 * DAY
    assert runs_out([]) is None


def test_a_replay_of_every_known_date_warns_a_month_before_and_of_nothing_else() -> None:
    by_provider: dict[str, list[CatalogueRow]] = defaultdict(list)
    for row in snapshot.bundled().rows():
        by_provider[row.provider].append(row)
    dated = [row for rows in by_provider.values() for row in rows if row.retires]
    assert len(dated) > 500
    for row in dated:
        own = by_provider[row.provider]
        at = day_start(row.retires)
        assert at is not None
        undated = next((str(other.ref) for other in own if not other.retires), str(row.ref))
        here = state(selection=using(undated, *{str(row.ref)} - {undated}))
        for now, warned in ((at - MONTH, True), (at - MONTH - 1, False), (at + DAY, True)):
            found = outlook(here, lambda name: (by_provider[name],), lambda _: (), now, MONTH)
            assert [one.what for one in found] == ([str(row.ref)] if warned else [])
            assert all(one.at == at for one in found)
