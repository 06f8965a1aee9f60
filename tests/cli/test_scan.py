"""`models scan`, beside an OpenRouter of this machine that lies about tools."""

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.memory import MemoryStore
from domain.errors import StoreFull
from domain.selection.selection import Selection
from tests.cli.program import Program
from tests.cli.routers import DAY, LIMITED, NO_FORCE, NO_TOOLS, SEES, Router, catalogue, entry
from tests.cli.servers import BAD, Answer, scripted_server

KEY = "sk-or-v1-scripted-0001"
GOOD_ID, SEEING_ID, LYING_ID = "a/good-70b:free", "b/seeing-30b:free", "c/liar-90b:free"


@dataclass(frozen=True, slots=True)
class Scanned:
    """The program, and the router it asks."""

    program: Program
    router: Router

    def __call__(self, words: str = "", *, code: int = 0) -> Any:
        """The document of a scan."""
        ran = self.program(f"models scan --json {words}")
        assert ran.code == code, ran
        return ran.document

    @property
    def selection(self) -> dict[str, Any]:
        told = self.program("models status --json").document
        names = ("defaultModel", "fallbacks", "imageModel", "imageFallbacks")
        return {name: told[name] for name in names}


@pytest.fixture
def scanned(tmp_path: Path) -> Iterator[Scanned]:
    models = [
        entry(GOOD_ID),
        entry(SEEING_ID, architecture=SEES),
        entry(LYING_ID),
        entry("d/paid-80b", price="0.00001"),
    ]
    with scripted_server(Router(models=models)) as router:
        assert isinstance(router, Router)
        environ = {"OPENROUTER_API_KEY": KEY, "OPENROUTER_BASE_URL": router.url}
        yield Scanned(Program(tmp_path / "home", environ, MemoryStore()), router)


def ref(*ids: str) -> list[str]:
    return [f"openrouter/{id}" for id in ids]


def statuses(document: dict[str, Any], what: str = "tool") -> dict[str, str]:
    return {r["key"].partition("/")[2]: r[what]["status"] for r in document["results"]}


def test_it_picks_what_really_calls_a_tool_and_writes_it_where_yes_is_said(
    scanned: Scanned,
) -> None:
    found = scanned("--yes")
    assert statuses(found) == {GOOD_ID: "ok", SEEING_ID: "ok", LYING_ID: "no_tool_call"}
    assert sorted(found["selected"]) == ref(GOOD_ID, SEEING_ID)
    assert (found["selectedImages"], found["changed"]) == (ref(SEEING_ID), True)
    assert scanned.selection == {
        "defaultModel": None,
        "fallbacks": found["selected"],
        "imageModel": None,
        "imageFallbacks": ref(SEEING_ID),
    }
    kinds = {r["kind"] for r in scanned.program("models history --json").document["records"]}
    assert kinds == {"scan"}


def test_sixty_of_a_hundred_and_twenty_lie_and_none_of_them_is_picked(scanned: Scanned) -> None:
    scanned.router.models = catalogue(300)
    found = scanned("--dry-run --max-candidates 12")
    assert (found["candidates"], len(found["results"])) == (120, 12)
    assert found["selected"]
    assert not [name for name in found["selected"] if "liar" in name]
    assert found["requests"]["sent"] == len(scanned.router.asked) <= found["requests"]["most"]


def test_it_says_before_how_much_it_will_use_of_what_is_allowed(scanned: Scanned) -> None:
    ran = scanned.program("models scan --dry-run")
    first = ran.err.splitlines()[0]
    assert first.startswith("4 to 8 requests to openrouter of 20 a minute: 3 calls of a tool")
    assert len(scanned.router.asked) == 4
    assert "50 a day" in first


def test_the_best_may_become_the_default_and_the_image_model(scanned: Scanned) -> None:
    found = scanned("--yes --set-default --set-image")
    assert scanned.selection["defaultModel"] == found["selected"][0]
    assert scanned.selection["fallbacks"] == found["selected"][1:]
    assert scanned.selection["imageModel"] == ref(SEEING_ID)[0]


# The verified defects of the anchor's scan, each as it has to be.


def test_the_age_is_read_from_created_and_filters(scanned: Scanned) -> None:
    old = entry(GOOD_ID)
    scanned.router.models[0] = {**old, "created": old["created"] - 60 * DAY}
    found = scanned("--no-probe --max-age-days 30")
    assert [r["key"] for r in found["results"]] == ref(LYING_ID, SEEING_ID)
    assert all(r["createdAt"] for r in found["results"])
    assert {"reason": "too old, or of unknown age", "count": 1} in found["leftOut"]


def test_the_modalities_are_read_from_the_architecture_and_images_are_shown(
    scanned: Scanned,
) -> None:
    found = scanned("--dry-run")
    assert statuses(found, "image") == {GOOD_ID: "skipped", SEEING_ID: "ok", LYING_ID: "skipped"}
    assert {r["key"]: r["input"] for r in found["results"]}[ref(SEEING_ID)[0]] == "text+image"
    posted = [b for b in scanned.router.bodies if "image_url" in json.dumps(b)]
    assert [b["model"] for b in posted] == [SEEING_ID]


def test_the_longest_answer_is_read_from_the_top_provider(scanned: Scanned) -> None:
    found = scanned("--no-probe")
    assert {r["maxOutputTokens"] for r in found["results"]} == {8192}


@pytest.mark.parametrize("words", ["--json", "", "--no-input", "--json --no-input"])
def test_without_a_terminal_and_yes_it_is_refused_before_anything_is_sent(
    scanned: Scanned, words: str
) -> None:
    before = scanned.selection
    ran = scanned.program(f"models scan {words}")
    assert (ran.code, scanned.router.seen) == (64, [])
    assert "--yes" in ran.text
    assert "--dry-run" in ran.text
    assert scanned.selection == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(scanned: Scanned) -> None:
    scanned.program.must("models set openai/gpt-5-mini --force")
    before = scanned.selection
    ran = scanned.program("models scan --dry-run")
    assert "would be: fallbacks: none -> openrouter/" in ran.out
    found = scanned("--dry-run")
    assert (found["dryRun"], found["changed"]) == (True, False)
    assert [d["field"] for d in found["differences"]] == ["fallbacks", "imageFallbacks"]
    assert scanned.selection == before


def test_a_limit_is_called_a_limit(scanned: Scanned) -> None:
    scanned.router.before = lambda _: LIMITED
    ran = scanned.program("models scan --yes --concurrency 1")
    assert ran.code == 69
    assert ran.out.count("rate_limit") == 2
    assert "2 of 3 models were tried, then: rate_limit" in ran.err
    assert "hint: try later, with --again" in ran.err
    assert len(scanned.router.asked) == 2
    assert scanned.selection["fallbacks"] == []


def test_a_limit_with_a_moment_is_waited_for(scanned: Scanned) -> None:
    limited = Answer(429, LIMITED.body, (("retry-after", "1"),))
    scanned.router.script[LYING_ID] = [limited]
    found = scanned("--dry-run")
    assert statuses(found)[LYING_ID] == "no_tool_call"
    assert found["requests"]["sent"] == len(scanned.router.asked) == 5
    moments = [at for at, _ in scanned.router.posted]
    assert moments[1] - moments[0] >= 0.9


def test_offline_the_kept_list_is_shown_with_its_day_and_nothing_is_asked(
    scanned: Scanned,
) -> None:
    scanned("--no-probe")
    scanned.program.environ["OPENROUTER_BASE_URL"] = "http://127.0.0.1:9/v1"
    ran = scanned.program("models scan --yes")
    assert ran.code == 69
    assert GOOD_ID in ran.out
    assert "the list of openrouter: " in ran.err
    assert "what is known of 20" in ran.err
    assert "hint: no model can be asked now" in ran.err
    assert scanned.program("models scan --no-probe").code == 0
    assert scanned.router.asked == []


def test_what_was_not_asked_is_no_failure_and_no_flag_is_told_that_is_not_there(
    scanned: Scanned,
) -> None:
    found = scanned("--no-probe")
    assert {r["tool"]["status"] for r in found["results"]} == {"skipped"}
    assert {r["tool"]["ok"] for r in found["results"]} == {None}
    ran = scanned.program("models scan --no-probe")
    assert "fail" not in ran.text
    assert "pass --probe" not in ran.text


def test_what_says_it_calls_no_tools_is_not_asked(scanned: Scanned) -> None:
    scanned.router.models[2]["supported_parameters"] = ["max_tokens"]
    scanned.router.served[GOOD_ID] = {"supported_parameters": ["max_tokens"]}
    assert set(statuses(scanned("--dry-run"))) == {SEEING_ID}
    assert set(scanned.router.asked) == {SEEING_ID}


# Bad input.


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html><h1>Hello</h1></html>", (("content-type", "text/html"),)),
        Answer(200, b'{"data": [{"id": "a/b", "name'),
        Answer(429, b'{"error": {"message": "Rate limit exceeded"}}'),
        Answer(500, b""),
        Answer(200, b'"models"'),
    ],
    ids=["html", "truncated", "limited", "broken", "another"],
)
def test_a_list_that_cannot_be_read_is_a_line_and_the_kept_one_is_used(
    scanned: Scanned, answer: Answer
) -> None:
    scanned("--no-probe")
    scanned.router.list_answer = answer
    found = scanned("--dry-run")
    assert found["list"]["error"]["message"]
    assert set(statuses(found)) == {GOOD_ID, SEEING_ID, LYING_ID}


def test_odd_entries_cost_the_others_nothing(scanned: Scanned) -> None:
    odd: list[Any] = [
        entry("a/number", price=0),
        entry("a/null", pricing={"prompt": None, "completion": None}),
        entry("a/minus", price="-1"),
        entry("a/esc\x1b[2J:free"),
        entry("a/named:free", name="\x1b]0;owned\x07evil"),
        entry("a/future:free", created=32503680000),
        entry("a/strings:free", created="yesterday", architecture="text", context_length="much"),
        {"id": 7},
        "a/just-a-name:free",
        None,
    ]
    scanned.router.models += odd
    ran = scanned.program("models scan --no-probe")
    assert "\x1b" not in ran.text
    shown = {line.split()[0].removeprefix("openrouter/") for line in ran.out.splitlines()[1:]}
    added = {"a/number", "a/named:free", "a/future:free", "a/strings:free", "a/just-a-name:free"}
    assert shown == {GOOD_ID, SEEING_ID, LYING_ID} | added
    assert "1 models say they were made in the future" in ran.err


def test_a_key_that_is_refused_costs_one_request(scanned: Scanned) -> None:
    scanned.program.environ["OPENROUTER_API_KEY"] = BAD
    ran = scanned.program("models scan --yes")
    assert (ran.code, len(scanned.router.asked)) == (1, 1)
    assert "1 of 3 models were tried, then: auth" in ran.err
    assert "hint: add a key that is good: aura_intelligence models auth add" in ran.err
    assert BAD not in ran.text


def test_without_a_key_the_candidates_are_shown(scanned: Scanned) -> None:
    """Of another provider: its list is not public, so that what is known of it is shown."""
    ran = scanned.program("models scan --source groq --json")
    assert ran.code == 0
    assert ran.document["results"]
    assert "without a credential of groq no model is asked" in ran.err
    assert "aura_intelligence models auth add --provider groq" in ran.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--max-candidates 0", "--max-candidates 0 is out of range"),
        ("--min-params -1", "--min-params -1 is out of range"),
        ("--timeout x", "x is not a value for --timeout"),
        ("--source openruter", "did you mean openrouter?"),
        ("--provider c0 --yes", "did you mean c?"),
        ("--provider '' --yes", "--provider names nobody"),
        ("--no-probe --yes", "nothing is chosen with --no-probe"),
        ("--again --max-candidates 3", "--again repeats the last scan as it was"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(scanned: Scanned, words: str, says: str) -> None:
    ran = scanned.program(f"models scan {words}")
    assert (ran.code, scanned.router.asked) == (64, [])
    assert says in ran.err
    assert len(ran.err.splitlines()) == 2


def test_what_nothing_fits_says_why(scanned: Scanned) -> None:
    ran = scanned.program("models scan --yes --min-params 500")
    assert (ran.code, scanned.router.asked) == (1, [])
    assert "no model of openrouter is a candidate" in ran.err
    assert "3 too small, or of unknown size" in ran.err


def test_nobody_who_calls_a_tool_changes_nothing(scanned: Scanned) -> None:
    scanned.program.must("models fallbacks add openai/gpt-5-mini --force")
    scanned.router.models = [entry(LYING_ID), entry("e/none:free")]
    scanned.router.script["e/none:free"] = [NO_FORCE, NO_TOOLS]
    found = scanned("--yes", code=1)
    assert statuses(found) == {LYING_ID: "no_tool_call", "e/none:free": "format"}
    assert (found["selected"], found["changed"]) == ([], False)
    assert scanned.selection["fallbacks"] == ["openai/gpt-5-mini"]


class FullStore(MemoryStore):
    """What was learned fits, what is chosen does not."""

    def update(self, *_: Any, **__: Any) -> Selection:
        raise StoreFull("no space left", hint="free some space; nothing was lost")


def test_a_full_disk_when_the_choice_is_written_keeps_what_was_learned(tmp_path: Path) -> None:
    with scripted_server(Router(models=[entry(GOOD_ID)])) as router:
        environ = {"OPENROUTER_API_KEY": KEY, "OPENROUTER_BASE_URL": router.url}
        program = Program(tmp_path / "home", environ, FullStore())
        ran = program("models scan --yes")
        assert (ran.code, GOOD_ID in ran.out) == (69, True)
        assert "aura_intelligence: no space left\nhint: free some space" in ran.err
        assert len(program("models history --json").document["records"]) == 1
        assert program("models scan --again --dry-run").code == 0


# The same over other providers, and once more.


def test_again_is_the_same_scan_and_says_what_changed(scanned: Scanned) -> None:
    scanned("--dry-run --min-params 50 --max-candidates 2")
    kept = scanned.program.home / "cache" / "scan.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    scanned.router.script[GOOD_ID] = [LIMITED, LIMITED]
    scanned.router.models = [entry(GOOD_ID), entry("f/fresh-60b:free")]
    found = scanned("--again --yes")
    assert set(statuses(found)) == {GOOD_ID, "f/fresh-60b:free"}
    assert {c["model"]: (c["before"], c["after"]) for c in found["sinceLast"]} == {
        ref(GOOD_ID)[0]: ("tools ok, image skipped", "tools rate_limit, image skipped"),
        ref(LYING_ID)[0]: ("tools no_tool_call, image skipped", "not a candidate any longer"),
        ref("f/fresh-60b:free")[0]: ("not tried", "tools ok, image skipped"),
    }
    assert scanned.selection["fallbacks"] == ref("f/fresh-60b:free")


@pytest.mark.parametrize("content", [None, b"<", b'{"wish": {}, "picked": 7}'])
def test_again_without_a_scan_is_refused(scanned: Scanned, content: bytes | None) -> None:
    if content is not None:
        folder = scanned.program.home / "cache"
        folder.mkdir(mode=0o700, parents=True)
        (folder / "scan.json").write_bytes(content)
        (folder / "scan.json").chmod(0o600)
    ran = scanned.program("models scan --again --yes")
    assert (ran.code, scanned.router.seen) == (1, [])
    assert "no scan is kept here\nhint: run one without --again first" in ran.err


def test_a_server_of_this_machine_is_scanned_all_the_same(scanned: Scanned) -> None:
    program, router = scanned.program, scanned.router
    program.must(f"models providers add mine --base-url {router.url} --dialect openai")
    router.models = [{"id": "m-7b"}, {"id": "liar-8b"}]
    ran = program("models scan --source mine --yes")
    assert ran.code == 0
    assert ran.err.startswith("2 to 4 requests to mine: 2 calls of a tool")
    assert scanned.selection["fallbacks"] == ["mine/m-7b"]


def test_without_a_key_too_it_asks_where_the_variable_says(scanned: Scanned) -> None:
    del scanned.program.environ["OPENROUTER_API_KEY"]
    found = scanned("--no-probe")
    assert (found["list"]["error"], found["candidates"]) == (None, 3)
    scanned.program.environ["OPENROUTER_BASE_URL"] = "no address"
    assert scanned.program("models scan --no-probe").code == 64


def test_a_day_that_is_used_up_is_of_the_credential_whatever_it_sells(scanned: Scanned) -> None:
    words = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model"
    told = {"error": {"code": 429, "message": f"{words} requests per day"}}
    used_up = Answer(429, json.dumps(told).encode())
    scanned.router.script = {id: [used_up] * 3 for id in (GOOD_ID, SEEING_ID, LYING_ID)}
    found = scanned("--yes", code=69)
    assert found["requests"]["sent"] == 1
