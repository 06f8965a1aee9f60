"""`plugins list`: which providers are installed, and where they come from."""

from collections import Counter
from typing import Any

from application.ports import ProviderRegistry, StateReader
from application.provider import PluginListing
from domain.providers import Provider
from domain.text import visible
from entrypoints.cli import render
from entrypoints.cli.injection import Flag, Injected


def list_plugins(
    *,
    enabled: Flag = False,
    verbose: Flag = False,
    json: Flag = False,
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
    json
        One JSON object.
    plain
        One provider a line.
    """
    render.one_format(json, plain)
    stored = reader.read()
    using = Counter(profile.provider for profile in stored.profiles)
    plugins = [p for p in registry.plugins() if p.status == "loaded" or not enabled]
    entries = [entry for plugin in plugins for entry in _entries(plugin, using)]
    if json:
        render.json({"plugins": entries})
    elif plain:
        render.plain((e["id"], e["dialect"], e["status"], e["source"]) for e in entries)
    else:
        _show(entries, verbose)
    return 0


def _entries(plugin: PluginListing, using: Counter[str]) -> list[dict[str, Any]]:
    """A plug-in of several providers is one entry each; an unopened one is an entry by its name."""
    if not plugin.providers:
        return [_entry(plugin, visible(plugin.id), visible(plugin.label), None, 0)]
    return [_entry(plugin, row.id, row.label, row, using[row.id]) for row in plugin.providers]


def _entry(
    plugin: PluginListing, id: str, label: str, row: Provider | None, profiles: int
) -> dict[str, Any]:
    return {
        "id": id,
        "label": label,
        "version": visible(plugin.version),
        "source": "builtin" if plugin.builtin else visible(plugin.distribution),
        "status": plugin.status,
        "reason": plugin.reason,
        "dialect": row.dialect if row else None,
        "loginMethods": ["api_key"] if row else [],
        "envNames": list(row.all_env_names) if row else [],
        "profiles": profiles,
    }


def _show(entries: list[dict[str, Any]], verbose: bool) -> None:
    headers = ["Id", "Label", "Dialect", "Login", "Variables", "Profiles", "Status"]
    keys = ["id", "label", "dialect", "loginMethods", "envNames", "profiles", "status"]
    if verbose:
        headers += ["Source", "Version", "Reason"]
        keys += ["source", "version", "reason"]
    render.table(headers, ([_cell(entry[key]) for key in keys] for entry in entries))


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value
