"""Every contract suite runs over each store there is."""

from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.memory import MemoryStore
from application.ports.store import ProbeJournal, ProfileStore, SelectionStore, StateReader
from tests.adapters.homes import Home


class Ports(NamedTuple):
    """The four ports of one store."""

    reader: StateReader
    profiles: ProfileStore
    selection: SelectionStore
    journal: ProbeJournal


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Ports:
    if request.param == "memory":
        memory = MemoryStore()
        return Ports(memory, memory, memory, memory)
    home = Home(tmp_path)
    return Ports(home.reader, home.profiles, home.selection, home.journal)
