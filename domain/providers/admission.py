"""Whether the row of a plug-in may stand among the providers that are here."""

import re
from collections.abc import Iterable, Mapping

from domain.errors import AuraError, Malformed, NotFound, PluginFailed
from domain.providers.client import Client
from domain.providers.endpoints import base_url
from domain.providers.refs import provider_id
from domain.providers.row import Provider, env_name, is_loopback_url
from domain.providers.user_defined import own_client
from domain.text import did_you_mean, shown, visible

_LONGEST = 500
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_OWN_HEADERS = frozenset({"host", "authorization", "content-length", "transfer-encoding"})

_URLS = ("issuer", "device_url", "token_url", "authorize_url", "revoke_url")
_OF_A_CLIENT = ("client_id", *_URLS, "scope")


def admit_name(id: str, taken: Mapping[str, Provider]) -> None:
    """Raises PluginFailed if a plug-in may not be the provider `id` beside those of `taken`."""
    try:
        canonical = provider_id(id)
    except AuraError:
        canonical = ""
    if canonical != id or id == "builtin":
        raise PluginFailed(f"{visible(id)} is no name a provider can have")
    if id in taken:
        raise PluginFailed(f"{id} is a provider already")


def admit(row: Provider, id: str, taken: Mapping[str, Provider]) -> None:
    """Returns if `row` may be the provider `id` beside those of `taken`. Raises PluginFailed."""
    try:
        _admit(row, id, taken)
    except PluginFailed:
        raise
    except AuraError as refusal:
        raise PluginFailed(f"its row is refused: {refusal}", hint=refusal.hint) from None


def _admit(row: Provider, id: str, taken: Mapping[str, Provider]) -> None:
    admit_name(id, taken)
    if row.id != id:
        raise PluginFailed(f"its row calls itself {row.id}, its entry point {id}")
    texts = [text for name in Provider._fields for text in _texts(getattr(row, name))]
    if not all(text.isprintable() and len(text) <= _LONGEST for text in texts):
        raise Malformed("a text in it is too long, or has control characters")
    _admit_address(row)
    _admit_variables(row, taken)
    if row.client is not None:
        _admit_client(row.client)
    for header, _ in row.extra_headers:
        if not _HEADER.fullmatch(header) or header.lower() in _OWN_HEADERS:
            raise Malformed(f"{header} is no header it may set")


def _admit_address(row: Provider) -> None:
    if row.base_url and base_url(row.base_url) != row.base_url:
        raise Malformed(f"its base URL would be written {base_url(row.base_url)}")
    if row.check_url and not row.check_url.startswith(f"{row.base_url}/"):
        raise Malformed("its free check goes elsewhere than its base URL")
    if row.allow_http or row.usage or row.synonyms:
        raise Malformed("allow_http, usage and synonyms are not for plug-ins")


def _admit_client(client: Client) -> None:
    """By the rules of the application of a user's own."""
    if client.secret_file:
        raise Malformed("its sign-in names a file of a secret, which is not for plug-ins")
    if client.redirect_uri and not is_loopback_url(base_url(client.redirect_uri)):
        raise Malformed("its sign-in comes back to another machine")
    if client.owner == "borrowed" and not client.notice:
        raise Malformed("its sign-in borrows an application, and does not say whose")
    told = {name: getattr(client, name) for name in _OF_A_CLIENT}
    try:
        own = own_client(**told)
    except Malformed as refusal:
        # Its hint names options that a plug-in has none of.
        raise Malformed(str(refusal)) from None
    if any(getattr(own, name) != said for name, said in told.items()):
        raise Malformed("an address or the scope of its sign-in would be written otherwise")


def _admit_variables(row: Provider, taken: Mapping[str, Provider]) -> None:
    for name in row.all_env_names:
        if env_name(name, taken.values()) != name:
            raise Malformed(f"{name} is not the name of a variable")
    if row.base_url_env is None:
        return
    theirs = {other.base_url_env for other in taken.values()}
    theirs.update(name for other in taken.values() for name in other.all_env_names)
    if row.base_url_env in theirs:
        raise Malformed(f"the variable {row.base_url_env} belongs to another provider")
    if not _VARIABLE.fullmatch(row.base_url_env) or row.base_url_env.startswith("AURA_"):
        raise Malformed(f"{row.base_url_env} is not the name of a variable it may read")


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)


def unknown_plugin(id: str, known: Iterable[str]) -> NotFound:
    """The error that says so, with the nearest names."""
    hint = did_you_mean(id, known, "see: aura_intelligence plugins list")
    return NotFound(f"no plug-in{shown(id)} is installed", hint=hint)
