"""Grants kept fresh, over a store in memory and a provider that follows a script."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import pytest

from adapters.machine.recorder import ThreadRecorder
from adapters.memory import MemoryStore
from adapters.providers.lists.asking import ModelLists
from adapters.providers.sign_in.oauth2 import OAuth2
from adapters.registry import EntryPointRegistry
from application.calling import Caller
from application.catalogue.keeping import ListKeeper
from application.grants.refreshing import DUE, Refresher
from application.opening import Identifier, Opener
from application.ports.network import Flow, Request
from application.ports.people import Aside, at_once
from application.ports.sign_in import Locks, SignsIn
from application.ports.store import Held
from application.probing import Prober, ProbeRun
from domain.credentials.credential import ApiKey, AuthProfile, Credential, OAuthToken, bearer_of
from domain.credentials.profile import ProfileSummary
from domain.credentials.secret import Secret
from domain.errors import (
    AuraError,
    GrantLost,
    NeedsLogin,
    NotFound,
    PluginFailed,
    RefreshFailed,
    SignInFailed,
    StoreBusy,
    StoreFull,
    StoreReadonly,
    Unavailable,
    WireFailure,
)
from domain.instants import HOUR, MINUTE
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.providers.client import Client
from domain.providers.row import Provider
from domain.routing.attempt import Attempt
from domain.routing.limits import ProbeLimits
from tests.application.fakes import (
    COMPLETION,
    NOBODY_ELSE,
    WRONG_KEY,
    Answer,
    Forgetful,
    LostKey,
    ScriptedWire,
    key_in,
)
from tests.domain.values import GATEWAY, LOCAL, NOW

C = TypeVar("C")
CLIENT = Client("mine", "https://id.example/token")
ROW = GATEWAY._replace(client=CLIENT, mac=b"memory")
SECRETS = {"mine": "secret-of-mine"}


def grant(name: str, ends: int | None = MINUTE, **given: Any) -> OAuthToken:
    """A grant that ends in `ends` ms; its tokens are `access-NAME` and `refresh-NAME`."""
    ends_at = None if ends is None else NOW + ends
    usual = OAuthToken(
        Secret(f"access-{name}"), Secret(f"refresh-{name}"), ends_at, CLIENT, "alice"
    )
    return replace(usual, **given)


Reply = Callable[[OAuthToken], OAuthToken | AuraError]


@dataclass
class Issuer(OAuth2):
    """Refreshes by `reply`; remembers which refresh tokens it was shown, and with what secret."""

    reply: Reply = lambda token: grant("new", HOUR)
    shown: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def refresh(self, client: Client, token: OAuthToken, secret: str, now: int) -> Flow[OAuthToken]:
        assert token.refresh is not None
        self.shown.append(token.refresh.reveal())
        self.secrets.append(secret)
        yield Request("POST", client.token_url)
        said = self.reply(token)
        if isinstance(said, AuraError):
            raise said
        return said


@dataclass
class Registry(EntryPointRegistry):
    """The built-in dialects, and one issuer for all, or none."""

    issuer: Issuer | None

    def __post_init__(self) -> None:
        super().__init__()

    def can(self, row: Provider, capability: type[C]) -> C | None:
        if capability is SignsIn:
            return cast("C | None", self.issuer)
        return super().can(row, capability)


@dataclass
class Gated(ScriptedWire):
    """Answers nothing before `open`; `busy` counts how many are asked at the same time."""

    bench: "Bench"

    def __post_init__(self) -> None:
        super().__init__()

    async def pause(self, request: Request) -> None:
        self.bench.busy += 1
        self.bench.most_busy = max(self.bench.most_busy, self.bench.busy)
        self.bench.arrived.set()
        try:
            await self.bench.open.wait()
            await super().pause(request)
        finally:
            self.bench.busy -= 1


@dataclass
class Bench:
    """A refresher and what it works with. Its provider answers at once unless `open` is cleared."""

    store: MemoryStore = field(default_factory=MemoryStore)
    issuer: Issuer = field(default_factory=Issuer)
    aside: Aside = at_once
    locks: Locks | None = None
    now: int = NOW
    busy: int = 0
    most_busy: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    made: Refresher = field(init=False)

    def __post_init__(self) -> None:
        self.open.set()
        self.store.selection = self.store.selection._replace(providers=(ROW,))
        self.made = Refresher(
            self.store,
            self.locks or self.store.locks,
            Registry(self.issuer),
            lambda: Gated(self),
            lambda client: SECRETS[client.client_id],
            NOBODY_ELSE,
            nullcontext,
            lambda: self.now,
            self.aside,
        )

    def put(self, credential: Credential, id: str = "gate:a", row: Provider = ROW) -> AuthProfile:
        """Stored an hour ago: what lives for minutes only is refreshed later."""
        profile = AuthProfile(id, row.id, "", row.base_url, row.scheme, credential)
        self.store.put(profile, NOW - HOUR)
        return profile

    def held(self, id: str = "gate:a") -> OAuthToken:
        token = self.store.get(id).credential
        assert isinstance(token, OAuthToken)
        return token

    def refresh(self, profile: AuthProfile, margin: int = DUE, force: bool = False) -> Held | None:
        return asyncio.run(self.made(ROW, profile, margin=margin, force=force))

    @property
    def revision(self) -> int:
        return self.store.current("gate:a").summary.revision


def failing(failure: AuraError) -> Bench:
    return Bench(issuer=Issuer(lambda _: failure))


def test_what_is_due_is_refreshed_and_stored_before_it_is_given() -> None:
    bench = Bench()
    held = bench.refresh(bench.put(grant("old")))
    assert held == bench.store.current("gate:a")
    assert bench.held() == grant("new", HOUR)
    assert (bench.revision, bench.issuer.shown) == (2, ["refresh-old"])
    assert bench.issuer.secrets == ["secret-of-mine"]


@pytest.mark.parametrize(
    ("ends", "margin", "is_due"),
    [
        (5 * MINUTE, DUE, True),
        (5 * MINUTE + 1, DUE, False),
        (-HOUR, DUE, True),
        (None, DUE, False),
        (HOUR, 2 * HOUR, True),
    ],
)
def test_five_minutes_before_its_end_it_is_due(ends: int | None, margin: int, is_due: bool) -> None:
    bench = Bench()
    profile = bench.put(grant("old", ends))
    assert (bench.refresh(profile, margin) is not None) == is_due
    assert len(bench.issuer.shown) == is_due


def test_a_key_is_never_refreshed() -> None:
    bench = Bench()
    assert bench.refresh(bench.put(ApiKey(Secret("key-number-1"))), force=True) is None
    assert bench.issuer.shown == []


def test_after_a_401_what_is_good_is_refreshed_too() -> None:
    bench = Bench()
    assert bench.refresh(bench.put(grant("old", HOUR)), force=True)
    assert bench.held() == grant("new", HOUR)


def test_many_at_the_same_time_are_one_refresh() -> None:
    bench = Bench()
    profile = bench.put(grant("old"))

    async def all() -> list[Held | None]:
        return await asyncio.gather(*(bench.made(ROW, profile, force=n > 4) for n in range(9)))

    assert asyncio.run(all()) == [bench.store.current("gate:a")] * 9
    assert bench.issuer.shown == ["refresh-old"]


def test_threads_with_loops_of_their_own_refresh_once() -> None:
    bench = Bench(issuer=Issuer(lambda _: grant("new", HOUR)))
    profile = bench.put(grant("old"))
    with ThreadPoolExecutor(4) as threads:
        # Each has its own events: only the lock is between them.
        made = [Bench(bench.store, bench.issuer) for _ in range(4)]
        held = [one.result() for one in [threads.submit(b.refresh, profile) for b in made]]
    assert held == [bench.store.current("gate:a")] * 4
    assert bench.issuer.shown == ["refresh-old"]


def together(bench: Bench, *profiles: AuthProfile) -> None:
    async def all() -> None:
        # One thread for all that is put aside: nobody may wait in it for a lock.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        async with asyncio.timeout(10):
            bench.open.clear()
            work = asyncio.gather(*(bench.made(ROW, profile) for profile in profiles))
            await asyncio.wait_for(bench.arrived.wait(), 10)
            await asyncio.sleep(0.05)
            bench.open.set()
            assert None not in await work

    asyncio.run(all())


@pytest.mark.parametrize("aside", [at_once, asyncio.to_thread])
def test_profiles_of_one_account_are_refreshed_one_after_the_other(aside: Aside) -> None:
    bench = Bench(issuer=Issuer(lambda old: replace(old, expires_at=NOW + HOUR)), aside=aside)
    together(bench, *(bench.put(grant(f"{n}"), f"gate:{n}") for n in range(8)))
    assert bench.most_busy == 1
    assert sorted(bench.issuer.shown) == [f"refresh-{n}" for n in range(8)]
    assert all(bench.held(f"gate:{n}").expires_at == NOW + HOUR for n in range(8))


def test_those_of_two_accounts_do_not_wait_for_each_other() -> None:
    bench = Bench()
    accounts = "alice", "bob", "", ""
    together(
        bench,
        *(bench.put(grant(f"{n}", account=a), f"gate:{n}") for n, a in enumerate(accounts)),
    )
    assert bench.most_busy == 4


@pytest.mark.parametrize("others", [0, 1])
def test_who_is_cancelled_waits_for_what_is_under_way_and_takes_it_from_nobody(others: int) -> None:
    bench = Bench()
    profile = bench.put(grant("old"))

    async def all() -> list[Held | None]:
        bench.open.clear()
        first = asyncio.create_task(bench.made(ROW, profile))
        rest = [asyncio.create_task(bench.made(ROW, profile)) for _ in range(others)]
        await asyncio.wait_for(bench.arrived.wait(), 10)
        for _ in range(3):
            first.cancel()
            await asyncio.sleep(0.01)
            assert not first.done()
        bench.open.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert bench.held() == grant("new", HOUR)
        return [await one for one in rest]

    assert asyncio.run(all()) == [bench.store.current("gate:a")] * others
    assert bench.issuer.shown == ["refresh-old"]


def test_a_failure_that_nobody_waits_for_any_more_is_not_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = failing(SignInFailed("no such client"))
    profile = bench.put(grant("old"))

    async def all() -> None:
        bench.open.clear()
        first = asyncio.create_task(bench.made(ROW, profile))
        await asyncio.wait_for(bench.arrived.wait(), 10)
        first.cancel()
        bench.open.set()
        with pytest.raises(asyncio.CancelledError):
            await first

    with caplog.at_level(logging.DEBUG, "asyncio"):
        asyncio.run(all())
        gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert bench.held() == grant("old")


@contextmanager
def another_process(bench: Bench, name: str) -> Iterator[threading.Event]:
    """Holds the lock of that name until the event is set."""
    has, over = threading.Event(), threading.Event()

    def hold() -> None:
        with bench.store.locks.held(name, 5):
            has.set()
            over.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert has.wait(5)
    try:
        yield over
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "newer",
    [
        grant("theirs", HOUR),
        grant("theirs", 2 * MINUTE),
        grant("old", HOUR),
        ApiKey(Secret("key-of-theirs")),
    ],
)
def test_what_another_process_stored_meanwhile_is_taken(newer: Credential, force: bool) -> None:
    bench = Bench()
    profile = bench.put(grant("old"))

    async def all(over: threading.Event) -> Held | None:
        waiting = asyncio.create_task(bench.made(ROW, profile, force=force))
        await asyncio.sleep(0.02)
        assert bench.issuer.shown == []
        bench.put(newer)
        over.set()
        return await waiting

    with another_process(bench, "gate:alice") as over:
        held = asyncio.run(all(over))
    assert held == bench.store.current("gate:a")
    assert held.profile.credential == newer
    assert bench.issuer.shown == []


def test_a_lock_is_of_the_account_and_of_the_profile_where_nobody_said_whose_it_is() -> None:
    bench = Bench()
    with another_process(bench, "gate:alice"), another_process(bench, "gate:gate:a"):
        assert bench.refresh(bench.put(grant("old", account="bob")))
    profile = bench.put(grant("old", account=""))
    with another_process(bench, "gate:gate:a") as over:
        threading.Timer(0.05, over.set).start()
        assert bench.refresh(profile)
        assert over.is_set()


def test_what_was_replaced_meanwhile_and_has_ended_too_is_what_is_refreshed() -> None:
    bench = Bench()
    known = bench.put(grant("old", -HOUR))
    bench.put(grant("later", -MINUTE))
    assert bench.refresh(known)
    assert bench.issuer.shown == ["refresh-later"]


def test_one_that_was_found_to_be_spent_meanwhile_is_not_taken_for_a_new_one() -> None:
    bench = Bench()
    known = bench.put(grant("old", HOUR))
    bench.put(grant("old", HOUR, spent=True))
    with pytest.raises(NeedsLogin):
        bench.refresh(known, force=True)
    assert bench.issuer.shown == []


def test_a_profile_that_is_gone_is_not_put_back() -> None:
    bench = Bench()
    profile = bench.put(grant("old"))

    def removed(_: OAuthToken) -> OAuthToken:
        bench.store.remove("gate:a", NOW)
        return grant("new", HOUR)

    bench.issuer.reply = removed
    with pytest.raises(NotFound):
        bench.refresh(profile)
    assert bench.store.read().profiles == ()
    with pytest.raises(NotFound):
        bench.refresh(profile)
    assert bench.issuer.shown == ["refresh-old"]


def test_of_two_who_write_the_first_wins() -> None:
    bench = Bench()
    profile = bench.put(grant("old"))

    def signed_in_meanwhile(_: OAuthToken) -> OAuthToken:
        bench.put(grant("theirs", HOUR))
        return grant("new", HOUR)

    bench.issuer.reply = signed_in_meanwhile
    held = bench.refresh(profile)
    assert bench.held() == grant("theirs", HOUR)
    assert held == bench.store.current("gate:a")


TROUBLE = [
    WireFailure("refused", "nobody listens there"),
    SignInFailed("id.example is in trouble (503)"),
    Unavailable("the file of the secret is not there"),
    PluginFailed("its code fails"),
]


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda trouble: trouble.type)
def test_trouble_changes_nothing_and_what_is_good_is_used(trouble: AuraError) -> None:
    bench = failing(trouble)
    profile = bench.put(grant("old"))
    assert bench.refresh(profile) is None
    with pytest.raises(RefreshFailed, match="gate:a could not be refreshed: "):
        bench.refresh(profile, force=True)
    bench.now += 2 * MINUTE
    with pytest.raises(RefreshFailed) as caught:
        bench.refresh(profile)
    assert str(trouble) in str(caught.value)
    assert (bench.held(), bench.revision) == (grant("old"), 1)


def test_a_secret_that_cannot_be_read_is_no_reason_not_to_use_what_is_good() -> None:
    bench = Bench()

    def unreadable(_: Client) -> str:
        raise Unavailable("the file of the secret is not there")

    made = replace(bench.made, secret_of=unreadable)
    profile = bench.put(grant("old"))
    assert asyncio.run(made(ROW, profile)) is None
    with pytest.raises(RefreshFailed, match="the file of the secret is not there"):
        asyncio.run(made(ROW, profile, force=True))
    assert bench.issuer.shown == []


def test_what_ended_while_it_was_waited_for_is_not_used() -> None:
    bench = Bench()

    def slow(_: OAuthToken) -> AuraError:
        bench.now += 2 * MINUTE
        return WireFailure("timeout", "no whole answer in time")

    bench.issuer.reply = slow
    with pytest.raises(RefreshFailed):
        bench.refresh(bench.put(grant("old", MINUTE)))


def test_a_refused_refresh_token_is_marked_nothing_is_blanked_and_it_is_not_shown_again() -> None:
    bench = failing(NeedsLogin("id.example takes it no longer: invalid_grant"))
    assert bench.refresh(bench.put(grant("old"))) is None
    spent = grant("old", spent=True)
    assert (bench.held(), bench.revision) == (spent, 2)
    assert not bench.store.current("gate:a").summary.refreshable
    profile = bench.store.get("gate:a")
    assert bench.refresh(profile) is None
    with pytest.raises(NeedsLogin, match="gate:a needs a new sign-in"):
        bench.refresh(profile, force=True)
    bench.now += 2 * MINUTE
    with pytest.raises(NeedsLogin) as caught:
        bench.refresh(profile)
    assert caught.value.hint == "aura_intelligence models auth login --provider gate"
    assert (bench.held(), bench.issuer.shown) == (spent, ["refresh-old"])


def test_a_refused_refresh_token_of_a_grant_that_has_ended_needs_a_login_at_once() -> None:
    bench = failing(NeedsLogin("invalid_grant"))
    with pytest.raises(NeedsLogin, match="gate:a needs a new sign-in: invalid_grant"):
        bench.refresh(bench.put(grant("old", -MINUTE)))
    assert bench.held() == grant("old", -MINUTE, spent=True)


def test_a_refused_refresh_token_that_somebody_used_meanwhile_is_no_reason() -> None:
    bench = Bench()

    def used_meanwhile(_: OAuthToken) -> AuraError:
        bench.put(grant("theirs", HOUR))
        return NeedsLogin("invalid_grant")

    bench.issuer.reply = used_meanwhile
    held = bench.refresh(bench.put(grant("old", -MINUTE)))
    assert held == bench.store.current("gate:a")
    assert bench.held() == grant("theirs", HOUR)


@dataclass(slots=True)
class Raced(MemoryStore):
    """Somebody signs in anew between the last look and the first replacing."""

    raced: bool = False

    def replace(self, profile: AuthProfile, if_revision: int, now: int) -> ProfileSummary:
        if not self.raced:
            self.raced = True
            MemoryStore.put(self, replace(profile, credential=grant("theirs", HOUR)), now)
        return MemoryStore.replace(self, profile, if_revision, now)


@pytest.mark.parametrize("reply", [grant("new", HOUR), NeedsLogin("invalid_grant")])
def test_a_race_that_is_lost_is_won_by_who_stored(reply: OAuthToken | AuraError) -> None:
    bench = Bench(Raced(), Issuer(lambda _: reply))
    held = bench.refresh(bench.put(grant("old", -MINUTE)))
    assert held == bench.store.current("gate:a")
    assert bench.held() == grant("theirs", HOUR)


def next_of(lacking: dict[str, Any]) -> str:
    return next(iter(lacking))


@pytest.mark.parametrize(
    "lacking", [{"client": None}, {"refresh": None}, {"spent": True}], ids=next_of
)
def test_what_cannot_be_refreshed_is_used_to_its_end(lacking: dict[str, Any]) -> None:
    bench = Bench()
    profile = bench.put(grant("old", **lacking))
    assert bench.refresh(profile) is None
    bench.now += MINUTE
    with pytest.raises(NeedsLogin):
        bench.refresh(profile)
    assert bench.issuer.shown == []


def test_a_provider_that_nobody_signs_in_at_any_more_changes_nothing() -> None:
    bench = Bench()
    profile = bench.put(grant("old"))
    made = replace(bench.made, registry=Registry(None))
    assert asyncio.run(made(ROW, profile)) is None
    with pytest.raises(RefreshFailed, match="nothing here refreshes the grants of gate"):
        asyncio.run(made(ROW, profile, force=True))
    assert (bench.held(), bench.revision) == (grant("old"), 1)


@dataclass(slots=True)
class Shut(MemoryStore):
    """A store that cannot be written, and says so before anything is sent."""

    def ensure_key(self, now: int) -> str:
        if self._profiles:
            raise StoreReadonly("it is read-only")
        return MemoryStore.ensure_key(self, now)


class Full(MemoryStore):
    def replace(self, profile: AuthProfile, if_revision: int, now: int) -> ProfileSummary:
        raise StoreFull("no space left")


class Busy(Locks):
    @contextmanager
    def held(self, name: str, patience: float) -> Iterator[None]:
        raise StoreBusy("another process has held the lock")
        yield


def test_an_answer_that_cannot_be_stored_is_not_used() -> None:
    bench = Bench(Full())
    bench.put(grant("old"))
    (opened,) = asyncio.run(opener(bench)([attempt(bench)]))
    assert isinstance(opened.access, GrantLost)
    assert "was refreshed, and what came cannot be stored: no space left" in str(opened.access)


def test_nothing_is_asked_where_the_answer_could_not_be_stored() -> None:
    bench = Bench(Shut())
    bench.put(grant("old", -MINUTE))
    (opened,) = asyncio.run(opener(bench)([attempt(bench)]))
    assert isinstance(opened.access, StoreReadonly)
    assert bench.issuer.shown == []


def test_a_good_grant_is_used_where_the_lock_is_not_got() -> None:
    bench = Bench(locks=Busy())
    assert bench.refresh(bench.put(grant("old", MINUTE))) is None
    assert bench.issuer.shown == []


def test_a_lock_that_is_not_got_is_told_and_nothing_is_asked() -> None:
    bench = Bench(locks=Busy())
    with pytest.raises(StoreBusy):
        bench.refresh(bench.put(grant("old", -MINUTE)))
    assert bench.issuer.shown == []


def opener(bench: Bench) -> Opener:
    return Opener(bench.store, bench.store, bench.made, {}, at_once)


def attempt(bench: Bench, id: str = "gate:a", row: Provider = ROW) -> Attempt:
    return Attempt(row, bench.store.current(id).summary, None)


def test_the_opener_gives_the_new_secret_and_says_whose_it_is() -> None:
    bench = Bench()
    bench.put(grant("old"))
    (opened,) = asyncio.run(opener(bench)([attempt(bench)]))
    assert not isinstance(opened.access, AuraError)
    assert opened.access.secret == Secret("access-new")
    assert opened.attempt.credential == bench.store.current("gate:a").summary
    bench.put(grant("good", HOUR))
    (opened,) = asyncio.run(opener(bench)([attempt(bench)]))
    assert not isinstance(opened.access, AuraError)
    assert opened.access.secret == Secret("access-good")
    assert len(bench.issuer.shown) == 1


def test_who_looked_before_another_process_refreshed_is_told_whose_the_new_secret_is() -> None:
    bench = Bench()
    bench.put(grant("old", -MINUTE))
    looked = attempt(bench)
    bench.put(grant("theirs", HOUR))
    (opened,) = asyncio.run(opener(bench)([looked]))
    assert not isinstance(opened.access, AuraError)
    assert opened.access.secret == Secret("access-theirs")
    assert opened.attempt.credential == bench.store.current("gate:a").summary
    assert bench.issuer.shown == []


def test_what_was_signed_in_for_another_address_meanwhile_goes_there_and_nowhere_else() -> None:
    bench = Bench()
    profile = bench.put(grant("old"))

    def signed_in_elsewhere(_: OAuthToken) -> OAuthToken:
        there = replace(profile, base_url="https://there.example/v1", custom_base_url=True)
        bench.store.put(replace(there, credential=grant("theirs", HOUR)), NOW)
        return grant("new", HOUR)

    bench.issuer.reply = signed_in_elsewhere
    (opened,) = asyncio.run(opener(bench)([attempt(bench)]))
    assert not isinstance(opened.access, AuraError)
    assert opened.access.secret == Secret("access-theirs")
    assert opened.access.base_url == opened.attempt.base_url == "https://there.example/v1"


def test_the_opener_refreshes_nothing_for_a_provider_nobody_signed() -> None:
    bench = Bench()
    bench.put(grant("old"))
    (opened,) = asyncio.run(opener(bench)([attempt(bench, row=ROW._replace(mac=b"forged"))]))
    assert isinstance(opened.access, AuraError)
    assert opened.access.type == "provider_tampered"
    assert bench.issuer.shown == []


@dataclass
class Probes:
    """Free checks of what `bench` has; its API takes the keys in `good`, and answers the rest 401.

    Who carries a key in `stuck` is never answered.
    """

    bench: Bench
    good: tuple[str, ...] = ("access-new",)
    stuck: tuple[str, ...] = ()
    wire: ScriptedWire = field(init=False)

    def __post_init__(self) -> None:
        probes = self

        class Api(ScriptedWire):
            async def pause(self, request: Request) -> None:
                if key_in(request) in probes.stuck:
                    self.stuck.set()
                    await asyncio.Event().wait()

        self.wire = Api(self._answer)

    def _answer(self, request: Request) -> Answer:
        return COMPLETION if key_in(request) in self.good else WRONG_KEY

    async def run(self) -> ProbeRun:
        store, bench = self.bench.store, self.bench
        caller = Caller(
            opener(bench),
            Identifier(store, LostKey(), {}, lambda: NOW),
            Registry(bench.issuer),
            store,
            self.wire,
            lambda: NOW,
            "here",
            at_once,
            lambda: ListKeeper(ModelLists(), Forgetful()),
        )
        attempts = [attempt(bench, p.id)._replace(model="m") for p in store.read().profiles]
        return await Prober(caller, lambda: ThreadRecorder(store)).run(attempts, ProbeLimits())

    @property
    def records(self) -> list[ProbeRecord]:
        """Oldest first."""
        return list(reversed(self.bench.store.search(HistoryQuery(limit=100)).records))

    @property
    def told(self) -> list[tuple[str | None, int | None]]:
        return [(r.outcome and r.outcome.value, r.revision) for r in self.records]


def test_a_401_is_answered_by_one_refresh_and_one_more_request_a_record_each() -> None:
    probes = Probes(Bench())
    probes.bench.put(grant("old", HOUR))
    run = asyncio.run(probes.run())
    assert [result.verdict.outcome.value for result in run.results] == ["ok"]
    assert probes.wire.keys == ["access-old", "access-new"]
    assert probes.told == [("auth", 1), ("ok", 2)]
    assert len({record.run_id for record in probes.records}) == 1


def test_it_is_asked_once_more_and_no_oftener() -> None:
    probes = Probes(Bench(), good=())
    probes.bench.put(grant("old", HOUR))
    run = asyncio.run(probes.run())
    assert [result.verdict.outcome.value for result in run.results] == ["auth"]
    assert probes.told == [("auth", 1), ("auth", 2)]
    assert len(probes.bench.issuer.shown) == 1


@pytest.mark.parametrize(
    "credential", [ApiKey(Secret("key-number-1")), grant("old", HOUR, client=None)]
)
def test_a_401_of_what_cannot_be_refreshed_is_the_answer(credential: Credential) -> None:
    probes = Probes(Bench())
    probes.bench.put(credential)
    asyncio.run(probes.run())
    assert probes.told == [("auth", 1)]
    assert probes.wire.keys == [bearer_of(credential).reveal()]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(TROUBLE[0], "refresh_failed"), (NeedsLogin("invalid_grant"), "needs_login")],
)
def test_where_the_refresh_fails_nothing_more_is_sent(trouble: AuraError, code: str) -> None:
    probes = Probes(failing(trouble))
    probes.bench.put(grant("old", HOUR))
    run = asyncio.run(probes.run())
    assert [result.verdict.code for result in run.results] == [code]
    assert probes.wire.keys == ["access-old"]
    assert [outcome for outcome, _ in probes.told] == ["auth", "unreadable"]


def cut_short(probes: Probes, when: asyncio.Event) -> ProbeRun:
    async def all() -> ProbeRun:
        running = asyncio.create_task(probes.run())
        await asyncio.wait_for(when.wait(), 10)
        running.cancel()
        await asyncio.sleep(0.01)
        probes.bench.open.set()
        return await running

    return asyncio.run(all())


def test_ctrl_c_during_the_refresh_keeps_the_401_and_the_new_grant() -> None:
    probes = Probes(Bench())
    probes.bench.put(grant("old", HOUR))
    probes.bench.open.clear()
    run = cut_short(probes, probes.bench.arrived)
    assert run.cancelled
    assert probes.told == [("auth", 1)]
    assert probes.bench.held() == grant("new", HOUR)


def test_ctrl_c_during_the_second_request_keeps_the_401_too() -> None:
    probes = Probes(Bench(), stuck=("access-new",))
    probes.bench.put(grant("old", HOUR))
    run = cut_short(probes, probes.wire.stuck)
    assert [result.verdict.outcome.value for result in run.results] == ["cancelled"]
    assert probes.told == [("auth", 1), ("cancelled", 2)]


def test_two_providers_with_accounts_of_one_name_are_not_one_account() -> None:
    bench = Bench()
    other = LOCAL._replace(client=CLIENT)
    mine, theirs = bench.put(grant("old")), bench.put(grant("else"), "local:a", other)

    async def all() -> None:
        bench.open.clear()
        work = asyncio.gather(bench.made(ROW, mine), bench.made(other, theirs))
        while bench.busy < 2:
            await asyncio.sleep(0.005)
        bench.open.set()
        await work

    asyncio.run(asyncio.wait_for(all(), 5))
    assert bench.most_busy == 2
