"""Every contract suite runs over each store there is."""

from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.memory import MemoryStore
from application.ports.reading import JournalReader, StateReader
from application.ports.store import ProbeJournal, ProfileStore, SelectionStore, Store
from tests.adapters.homes import Home


class Ports(NamedTuple):
    """The ports of one store."""

    reader: StateReader
    journal_reader: JournalReader
    profiles: ProfileStore
    selection: SelectionStore
    journal: ProbeJournal


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Ports:
    made: Store = MemoryStore() if request.param == "memory" else Home(tmp_path).made
    return Ports(made.reader, made.journal_reader, made.profiles, made.selections, made.journal)
