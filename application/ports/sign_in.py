"""Signing in: what a provider promises of it, and what stands by on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from application.ports.network import Flow
    from domain.credentials.credential import Credential, OAuthToken
    from domain.providers.client import Client
    from domain.providers.row import Provider


class Signed(NamedTuple):
    """What a sign-in came to: an OAuthToken, or an API key where the provider issues one.

    `account`, `email` and `plan` are what an id token or the reply says; empty where they do not.
    They are labels, and prove nothing.
    """

    credential: Credential
    account: str = ""
    email: str = ""
    plan: str = ""


class Redirect(NamedTuple):
    """How a sign-in by a browser is bound to its answer. `challenge` is of `verifier` (S256)."""

    redirect_uri: str
    state: str
    verifier: str
    challenge: str


class DeviceCode(NamedTuple):
    """What a person types where (RFC 8628). `expires_at` is epoch ms, `interval` is in s.

    `page_with_code` is the page that needs nothing typed, empty where there is none.
    """

    device_code: str
    user_code: str
    page: str
    page_with_code: str
    expires_at: int
    interval: float


class Pending(NamedTuple):
    """A device code nobody has answered for; `slower` by how many s the interval grows for good."""

    slower: float = 0.0


@runtime_checkable
class SignsIn(Protocol):
    """Signs in at a provider. Sans-I/O, as every capability.

    Every flow raises SignInFailed for what is refused or is no such answer, in our own words and
    fit for a terminal, and lets a WireFailure pass.
    """

    def client(self, row: Provider) -> Client | None:
        """The application that signs in there; None where nobody can."""
        ...

    def discovered(self, client: Client) -> Flow[Client]:
        """`client` with the endpoints its issuer's metadata says; no request where none is empty.

        Refuses metadata of another issuer, and endpoints that are not https or this machine.
        """
        ...

    def address(self, client: Client, redirect: Redirect, login_hint: str = "") -> str:
        """The page that a browser begins with."""
        ...

    def exchange(
        self, client: Client, code: str, redirect: Redirect, secret: str, now: int
    ) -> Flow[Signed]:
        """What the code is worth. `secret` is the client's, empty without one. `now`: epoch ms."""
        ...

    def device(self, client: Client, secret: str, now: int) -> Flow[DeviceCode]:
        """Begins a sign-in by a device code."""
        ...

    def poll(
        self, client: Client, code: DeviceCode, secret: str, now: int
    ) -> Flow[Signed | Pending]:
        """Asks once. Trouble of the server is Pending: it is asked until the code has expired."""
        ...

    def refresh(self, client: Client, token: OAuthToken, secret: str, now: int) -> Flow[OAuthToken]:
        """The grant anew; a reply without a refresh token keeps the old one.

        Raises NeedsLogin where the refresh token is refused for good, SignInFailed for every other
        refusal (a client that is not known, a server in trouble): nothing is known of the grant.
        """
        ...

    def revoke(self, client: Client, token: OAuthToken, secret: str) -> Flow[None]:
        """Tells the provider that the grant is not wanted any longer. Raises SignInFailed."""
        ...


class Callback(NamedTuple):
    """What a browser brought back: the query of the redirect, not judged yet."""

    query: str


class Listener(Protocol):
    """Waits on loopback for a browser to come back."""

    def listening(self, redirect_uri: str, port: int | None) -> AbstractAsyncContextManager[Visit]:
        """Listens where `redirect_uri` says (empty: on a random port of 127.0.0.1), or at `port`.

        Ready when it is entered; closed when it is left. Raises Unavailable where that port cannot
        be listened at.
        """
        ...


class Visit(Protocol):
    """A listener that is ready."""

    @property
    def redirect_uri(self) -> str: ...

    async def callback(self) -> Callback:
        """The first request for its page, whoever made it; every other is answered and ignored."""
        ...


class Browser(Protocol):
    """The browser of the person at this terminal."""

    @property
    def is_here(self) -> bool:
        """Whether one with windows can be opened: not over SSH, nor in a container."""
        ...

    def open(self, url: str) -> bool:
        """Whether it could be started. Never one that draws in the terminal."""
        ...


class Locks(Protocol):
    """What only one process may do at a time."""

    def held(self, name: str, patience: float) -> AbstractContextManager[None]:
        """Held from entry to exit. Raises StoreBusy after `patience` seconds."""
        ...
