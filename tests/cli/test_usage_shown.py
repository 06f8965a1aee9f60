"""How much is left of a limit, in `models status`: as a probe was told it, or as --usage asks."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD, Answer, ScriptedServer, refusal, scripted_server

pytestmark = pytest.mark.usefixtures("back_end")

TOKEN = "sk-ant-oat01-scripted-token-0001"
KEYS = {
    "label",
    "usedPercent",
    "remainingPercent",
    "remaining",
    "limit",
    "resetsAt",
    "resetsAtIso",
    "source",
    "at",
}


def answer(document: object) -> Answer:
    return Answer(200, json.dumps(document).encode())


def unified(soon: int) -> tuple[tuple[str, str], ...]:
    prefix = "anthropic-ratelimit-unified"
    return (
        (f"{prefix}-5h-utilization", "0.2"),
        (f"{prefix}-5h-reset", str(soon)),
        (f"{prefix}-7d-utilization", "0.36"),
    )


@dataclass(slots=True)
class LimitedServer(ScriptedServer):
    """Adds `headers` to every good answer; `replies` are sent by path, None for never."""

    headers: tuple[tuple[str, str], ...] = ()
    replies: dict[str, Answer | None] = field(default_factory=dict)

    def answer(self, path: str, model: str, key: str) -> Answer | None:
        if path in self.replies:
            self.seen.append((path, model, key))
            return self.replies[path]
        # Not super(): a dataclass with slots is another class than the one it was written as.
        found = ScriptedServer.answer(self, path, model, key)
        return found and Answer(found.status, found.body, (*found.headers, *self.headers))


@pytest.fixture
def limited() -> Iterator[LimitedServer]:
    script = LimitedServer()
    with scripted_server(script):
        yield script


@pytest.fixture
def plan(cli: Program, limited: LimitedServer) -> Program:
    """A subscription's token of anthropic, sealed for the scripted provider."""
    place = limited.url.removesuffix("/v1")
    cli.must(
        f"models auth add --provider anthropic --kind token --base-url {place} --stdin --no-verify",
        stdin=TOKEN,
    )
    cli.must("models set anthropic/ok")
    limited.seen.clear()
    return cli


def oauth(cli: Program, words: str = "") -> dict[str, Any]:
    (entry,) = cli(f"models status --json {words}").document["auth"]["oauth"]["providers"]
    found: dict[str, Any] = entry["usage"]
    return found


def test_what_a_probe_was_told_is_shown_until_it_is_over(
    plan: Program, limited: LimitedServer
) -> None:
    limited.headers = unified(int(time.time()) + 2 * 3600 + 1230)
    plan.must("models status --probe")
    text = plan("models").out
    line = r"^  anthropic · usage: 5h 80 % left, resets in 2h [12][0-9]m · week 64 % left$"
    assert re.search(line, text, re.MULTILINE)
    windows = oauth(plan)["windows"]
    assert [(w["label"], w["usedPercent"], w["remainingPercent"]) for w in windows] == [
        ("5h", 20.0, 80.0),
        ("week", 36.0, 64.0),
    ]
    assert {w["source"] for w in windows} == {"probe"}
    assert all(set(w) >= KEYS for w in windows)
    (profile,) = plan("models status --json").document["auth"]["oauth"]["profiles"]
    assert profile["usage"]["windows"] == windows
    limited.headers = unified(int(time.time()) - 5)
    plan.must("models status --probe")
    assert [w["label"] for w in oauth(plan)["windows"]] == ["week"]
    assert "usage: week 64 % left" in plan("models").out


def test_a_run_says_what_each_answer_told(plan: Program, limited: LimitedServer) -> None:
    limited.headers = unified(int(time.time()) - 5)
    (result,) = plan("models status --probe --json").document["auth"]["probes"]["results"]
    assert [(w["label"], w["usedPercent"]) for w in result["usage"]["windows"]] == [
        ("5h", 20.0),
        ("week", 36.0),
    ]


def test_who_cannot_be_asked_is_said(cli: Program) -> None:
    cli.environ["GROQ_API_KEY"] = "gsk_of_env_0001"
    ran = cli("models status --usage --json")
    assert ran.document["check"] == 1
    assert "no credential here is of a provider that says how much is left" in ran.err


def test_an_api_key_has_its_usage_beside_it(cli: Program, limited: LimitedServer) -> None:
    limited.headers = (
        ("x-ratelimit-limit-requests-day", "100"),
        ("x-ratelimit-remaining-requests-day", "75"),
        ("x-ratelimit-reset-requests-day", "7290.5"),
    )
    cli.must(f"models providers add gate --base-url {limited.url} --dialect openai --env GATE_KEY")
    cli.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    cli.environ["GATE_KEY"] = "sk-scripted-good-0002"
    cli.must("models set gate/ok")
    cli.must("models status --probe")
    line = next(x for x in cli("models").out.splitlines() if "gate:default" in x)
    assert "usage: requests/day 75 % left, resets in 2h" in line
    document = cli("models status --json").document["auth"]
    (variable,) = document["providers"][0]["environment"]
    (profile,) = document["oauth"]["profiles"]
    for entry in (variable, profile):
        (window,) = entry["usage"]["windows"]
        assert (window["remaining"], window["limit"], window["remainingPercent"]) == (75, 100, 75)
        assert window["resetsAtIso"].endswith("Z")


def test_a_status_that_was_not_asked_to_ask_asks_nobody(
    plan: Program, limited: LimitedServer
) -> None:
    assert oauth(plan) == {"windows": []}
    assert "usage" not in plan("models").out
    plan("models status --usage --plain")
    assert limited.seen == []


def test_usage_asks_each_credential_once_and_stores_nothing(
    plan: Program, limited: LimitedServer
) -> None:
    limited.replies["/api/oauth/usage"] = answer(
        {"five_hour": {"utilization": 12.5}, "seven_day": {"utilization": 100}}
    )
    before = plan.files()
    told = oauth(plan, "--usage")
    assert [(w["label"], w["remainingPercent"], w["source"]) for w in told["windows"]] == [
        ("5h", 87.5, "endpoint"),
        ("week", 0.0, "endpoint"),
    ]
    assert limited.seen == [("/api/oauth/usage", "", TOKEN)]
    assert "usage: 5h 88 % left · week 0 % left" in plan("models status --usage").out
    assert plan.files() == before
    assert oauth(plan) == {"windows": []}


def test_a_token_without_the_scope_is_told_so_and_status_goes_on(
    plan: Program, limited: LimitedServer
) -> None:
    limited.replies["/api/oauth/usage"] = refusal(403, "permission_error", f"no scope for {TOKEN}")
    ran = plan("models status --usage --check")
    reason = "permission (user:profile scope missing)"
    assert f"anthropic · usage: unavailable: {reason}\n" in ran.out
    assert ran.code == 0
    assert TOKEN not in ran.text
    assert oauth(plan, "--usage") == {"windows": [], "problem": reason}


def test_what_a_probe_told_stays_where_the_page_tells_nothing(
    plan: Program, limited: LimitedServer
) -> None:
    limited.headers = unified(int(time.time()) + 7200)
    limited.replies["/api/oauth/usage"] = Answer(404, b"{}")
    told = oauth(plan, "--probe --usage")
    assert [w["source"] for w in told["windows"]] == ["probe", "probe"]
    assert told["problem"] == "not offered there (HTTP 404)"
    text = plan("models status --usage").out
    assert "week 64 % left · unavailable: not offered there (HTTP 404)" in text


@pytest.mark.soak
@pytest.mark.on_disk
def test_pages_that_never_answer_are_waited_for_at_once_and_not_long(
    plan: Program, limited: LimitedServer
) -> None:
    place = limited.url.removesuffix("/v1")
    for name in ("second", "third"):
        plan.must(
            f"models auth add --provider anthropic --kind token --base-url {place} "
            f"--profile-id {name} --stdin --no-verify",
            stdin=f"{TOKEN}-{name}",
        )
    limited.replies["/api/oauth/usage"] = None
    began = time.monotonic()
    found = plan("models status --usage --json").document["auth"]["oauth"]["profiles"]
    assert time.monotonic() - began < 9
    assert [profile["usage"]["problem"] for profile in found] == ["timeout"] * 3


@pytest.mark.on_disk
def test_a_store_whose_key_is_gone_still_has_a_status(
    plan: Program, limited: LimitedServer
) -> None:
    for key in (plan.home / "config" / "keys").iterdir():
        key.unlink()
    ran = plan("models status --usage --json")
    assert ran.code == 0
    (profile,) = ran.document["auth"]["oauth"]["profiles"]
    assert profile["usage"]["problem"] == "key_missing: nothing was sent"
    assert limited.seen == []


@pytest.mark.on_disk
def test_a_window_a_stranger_named_harms_no_terminal(plan: Program, limited: LimitedServer) -> None:
    limited.headers = unified(int(time.time()) + 7200)
    plan.must("models status --probe")
    wild = json.dumps([{"label": "\x1b]0;owned\x07\u202e", "used": 0.5}])
    with closing(sqlite3.connect(plan.store)) as store, store:
        store.execute("UPDATE probe_records SET usage = ?", (wild,))
    for form in ("", "--json"):
        text = plan(f"models status {form}").text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "x1b]0;owned" in text


@pytest.mark.on_disk
@pytest.mark.parametrize(
    "document",
    [
        *("{}x", "[1]", '[{"label": 1}]', '[{"label": "a", "used": "b"}]', '[{"b": 1}]'),
        *('[{"label": "a", "used": NaN}]', '[{"label": "a", "resets_at": 1e30}]'),
    ],
)
def test_a_record_with_usage_of_another_kind_is_left_out(plan: Program, document: str) -> None:
    plan.must("models status --probe")
    with closing(sqlite3.connect(plan.store)) as store, store:
        store.execute("UPDATE probe_records SET usage = ?", (document,))
    assert plan("models status --json").document["unreadable"] > 0
