"""Secrets kept fresh: one refresh at a time for each account, its answer stored before it is used.

A refresh token that rotates is good once. So who refreshes holds the lock of the account, reads the
grant again, and takes what another process stored in the meantime instead of asking.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace

from application.grants.elsewhere import Elsewhere
from application.ports.network import Wire
from application.ports.people import Aside, Clock
from application.ports.registry import ProviderRegistry
from application.ports.sign_in import Locks, SignsIn
from application.ports.store import Held, ProfileStore
from domain.credentials.credential import AuthProfile, OAuthToken, expiry_of
from domain.credentials.origins import Kept
from domain.errors import (
    Changed,
    GrantLost,
    NeedsLogin,
    PluginFailed,
    RefreshFailed,
    SignInFailed,
    Unavailable,
)
from domain.instants import MINUTE
from domain.providers.client import Client
from domain.providers.row import Provider

DUE = 5 * MINUTE
"""How long before its end (ms) a grant is refreshed."""
TIMEOUT = 30_000
"""How long a refresh may take, in ms."""
_PATIENCE = 60.0
"""How long another process may hold the lock, in s: its refresh, and waiting for the store."""


_TRIES = 3
"""How often it is tried to store what a provider answered; each waits for other writers."""


@dataclass(frozen=True, slots=True)
class Refresher:
    """`wire` makes a network of its own: a refresh outlives the caller who is cancelled.

    `secret_of` reads the secret of a client, empty where it has none. Within `deferred` no signal
    ends this process.
    """

    profiles: ProfileStore
    locks: Locks
    registry: ProviderRegistry
    wire: Callable[[], Wire]
    secret_of: Callable[[Client], str]
    elsewhere: Elsewhere
    deferred: Callable[[], AbstractContextManager[None]]
    clock: Clock
    aside: Aside
    # The loop itself, not its id, which another one may have once it is closed.
    _under_way: dict[tuple[asyncio.AbstractEventLoop, str], "asyncio.Task[Held]"] = field(
        default_factory=dict
    )

    def is_due(self, profile: AuthProfile, margin: int = DUE) -> bool:
        ends = expiry_of(profile.credential)
        if ends is None or not (profile.origin or isinstance(profile.credential, OAuthToken)):
            return False
        return ends - self.clock() <= margin

    async def __call__(
        self, row: Provider, profile: AuthProfile, *, margin: int = DUE, force: bool = False
    ) -> Held | None:
        """The secret of `profile` renewed, where it ends within `margin` ms or with `force`.

        None where nothing was to be done, or it could not be renewed and is good still. Raises
        NeedsLogin, RefreshFailed, CommandNotConfirmed, CommandFailed, and Unavailable where the
        store or the file of who keeps it cannot be used.
        """
        token = profile.credential
        await self.elsewhere.permit(profile)
        if isinstance(profile.origin, Kept):
            return await self._read_again(row, profile)
        if profile.origin is None and not isinstance(token, OAuthToken):
            return None
        if not (force or self.is_due(profile, margin)):
            return None
        try:
            if isinstance(token, OAuthToken) and not token.is_refreshable:
                raise _needs_login(profile)
            if profile.origin is not None:
                # Nothing is used up by a program that is ended: whoever is cancelled goes at once.
                return await self._refreshed(row, profile)
            return await self._single(row, profile)
        except (NeedsLogin, Unavailable) as failure:
            # Asked now: it may have ended while it was waited for.
            if force or isinstance(failure, GrantLost) or self.is_due(profile, 0):
                raise
            return None

    async def _read_again(self, row: Provider, profile: AuthProfile) -> Held | None:
        """Before each use, whatever it said of its end: its owner may have renewed it."""
        token = await self.elsewhere.again(profile)
        if self.is_due(replace(profile, credential=token), 0):
            assert isinstance(profile.origin, Kept)
            raise NeedsLogin(
                f"{profile.id} has expired, and {profile.origin.tool} keeps it",
                hint=f"use {profile.origin.tool} once: it refreshes its own grant",
            )
        return await self._refreshed(row, profile) if token != profile.credential else None

    async def _single(self, row: Provider, profile: AuthProfile) -> Held:
        """One refresh for all who want it at the same time; none of them cancels it."""
        name = asyncio.get_running_loop(), profile.id
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.create_task(self._refreshed(row, profile))
            self._under_way[name] = task
            task.add_done_callback(lambda done: self._over(name, done))
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as cancellation:
                # The provider may have rotated the token: what it answers must be stored first.
                cancelled = cancellation
        if cancelled is not None:
            raise cancelled
        return task.result()

    def _over(
        self, name: tuple[asyncio.AbstractEventLoop, str], task: "asyncio.Task[Held]"
    ) -> None:
        del self._under_way[name]
        if not task.cancelled():
            # All who asked may have been cancelled: nobody is to be told that it was not heard.
            task.exception()

    async def _refreshed(self, row: Provider, profile: AuthProfile) -> Held:
        token = profile.credential
        account = token.account if isinstance(token, OAuthToken) else ""
        lock = self.locks.held(f"{row.id}:{account or profile.id}", _PATIENCE)
        # In a thread: whoever holds it may be another task of this loop. In one of its own: whoever
        # holds it may need one of the others.
        with ExitStack() as stack, ThreadPoolExecutor(max_workers=1) as apart:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(apart, stack.enter_context, lock)
            held = await self.aside(lambda: self.profiles.current(profile.id))
            if self._is_newer(held.profile, profile):
                return held
            return await self._asked(row, held)

    def _is_newer(self, stored: AuthProfile, known: AuthProfile) -> bool:
        """Whether another process or person put a good grant in its place, a moment ago: one that
        lives shorter than is wished for would not get better by one more refresh.
        """
        credential = stored.credential
        if isinstance(credential, OAuthToken):
            # Of one that was found to be spent nothing else is new.
            credential = replace(credential, spent=False)
        return credential != known.credential and not self.is_due(stored, 0)

    async def _asked(self, row: Provider, held: Held) -> Held:
        profile, token = held.profile, held.profile.credential
        if profile.origin is not None:
            await self.elsewhere.permit(profile)
            return await self._stored(
                held, replace(profile, credential=await self.elsewhere.again(profile))
            )
        if not isinstance(token, OAuthToken) or not token.is_refreshable or token.client is None:
            raise _needs_login(profile)
        client, signs = token.client, self.registry.can(row, SignsIn)
        if signs is None:
            raise RefreshFailed(f"nothing here refreshes the grants of {row.id}")
        # A token that cannot be stored afterwards is not asked for: the old one would be used up.
        await self.aside(lambda: self.profiles.ensure_key(self.clock()))
        with self.deferred():
            return await self._renewed(held, token, client, signs)

    async def _renewed(self, held: Held, token: OAuthToken, client: Client, signs: SignsIn) -> Held:
        profile = held.profile
        try:
            secret = await self.aside(lambda: self.secret_of(client))
            wire = self.wire()
            async with wire:
                flow = signs.refresh(client, token, secret, self.clock())
                renewed = await wire.hold(flow, TIMEOUT)
        except NeedsLogin as refusal:
            return await self._spent(held, refusal)
        except (Unavailable, SignInFailed, PluginFailed) as failure:
            raise RefreshFailed(
                f"{profile.id} could not be refreshed: {failure}",
                hint=failure.hint or "what is stored is as it was; try again",
            ) from None
        fresh, why = replace(profile, credential=renewed), ""
        for _ in range(_TRIES):
            try:
                return await self._stored(held, fresh)
            except Unavailable as refusal:
                why = str(refusal)
        raise GrantLost(
            f"{profile.id} was refreshed, and what came cannot be stored: {why}",
            hint=f"sign in again: {_login(profile)}",
        )

    async def _spent(self, held: Held, refusal: NeedsLogin) -> Held:
        """Its refresh token is refused. Who used it may have stored what came of it."""
        before = held.profile.credential
        held = await self.aside(lambda: self.profiles.current(held.profile.id))
        if held.profile.credential != before:
            return held
        assert isinstance(before, OAuthToken)
        # Nothing of it is blanked: the access token may be good for a while.
        spent = replace(held.profile, credential=replace(before, spent=True))
        kept = await self._stored(held, spent)
        if kept.profile.credential != spent.credential:
            return kept
        raise _needs_login(held.profile, f": {refusal}")

    async def _stored(self, held: Held, profile: AuthProfile) -> Held:
        """`profile` in the place of what was read, or what somebody else stored meanwhile."""
        revision = held.summary.revision
        try:
            summary = await self.aside(
                lambda: self.profiles.replace(profile, revision, self.clock())
            )
        except Changed:
            return await self.aside(lambda: self.profiles.current(profile.id))
        return Held(profile, summary)


def _needs_login(profile: AuthProfile, why: str = "") -> NeedsLogin:
    return NeedsLogin(
        f"{profile.id} needs a new sign-in{why}",
        hint=_login(profile),
    )


def _login(profile: AuthProfile) -> str:
    return f"aura_intelligence models auth login --provider {profile.provider}"
