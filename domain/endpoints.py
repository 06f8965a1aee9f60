"""Base URLs a credential may be sent to, and those it may never be sent to.

Rules: https everywhere; plain http only to this machine, or, where a person allowed it, to a
private address or a single-label name. Never link-local or metadata addresses, never user info,
query or fragment (source: reference/trust.md 2.8).
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from domain.errors import Malformed

_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_FORBIDDEN_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})
_LONGEST = 2048
_HINT = "write it as https://host/path (http only for localhost, 127.0.0.1 or [::1])"


def base_url(text: str, *, allow_http: bool = False) -> str:
    """The canonical form of a base URL: lower-case scheme and host, no trailing slash.

    `allow_http` admits plain http to private addresses and single-label names. Raises Malformed.
    """
    text = text.strip()
    if not text.isascii():
        text = _punycode(text)
    if len(text) > _LONGEST or not text.isprintable() or "\\" in text or " " in text:
        raise Malformed("that base URL has characters a URL cannot have", hint=_HINT)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Malformed("that base URL cannot be read", hint=_HINT) from None
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not host or port == 0 or parts.netloc.endswith(":"):
        raise Malformed("a base URL starts with https:// and a host", hint=_HINT)
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise Malformed("a base URL has no user name, query or fragment", hint=_HINT)
    _refuse_host(host, scheme, allow_http=allow_http)
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _punycode(text: str) -> str:
    parts = urlsplit(text)
    try:
        host = (parts.hostname or "").encode("idna").decode()
    except UnicodeError:
        raise Malformed("the host of that base URL cannot be a host", hint=_HINT) from None
    return text.replace(parts.hostname or "", host, 1)


def _refuse_host(host: str, scheme: str, *, allow_http: bool) -> None:
    address = address_of(host)
    if address is None:
        last = host.rstrip(".").rpartition(".")[2]
        # 2130706433 and 0x7f.1 are addresses to some resolvers and names to others.
        if not _HOST.fullmatch(host) or last[:1].isdigit():
            raise Malformed("the host of that base URL cannot be a host", hint=_HINT)
        if host.rstrip(".") in _FORBIDDEN_NAMES:
            raise Malformed("that host serves a machine's metadata, not models", hint=_HINT)
    elif forbidden(address):
        raise Malformed("that address is link-local, multicast or unspecified", hint=_HINT)
    if scheme == "http" and not is_loopback_host(host):
        near = address.is_private if address else "." not in host.rstrip(".")
        if not allow_http:
            raise Malformed(
                "plain http would send the credential readable over the network",
                hint="use https"
                + (", or --allow-http for a host of your own network" if near else ""),
            )
        if not near:
            raise Malformed(
                "--allow-http is for private addresses and single-label names only", hint=_HINT
            )


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """`host` as an IP address (an IPv4-mapped one as IPv4), or None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def forbidden(address: IPv4Address | IPv6Address) -> bool:
    """Whether no credential may ever go to `address`."""
    return address.is_link_local or address.is_multicast or address.is_unspecified


def is_loopback_host(host: str) -> bool:
    """Whether `host` is literally this machine: 127/8, ::1 or `localhost`."""
    address = address_of(host)
    return address.is_loopback if address else host.rstrip(".") == "localhost"
