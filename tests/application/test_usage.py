"""Asking how much is left: every credential once, at once, and no failure spoils another."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from adapters.memory import MemoryStore
from adapters.providers.table import BY_ID
from application.limits import UsageAsker, askable
from application.ports.network import Request
from domain.answers.usage import Snapshot
from domain.credentials.credential import BearerToken
from domain.credentials.environment import environment_credentials
from domain.credentials.secret import Secret
from domain.errors import WireFailure
from domain.journal.records import HistoryQuery
from domain.routing.state import State
from tests.application.fakes import (
    Answer,
    PartlyDamaged,
    ScriptedWire,
    answer,
    caller,
    key_in,
    stored,
)
from tests.domain.values import NOW

OPENROUTER, ANTHROPIC = BY_ID["openrouter"], BY_ID["anthropic"]
HALF = answer(200, {"data": {"limit": 10, "limit_remaining": 5}})


def key(number: int) -> str:
    return f"sk-or-{number:010}"


@dataclass
class Bench:
    """Credentials in a store and in the environment, and a network that follows a script."""

    store: MemoryStore = field(default_factory=MemoryStore)
    wire: ScriptedWire = field(default_factory=lambda: ScriptedWire(lambda _: HALF))
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        told = self.store.read()
        return State(
            selection=told.selection,
            providers=BY_ID,
            profiles=told.profiles,
            environment=environment_credentials(BY_ID.values(), self.environ, lambda _: None),
        )

    def asked(self, concurrency: int = 4) -> Mapping[str, Snapshot]:
        asker = UsageAsker(caller(self.store, self.wire, self.environ))
        return asyncio.run(asker.run(askable(self.state), concurrency))


def bench(count: int = 1, **given: object) -> Bench:
    made = Bench(**given)  # type: ignore[arg-type]  # fields by name
    for number in range(count):
        stored(made.store, f"openrouter:{number}", OPENROUTER, key(number))
    return made


def test_each_credential_is_asked_once_and_nothing_is_stored() -> None:
    made = bench(7)
    made.environ["OPENROUTER_API_KEY"] = "sk-or-of-the-environment"
    found = made.asked()
    assert sorted(made.wire.keys) == sorted([*map(key, range(7)), "sk-or-of-the-environment"])
    assert [w.used for s in found.values() for w in s.windows] == [0.5] * 8
    assert {s.source for s in found.values()} == {"endpoint"}
    assert made.store.search(HistoryQuery()).records == ()


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_than_wished_are_under_way_at_once(concurrency: int) -> None:
    made = bench(9)
    made.asked(concurrency)
    assert made.wire.most_at_once == concurrency


def test_a_key_is_not_asked_about_a_subscription_and_strangers_are_not_asked() -> None:
    made = Bench()
    stored(made.store, "anthropic:key", ANTHROPIC, "sk-ant-api03-0001")
    token = BearerToken(Secret("sk-ant-oat01-0001"))
    stored(made.store, "anthropic:token", ANTHROPIC, "-", credential=token, scheme="bearer")
    stored(made.store, "groq:key", BY_ID["groq"], "gsk_000000001")
    own = OPENROUTER._replace(id="mine", source="user", usage=None)
    stored(made.store, "mine:key", own, "sk-or-mine-000001")
    assert [target.credential_id for target in askable(made.state)] == ["anthropic:token"]


def test_a_failure_is_a_reason_and_spoils_no_other() -> None:
    failures: dict[str, Answer] = {
        key(1): WireFailure("timeout", "no whole answer in time"),
        key(2): WireFailure("refused", "nothing listens there"),
        key(3): answer(500, {}),
    }

    def script(request: Request) -> Answer:
        return failures.get(key_in(request), HALF)

    store = PartlyDamaged(damaged=("openrouter:4",))
    found = bench(5, store=store, wire=ScriptedWire(script)).asked()
    assert {id: told.problem for id, told in found.items()} == {
        "openrouter:0": None,
        "openrouter:1": "timeout",
        "openrouter:2": "network (refused)",
        "openrouter:3": "provider_error (HTTP 500)",
        "openrouter:4": "record_damaged: nothing was sent",
    }


def test_a_credential_of_an_address_its_provider_left_is_not_sent() -> None:
    made = Bench()
    stored(made.store, "openrouter:old", OPENROUTER, key(0), base_url="https://old.test/v1")
    (told,) = made.asked().values()
    assert (told.windows, told.problem) == ((), "endpoint_moved: nothing was sent")
    assert made.wire.sent == []


def test_a_credential_with_an_address_of_its_own_is_sent_there() -> None:
    made = Bench()
    place = "https://gateway.test/v1"
    stored(made.store, "openrouter:g", OPENROUTER, key(0), base_url=place, custom_base_url=True)
    made.asked()
    assert [request.url for request in made.wire.sent] == [f"{place}/key"]


def test_no_credential_no_request() -> None:
    made = Bench()
    assert made.asked() == {}
    assert made.wire.sent == []


def test_what_is_told_is_told_now() -> None:
    (told,) = bench().asked().values()
    assert told.at == NOW
