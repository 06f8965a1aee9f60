"""What every test may use: a home of its own, the program, a provider that follows a script."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from adapters.memory import MemoryStore
from tests import databases
from tests.choice import OVER_POSTGRES, STORES, leave_the_long_ones
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_the_long_ones(items, config.getoption("store"))


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
