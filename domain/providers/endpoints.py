"""Base URLs a credential may be sent to, and those it may never be sent to.

Rules: https everywhere; plain http only to this machine, or, where a person allowed it, to a
private address or a name of one's own network, which must lead to one. Never link-local or metadata
addresses, never user info, query or fragment (see SECURITY.md).
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from domain.errors import Malformed

_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NOT_IN_A_URL = re.compile(r'[\x00-\x20\x7f\\"<>^`{|}]')
_FORBIDDEN_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})
# Where clouds serve a machine its own credentials, outside the link-local range.
_METADATA = frozenset(
    map(ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
# IPv6 networks whose last four bytes are an IPv4 address: compatible, mapped, translated.
_EMBEDDING = tuple(map(IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96")))
# A translator of one's own network (RFC 8215), whose prefix may have any of four lengths.
_TRANSLATED_HERE = IPv6Network("64:ff9b:1::/48")
# The carrier's side of an address translation; VPNs such as Tailscale number their machines so.
_SHARED = IPv4Network("100.64.0.0/10")
# Names that the public DNS never answers (RFC 6762, RFC 8375, ICANN's .internal, common routers).
_NEAR_NAMES = (".local", ".lan", ".internal", ".home.arpa")
# What a client adds to a base URL: with it, that would be asked twice.
_CALLS = re.compile(
    r"(/v1)?/(chat/completions|completions|responses|messages|embeddings|api/(chat|generate|tags))$"
    r"|(?<=/v1)/models$"
)
_USUAL_PORTS = {"https": 443, "http": 80}
_LONGEST = 2048
_HINT = "write it as https://host/path (http only for localhost, 127.0.0.1 or [::1])"


def base_url(text: str, *, allow_http: bool = False) -> str:
    """The canonical form of a base URL: lower-case scheme and host, no usual port, no last slash.

    A host that is not ASCII becomes punycode, an IPv4 address inside an IPv6 one IPv4. `allow_http`
    admits plain http to private addresses and names of one's own network. Raises Malformed.
    """
    text = text.strip()
    # Before it is taken apart: urlsplit drops some control characters without a word.
    if len(text) > _LONGEST or not text.isprintable() or _NOT_IN_A_URL.search(text):
        raise Malformed("that base URL has characters a URL cannot have", hint=_HINT)
    parts, port = _split(text)
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise Malformed("a base URL has no user name, query or fragment", hint=_HINT)
    if "[" in parts.netloc and ":" not in (parts.hostname or ""):
        # `[v1.x]` is an address of a kind nobody has, and a name once it is out of its brackets.
        raise Malformed("the host of that base URL cannot be a host", hint=_HINT)
    scheme, host = parts.scheme.lower(), _ascii_host(parts.hostname or "")
    if scheme not in _USUAL_PORTS or not host or port == 0 or parts.netloc.endswith(":"):
        raise Malformed("a base URL starts with https:// and a host", hint=_HINT)
    if not parts.path.isascii():
        raise Malformed("that base URL has characters a URL cannot have", hint=_HINT)
    _refuse_host(host, scheme, allow_http=allow_http)
    host = str(address_of(host) or host)
    name = f"[{host}]" if ":" in host else host
    at = "" if port in (None, _USUAL_PORTS[scheme]) else f":{port}"
    url = f"{scheme}://{name}{at}{parts.path.rstrip('/')}"
    if call := _CALLS.search(url):
        raise Malformed(
            "that is the address of one call, not a base URL",
            hint=f"leave out {call[0]}: {_base_of(url, call)}",
        )
    return url


def _base_of(url: str, call: re.Match[str]) -> str:
    """The base URL under `call`: those of OpenAI's shape end in /v1."""
    is_openai = call[0].startswith("/v1/") and "messages" not in call[0] and "/api/" not in call[0]
    return url[: call.start()] + ("/v1" if is_openai else "")


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        return parts, parts.port
    except ValueError:
        raise Malformed("that base URL cannot be read", hint=_HINT) from None


def _ascii_host(host: str) -> str:
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Malformed("the host of that base URL cannot be a host", hint=_HINT) from None
    return name.removesuffix(".")


def _refuse_host(host: str, scheme: str, *, allow_http: bool) -> None:
    address = address_of(host)
    if address is None:
        # 2130706433 and 0x7f.1 are addresses to some resolvers and names to others.
        is_name = _HOST.fullmatch(host) and all(map(_is_label, host.split(".")))
        if not is_name or host.rpartition(".")[2][:1].isdigit():
            raise Malformed("the host of that base URL cannot be a host", hint=_HINT)
        if host in _FORBIDDEN_NAMES:
            raise Malformed("that host serves a machine's metadata, not models", hint=_HINT)
    elif forbidden(address) or "%" in host:
        raise Malformed("no models are served at that address", hint=_HINT)
    if scheme == "http" and not is_loopback_host(host):
        near = _is_near(address) if address else "." not in host or host.endswith(_NEAR_NAMES)
        _refuse_plain_http(near, allow_http)


def _is_label(label: str) -> bool:
    """Whether it is plain, or punycode of something a name may have and plain text cannot."""
    if not label.startswith("xn--"):
        return True
    from unicodedata import normalize

    try:
        told = label[4:].encode("ascii").decode("punycode")
        again = told.encode("punycode").decode("ascii")
    except UnicodeError:
        return False
    return (
        not told.isascii()
        and told.isprintable()
        and normalize("NFKC", told) == told
        and again == label[4:]
    )


def _is_near(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is of one's own network; a tunnel's address is not, wherever the tunnel begins."""
    if isinstance(address, IPv6Address) and (address.teredo or address in _TRANSLATED_HERE):
        return False
    return address.is_private or (isinstance(address, IPv4Address) and address in _SHARED)


def may_be_plain(host: str) -> bool:
    """Whether plain http may go to `host`, an address a name led to: of this machine or near it."""
    address = address_of(host.partition("%")[0])
    return address is not None and not forbidden(address) and _is_near(address)


def _refuse_plain_http(near: bool, allow_http: bool) -> None:
    if not allow_http:
        raise Malformed(
            "plain http would send the credential readable over the network",
            hint="use https" + (", or --allow-http for a host of your own network" if near else ""),
        )
    if not near:
        raise Malformed(
            "--allow-http is for private addresses and names of your own network only", hint=_HINT
        )


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """`host` as an IP address (an IPv4 one inside an IPv6 one as IPv4), or None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv4Address) or int(address) <= 1:
        return address
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def forbidden(address: IPv4Address | IPv6Address) -> bool:
    """Whether no credential may ever go to `address`: link-local, metadata, and none at all."""
    no_host = address.is_multicast or address.is_unspecified
    if isinstance(address, IPv4Address):
        no_host = no_host or address.is_reserved
    else:
        no_host = no_host or _leads_astray(address)
    return no_host or address.is_link_local or address in _METADATA


def _leads_astray(address: IPv6Address) -> bool:
    """Whether a tunnel or a translator would take it to where no credential may go.

    Such an address is not the IPv4 address in it, a relay is in between, so it is not rewritten.
    """
    if address.sixtofour:
        return not address.sixtofour.is_global or forbidden(address.sixtofour)
    if address.teredo:
        return any(map(forbidden, address.teredo))
    return address in _TRANSLATED_HERE and any(
        inner.is_link_local or inner in _METADATA for inner in _translated(int(address))
    )


def _translated(bits: int) -> tuple[IPv4Address, ...]:
    """The IPv4 address behind prefixes of 96, 64, 56 and 48 bits (RFC 6052, 2.2)."""
    found = (
        bits,
        bits >> 24,
        (bits >> 64 & 0xFF) << 24 | bits >> 32 & 0xFFFFFF,
        (bits >> 64 & 0xFFFF) << 16 | bits >> 40 & 0xFFFF,
    )
    return tuple(IPv4Address(inner & 0xFFFFFFFF) for inner in found)


def is_loopback_host(host: str) -> bool:
    """Whether `host` is literally this machine: 127/8, ::1 or `localhost`."""
    address = address_of(host)
    return address.is_loopback if address else host == "localhost"


def is_below(url: str, base_url: str) -> bool:
    """Whether `url` is at the scheme, host and port of `base_url`; compared as text, not parsed:
    what reads it later may parse it otherwise.
    """
    scheme, _, rest = base_url.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    return url.startswith(origin) and url[len(origin) :][:1] in ("", "/", "?")
