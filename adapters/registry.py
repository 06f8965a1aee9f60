"""The providers of this installation: a table at once, dialects late, strangers by name only."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from adapters.providers.table import BY_ID
from application.ports import ProviderRegistry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from application.provider import Dialect, PluginListing
    from domain.providers import Provider

GROUP = "aura_intelligence.providers"
BUILTIN = "builtin"
_DISTRIBUTION = "aura-intelligence"
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
    def __init__(self) -> None:
        self._loaded: dict[str, Dialect] = {}

    def builtin(self) -> Mapping[str, Provider]:
        return BY_ID

    def dialect(self, row: Provider) -> Dialect:
        name = row.id if row.builtin and row.id in _DIALECTS else row.dialect
        if name not in self._loaded:
            module, _, attribute = _DIALECTS[name].partition(":")
            self._loaded[name] = cast(
                "Dialect", getattr(importlib.import_module(module), attribute)()
            )
        return self._loaded[name]

    def plugins(self) -> tuple[PluginListing, ...]:
        # Scanning every installed distribution costs 15 ms: only `plugins` pays it.
        from importlib.metadata import entry_points

        found = sorted(
            entry_points(group=GROUP), key=lambda entry: (entry.name != BUILTIN, entry.name)
        )
        return tuple(self._listed(entry.name, *_origin(entry.dist)) for entry in found)

    def _listed(self, name: str, distribution: str, version: str) -> PluginListing:
        from application.provider import PluginListing

        builtin = distribution == _DISTRIBUTION and name == BUILTIN
        shadows = not builtin and (name in BY_ID or name == BUILTIN)
        reason = None if builtin else "third-party code is not loaded until it is enabled"
        return PluginListing(
            id=name,
            label="Built-in providers" if builtin else name,
            distribution=distribution,
            version=version,
            builtin=builtin,
            status="loaded" if builtin else "error" if shadows else "disabled",
            reason="takes the name of a built-in provider" if shadows else reason,
            providers=tuple(BY_ID.values()) if builtin else (),
        )


def _origin(distribution: object) -> tuple[str, str]:
    name = getattr(distribution, "name", None) or "unknown"
    return str(name), str(getattr(distribution, "version", None) or "unknown")
