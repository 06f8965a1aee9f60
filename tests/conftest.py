"""What every test may use: a home of its own, the program, a provider that follows a script."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from adapters.memory import MemoryStore
from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer, scripted_server

# Properties are about values, not about how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_configure() -> None:
    """A run in the background ignores signals, and what ignores them hands that on: no test could
    interrupt a program then. What is handled, if only by nothing, is not handed on.
    """
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a third of the time is spent waiting for other processes."""
    return (os.cpu_count() or 1) + 1


STORES = ["sqlite", "memory"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that wants every `back_end` runs once for each."""
    if "back_end" in metafunc.fixturenames:
        on_disk = metafunc.definition.get_closest_marker("on_disk") is not None
        metafunc.parametrize("back_end", ["sqlite"] if on_disk else STORES, indirect=True)


@pytest.fixture
def back_end(request: pytest.FixtureRequest) -> str:
    """Which store `cli` has: a module that marks itself `usefixtures("back_end")` runs over all."""
    return str(request.param)


@pytest.fixture
def cli(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """The program with an empty home and an empty environment."""
    swapped = "back_end" in request.fixturenames
    is_memory = swapped and request.getfixturevalue("back_end") == "memory"
    return Program(tmp_path / "home", memory=MemoryStore() if is_memory else None)


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
