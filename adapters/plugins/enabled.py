"""The plug-ins a person enabled here: one private file in the configuration, never in the store."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from adapters.machine.files import exclusive, private_folder, read_private, replace_private
from domain.errors import Unavailable
from domain.providers.client import Client
from domain.providers.row import Provider

T = TypeVar("T")
_LARGEST = 1024 * 1024
_PATIENCE = 5.0
# What is not for a plug-in to say.
_OURS = ("source", "revision", "mac")


class Enabled(NamedTuple):
    """A plug-in as it was when it was enabled: `record` is a hash of the list of its files.

    `row` is None for one that could not be enabled. `own_dialect`: its code speaks, not a dialect
    of ours. `failure` is what was wrong when it was last used. `place` is
    where its metadata was, a folder named for its version.
    """

    id: str
    distribution: str
    version: str
    record: str
    row: Provider | None
    own_dialect: bool = False
    failure: str | None = None
    place: str = ""


Plugins = dict[str, Enabled]


class PluginFile:
    """The list on disk. A file that others may write, or that is damaged, is refused as a whole."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def read(self) -> Plugins:
        """Raises Unavailable."""
        content = read_private(self.path, _LARGEST) if self.path else None
        if content is None:
            return {}
        try:
            return {found.id: found for found in map(_entry, json.loads(content)["plugins"])}
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Unavailable(
                f"{self.path} is damaged",
                hint="move it away, then enable the plug-ins you use again",
            ) from None

    def change(self, change: Callable[[Plugins], Plugins], patience: float = _PATIENCE) -> Plugins:
        """Reads, changes and writes as one, while no other process does. Raises Unavailable."""
        if self.path is None:
            raise Unavailable("there is no place to remember plug-ins")
        private_folder(self.path.parent)
        with exclusive(self.path.with_suffix(".lock"), patience):
            before = self.read()
            after = change(dict(before))
            if after != before:
                replace_private(self.path, _content(after.values()))
        return after


def usable(plugins: Plugins, builtin: Mapping[str, Provider]) -> dict[str, Provider]:
    """The rows that take no name and no variable of a built-in provider: a newer one may."""
    rows = (plugin.row for plugin in plugins.values())
    return {row.id: row for row in rows if row is not None and clashes(row, builtin) is None}


def clashes(row: Provider, builtin: Mapping[str, Provider]) -> str | None:
    """What of a built-in provider's `row` would take, or None."""
    if row.id in builtin:
        return "takes the name of a built-in provider"
    own = {*row.all_env_names, row.base_url_env} - {None}
    for other in builtin.values():
        if own & {*other.all_env_names, other.base_url_env}:
            return f"takes a variable of {other.id}"
    return None


def _content(plugins: Iterable[Enabled]) -> bytes:
    entries = [_document(plugin) for plugin in plugins]
    return json.dumps({"version": 1, "plugins": entries}, indent=1).encode() + b"\n"


def _document(plugin: Enabled) -> dict[str, Any]:
    return {**plugin._asdict(), "row": row_document(plugin.row) if plugin.row else None}


def _entry(document: Any) -> Enabled:
    known = {name: document[name] for name in Enabled._fields if name in document}
    row = row_of(known["row"]) if known["row"] is not None else None
    return plain(Enabled, {**known, "row": row})


def row_document(row: Provider) -> dict[str, Any]:
    """What a plug-in says of itself, as plain data."""
    told = {name: getattr(row, name) for name in Provider._fields if name not in _OURS}
    if isinstance(row.client, Client):
        told["client"] = dict(zip(Client._fields, row.client, strict=True))
    return told


def row_of(document: dict[str, Any]) -> Provider:
    """The row of a plug-in: nothing but our own types in it. Raises TypeError or KeyError."""
    known = {*Provider._fields} - {*_OURS}
    told = {name: _tupled(value) for name, value in document.items() if name in known}
    # A list from before there were sign-ins has none.
    client = _client(told.get("client"))
    return plain(Provider, {**told, "client": client, "source": "plugin"})


def _client(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    known = {name: _tupled(document[name]) for name in Client._fields if name in document}
    return plain(Client, known)


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list | tuple) else value


def plain(kind: type[T], values: dict[str, Any]) -> T:
    """`kind` made of `values`. Raises TypeError unless each has exactly the type it is declared."""
    hints = get_type_hints(kind)
    for name, value in values.items():
        if not _fits(value, hints[name]):
            raise TypeError(f"its field {name} is not what it has to be")
    return kind(**values)


def _fits(value: Any, kind: Any) -> bool:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return type(value) is str and value in inner
    if origin is UnionType:
        return any(_fits(value, one) for one in inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return type(value) is tuple and all(_fits(one, inner[0]) for one in value)
    if origin is tuple:
        return type(value) is tuple and len(value) == len(inner) and all(map(_fits, value, inner))
    return type(value) is kind
