"""Every contract suite runs over each store there is."""

from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.memory import MemoryStore
from application.ports.reading import JournalReader, StateReader
from application.ports.store import ProbeJournal, ProfileStore, SelectionStore, Store
from tests.adapters.homes import Home
from tests.choice import STORES


class Ports(NamedTuple):
    """The ports of one store."""

    reader: StateReader
    journal_reader: JournalReader
    profiles: ProfileStore
    selection: SelectionStore
    journal: ProbeJournal


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store in which nothing is."""
    if request.param == "memory":
        return MemoryStore()
    url = request.getfixturevalue("database") if request.param == "postgres" else None
    return Home(tmp_path / "home", url=url).store_made


@pytest.fixture
def store(kept: Store) -> Ports:
    made = kept
    return Ports(made.reader, made.journal_reader, made.profiles, made.selections, made.journal)
