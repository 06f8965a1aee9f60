"""The providers of this installation: a table at once, dialects late, strangers by name only."""

from __future__ import annotations

import contextlib
import importlib
import os
from typing import TYPE_CHECKING, cast

from adapters.providers.table import BY_ID
from application.ports import ProviderRegistry
from domain.errors import AuraError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from adapters.hosting import Host
    from application.provider import Dialect, PluginListing, Speaker
    from domain.providers import Provider

_DIALECTS = {
    "openai": "adapters.providers.openai:OpenAIDialect",
    "anthropic": "adapters.providers.anthropic:AnthropicDialect",
    "google": "adapters.providers.google:GoogleDialect",
    "ollama": "adapters.providers.ollama:OllamaDialect",
    # Two providers speak OpenAI's dialect with manners of their own.
    "openai-codex": "adapters.providers.codex:CodexDialect",
    "github-copilot": "adapters.providers.copilot:CopilotDialect",
}


class EntryPointRegistry(ProviderRegistry):
    """`plugins` is the file that lists the plug-ins enabled here; without one there are none."""

    def __init__(self, plugins: Path | None = None) -> None:
        self._file = plugins
        self._spoken: dict[str, Speaker] = {}
        self._host: Host | None = None

    def builtin(self) -> Mapping[str, Provider]:
        return BY_ID

    def enabled(self) -> Mapping[str, Provider]:
        # Every command asks this: one stat where nobody ever enabled a plug-in.
        if self._file is None or not os.path.lexists(self._file):
            return {}
        from adapters.plugins import PluginFile, usable

        return usable(PluginFile(self._file).read(), BY_ID)

    def gone(self) -> frozenset[str]:
        if self._file is None or not os.path.lexists(self._file):
            return frozenset()
        from pathlib import Path

        from adapters.plugins import PluginFile

        # A stat each: no scan of what is installed.
        found = PluginFile(self._file).read().values()
        return frozenset(p.id for p in found if p.place and not Path(p.place).exists())

    def dialect(self, row: Provider) -> Dialect:
        told = self._told(row)
        return self.spoken(told) if isinstance(told, str) else told

    def speaker(self, row: Provider) -> Speaker | None:
        told = self._told(row)
        return self.spoken(told) if isinstance(told, str) else None

    def _told(self, row: Provider) -> Dialect | str:
        if row.source == "plugin":
            return self._plugins().dialect(row)
        return row.id if row.builtin and row.id in _DIALECTS else row.dialect

    def spoken(self, name: str) -> Speaker:
        """The dialect of ours that is called `name`, loaded once."""
        if name not in self._spoken:
            module, _, attribute = _DIALECTS[name].partition(":")
            self._spoken[name] = cast(
                "Speaker", getattr(importlib.import_module(module), attribute)()
            )
        return self._spoken[name]

    def complain(self, row: Provider, reason: str | None, *, works: bool = False) -> None:
        # A list that cannot be written must not cost a request its result.
        with contextlib.suppress(AuraError):
            self._plugins().complain(row, reason, works or reason is None)

    def plugins(self) -> tuple[PluginListing, ...]:
        return self._plugins().listings()

    def enable(self, id: str, taken: Mapping[str, Provider]) -> PluginListing:
        return self._plugins().enable(id, taken)

    def disable(self, id: str) -> bool:
        return self._plugins().disable(id)

    def _plugins(self) -> Host:
        # Scanning every installed distribution costs 15 ms: only who needs a plug-in pays it.
        if self._host is None:
            from adapters.hosting import Host
            from adapters.plugins import PluginFile

            self._host = Host(PluginFile(self._file), BY_ID)
        return self._host
