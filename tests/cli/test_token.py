"""`models auth token`: one fresh token for another program, one record for each that is given."""

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, redirect_stderr, redirect_stdout

import pytest

from domain.credentials.credential import ApiKey
from domain.credentials.secret import Secret
from domain.instants import HOUR, MINUTE
from entrypoints import hot
from entrypoints.start import CYCLOPTS_ONLY
from tests.adapters.homes import REPOSITORY
from tests.cli.grants import ID, access_of, end, granted, has_own, held, now, put
from tests.cli.issuers import BROKEN, Issuer, error, issuer
from tests.cli.program import Program, Ran
from tests.cli.servers import GOOD
from tests.cli.terminals import at_terminal

TOKEN = "models auth token own:a"


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def own(cli: Program, site: Issuer) -> Program:
    """The provider `own`, and one grant, which is good for an hour."""
    has_own(cli, site, site.api)
    put(cli, granted(site), site.api)
    return cli


def records(program: Program) -> list[tuple[str, str, int | None]]:
    """Oldest first."""
    found = program("models history --json").document["records"]
    return [(r["kind"], r["profileId"], r["outcome"]) for r in reversed(found)]


def by_hot_lane(program: Program, words: str, at: Callable[[], int] = now) -> Ran | None:
    """What the hot lane answers; None where it leaves that to the whole program, in silence."""
    out, err, umask = io.StringIO(), io.StringIO(), os.umask(0o022)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = hot.run(words.split(), program.environment(), at)
    finally:
        os.umask(umask)
    if code is None:
        assert out.getvalue() + err.getvalue() == ""
        return None
    return Ran(code, out.getvalue(), err.getvalue())


def refusal(program: Program, words: str, by: int = 1) -> str:
    ran = program(words)
    assert (ran.code, ran.out) == (by, ""), ran
    assert by_hot_lane(program, words) is None
    return ran.err


def test_a_token_and_nothing_else_is_written(own: Program, site: Issuer) -> None:
    assert own(TOKEN) == Ran(0, f"{access_of(own)}\n", "")
    assert site.requests == []


def test_in_json_it_says_where_it_goes_and_how_long_it_is_good(own: Program, site: Issuer) -> None:
    found = own(f"{TOKEN} --json").document
    assert {name: found[name] for name in found if name != "expiresAtIso"} == {
        "schemaVersion": 1,
        "token": access_of(own),
        "profileId": ID,
        "provider": "own",
        "baseUrl": site.api,
        "expiresAt": held(own).expires_at,
    }
    assert found["expiresAtIso"].endswith("Z")


def test_the_same_again_within_the_hour_is_one_record(own: Program, site: Issuer) -> None:
    for _ in range(3):
        own.must(TOKEN)
        own.must("models auth token own")
    assert records(own) == [("handout", ID, None)]
    own.must("models auth refresh --force")
    own.must(TOKEN)
    own.must(TOKEN)
    assert records(own) == [("handout", ID, None)] * 2


def test_after_an_hour_it_is_written_down_again(own: Program) -> None:
    own.must(TOKEN)
    with closing(sqlite3.connect(own.store)) as store, store:
        store.execute("UPDATE probe_records SET started_at = started_at - 3600001")
    assert by_hot_lane(own, TOKEN) is None
    own.must(TOKEN)
    assert len(records(own)) == 2


def test_a_record_of_something_else_is_none_of_a_handout(own: Program) -> None:
    own("models status --probe")
    own.must(TOKEN)
    with closing(sqlite3.connect(own.store)) as store, store:
        store.execute("UPDATE probe_records SET kind = 'login' WHERE kind = 'handout'")
    assert by_hot_lane(own, TOKEN) is None
    own.must(TOKEN)
    assert [kind for kind, _, _ in records(own)] == ["probe", "login", "handout"]


@pytest.mark.parametrize(("ends", "refreshes"), [(11 * MINUTE, 0), (9 * MINUTE, 1), (-HOUR, 1)])
def test_it_is_good_for_ten_minutes_at_least(
    own: Program, site: Issuer, ends: int, refreshes: int
) -> None:
    put(own, granted(site, ends), site.api)
    assert own.must(TOKEN).out == f"{access_of(own)}\n"
    assert site.refreshes == refreshes
    assert site.is_good(access_of(own))


def test_or_for_as_long_as_is_wished_for(own: Program, site: Issuer) -> None:
    put(own, granted(site, 40 * MINUTE), site.api)
    own.must(f"{TOKEN} --min-ttl 30m")
    own.must(f"{TOKEN} --min-ttl 1s")
    assert site.refreshes == 0
    own.must(f"{TOKEN} --min-ttl 50m")
    assert site.refreshes == 1
    assert refusal(own, f"{TOKEN} --min-ttl 0s", 64)


def test_what_never_lives_so_long_is_given_for_all_but_a_tenth_of_its_life(
    own: Program, site: Issuer
) -> None:
    site.expires_in = 300
    own.must("models auth refresh --force")
    ends = held(own).expires_at or 0
    for before, refreshes in ((299_000, 1), (31_000, 1), (29_000, 2)):
        moment = ends - before
        lane = by_hot_lane(own, TOKEN, lambda at=moment: at)  # type: ignore[misc]
        whole = _at(own, TOKEN, moment)
        assert whole == Ran(0, f"{access_of(own)}\n", "")
        assert site.refreshes == refreshes
        # Once it was handed out, until it is to be refreshed.
        assert lane == (whole if before == 31_000 else None)


def _at(program: Program, words: str, at: int) -> Ran:
    """What the program answers at that moment."""
    from dependency_injector import providers

    from entrypoints.container import Container
    from entrypoints.main import run

    container = Container()
    container.environ.override(providers.Object(program.environment()))
    container.clock.override(providers.Object(lambda: at))
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(words.split(), container)
    return Ran(code, out.getvalue(), err.getvalue())


def test_what_cannot_be_refreshed_and_ends_too_soon_is_refused(own: Program, site: Issuer) -> None:
    own.must("models auth paste-token --provider own --profile-id t --expires-in 11m", stdin=GOOD)
    assert refusal(own, "models auth token own:t --min-ttl 1h") == (
        "aura_intelligence: own:t ends too soon, and could not be refreshed\n"
        "hint: aura_intelligence models auth login --provider own\n"
    )
    put(own, granted(site, 20 * MINUTE), site.api)
    site.answers("/token", BROKEN)
    assert refusal(own, f"{TOKEN} --min-ttl 30m") == (
        "aura_intelligence: own:a ends too soon, and could not be refreshed\n"
        "hint: aura_intelligence models auth refresh own:a --force\n"
    )
    assert records(own) == []


@pytest.mark.parametrize("lacking", [{"spent": True}, {"refresh": None}, {"client": None}])
def test_what_is_over_and_cannot_be_refreshed_needs_a_login(
    own: Program, site: Issuer, lacking: dict[str, object]
) -> None:
    put(own, granted(site, -MINUTE, **lacking), site.api)
    told = refusal(own, TOKEN)
    assert told == (
        "aura_intelligence: own:a needs a new sign-in\n"
        "hint: aura_intelligence models auth login --provider own\n"
    )
    put(own, granted(site, 5 * MINUTE, **lacking), site.api)
    assert "ends too soon" in refusal(own, TOKEN)
    own.must(f"{TOKEN} --min-ttl 4m")
    assert site.requests == []


def test_a_refused_refresh_token_and_a_server_in_trouble(own: Program, site: Issuer) -> None:
    put(own, granted(site, -MINUTE), site.api)
    site.answers("/token", BROKEN)
    assert "own:a could not be refreshed: " in refusal(own, TOKEN, 69)
    site.answers("/token", error(400, "invalid_grant"))
    assert "own:a needs a new sign-in" in refusal(own, TOKEN)
    assert records(own) == []


def test_a_provider_means_the_credential_that_is_used_now(own: Program, site: Issuer) -> None:
    put(own, granted(site), site.api, "own:b")
    put(own, ApiKey(Secret(GOOD)), site.api, "own:key")
    assert own.must("models auth token own:key").out == f"{GOOD}\n"
    own.must("models auth order set --provider own own:b own:a")
    assert own.must("models auth token own").out == f"{access_of(own, 'own:b')}\n"
    assert own.must("models auth token own --json").document["profileId"] == "own:b"


def test_a_variable_has_an_id_too(cli: Program) -> None:
    cli.environ["OPENAI_API_KEY"] = GOOD
    name = "models auth token openai:env:OPENAI_API_KEY"
    for _ in range(2):
        assert cli.must(name).out == f"{GOOD}\n"
        assert cli.must("models auth token openai").out == f"{GOOD}\n"
    found = cli.must(f"{name} --json").document
    assert (found["token"], found["provider"], found["expiresAt"]) == (GOOD, "openai", None)
    assert records(cli) == [("handout", "openai:env:OPENAI_API_KEY", None)]


def test_what_is_not_there(own: Program) -> None:
    assert "own:a" in refusal(own, "models auth token own:aa")
    assert "auth login --provider groq" in refusal(own, "models auth token groq")
    # It may be a secret that was pasted.
    assert GOOD not in refusal(own, f"models auth token {GOOD}")


def test_a_terminal_shows_it_only_where_that_is_said(own: Program) -> None:
    own.must(TOKEN)
    for program in (own, Program(own.home, {CYCLOPTS_ONLY: "1"})):
        with at_terminal(program, TOKEN) as terminal:
            assert terminal.finish() == 1
            assert "a token is not shown at a terminal" in terminal.shown
            assert access_of(own) not in terminal.shown
    with at_terminal(own, f"{TOKEN} --reveal", columns=20) as terminal:
        assert terminal.finish() == 0
        assert access_of(own) in terminal.shown


# The hot lane.


def test_it_answers_from_the_second_time_on_as_the_whole_program_does(own: Program) -> None:
    assert by_hot_lane(own, TOKEN) is None
    own.must(TOKEN)
    files = own.files()
    for words in (TOKEN, f"{TOKEN} --json"):
        answered = by_hot_lane(own, words)
        assert answered is not None
        assert answered == own(words)
    assert own.files() == files
    whole = Program(own.home, {CYCLOPTS_ONLY: "1"})
    assert own.process(TOKEN) == whole.process(TOKEN)


def test_a_built_in_provider_too(cli: Program) -> None:
    cli.must("models auth add --provider openai --stdin --no-verify", stdin=GOOD)
    words = "models auth token openai:default"
    assert by_hot_lane(cli, words) is None
    assert cli.must(words) == by_hot_lane(cli, words) == Ran(0, f"{GOOD}\n", "")


def test_a_provider_with_one_credential_is_served_by_its_name(own: Program, site: Issuer) -> None:
    whole = own.must("models auth token own")
    assert by_hot_lane(own, "models auth token own") == whole
    own.must("models auth add --provider own --profile-id own:b --stdin --no-verify", stdin=GOOD)
    assert by_hot_lane(own, "models auth token own") is None


def test_a_variable_of_the_provider_leaves_its_name_to_the_whole_program(cli: Program) -> None:
    cli.must("models auth add --provider groq --stdin --no-verify", stdin=GOOD)
    whole = cli.must("models auth token groq")
    assert by_hot_lane(cli, "models auth token groq") == whole
    cli.environ["GROQ_API_KEY"] = GOOD
    assert by_hot_lane(cli, "models auth token groq") is None
    assert by_hot_lane(cli, "models auth token groq:default") == whole


def test_it_leaves_to_the_whole_program_what_may_need_more(own: Program, site: Issuer) -> None:
    own.must(TOKEN)
    ends = held(own).expires_at or 0
    assert by_hot_lane(own, TOKEN, lambda: ends - 10 * MINUTE)
    assert by_hot_lane(own, TOKEN, lambda: ends - 10 * MINUTE + 1) is None
    assert by_hot_lane(own, TOKEN, lambda: now() + HOUR) is None
    for words in ("nope", "own:b", "own:a --min-ttl 1m", "own:a --reveal", "--json own:a"):
        assert by_hot_lane(own, f"models auth token {words}") is None
    own.must("models auth refresh --force")
    assert by_hot_lane(own, TOKEN) is None
    own.must(TOKEN)
    assert by_hot_lane(own, TOKEN)
    own.must("models providers set own --base-url https://moved.example/v1 --yes")
    assert by_hot_lane(own, TOKEN) is None or own(TOKEN).code == 0


@pytest.mark.parametrize(
    ("statement", "type"),
    [
        ("UPDATE user_providers SET base_url = 'https://evil.example/v1'", "provider_tampered"),
        ("UPDATE user_providers SET label = 'x'", None),
        ("UPDATE profiles SET base_url = 'https://evil.example/v1'", "record_damaged"),
        ("UPDATE profiles SET expires_at = expires_at + 1", "record_damaged"),
        ("UPDATE profiles SET fingerprint = 'feedbeef'", "record_damaged"),
        ("UPDATE profiles SET sealed = zeroblob(400)", "record_damaged"),
        (
            "UPDATE selection SET document = replace(document, 'own/ok', 'own/no')",
            "selection_tampered",
        ),
        ("UPDATE vault SET wrapped_data_key = zeroblob(60)", None),
        ("DELETE FROM user_providers", None),
    ],
)
def test_it_answers_nothing_that_the_whole_program_would_not(
    own: Program, statement: str, type: str | None
) -> None:
    own.must(TOKEN)
    access = access_of(own)
    assert by_hot_lane(own, TOKEN) == Ran(0, f"{access}\n", "")
    with closing(sqlite3.connect(own.store)) as store, store:
        store.execute(statement)
    lane, whole = by_hot_lane(own, TOKEN), own(f"{TOKEN} --json")
    if type is not None:
        assert whole.error["type"] == type
    if whole.code:
        assert lane is None
        assert access not in whole.text
    else:
        assert lane in (None, Ran(0, f"{access}\n", ""))


def test_a_token_that_ends_is_not_served_to_its_end(own: Program) -> None:
    own.must("models auth paste-token --provider own --profile-id t --expires-in 11m", stdin=GOOD)
    words = "models auth token own:t"
    assert own.must(words) == by_hot_lane(own, words)
    for later in (2 * MINUTE, 20 * MINUTE):
        at = now() + later
        assert by_hot_lane(own, words, lambda at=at: at) is None  # type: ignore[misc]
        assert _at(own, words, at).code == 1


# Processes.

WORKER = """
import os, sys
from entrypoints import hot
from entrypoints.main import run
words = ["models", "auth", "token", "own:a"]
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        code = hot.run(words, os.environ)
        code = run(words) if code is None else code
        if code:
            print("failed", code)
    print("done", flush=True)
"""


def rounds_of(
    own: Program,
    site: Issuer,
    processes: int,
    tokens: int,
    rounds: int,
    elsewhere: Program | None = None,
) -> None:
    """In each round the grant has ended, and every process wants so many tokens, all at once; every
    second one from `elsewhere`, if that is given.
    """
    with ExitStack() as stack:
        homes = [own, elsewhere or own]
        workers = [_worker(homes[number % 2]) for number in range(processes)]
        for worker in workers:
            stack.enter_context(worker)
            stack.callback(worker.kill)
        for worker in workers:
            assert _line(worker) == "ready"
        for _ in range(rounds):
            end(own)
            before = site.refreshes
            for worker in workers:
                assert worker.stdin is not None
                worker.stdin.write(f"{tokens}\n")
                worker.stdin.flush()
            given = [[_line(worker) for _ in range(tokens + 1)] for worker in workers]
            assert given == [[access_of(own)] * tokens + ["done"]] * processes
            assert (site.refreshes - before, site.reuses) == (1, 0)


def _worker(own: Program) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env=own.environment(),
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(worker: "subprocess.Popen[str]") -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().rstrip("\n")


def test_processes_refresh_once_a_round(own: Program, site: Issuer) -> None:
    rounds_of(own, site, processes=6, tokens=5, rounds=3)


@pytest.mark.soak
def test_fifty_processes_refresh_once_a_round(own: Program, site: Issuer) -> None:
    began = time.monotonic()
    rounds_of(own, site, processes=50, tokens=20, rounds=5)
    print(f"{site.refreshes} refreshes, {site.reuses} reuses, {time.monotonic() - began:.1f} s")


@pytest.fixture
def on_a_team(cli: Program, site: Issuer, database: str) -> tuple[Program, Program]:
    """Two homes, as of two machines, with one store and its key; and the grant of `own` in it."""
    cli.environ["AURA_INTELLIGENCE_DATABASE_URL"] = database
    has_own(cli, site, site.api)
    put(cli, granted(site), site.api)
    there = cli.home.with_name("elsewhere")
    shutil.copytree(cli.home / "config", there / "config")
    return cli, Program(there, dict(cli.environ))


@pytest.mark.soak
def test_fifty_processes_of_two_machines_refresh_once_a_round(
    on_a_team: tuple[Program, Program], site: Issuer
) -> None:
    began = time.monotonic()
    rounds_of(on_a_team[0], site, processes=50, tokens=4, rounds=5, elsewhere=on_a_team[1])
    print(f"{site.refreshes} refreshes, {site.reuses} reuses, {time.monotonic() - began:.1f} s")


@pytest.mark.parametrize("name", [hot.WORD, "\udcff", "own:\udced", "Ж", "own:ж"])
def test_a_name_that_is_no_text_is_left_to_the_whole_program(own: Program, name: str) -> None:
    own.must(TOKEN)
    assert hot.run(["models", "auth", "token", name], own.environment()) is None


def test_a_store_whose_own_name_was_changed_is_left_to_the_whole_program(own: Program) -> None:
    own.must(TOKEN)
    with closing(sqlite3.connect(own.store)) as store, store:
        store.execute("UPDATE vault SET vault_id = '../../x'")
    assert by_hot_lane(own, TOKEN) is None
    assert own(TOKEN).code == 69
