"""`models auth refresh`, and every command that keeps grants fresh by itself."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from aura_intelligence import ModelAccess, open_router
from domain.credentials.credential import ApiKey
from domain.credentials.secret import Secret
from domain.instants import MINUTE
from tests.adapters.homes import REPOSITORY
from tests.cli.grants import ID, access_of, end, granted, has_own, held, put
from tests.cli.issuers import BROKEN, HTML, Issuer, error, issuer, said
from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def own(cli: Program, site: Issuer, server: ScriptedServer) -> Program:
    """The provider `own` at the scripted server, and one grant, which is good for an hour."""
    has_own(cli, site, server.url)
    put(cli, granted(site), server.url)
    return cli


def due(program: Program, site: Issuer, server: ScriptedServer, ends: int = MINUTE) -> None:
    """One more grant in its place, due or over."""
    put(program, granted(site, ends), server.url)


def history(program: Program) -> list[tuple[str, str | None, int | None]]:
    """Oldest first."""
    records = program("models history --json").document["records"]
    return [(r["kind"], r["outcome"], r["httpStatus"]) for r in reversed(records)]


# `auth refresh`.


def test_what_is_due_is_refreshed_and_what_is_good_is_not(
    own: Program, site: Issuer, server: ScriptedServer
) -> None:
    due(own, site, server)
    before = held(own)
    ran = own("models auth refresh")
    assert (ran.code, ran.out, ran.err) == (0, "own:a  refreshed\n", "")
    after = held(own)
    assert site.asked("/token") == [
        {"grant_type": "refresh_token", "refresh_token": _refresh(before), "client_id": "aura"}
    ]
    assert after.access != before.access
    assert after.refresh != before.refresh
    assert (after.client, after.account) == (before.client, before.account)
    assert site.is_good(after.access.reveal())
    for words in ("", " own:a", " --all"):
        assert own(f"models auth refresh{words}").out == "own:a  good\n"
    assert own("models auth refresh --force").out == "own:a  refreshed\n"
    assert own("models auth refresh own:a --force").out == "own:a  refreshed\n"
    assert (site.refreshes, site.reuses) == (3, 0)


def _refresh(token: object) -> str:
    refresh = getattr(token, "refresh", None)
    assert isinstance(refresh, Secret)
    return refresh.reveal()


def test_in_json_each_grant_says_what_came_of_it(
    own: Program, site: Issuer, server: ScriptedServer
) -> None:
    put(own, granted(site, spent=True), server.url, "own:b")
    put(own, ApiKey(Secret(GOOD)), server.url, "own:key")
    ran = own("models auth refresh --force --json")
    first, second = ran.document["profiles"]
    assert ran.code == 1
    assert (first["profileId"], first["refresh"], first["error"]) == (ID, "refreshed", None)
    assert (first["type"], first["revision"]) == ("oauth", 2)
    assert first["expiresAt"] == held(own).expires_at
    assert (second["profileId"], second["refresh"], second["revision"]) == (
        "own:b",
        "needs login",
        1,
    )
    assert second["error"] == {
        "type": "needs_login",
        "message": "own:b needs a new sign-in",
        "hint": "aura_intelligence models auth login --provider own",
    }
    for secret in site.secrets:
        assert secret not in ran.text


def test_words_that_are_wrong(own: Program, site: Issuer, server: ScriptedServer) -> None:
    put(own, ApiKey(Secret(GOOD)), server.url, "own:key")
    assert own("models auth refresh own:a --all").code == 64
    ran = own("models auth refresh own:key")
    assert (ran.code, "own:key is no grant" in ran.err) == (1, True)
    ran = own("models auth refresh own:aa")
    assert (ran.code, "own:a" in ran.err) == (1, True)
    assert site.requests == []


def test_where_there_is_none_nothing_is_done(cli: Program) -> None:
    for words in ("models auth refresh", "models auth refresh --all --force"):
        ran = cli(words)
        assert (ran.code, ran.out) == (0, "")
        assert ran.err.startswith("there is no grant to refresh")
    assert cli("models auth refresh --json").document["profiles"] == []


@pytest.mark.parametrize("answer", [BROKEN, HTML, error(401, "invalid_client")])
@pytest.mark.parametrize("ends", [-MINUTE, MINUTE])
def test_trouble_is_told_and_changes_nothing(
    own: Program, site: Issuer, server: ScriptedServer, answer: object, ends: int
) -> None:
    due(own, site, server, ends)
    before = held(own)
    site.answers("/token", answer)  # type: ignore[arg-type]
    ran = own("models auth refresh")
    assert (ran.code, ran.out) == (69, "own:a  failed\n")
    assert ran.err.startswith("own:a could not be refreshed: ")
    assert held(own) == before
    assert own("models auth refresh").out == "own:a  refreshed\n"
    assert site.reuses == 0


def test_where_nobody_listens_what_is_good_is_used_and_what_is_over_is_not(
    own: Program, site: Issuer, server: ScriptedServer
) -> None:
    gone = granted(site)
    assert gone.client is not None
    lost = gone.client._replace(token_url="http://127.0.0.1:9/token")
    put(own, replace(gone, client=lost, expires_at=gone.expires_at), server.url)
    end(own)
    before = held(own)
    assert own("models auth refresh").code == 69
    ran = own("models ask hello")
    assert (ran.code, server.seen) == (69, [])
    ends = before.expires_at or 0
    put(own, replace(before, expires_at=ends + MINUTE), server.url)
    assert own("models ask hello").code == 0
    assert [key for _, _, key in server.seen] == [before.access.reveal()]


@pytest.mark.parametrize("ends", [-MINUTE, MINUTE])
def test_a_refused_refresh_token_needs_a_login_and_is_not_shown_again(
    own: Program, site: Issuer, server: ScriptedServer, ends: int
) -> None:
    due(own, site, server, ends)
    before = held(own)
    site.answers("/token", error(400, "invalid_grant"))
    ran = own("models auth refresh")
    assert (ran.code, ran.out) == (1, "own:a  needs login\n")
    assert "aura_intelligence models auth login --provider own" in ran.err
    assert held(own) == replace(before, spent=True)
    assert own("models auth refresh").code == 1
    assert len(site.asked("/token")) == 1
    # It is used as long as it is good.
    assert own("models ask hello").code == (0 if ends > 0 else 1)


def test_a_reply_without_a_refresh_token_keeps_the_old_one(own: Program, site: Issuer) -> None:
    before = held(own)
    site.answers("/token", said({"access_token": "access-anew-0001", "expires_in": 60}))
    own.must("models auth refresh --force")
    after = held(own)
    assert (after.access.reveal(), after.refresh) == ("access-anew-0001", before.refresh)


# Who refreshes, and who does not.


@pytest.mark.parametrize(
    "words",
    ["", "status", "status --json", "auth list", "resolve", "list --local", "history", "auth"],
)
def test_who_only_shows_never_refreshes(
    own: Program, site: Issuer, server: ScriptedServer, words: str
) -> None:
    due(own, site, server, -MINUTE)
    files = own.files()
    own(f"models {words}")
    assert (site.requests, server.seen) == ([], [])
    assert own.files() == files


@pytest.mark.parametrize("ends", [-MINUTE, MINUTE])
@pytest.mark.parametrize(
    "words", ["status --probe", "ask hello", "env --reveal --json", "auth token own:a"]
)
def test_who_sends_or_hands_out_refreshes_first(
    own: Program, site: Issuer, server: ScriptedServer, words: str, ends: int
) -> None:
    due(own, site, server, ends)
    ran = own.must(f"models {words}")
    assert site.refreshes == 1
    if server.seen:
        assert {key for _, _, key in server.seen} == {access_of(own)}
    else:
        assert access_of(own) in ran.out


def test_exec_refreshes_first(own: Program, site: Issuer, server: ScriptedServer) -> None:
    due(own, site, server)
    ran = own.process("models exec -- sh -c env")
    assert (ran.code, site.refreshes) == (0, 1)
    assert access_of(own) in ran.out


def by_router(program: Program, model: str) -> str:
    def call(access: ModelAccess) -> str:
        url, body = f"{access.base_url}/chat/completions", {"model": access.model, "messages": []}
        httpx.post(url, json=body, headers=access.headers, timeout=5).raise_for_status()
        return access.api_key

    async def called(access: ModelAccess) -> str:
        return await asyncio.to_thread(call, access)

    with open_router(program.environment()) as router:
        if model.endswith("async"):
            return asyncio.run(router.run_async(model.removesuffix(" async"), called))
        return router.run(model, call)


@pytest.mark.parametrize("model", ["own/ok", "own/ok async"])
def test_the_router_refreshes_first(
    own: Program, site: Issuer, server: ScriptedServer, model: str
) -> None:
    due(own, site, server)
    assert by_router(own, model) == access_of(own)
    assert (site.refreshes, len(server.seen)) == (1, 1)


@pytest.fixture
def stale(own: Program, site: Issuer, server: ScriptedServer) -> Program:
    """Its access token is said to be good, and the server refuses it."""
    put(own, granted(site, access=Secret(BAD)), server.url)
    return own


@pytest.mark.parametrize(("words", "kind"), [("status --probe", "probe"), ("ask hello", "use")])
def test_a_401_is_answered_by_one_refresh_and_one_more_request(
    stale: Program, site: Issuer, server: ScriptedServer, words: str, kind: str
) -> None:
    ran = stale.must(f"models {words}", stdin="hello")
    assert [key for _, _, key in server.seen] == [BAD, access_of(stale)]
    assert (site.refreshes, site.reuses) == (1, 0)
    assert history(stale) == [(kind, "auth", 401), (kind, "ok", 200)]
    if kind == "use":
        assert ran.out == "OK.\n"
        assert ran.err.startswith("answered own/ok with own:a in ")


@pytest.mark.parametrize("model", ["own/ok", "own/ok async"])
def test_so_it_is_by_the_router(
    stale: Program, site: Issuer, server: ScriptedServer, model: str
) -> None:
    assert by_router(stale, model) == access_of(stale)
    assert [key for _, _, key in server.seen] == [BAD, access_of(stale)]
    assert site.refreshes == 1
    assert history(stale) == [("use", "auth", 401), ("use", "ok", None)]


@pytest.mark.parametrize(
    "words", ["status --probe --probe-profile own:a", "ask -m own/unauthorized x"]
)
def test_it_is_asked_once_more_and_no_oftener(
    own: Program, site: Issuer, server: ScriptedServer, words: str
) -> None:
    own.must("models set own/unauthorized")
    own(f"models {words}")
    assert len(server.seen) == 2
    assert (site.refreshes, len(history(own))) == (1, 2)


@pytest.mark.parametrize("words", ["status --probe", "ask hello"])
def test_a_key_that_is_refused_is_not_sent_again(
    own: Program, site: Issuer, server: ScriptedServer, words: str
) -> None:
    put(own, ApiKey(Secret(BAD)), server.url)
    own(f"models {words}")
    assert [key for _, _, key in server.seen] == [BAD]
    assert (site.requests, len(history(own))) == ([], 1)


def test_a_401_and_a_spent_grant_are_the_end_of_it(
    stale: Program, site: Issuer, server: ScriptedServer
) -> None:
    site.answers("/token", error(400, "invalid_grant"))
    ran = stale("models ask hello")
    assert ran.code == 69
    assert "needs_login" in ran.err
    assert [key for _, _, key in server.seen] == [BAD]
    assert held(stale).spent
    assert held(stale).access == Secret(BAD)


# Signals, and processes that die.


def under_way(program: Program) -> bool:
    """Whether somebody holds the lock of a grant, or held one."""
    return any(path.read_bytes() for path in program.store.parent.glob("*.grant-*.lock"))


ROUTED = "from aura_intelligence import open_router as r; r().run(None, lambda access: access)"


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "aura_intelligence", "models", "auth", "refresh", "--force"],
        ["-m", "aura_intelligence", "models", "ask", "hello"],
        ["-c", ROUTED],
    ],
    ids=["refresh", "ask", "router"],
)
def test_ctrl_c_during_a_refresh_waits_until_its_answer_is_stored(
    own: Program, site: Issuer, server: ScriptedServer, command: list[str]
) -> None:
    due(own, site, server)
    before, site.delay = held(own), 0.4
    environ = {**own.environment(), "PYTHONPATH": str(REPOSITORY)}
    whole = [sys.executable, *command]
    with subprocess.Popen(whole, env=environ, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 20
        while not under_way(own):
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    # A program that does not catch it ends by the signal, with a traceback of its own.
    is_ours = command[-1] != ROUTED
    assert process.returncode == (130 if is_ours else -signal.SIGINT)
    assert ("Traceback" in err) != is_ours
    assert (site.refreshes, server.seen) == (1, [])
    assert held(own).access != before.access
    assert site.is_good(access_of(own))


@pytest.mark.parametrize("numbers", [[signal.SIGINT, signal.SIGINT], [signal.SIGTERM]])
def test_nothing_that_ends_a_program_loses_a_grant(
    own: Program, site: Issuer, server: ScriptedServer, numbers: list[signal.Signals]
) -> None:
    due(own, site, server)
    before, site.delay = held(own), 0.8
    with own.start("models auth refresh --force") as process:
        until = time.monotonic() + 20
        while not under_way(own):
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(0.2)
        for number in numbers:
            process.send_signal(number)
            time.sleep(0.1)
        process.communicate(timeout=20)
    assert process.returncode == (130 if signal.SIGINT in numbers else -signal.SIGTERM)
    assert (site.refreshes, held(own).access != before.access) == (1, True)


def test_a_grant_of_a_provider_nobody_knows_is_told(own: Program) -> None:
    with closing(sqlite3.connect(own.store)) as store, store:
        store.execute("DELETE FROM user_providers")
    ran = own(f"models auth refresh {ID}")
    assert ran.code == 1
    assert "no provider own" in ran.err or "unknown provider own" in ran.err


WORKER = """
import sys
from entrypoints.main import run
print("ready", flush=True)
sys.stdin.readline()
sys.exit(run(["models", "auth", "refresh", "own:a", "--force"]))
"""


def killed_refreshes(own: Program, site: Issuer, server: ScriptedServer, rounds: int) -> list[str]:
    """What each grant came to whose refresh was killed at some moment of it."""
    chance, site.delay, found = random.Random(rounds), 0.02, []
    for _ in range(rounds):
        put(own, granted(site), server.url)
        with subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=own.environment(),
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.stdin.write("\n")
            process.stdin.flush()
            time.sleep(chance.random() * 0.25)
            process.kill()
        token = held(own)
        assert token.access.reveal()
        assert _refresh(token)
        found.append(came_to(own, site))
        with closing(sqlite3.connect(own.store)) as store:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return found


def came_to(own: Program, site: Issuer) -> str:
    ran = own("models auth refresh own:a --force --json")
    (profile,) = ran.document["profiles"]
    if profile["refresh"] == "needs login":
        assert (ran.code, held(own).spent) == (1, True)
    else:
        assert (ran.code, profile["refresh"]) == (0, "refreshed")
        assert site.is_good(access_of(own))
    found: str = profile["refresh"]
    return found


def test_a_refresh_that_is_killed_leaves_a_grant_or_says_that_a_login_is_needed(
    own: Program, site: Issuer, server: ScriptedServer
) -> None:
    killed_refreshes(own, site, server, 5)


@pytest.mark.soak
def test_twenty_refreshes_that_are_killed(
    own: Program, site: Issuer, server: ScriptedServer
) -> None:
    assert "refreshed" in killed_refreshes(own, site, server, 20)
