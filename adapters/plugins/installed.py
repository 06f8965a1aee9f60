"""Third-party distributions: found by their metadata, pinned by their files, imported at last."""

import hashlib
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from typing import NamedTuple

from adapters.plugins.enabled import Enabled, row_document, row_of
from application.ports.providers import Dialect, ProviderPlugin
from domain.errors import PluginFailed
from domain.providers.row import DIALECTS, Provider

GROUP = "aura_intelligence.providers"
DISTRIBUTION = "aura-intelligence"
_LARGEST_FILE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry point of the group, as the metadata of its distribution tells it."""

    id: str
    distribution: str
    version: str
    entry: EntryPoint

    @property
    def record(self) -> str | None:
        """A hash of the list of its files, or None where its installer kept none."""
        listed = _installed(self.entry).read_text("RECORD")
        return hashlib.sha256(listed.encode()).hexdigest() if listed else None

    @property
    def place(self) -> str:
        """The folder of its metadata, empty where it lies in none (the standard has no name)."""
        return str(getattr(self.entry.dist, "_path", ""))

    @property
    def files(self) -> tuple[str, ...]:
        """What it installed, but for its own metadata."""
        listed = map(str, (self.entry.dist.files if self.entry.dist else None) or ())
        return tuple(file for file in listed if ".dist-info" not in file)

    def differs(self, enabled: Enabled) -> str | None:
        """Why this is not what was `enabled`, or None."""
        if self.distribution != enabled.distribution:
            return f"it comes from {self.distribution}, not from {enabled.distribution}"
        if self.version != enabled.version:
            return f"version {self.version} is installed, {enabled.version} was enabled"
        if self.record != enabled.record:
            return "its files are not those that were enabled"
        return None


def offers() -> tuple[Offer, ...]:
    """Every entry of the group, by name. Nothing is imported."""
    found = entry_points(group=GROUP)
    return tuple(sorted(map(_offer, found), key=lambda offer: (offer.id, offer.distribution)))


def _offer(entry: EntryPoint) -> Offer:
    name = getattr(entry.dist, "name", None) or "unknown"
    version = getattr(entry.dist, "version", None) or "unknown"
    return Offer(entry.name, str(name), str(version), entry)


def _installed(entry: EntryPoint) -> Distribution:
    if entry.dist is None:
        raise PluginFailed("it belongs to no distribution")
    return entry.dist


class Loaded(NamedTuple):
    """A plug-in that was imported. `row` has only types of ours; `dialect` is a stranger's."""

    row: Provider
    dialect: Dialect | str
    plugin: ProviderPlugin


def load(offer: Offer) -> Loaded:
    """Imports it: a stranger's code runs now. Raises PluginFailed, and whatever it likes."""
    _refuse_changed_files(offer)
    plugin = offer.entry.load()
    if not isinstance(plugin, ProviderPlugin) or not isinstance(plugin.provider, Provider):
        raise PluginFailed("its entry point is no ProviderPlugin")
    try:
        row = row_of(row_document(plugin.provider))
    except (TypeError, KeyError) as failure:
        raise PluginFailed(f"its row cannot be read: {failure}") from None
    if plugin.provider.source != "plugin":
        raise PluginFailed('its row has to say source="plugin"')
    if isinstance(plugin.dialect, str) and plugin.dialect not in DIALECTS:
        raise PluginFailed(f"there is no dialect of that name; one of {', '.join(DIALECTS)}")
    if isinstance(plugin.dialect, str) and plugin.dialect != row.dialect:
        raise PluginFailed("its row names another dialect than the plug-in")
    return Loaded(row, plugin.dialect, plugin)


def _refuse_changed_files(offer: Offer) -> None:
    """The pin is a hash of the list; here the files are compared with the list."""
    for file in _installed(offer.entry).files or ():
        if file.hash is not None and not _is_whole(Path(str(file.locate())), file.hash):
            raise PluginFailed("its files were changed after they were installed")


def _is_whole(path: Path, expected: object) -> bool:
    mode, value = getattr(expected, "mode", ""), getattr(expected, "value", "")
    try:
        if path.stat().st_size > _LARGEST_FILE or mode not in hashlib.algorithms_guaranteed:
            return False
        digest = hashlib.new(mode, path.read_bytes(), usedforsecurity=True).digest()
    except OSError:
        return False
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == value


def ambiguous(found: Iterable[Offer]) -> frozenset[str]:
    """The names that more than one distribution offers."""
    names = Counter(offer.id for offer in found)
    return frozenset(name for name, count in names.items() if count > 1)
