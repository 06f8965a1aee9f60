"""A sign-in: a browser that comes back, an address that is pasted, or a code typed elsewhere."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Protocol

from application.opening import vouch
from application.ports.network import Wire
from application.ports.people import Clock
from application.ports.registry import ProviderRegistry
from application.ports.sign_in import (
    Browser,
    DeviceCode,
    Listener,
    Pending,
    Redirect,
    Signed,
    SignsIn,
    Visit,
)
from application.ports.store import SelectionStore
from domain.credentials.credential import BearerToken, Credential, OAuthToken
from domain.credentials.redirects import answer_of, code_of, pasted_answer
from domain.errors import NotFound, SignInFailed, Unavailable, WireFailure
from domain.instants import HOUR
from domain.providers.client import Client
from domain.providers.row import Provider

Method = Literal["browser", "device"]
PATIENCE = 300.0
"""How long a browser may take to come back, in s."""
TIMEOUT = 30_000
"""How long one conversation with the provider may take, in ms."""
# What is registered nowhere and listened at by nobody: for an address that is pasted.
_UNHEARD = "http://127.0.0.1:{port}/callback"
_USUAL_PORT = 8976
Paste = Callable[[], Awaitable[str]]


class Wish(NamedTuple):
    """Where to sign in, as which application, and how. `opens`: a browser is to be started."""

    row: Provider
    client: Client
    method: Method
    opens: bool = True
    port: int | None = None
    login_hint: str = ""


class Teller(Protocol):
    """Who tells the person, or the program, what is to be done."""

    def page(self, url: str, *, opened: bool, pasting: bool) -> None:
        """A page to sign in at; told before anything is waited for."""
        ...

    def code(self, code: DeviceCode) -> None:
        """A code to type elsewhere; told before anything is waited for."""
        ...

    def waits(self, left: float) -> None:
        """Nobody has answered yet; `left` s remain."""
        ...

    def note(self, text: str, hint: str | None) -> None: ...


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Holds the conversations of a sign-in; stores nothing.

    `wire` makes a network of its own. `secret_of` reads the secret of a client.
    """

    registry: ProviderRegistry
    selection: SelectionStore
    wire: Callable[[], Wire]
    listener: Listener
    browser: Browser
    secret_of: Callable[[Client], str]
    clock: Clock

    def client(self, row: Provider) -> Client | None:
        """The application that signs in at `row`; None where it takes API keys only."""
        signs = self.registry.can(row, SignsIn)
        return signs.client(row) if signs else None

    async def discovered(self, row: Provider, client: Client) -> Client:
        """`client` with all its endpoints. Raises SignInFailed, WireFailure."""
        signs, wire = self._signs(row), self.wire()
        async with wire:
            return await wire.hold(signs.discovered(client), TIMEOUT)

    def method(self, client: Client, *, browser: bool) -> Method:
        """How to sign in where nobody said: by a browser of this machine, else by a device code.

        Without both, by a page that is opened elsewhere, whose address comes back by paste.
        `browser`: whether one may be opened.
        """
        if client.authorize_url and browser and self.browser.is_here:
            return "browser"
        return "device" if client.device_url else "browser"

    async def run(self, wish: Wish, teller: Teller, paste: Paste | None = None) -> Signed:
        """What the sign-in came to. `paste` waits for what a person pastes; None: nobody is there.

        Raises SignInFailed, WireFailure, Unavailable.
        """
        signs, secret = self._signs(wish.row), self.secret_of(wish.client)
        wire = self.wire()
        async with wire:
            if wish.method == "device":
                signed = await self._by_device(wish, signs, secret, wire, teller)
            else:
                signed = await self._by_browser(wish, signs, secret, wire, teller, paste)
        return signed._replace(credential=self._kept(signed, wish.client))

    async def revoke(self, row: Provider, token: OAuthToken) -> bool:
        """Gives a grant back to whoever issued it; False where its client has no address for that.

        Raises SignInFailed, WireFailure, Unavailable.
        """
        client = token.client
        if client is None or not client.revoke_url:
            return False
        signs, secret = self._signs(row), self.secret_of(client)
        wire = self.wire()
        async with wire:
            await wire.hold(signs.revoke(client, token, secret), TIMEOUT)
        return True

    def _kept(self, signed: Signed, client: Client) -> Credential:
        """What is stored: refreshed by whoever got it, and where it was got."""
        grant = signed.credential
        if not isinstance(grant, OAuthToken):
            return grant
        ends = grant.expires_at
        if ends is None and grant.refresh is None:
            return BearerToken(grant.access)
        if ends is None:
            # The provider does not say (RFC 6749 5.1 lets it); this is the usual length.
            ends = self.clock() + HOUR
        account = signed.account or signed.email
        return replace(grant, client=client, account=account, expires_at=ends)

    def _signs(self, row: Provider) -> SignsIn:
        # Whose application signs in, and where, is part of what is signed of an own provider.
        vouch(self.selection, row)
        signs = self.registry.can(row, SignsIn)
        if signs is None:
            raise NotFound(f"{row.id} has no sign-in", hint="it takes API keys: auth add")
        return signs

    async def _by_device(
        self, wish: Wish, signs: SignsIn, secret: str, wire: Wire, teller: Teller
    ) -> Signed:
        code = await wire.hold(signs.device(wish.client, secret, self.clock()), TIMEOUT)
        teller.code(code)
        interval = code.interval
        while (left := (code.expires_at - self.clock()) / 1000) > 0:
            teller.waits(left)
            await asyncio.sleep(min(interval, left))
            try:
                flow = signs.poll(wish.client, code, secret, self.clock())
                told = await wire.hold(flow, TIMEOUT)
            except WireFailure:
                continue
            if not isinstance(told, Pending):
                return told
            interval += told.slower
        raise SignInFailed("the code has expired", hint="nothing was saved; begin again")

    async def _by_browser(
        self,
        wish: Wish,
        signs: SignsIn,
        secret: str,
        wire: Wire,
        teller: Teller,
        paste: Paste | None,
    ) -> Signed:
        client = wish.client
        async with AsyncExitStack() as stack:
            visit: Visit | None = None
            try:
                listening = self.listener.listening(client.redirect_uri, wish.port)
                visit = await stack.enter_async_context(listening)
            except Unavailable as busy:
                if paste is None:
                    raise
                teller.note(str(busy), "paste the address of the page instead")
            redirect = _redirect(visit, client, wish.port)
            url = signs.address(client, redirect, wish.login_hint)
            # On the screen before a browser, which may hang, is even looked for.
            teller.page(url, opened=wish.opens, pasting=paste is not None)
            if wish.opens:
                stack.push_async_callback(_ended, asyncio.create_task(self._open(url, teller)))
            code = await _came_back(redirect.state, visit, paste, teller)
        flow = signs.exchange(client, code, redirect, secret, self.clock())
        return await wire.hold(flow, TIMEOUT)

    async def _open(self, url: str, teller: Teller) -> None:
        # Aside: a browser may be back, and a person may paste, while its program still starts.
        if not await asyncio.to_thread(self.browser.open, url):
            teller.note("no browser could be started", "open the address above in one")


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _redirect(visit: Visit | None, client: Client, port: int | None) -> Redirect:
    unheard = client.redirect_uri or _UNHEARD.format(port=port or _USUAL_PORT)
    verifier = secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    return Redirect(
        redirect_uri=visit.redirect_uri if visit else unheard,
        state=secrets.token_urlsafe(32),
        verifier=verifier,
        challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    )


async def _came_back(state: str, visit: Visit | None, paste: Paste | None, teller: Teller) -> str:
    """The code, by whichever way it comes first. What is pasted wrong may be pasted again."""

    async def heard(visit: Visit) -> str:
        return code_of(answer_of((await visit.callback()).query), state)

    async def pasted(paste: Paste) -> str:
        while True:
            answer = pasted_answer(await paste())
            if answer.state == state:
                return code_of(answer, state)
            teller.note("that is not the address of this sign-in", "paste all of it")

    tasks = [asyncio.create_task(heard(visit))] if visit else []
    tasks += [asyncio.create_task(pasted(paste))] if paste else []
    try:
        done, _ = await asyncio.wait(tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise SignInFailed(
                f"nobody came back within {PATIENCE / 60:.0f} minutes",
                hint="nothing was saved; begin again",
            )
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
