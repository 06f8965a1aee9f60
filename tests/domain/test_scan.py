"""What a scan makes of a list before it spends, and of the answers after."""

import json
from typing import Any

import pytest

from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import Malformed
from domain.instants import DAY, MINUTE
from domain.providers.refs import ModelRef
from domain.scan.candidates import Candidate, Days, Sifted, sifted
from domain.scan.kept import Kept
from domain.scan.limits import ends, pause, refuses_force
from domain.scan.picks import Picks, Proof, Proved, changes, chosen, picks
from domain.scan.ranking import NO_CALL, days_of, ranked
from domain.scan.serving import Serving, serving
from domain.scan.wish import Pace, Wish
from domain.selection.catalogue import CatalogueRow
from domain.selection.live_lists import listed_rows
from tests.cli.routers import SEES, entry
from tests.domain.values import NOW, record, using

OK = ProbeVerdict(Outcome.OK, "proven", 200)
LIED = ProbeVerdict(Outcome.OK, "proven", 200, code=NO_CALL)
CREATED = NOW // 1000 - 10 * 86_400


def model(id: str, **given: Any) -> dict[str, Any]:
    return entry(id, **{"created": CREATED, **given})


def sift(*said: dict[str, Any], source: str = "openrouter", **wish: Any) -> Sifted:
    rows = listed_rows([{"data": [*said]}], source, source="live", as_of="2027-01-15")
    return sifted(rows, Wish(source=source, **wish), NOW)


def names(found: Sifted) -> list[str]:
    return [candidate.row.model for candidate in found.candidates]


def candidate(name: str = "a/m:free", **given: Any) -> Candidate:
    told = {key: given.pop(key) for key in ("serving", "days", "was_picked") if key in given}
    row = CatalogueRow("openrouter", name, **{"tools": True, **given})
    return Candidate(row, free=True, **told)


@pytest.mark.parametrize(
    ("pricing", "is_free"),
    [
        ({"prompt": "0", "completion": "0"}, True),
        ({"prompt": "0.0000000", "completion": "0.00"}, True),
        ({"prompt": 0, "completion": 0.0}, True),
        ({"prompt": "0", "completion": "0", "request": "0.01"}, False),
        ({"prompt": "0.000001", "completion": "0"}, False),
        ({"prompt": "-1", "completion": "-1"}, False),
        ({"prompt": None, "completion": None}, False),
        ({"prompt": "free", "completion": ["0"]}, False),
        (None, False),
    ],
)
def test_free_is_what_costs_nothing_however_that_is_written(pricing: object, is_free: bool) -> None:
    found = sift(model("a/m", pricing=pricing))
    assert bool(found.candidates) is is_free
    assert found.left_out == ({} if is_free else {"not free": 1})


def test_a_free_variant_is_free_by_its_name() -> None:
    assert names(sift(model("a/m:free", price="0.1"))) == ["a/m:free"]


def test_the_real_fields_are_read() -> None:
    (found,) = sift(model("a/m-70b:free", architecture=SEES)).candidates
    assert (found.created, found.params, found.reads_images) == (NOW - 10 * DAY, 70, True)
    assert (found.row.context, found.row.output, found.row.tools) == (131072, 8192, True)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("a/m-8x7b:free", 56),
        ("a/qwen3-235b-a22b:free", 235),
        ("a/gemma-0.5b:free", 0.5),
        ("a/Llama-3.3-70B-Instruct:free", 70),
        ("a/gpt-4o:free", None),
        ("a/v1.5bits:free", None),
    ],
)
def test_the_size_is_in_the_name(name: str, params: float | None) -> None:
    (found,) = sift(model(name, name=name)).candidates
    assert found.params == params


def test_the_size_is_in_what_a_local_server_says() -> None:
    found = sift({"id": "m", "details": {"parameter_size": "3200M"}}, source="ollama")
    assert found.candidates[0].params == 3.2


def test_each_wish_leaves_out_what_it_says_and_counts_it() -> None:
    found = sift(
        model("a/new-70b:free"),
        model("a/small-7b:free"),
        model("a/old-80b:free", created=CREATED - 90 * 86_400),
        model("a/undated-80b:free", created=None),
        model("a/mute-80b:free", supported_parameters=["max_tokens"]),
        model("a/gone-80b:free", expiration_date="2026-01-01"),
        model("openrouter/free"),
        model("b/other-80b:free"),
        min_params=20,
        max_age=30,
        maker="A",
    )
    assert names(found) == ["a/new-70b:free"]
    assert found.left_out == {
        "too small, or of unknown size": 1,
        "too old, or of unknown age": 2,
        "calls no tools": 1,
        "retired": 1,
        "another maker": 2,
    }


def test_a_moment_in_the_future_is_now_and_is_counted() -> None:
    found = sift(model("a/m:free", created=CREATED + 10**9), model("a/n:free", created=10**30))
    assert [c.created for c in found.candidates] == [NOW, None]
    assert found.future == 1


def test_a_maker_nobody_knows_is_named() -> None:
    with pytest.raises(Malformed, match="no model of that maker mistal") as refused:
        sift(model("mistral/m:free"), maker="mistal")
    assert refused.value.hint == "did you mean mistral?"


def test_of_another_provider_what_costs_is_taken_where_nothing_is_free() -> None:
    paid = {"id": "m", "pricing": {"prompt": "0.1", "completion": "0.1"}, "tools": True}
    free = {**paid, "id": "f", "pricing": {"prompt": "0", "completion": "0"}}
    assert (names(sift(paid, source="groq")), sift(paid, source="groq").all_cost) == (["m"], True)
    assert names(sift(paid, free, source="groq")) == ["f"]


def test_the_time_grows_with_the_rows_alone() -> None:
    """Fifty thousand rows, each looked at once: what is left out is counted, not kept."""
    seen: list[str] = []

    class Rows:
        def __iter__(self) -> Any:
            for n in range(50_000):
                seen.append("")
                yield CatalogueRow("openrouter", f"a/m{n}", cost_input=1.0, cost_output=1.0)

    found = sifted(Rows(), Wish(), NOW)
    assert (len(seen), found.candidates, found.left_out) == (50_000, [], {"not free": 50_000})


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"data": {"endpoints": []}}, Serving(0)),
        ({"data": {"endpoints": [{"status": -2, "uptime_last_1d": 100}]}}, Serving(0)),
        (
            {
                "data": {
                    "endpoints": [
                        {"uptime_last_30m": 91.5, "supported_parameters": ["max_tokens"]},
                        {"uptime_last_1d": 99, "latency_last_30m": {"p50": 300}},
                        {"uptime_last_1d": None, "latency_last_30m": None},
                    ]
                }
            },
            Serving(3, 99, 300, False),
        ),
        ({"data": {"endpoints": [{"uptime_last_1d": "x", "supported_parameters": 7}]}}, Serving(1)),
        ({"data": []}, None),
        ("<html>", None),
    ],
)
def test_endpoints_say_how_well_they_serve(document: object, found: Serving | None) -> None:
    assert serving(document) == found


def test_steady_comes_before_lucky() -> None:
    order = ranked(
        [
            candidate("a/unknown"),
            candidate("a/down", serving=Serving(1, 60.0, 10, True)),
            candidate("a/quick", serving=Serving(1, 99.9, 10, True)),
            candidate("a/failing", serving=Serving(1, 99.9, 1, True)),
            candidate("a/proven", serving=Serving(1, 99.9, 900, True)),
            candidate("a/silent", tools=None, context=10**9),
            candidate("a/picked", days=Days(0, 9), was_picked=True),
        ],
        {"a/proven": Days(9, 0), "a/failing": Days(1, 3)},
    )
    assert [c.row.model for c in order] == [
        "a/picked",
        "a/proven",
        "a/quick",
        "a/unknown",
        "a/down",
        "a/failing",
        "a/silent",
    ]


def test_a_day_is_good_with_one_good_answer() -> None:
    told = [
        record(model="m", started_at=NOW - 3 * DAY),
        record(model="m", started_at=NOW - 3 * DAY, outcome="timeout"),
        record(model="m", started_at=NOW - 2 * DAY, outcome="rate_limit"),
        record(model="m", started_at=NOW - DAY, outcome="network"),
        record(model="liar", code=NO_CALL),
        record(model=None),
    ]
    assert days_of(told) == {"m": Days(1, 1), "liar": Days(0, 1)}


def test_never_more_than_so_many_in_any_minute() -> None:
    pace, now, sent = Pace(20), 0, []
    for _ in range(61):
        now += pace.wait(now)
        pace.sent(now)
        sent.append(now)
        pace.answered(now, now + 7)
        now += 7
    assert all(sent[at + 20] - sent[at] >= MINUTE + 7 for at in range(41))
    assert sent[19] < 1000
    pace.shut(now + 5 * MINUTE)
    assert pace.wait(now) == 5 * MINUTE
    assert Pace(None).wait(0) == 0


@pytest.mark.parametrize(
    ("verdict", "is_over"),
    [
        (ProbeVerdict(Outcome.AUTH, "refused", 401), True),
        (ProbeVerdict(Outcome.NETWORK), False),
        (ProbeVerdict(Outcome.BILLING), True),
        (ProbeVerdict(Outcome.QUOTA), True),
        (ProbeVerdict(Outcome.QUOTA, scope="model"), False),
        (ProbeVerdict(Outcome.PERMISSION, scope="model"), False),
        (ProbeVerdict(Outcome.TIMEOUT), False),
        (ProbeVerdict(Outcome.RATE_LIMIT), False),
        (OK, False),
    ],
)
def test_what_holds_of_every_model_ends_a_scan(verdict: ProbeVerdict, is_over: bool) -> None:
    assert ends(verdict) is is_over


@pytest.mark.parametrize(("resets_in", "waits"), [(None, None), (9_000, 9_000), (61_000, None)])
def test_a_limit_that_passes_soon_is_waited_for(resets_in: int | None, waits: int | None) -> None:
    resets_at = None if resets_in is None else NOW + resets_in
    assert pause(ProbeVerdict(Outcome.RATE_LIMIT, resets_at=resets_at), NOW) == waits
    assert pause(OK, NOW) is None


def test_a_refusal_of_the_forcing_alone_is_known() -> None:
    assert refuses_force(ProbeVerdict(Outcome.FORMAT, http_status=404))
    assert refuses_force(
        ProbeVerdict(Outcome.FORMAT, http_status=400, detail="`tool_choice` is not allowed")
    )
    assert not refuses_force(ProbeVerdict(Outcome.RATE_LIMIT, http_status=429))
    assert not refuses_force(OK)


def proved(
    name: str, tool: ProbeVerdict, latency: int, image: Proof | None = None, **given: Any
) -> Proved:
    return Proved(candidate(name, **given), Proof(tool, latency), image or Proof())


def test_only_what_really_called_a_tool_is_picked() -> None:
    limited = ProbeVerdict(Outcome.RATE_LIMIT)
    found = picks(
        [
            proved("a/liar", LIED, 1, Proof(OK, 9)),
            proved("a/limited", limited, 1),
            proved("a/slow", OK, 900, Proof(OK, 5)),
            proved("a/quick", OK, 100, Proof(limited)),
            proved("a/unsteady", OK, 1, days=Days(1, 1)),
        ]
    )
    assert [ref.model for ref in found.text] == ["a/quick", "a/slow", "a/unsteady"]
    assert [ref.model for ref in found.image] == ["a/slow", "a/liar"]


A, B, C = (ModelRef("openrouter", name) for name in ("a/x", "b/y", "c/z"))


def test_picks_take_the_place_of_the_chains() -> None:
    before = using("gate/ok", "gate/spare")
    picked = Picks((A, B), (C,))
    after = chosen(before, picked, default=False, image=False)
    assert (str(after.default), after.fallbacks, after.image) == ("gate/ok", (A, B), None)
    assert after.image_fallbacks == (C,)
    after = chosen(before, picked, default=True, image=True)
    assert (after.default, after.fallbacks, after.image) == (A, (B,), C)


def test_nothing_is_replaced_by_nothing() -> None:
    before = using("openrouter/a/x", "gate/spare")
    assert chosen(before, Picks(), default=True, image=True) == before
    assert chosen(before, Picks((A,)), default=False, image=False) == before
    moved = chosen(using("gate/ok", "openrouter/a/x"), Picks((A,)), default=True, image=False)
    assert (moved.default, moved.fallbacks) == (A, ())


def test_what_changed_since_is_told_of_what_was_tried_or_is_gone() -> None:
    before = {"o/same": "tools ok", "o/worse": "tools ok", "o/gone": "tools ok", "o/left": "x"}
    now = {"o/same": "tools ok", "o/worse": "tools timeout", "o/new": "tools ok"}
    assert [tuple(change) for change in changes(before, now, ["o/left", *now])] == [
        ("o/worse", "tools ok", "tools timeout"),
        ("o/gone", "tools ok", "not a candidate any longer"),
        ("o/new", "not tried", "tools ok"),
    ]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"candidates": 0}, "--max-candidates 0"),
        ({"candidates": 51}, "--max-candidates 51"),
        ({"timeout": 0}, "--timeout 0"),
        ({"concurrency": 65}, "--concurrency 65"),
        ({"max_age": -1}, "--max-age-days -1"),
        ({"min_params": float("nan")}, "--min-params nan"),
        ({"maker": " "}, "--provider names nobody"),
    ],
)
def test_a_wish_out_of_range_is_refused(wish: dict[str, Any], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        Wish(**wish).checked()


def test_a_scan_is_kept_and_a_damaged_one_is_none() -> None:
    kept = Kept(Wish(min_params=7.5, maker="a"), Picks((A,), ()), {"openrouter/a/x": "tools ok"})
    document = json.loads(json.dumps(kept.document))
    assert Kept.of(document) == kept
    damages: list[dict[str, Any]] = [
        {},
        {**document, "wish": {**document["wish"], "candidates": 0}},
        {**document, "wish": {**document["wish"], "timeout": "x"}},
        {**document, "wish": {"more": 1}},
        {**document, "picked": {"text": ["no ref"], "image": []}},
        {**document, "picked": [7]},
        {**document, "words": 7},
        {**document, "more": 1},
    ]
    assert [Kept.of(damaged) for damaged in damages] == [None] * len(damages)
