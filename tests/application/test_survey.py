"""The one look around."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.memory import MemoryStore
from adapters.providers.table import BY_ID
from adapters.registry import EntryPointRegistry
from application.survey import Survey
from domain.routing.state import State, Stored
from tests.application.fakes import LostKey, stored
from tests.domain.values import GATEWAY, NOW, record, refusal

KEY = "sk-canary-0123456789"


@dataclass(slots=True)
class Holding(MemoryStore):
    """A store that was read before: it gives back `held`."""

    held: Stored = field(default_factory=Stored)

    def read(self) -> Stored:
        return self.held


def look(
    store: MemoryStore, environ: dict[str, str] | None = None, why: str | None = None
) -> State:
    return Survey(store, EntryPointRegistry(), LostKey(why), environ or {})()


def test_an_empty_store_and_environment_show_the_built_in_providers_alone() -> None:
    found = look(MemoryStore())
    assert dict(found.providers) == BY_ID
    assert (found.profiles, found.environment, found.key_problem) == ((), (), None)


def test_ones_own_providers_stand_beside_the_built_in_and_their_variables_count() -> None:
    store = MemoryStore()
    store.update(lambda s: s._replace(providers=(GATEWAY,)), NOW)
    stored(store, "gate:a", GATEWAY, KEY)
    found = look(store, {"GATE_API_KEY": KEY, "OPENAI_API_KEY": KEY})
    assert set(found.providers) == {*BY_ID, "gate"}
    assert [p.id for p in found.profiles] == ["gate:a"]
    assert [e.id for e in found.environment] == [
        "openai:env:OPENAI_API_KEY",
        "gate:env:GATE_API_KEY",
    ]


@pytest.mark.parametrize(
    ("vault_id", "why", "fingerprint"),
    [
        (None, None, None),
        ("vault", None, LostKey().fingerprint("vault")(KEY)),
        ("vault", "key_missing", None),
        ("vault", "wrong_key", None),
    ],
)
def test_variables_have_a_fingerprint_only_where_the_stores_key_is_there(
    vault_id: str | None, why: str | None, fingerprint: str | None
) -> None:
    found = look(Holding(held=Stored(vault_id=vault_id)), {"OPENAI_API_KEY": KEY}, why)
    assert found.environment[0].fingerprint == fingerprint
    assert (found.key_problem.type if found.key_problem else None) == (why if vault_id else None)


def test_of_each_credential_the_newest_record_counts_and_its_whole_trail() -> None:
    refused = refusal(id=1)
    unclear = record(id=2, outcome="network", credential="unknown")
    other = record("groq:a", id=3)
    held = Stored(heads=(refused, unclear, other), trail=(unclear,), last_used={"groq:a": 5})
    found = look(Holding(held=held))
    assert {id: head.id for id, head in found.heads.items()} == {"openai:default": 2, "groq:a": 3}
    assert found.trail == {"openai:default": [refused, unclear], "groq:a": [other]}
    assert found.last_used == {"groq:a": 5}


def test_looking_changes_nothing_and_says_no_secret() -> None:
    store = MemoryStore()
    stored(store, "openai:a", BY_ID["openai"], KEY)
    before = store.read()
    found: Any = look(store, {"GROQ_API_KEY": KEY})
    assert store.read() == before
    assert KEY not in repr(found)
