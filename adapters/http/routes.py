"""The ways out: straight or by the proxy a person named, whom to trust on them."""

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path

import certifi
import httpcore
import httpx

from domain.errors import WireFailure
from domain.providers.endpoints import address_of, is_loopback_host, may_be_plain


class Routes(httpx.AsyncBaseTransport):
    """By the proxy goes what it cannot read; plain http, and this machine, are asked straight.

    Plain http by name goes to an address that was looked at: a name may lead anywhere.

    Each way is made when it is first taken: one that cannot be made (an unreadable CA file) costs
    the requests that need it, by a WireFailure, and no other.
    """

    def __init__(self, proxy: str | None, ca_file: Path | None) -> None:
        self._proxy = proxy
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._made: dict[tuple[bool, bool], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        plain = request.url.scheme == "http"
        way = plain, plain or self._proxy is None or is_loopback_host(request.url.host)
        if way not in self._made:
            self._made[way] = self._make(*way)
        if plain and not is_loopback_host(request.url.host) and not address_of(request.url.host):
            return await self._by_name(request, self._made[way])
        return await self._made[way].handle_async_request(request)

    async def _by_name(
        self, request: httpx.Request, transport: httpx.AsyncHTTPTransport
    ) -> httpx.Response:
        """The request sent to the first address of its host that takes a connection."""
        host, port = request.url.host, request.url.port or 80
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        near = dict.fromkeys(str(told[4][0]) for told in found if may_be_plain(str(told[4][0])))
        failure: Exception = WireFailure(
            "address",
            f"{host} leads to an address of another network, where plain http may not go",
            hint="use https",
        )
        for address in near:
            request.url = request.url.copy_with(host=address)
            try:
                return await transport.handle_async_request(request)
            except httpx.ConnectError as refused:
                failure = refused
        raise failure

    async def aclose(self) -> None:
        for transport in self._made.values():
            await transport.aclose()

    def _make(self, plain: bool, straight: bool) -> httpx.AsyncHTTPTransport:
        # Where no certificate is looked at none is read: the authorities take 50 ms.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else self._trusting()
        return httpx.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            proxy=None if straight else proxy_of(self._proxy or "", context),
            # A connection is used once: one that a server closed while it was idle would turn a
            # good key into a network failure, since nothing is sent twice.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    def _trusting(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = tls_context(self._ca_file)
        return self._context


def proxy_of(text: str, context: ssl.SSLContext) -> httpx.Proxy:
    """The proxy at `text`, `http://` or `https://`. Raises WireFailure."""
    proxy = None
    with contextlib.suppress(httpx.InvalidURL, ValueError):
        proxy = httpx.Proxy(text, ssl_context=context if text.startswith("https:") else None)
    fits = proxy and proxy.url.scheme in ("http", "https") and (proxy.url.port or 1) < 65536
    if proxy and proxy.url.host and fits:
        return proxy
    # It may hold a password, so it is not repeated.
    raise WireFailure(
        "proxy",
        "AURA_INTELLIGENCE_PROXY cannot be understood",
        hint="write it as http://host:port or https://host:port",
    )


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, names and chains verified, by the public authorities and by `ca_file`:
    a gateway's own authority must not make public providers unreachable. Raises WireFailure for an
    unreadable CA file.

    Not `create_default_context`: that one writes the session keys to SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=certifi.where())
        if ca_file is not None:
            context.load_verify_locations(cafile=str(ca_file))
    except (OSError, ssl.SSLError):
        raise WireFailure(
            "tls", f"the CA file {ca_file} cannot be read", hint="check AURA_INTELLIGENCE_CA_FILE"
        ) from None
    return context


def read_little() -> None:
    """What one read brings is taken apart in one turn of the loop: two thousand informational
    answers, at the usual 64 KiB, while everybody's deadlines wait. httpx has no word for it.
    """
    httpcore.AsyncHTTP11Connection.READ_NUM_BYTES = 4096
