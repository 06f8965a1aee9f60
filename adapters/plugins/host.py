"""Plug-ins in their life here: listed, enabled, asked for their dialect, blamed, disabled."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from adapters.plugins.enabled import Enabled, PluginFile, Plugins, clashes
from adapters.plugins.installed import DISTRIBUTION, Loaded, Offer, ambiguous, load, offers
from application.ports.providers import Dialect, PluginListing, PluginStatus, ProviderPlugin
from domain.errors import PluginFailed
from domain.providers.admission import unknown_plugin
from domain.providers.row import Provider
from domain.text import foreign

Check = Callable[[ProviderPlugin], Iterable[object]]
BUILTIN = "builtin"
_FINDINGS_SHOWN = 3
_AGAIN = "enable it again to use it"


@dataclass(slots=True)
class Host:
    """`builtin` are the rows nobody may take the name or a variable of."""

    file: PluginFile
    builtin: Mapping[str, Provider]
    check: Check
    _loaded: dict[str, Loaded] = field(default_factory=dict)

    def listings(self) -> tuple[PluginListing, ...]:
        """Ours first, then third parties by name, those that are gone last. Imports nothing."""
        found, enabled = offers(), self.file.read()
        twice = ambiguous(found)
        here = [self._listing(offer, enabled.get(offer.id), offer.id in twice) for offer in found]
        gone = [e for e in enabled.values() if e.row and e.id not in {offer.id for offer in found}]
        return (*sorted(here, key=lambda p: not p.builtin), *map(_gone, gone))

    def _listing(self, offer: Offer, enabled: Enabled | None, twice: bool) -> PluginListing:
        if is_ours(offer):
            rows = tuple(self.builtin.values())
            return _listed(offer, "loaded", None, label="Built-in providers", rows=rows)
        if offer.id in self.builtin or offer.id == BUILTIN:
            return _listed(offer, "error", "takes the name of a built-in provider")
        if twice and (enabled is None or enabled.distribution != offer.distribution):
            return _listed(offer, "error", "another distribution has a plug-in of that name")
        if enabled is None:
            return _listed(offer, "disabled", "third-party code is not loaded until it is enabled")
        return self._known(offer, enabled)

    def _known(self, offer: Offer, enabled: Enabled) -> PluginListing:
        other = offer.differs(enabled)
        if enabled.row is None:
            # What went wrong was said of other files than these.
            reason = "third-party code is not loaded until it is enabled" if other else None
            return _listed(offer, "disabled" if other else "error", reason or enabled.failure)
        if clash := clashes(enabled.row, self.builtin):
            return _of(offer, enabled, "error", clash)
        if other:
            return _of(offer, enabled, "disabled", f"{other}: {_AGAIN}")
        return _of(offer, enabled, "error" if enabled.failure else "loaded", enabled.failure)

    def dialect(self, row: Provider) -> Dialect | str:
        """Of the plug-in that was enabled, and of no other. Its code is imported by this thread."""
        if row.id not in self._loaded:
            from adapters.plugins.guarded import said_of_it

            enabled = self.file.read().get(row.id)
            if enabled is None or enabled.row is None:
                raise PluginFailed(f"{row.id} is not enabled")
            offer = self._offer(row.id, enabled.distribution)
            if offer is None:
                raise PluginFailed(f"its distribution {enabled.distribution} is not installed")
            if other := offer.differs(enabled):
                raise PluginFailed(f"{other}: {_AGAIN}")
            loaded = said_of_it(partial(load, offer))
            if loaded.row != enabled.row:
                raise PluginFailed(f"its row is not the one that was enabled: {_AGAIN}")
            self._loaded[row.id] = loaded
        return self._loaded[row.id].dialect

    def enable(self, id: str, taken: Mapping[str, Provider]) -> PluginListing:
        offer = self._offered(id)
        record = offer.record
        if record is None:
            raise PluginFailed(f"{id} was not enabled: its installer kept no list of its files")
        entry = Enabled(id, offer.distribution, offer.version, record, None, place=offer.place)
        others = {name: row for name, row in taken.items() if name != id or row.source != "plugin"}
        try:
            row, own = _tried(offer, others, self.check)
        except PluginFailed as failure:
            reason = foreign(str(failure))
            self._keep(entry._replace(failure=reason))
            raise PluginFailed(f"{id} was not enabled: {reason}", hint=failure.hint) from None
        self._loaded.pop(id, None)
        self._keep(entry._replace(row=row, own_dialect=own))
        return self._listing(offer, self.file.read()[id], False)

    def _keep(self, entry: Enabled) -> None:
        def kept(plugins: Plugins) -> Plugins:
            before = plugins.get(entry.id)
            if entry.row is None and before is not None and before.row is not None:
                # What was enabled before stays so, for the version it was enabled for.
                return plugins
            return {**plugins, entry.id: entry}

        self.file.change(kept)

    def disable(self, id: str) -> bool:
        before = self.file.read()
        if id in before:
            self.file.change(lambda plugins: {k: v for k, v in plugins.items() if k != id})
        elif all(offer.id != id for offer in offers()):
            raise unknown_plugin(id, before)
        self._loaded.pop(id, None)
        return id in before and before[id].row is not None

    def complain(self, row: Provider, reason: str | None) -> None:
        known = self.file.read().get(row.id)
        if known is None or known.failure == reason:
            return
        offer = self._offer(row.id, known.distribution)
        if offer is not None and not offer.differs(known):
            # Of another plug-in than the one that is remembered nothing was learned.
            self.file.change(partial(_blamed, id=row.id, reason=reason), patience=1.0)

    def _offer(self, id: str, distribution: str) -> Offer | None:
        named = (o for o in offers() if (o.id, o.distribution) == (id, distribution))
        return next(named, None)

    def _offered(self, id: str) -> Offer:
        named = [offer for offer in offers() if offer.id == id and not is_ours(offer)]
        if not named:
            raise unknown_plugin(id, (offer.id for offer in offers()))
        if len(named) > 1:
            owners = " and ".join(offer.distribution for offer in named)
            raise PluginFailed(f"{id} is offered by {owners}", hint="uninstall one of them")
        return named[0]


def _tried(offer: Offer, others: Mapping[str, Provider], check: Check) -> tuple[Provider, bool]:
    """Its row and whether its dialect is its own. Raises PluginFailed."""
    # Who only lists needs neither.
    from adapters.plugins.guarded import said_of_it
    from domain.providers.admission import admit, admit_name

    admit_name(offer.id, others)
    loaded = said_of_it(lambda: load(offer))
    admit(loaded.row, offer.id, others)
    plugin = replace(loaded.plugin, provider=loaded.row)
    if findings := said_of_it(lambda: tuple(map(str, check(plugin)))):
        raise PluginFailed("; ".join(findings[:_FINDINGS_SHOWN]))
    return loaded.row, not isinstance(loaded.dialect, str)


def _blamed(plugins: Plugins, *, id: str, reason: str | None) -> Plugins:
    if id not in plugins:
        return plugins
    return {**plugins, id: plugins[id]._replace(failure=reason)}


def is_ours(offer: Offer) -> bool:
    return offer.distribution == DISTRIBUTION and offer.id == BUILTIN


def _listed(
    offer: Offer,
    status: PluginStatus,
    reason: str | None,
    *,
    label: str | None = None,
    rows: tuple[Provider, ...] = (),
    own: bool = False,
) -> PluginListing:
    return PluginListing(
        id=offer.id,
        label=label or offer.id,
        distribution=offer.distribution,
        version=offer.version,
        builtin=is_ours(offer),
        status=status,
        reason=reason,
        providers=rows,
        own_dialect=own,
        files=offer.files,
    )


def _of(offer: Offer, enabled: Enabled, status: PluginStatus, reason: str | None) -> PluginListing:
    rows = (enabled.row,) if enabled.row else ()
    return _listed(offer, status, reason, rows=rows, own=enabled.own_dialect)


def _gone(enabled: Enabled) -> PluginListing:
    return PluginListing(
        id=enabled.id,
        label=enabled.row.label if enabled.row else enabled.id,
        distribution=enabled.distribution,
        version=enabled.version,
        builtin=False,
        status="error",
        reason=f"its distribution {enabled.distribution} is not installed",
        providers=(enabled.row,) if enabled.row else (),
        own_dialect=enabled.own_dialect,
    )
