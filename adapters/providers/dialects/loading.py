"""Our dialects by name, each imported when it is first spoken."""

import importlib
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from application.ports.providers import Speaker

NAMES = {
    "openai": "openai:OpenAIDialect",
    "anthropic": "anthropic:AnthropicDialect",
    "google": "google:GoogleDialect",
    "ollama": "ollama:OllamaDialect",
    "openai-codex": "codex:CodexDialect",
    "github-copilot": "copilot:CopilotDialect",
}


@cache
def dialect_named(name: str) -> "Speaker":
    """The dialect of ours that is called `name`, one of NAMES."""
    module, _, attribute = NAMES[name].partition(":")
    return cast("Speaker", getattr(importlib.import_module(f"{__package__}.{module}"), attribute)())
