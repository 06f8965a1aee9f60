"""What every test may use: a home of its own, the program, a provider that follows a script."""

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from adapters.memory import MemoryStore
from tests import databases
from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer, scripted_server

# Properties are about values, not about how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


FOLDER = pytest.StashKey[Path]()
"""Where the PostgreSQL of this run is, or will be as soon as a test wants it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=STORES,
        help="run what runs over every store over this one alone: all of it, soak or not",
    )


def pytest_configure(config: pytest.Config) -> None:
    """A run in the background ignores signals, and what ignores them hands that on: no test could
    interrupt a program then. What is handled, if only by nothing, is not handed on.
    """
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    given = getattr(config, "workerinput", {}).get("postgres")
    # Not in the folders of the tests: as root another user has to get there. Short, for a socket.
    config.stash[FOLDER] = Path(given or tempfile.mkdtemp(prefix="aura-pg-") + "/server")


def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        databases.ended(config.stash[FOLDER])
        config.stash[FOLDER].parent.rmdir()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a third of the time is spent waiting for other processes."""
    return (os.cpu_count() or 1) + 1


STORES = ["sqlite", "memory", "postgres"]
OVER_POSTGRES = frozenset({"tests.cli.test_selection", "tests.cli.test_changes"})
"""What runs over PostgreSQL by default as well, of its tests each fifth, as of the contracts; the
rest does in the long run, or by `--store`. The default run spends 20 s of a processor on it all.
"""
_LONG_OVER_POSTGRES = (
    "tests/contracts/test_pruning.py",
    "tests/contracts/test_history.py",
    "tests/contracts/test_locks.py::test_threads_",
)
SAMPLED = frozenset(
    f"test_{name}"
    for name in (
        "a_command_for_another_program_prints_the_token_alone",
        "a_label_is_shown",
        "a_lost_page_is_never_a_bug",
        "a_mark_and_a_colour_say_what_can_be_used",
        "a_pipe_or_a_file_is_read_and_nothing_else",
        "a_plug_in_that_fails_harms_no_other_target",
        "a_plug_in_that_is_not_right_is_named_and_not_enabled",
        "a_probe_says_what_the_provider_said",
        "a_program_that_cannot_be_run_has_a_code_of_its_own",
        "a_sign_in_that_is_not_right_is_not_enabled",
        "a_signal_goes_to_the_program",
        "a_write_that_finds_no_space_changes_nothing",
        "an_error_as_deep_as_can_just_be_read_is_an_error",
        "both_lanes_answer_the_same",
        "every_id_is_whole_and_nothing_is_wider_than_the_terminal",
        "history_holds_what_was_asked_for_newest_first",
        "it_answers_nothing_that_the_whole_program_would_not",
        "nothing_that_ends_a_program_loses_a_grant",
        "postgresql_has_the_same_views",
        "processes_refresh_once_a_round",
        "the_deadline_is_for_all_of_it",
        "the_exit_code_is_the_programs",
        "the_time_grows_with_the_text_alone",
        "two_processes_answer_the_same",
        "what_a_probe_met_is_the_reason_to_go_on_with_the_next",
        "what_a_provider_refuses_the_next_one_answers",
        "what_cannot_be_asked_is_refused",
        "what_may_go_has_to_be_said_in_words_that_mean_it",
        "whatever_comes_there_is_one_verdict",
        "where_one_refuses_the_next_one_answers",
        "who_ends_this_program_ends_the_other",
        "who_reads_waits_for_no_writer",
        "without_a_terminal_the_other_way_is_named_at_once",
    )
)
"""Tests whose cases differ in a word and take long: of three cases the default run takes the last
one, and the long one takes all. So it is of every test with many cases that needs a store, a server
or the program.
"""
_OF, _OF_POSTGRES, _MANY = 3, 5, 2
_SLOW = ("tests/cli/", "tests/adapters/", "tests/contracts/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    over_postgres = [item for item in items if "[postgres" in item.nodeid]
    for at, item in enumerate(over_postgres if config.getoption("store") is None else ()):
        if at % _OF_POSTGRES or item.nodeid.startswith(_LONG_OVER_POSTGRES):
            item.add_marker(pytest.mark.soak)
    short = [item for item in items if item.get_closest_marker("soak") is None]
    names = [item.nodeid.partition("[")[0] for item in short]
    cases, seen = Counter(names), Counter[str]()
    for item, name in zip(short, names, strict=True):
        is_many = name.startswith(_SLOW) and cases[name] > _MANY
        if is_many or name.rpartition("::")[2] in SAMPLED:
            seen[name] += 1
            if seen[name] % _OF:
                item.add_marker(pytest.mark.soak)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that wants every `back_end` runs once for each."""
    if "back_end" in metafunc.fixturenames:
        on_disk = metafunc.definition.get_closest_marker("on_disk") is not None
        wanted = metafunc.config.getoption("store")
        stores: list[Any] = [wanted] if wanted else [*STORES]
        if not wanted and metafunc.module.__name__ not in OVER_POSTGRES:
            stores[-1] = pytest.param(stores[-1], marks=pytest.mark.soak)
        metafunc.parametrize("back_end", ["sqlite"] if on_disk else stores, indirect=True)


@pytest.fixture
def back_end(request: pytest.FixtureRequest) -> str:
    """Which store `cli` has: a module that marks itself `usefixtures("back_end")` runs over all."""
    return str(request.param)


@pytest.fixture
def cli(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """The program with an empty home and an empty environment."""
    swapped = "back_end" in request.fixturenames
    store = request.getfixturevalue("back_end") if swapped else "sqlite"
    program = Program(tmp_path / "home", memory=MemoryStore() if store == "memory" else None)
    if store == "postgres":
        program.environ["AURA_INTELLIGENCE_DATABASE_URL"] = request.getfixturevalue("database")
    return program


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> databases.PostgresServer:
    """The server of this run: one for all workers."""
    return databases.running(request.config.stash[FOLDER])


@pytest.fixture
def database(postgres: databases.PostgresServer, worker_id: str) -> str:
    """The URL of a database in which nothing is."""
    return databases.empty(postgres, worker_id)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as script:
        yield script


@pytest.fixture
def gateway(cli: Program, server: ScriptedServer) -> Program:
    """The program with the scripted provider as `gate`, one good key, and a default model."""
    cli.must(["models", "providers", "add", "gate", "--base-url", server.url, "--dialect=openai"])
    cli.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    cli.must("models set gate/ok")
    return cli


@pytest.fixture
def chain(gateway: Program, server: ScriptedServer) -> Program:
    """`gate/ok`, then `spare/ok`, which the same server answers."""
    gateway.must(f"models providers add spare --base-url {server.url} --dialect openai")
    gateway.must("models auth add --provider spare --stdin --no-verify", stdin=GOOD)
    gateway.must("models fallbacks add spare/ok")
    return gateway
