"""`plugins list`, `plugins info`: which providers are installed."""

from typing import Any, NamedTuple

from application.ports.providers import PluginListing
from application.ports.reading import StateReader
from application.ports.registry import ProviderRegistry
from application.ports.sign_in import SignsIn
from domain.providers.admission import unknown_plugin
from domain.providers.client import Client, Owner
from domain.providers.row import Provider
from domain.routing.state import Stored
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.screen import Mark
from entrypoints.cli.words.injection import AsJson, Flag, Injected

_SHADOWED = "takes the name of a provider of your own"
_OWNERS: dict[Owner, str] = {
    "official": "official",
    "own": "own client",
    "borrowed": "borrowed client",
}


class Entry(NamedTuple):
    """A provider of a plug-in, or (no `row`) a plug-in nobody has opened. `client` signs in."""

    plugin: PluginListing
    row: Provider | None
    client: Client | None
    profiles: tuple[str, ...]
    shadowed: bool

    @property
    def id(self) -> str:
        return self.row.id if self.row else visible(self.plugin.id)

    @property
    def status(self) -> str:
        return "error" if self.shadowed else self.plugin.status

    @property
    def reason(self) -> str | None:
        reason = _SHADOWED if self.shadowed else self.plugin.reason
        return visible(reason) if reason else None

    @property
    def dialect(self) -> str | None:
        if self.row is None:
            return None
        return "own" if self.plugin.own_dialect else self.row.dialect

    @property
    def logins(self) -> list[str]:
        """How a credential is got there: by its sign-in, then by what is typed."""
        client, typed = self.client, self.row.login_methods if self.row else ()
        if client is None:
            return [*typed]
        # An issuer has a page for browsers; whether it has device codes, only it can say.
        signs = {"browser": client.authorize_url or client.issuer, "device": client.device_url}
        return [*(way for way, url in signs.items() if url), *typed]


def list_plugins(
    *,
    enabled: Flag = False,
    verbose: Flag = False,
    json: AsJson = False,
    plain: Flag = False,
    registry: Injected[ProviderRegistry],
    reader: Injected[StateReader],
) -> int:
    """Which providers are installed. Third-party code is listed without being imported.

    Parameters
    ----------
    enabled
        Only what is in use.
    verbose
        Also where each comes from, and why it is not loaded.
    plain
        One provider a line.
    """
    render.one_format(json, plain)
    found = entries(registry, reader.read())
    shown = [entry for entry in found if entry.status == "loaded" or not enabled]
    if json:
        render.json({"plugins": [_document(entry) for entry in shown]})
    elif plain:
        render.plain((e.id, e.dialect, e.status, _source(e)) for e in shown)
    else:
        _show(shown, verbose)
    return 0


def info(
    id: str,
    /,
    *,
    json: AsJson = False,
    registry: Injected[ProviderRegistry],
    reader: Injected[StateReader],
) -> int:
    """All that is known of one provider, and why it is not usable. Nothing is imported.

    Parameters
    ----------
    id
        A provider, as `plugins list` shows it.
    """
    found = entries(registry, reader.read())
    named = [entry for entry in found if entry.id == id.strip().lower()]
    if not named:
        raise unknown_plugin(id, (entry.id for entry in found))
    document = _whole(named[0])
    if json:
        render.json({"plugin": document})
        return 0
    for key, value in document.items():
        if value not in (None, [], ""):
            render.line(f"{_WORDS[key]:<12}  {visible(str(_cell(value)), 500)}")
    return 0


def entries(registry: ProviderRegistry, stored: Stored) -> list[Entry]:
    """A plug-in of several providers is one entry each; an unopened one is an entry by its name."""
    own = {row.id for row in stored.selection.providers}
    found = []
    for plugin in registry.plugins():
        for row in plugin.providers or (None,):
            id = row.id if row else plugin.id
            profiles = tuple(p.id for p in stored.profiles if p.provider == id)
            shadowed = not plugin.builtin and id in own
            client = _client_at(row, registry) if row else None
            found.append(Entry(plugin, row, client, () if shadowed else profiles, shadowed))
    return found


def _client_at(row: Provider, registry: ProviderRegistry) -> Client | None:
    signs = registry.can(row, SignsIn)
    return signs.client(row) if signs else None


def documents(registry: ProviderRegistry, reader: StateReader) -> list[dict[str, Any]]:
    return [_document(entry) for entry in entries(registry, reader.read())]


def _source(entry: Entry) -> str:
    return "builtin" if entry.plugin.builtin else visible(entry.plugin.distribution)


def _document(entry: Entry) -> dict[str, Any]:
    row = entry.row
    return {
        "id": entry.id,
        "label": row.label if row else visible(entry.plugin.label),
        "version": visible(entry.plugin.version),
        "source": _source(entry),
        "status": entry.status,
        "reason": entry.reason,
        "dialect": entry.dialect,
        "loginMethods": entry.logins,
        "loginAs": _OWNERS[entry.client.owner] if entry.client else None,
        "envNames": list(row.all_env_names) if row else [],
        "profiles": len(entry.profiles),
    }


def _whole(entry: Entry) -> dict[str, Any]:
    row = entry.row
    return {
        **_document(entry),
        "baseUrl": row.base_url if row else None,
        "docsUrl": row.docs_url if row else None,
        "quirks": row.quirks if row else None,
        "uncertain": list(row.uncertain) if row else [],
        "profileIds": list(entry.profiles),
    }


_WORDS = {
    "id": "id",
    "label": "label",
    "version": "version",
    "source": "source",
    "status": "status",
    "reason": "because",
    "dialect": "dialect",
    "loginMethods": "login",
    "loginAs": "login as",
    "envNames": "variables",
    "profiles": "profiles",
    "baseUrl": "base URL",
    "docsUrl": "a key",
    "quirks": "quirks",
    "uncertain": "uncertain",
    "profileIds": "credentials",
}


_MARKS: dict[str, Mark] = {"loaded": "good", "error": "bad"}


def _show(entries: list[Entry], verbose: bool) -> None:
    keys = ["id", "label", "dialect", "loginMethods", "envNames", "profiles", "status"]
    headers = ["Id", "Label", "Dialect", "Login", "Variables", "Profiles", "Status"]
    if verbose:
        headers += ["Login as", "Source", "Version", "Reason"]
        keys += ["loginAs", "source", "version", "reason"]
    rows = ([_cell(told[key]) for key in keys] for told in map(_document, entries))
    render.table(headers, rows, marks=[_MARKS.get(entry.status) for entry in entries])


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value
