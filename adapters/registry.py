"""The providers of this installation: a table at once, dialects late, plug-ins by name only."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, TypeVar, cast

from adapters.providers.table import BY_ID
from application.ports.registry import ProviderRegistry
from domain.errors import AuraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from adapters.plugins.host import Host
    from adapters.providers.conformance import Finding
    from application.ports.providers import PluginListing, ProviderPlugin
    from domain.providers.row import Provider


C = TypeVar("C")
# Two providers speak OpenAI's dialect with manners of their own.
_MANNERS = ("openai-codex", "github-copilot")


class EntryPointRegistry(ProviderRegistry):
    """`plugins` is the file that lists the plug-ins enabled here; without one there are none."""

    def __init__(self, plugins: Path | None = None) -> None:
        self._file = plugins
        self._host: Host | None = None

    def builtin(self) -> Mapping[str, Provider]:
        return BY_ID

    def enabled(self) -> Mapping[str, Provider]:
        # Every command asks this: one stat where nobody ever enabled a plug-in.
        if self._file is None or not os.path.lexists(self._file):
            return {}
        from adapters.plugins.enabled import PluginFile, usable

        return usable(PluginFile(self._file).read(), BY_ID)

    def gone(self) -> frozenset[str]:
        if self._file is None or not os.path.lexists(self._file):
            return frozenset()
        from pathlib import Path

        from adapters.plugins.enabled import PluginFile

        # A stat each: no scan of what is installed.
        found = PluginFile(self._file).read().values()
        return frozenset(p.id for p in found if p.place and not Path(p.place).exists())

    def can(self, row: Provider, capability: type[C]) -> C | None:
        from application.ports.sign_in import SignsIn

        if capability is SignsIn:
            from adapters.providers.sign_in.loading import sign_in_at

            # Of data alone, a plug-in's as well: none of its code has a part in a sign-in.
            return cast("C | None", sign_in_at(row))
        if row.source == "plugin":
            dialect = self._plugins().dialect(row)
            if not isinstance(dialect, str):
                from adapters.plugins.guarded import Guarded

                return cast("C", Guarded(dialect)) if isinstance(dialect, capability) else None
        else:
            dialect = row.id if row.builtin and row.id in _MANNERS else row.dialect
        return next((c for c in _ours(row, dialect) if isinstance(c, capability)), None)

    def complain(self, row: Provider, reason: str | None) -> None:
        # A list that cannot be written must not cost a request its result.
        if row.source == "plugin":
            with contextlib.suppress(AuraError):
                self._plugins().complain(row, reason)

    def plugins(self) -> tuple[PluginListing, ...]:
        return self._plugins().listings()

    def enable(self, id: str, taken: Mapping[str, Provider]) -> PluginListing:
        return self._plugins().enable(id, taken)

    def disable(self, id: str) -> bool:
        return self._plugins().disable(id)

    def _plugins(self) -> Host:
        # Scanning every installed distribution costs 15 ms: only who needs a plug-in pays it.
        if self._host is None:
            from adapters.plugins.enabled import PluginFile
            from adapters.plugins.host import Host

            self._host = Host(PluginFile(self._file), BY_ID, _tried)
        return self._host


def _ours(row: Provider, dialect: str) -> Iterator[object]:
    """What of ours speaks with `row`."""
    from adapters.providers.dialects.loading import dialect_named

    yield dialect_named(dialect)
    if row.usage is not None:
        from adapters.providers.limits.endpoints import UsageEndpoints

        yield UsageEndpoints()
    if dialect not in _MANNERS:
        from adapters.providers.scan.proofs import Proofs

        yield Proofs()


def _tried(plugin: ProviderPlugin) -> tuple[Finding, ...]:
    from adapters.providers.conformance import check

    return check(plugin)
