"""The `opencode.json` of opencode: every model, each with its key by the name of a variable."""

from collections.abc import Iterable
from typing import Any

from domain.handover.agents.files import OURS, AgentFile, chosen, sorted_out, started
from domain.handover.exporting import Reach, variables
from domain.handover.variables import NO_KEY
from domain.providers.refs import ModelRef
from domain.routing.state import State

_SCHEMA = "https://opencode.ai/config.json"
_SIGNS_IN = ("openai-codex", "github-copilot")
# What models.dev calls those that opencode knows at the same address.
_THEIRS = {
    "fireworks": "fireworks-ai",
    "moonshot": "moonshotai",
    "qwen": "alibaba",
    "together": "togetherai",
    "vercel-ai-gateway": "vercel",
    **dict.fromkeys(
        (
            *("anthropic", "cerebras", "chutes", "cohere", "deepseek", "google", "groq"),
            *("huggingface", "mistral", "nebius", "nvidia", "openai", "opencode", "openrouter"),
            *("perplexity", "venice", "xai", "zai"),
        )
    ),
}


def opencode_config(state: State, reaches: Iterable[Reach]) -> AgentFile:
    kept, left = sorted_out(reaches, _doubt)
    one = chosen(state.selection, kept)
    providers: dict[str, Any] = {}
    for reach in kept.values():
        found = providers.setdefault(_id(reach), {**_provider(reach), "models": {}})
        found["models"][reach.ref.model] = {}
    document = {
        "$schema": _SCHEMA,
        **({"model": _name(one)} if one else {}),
        "provider": providers,
    }
    used = variables(kept.values(), state.providers.values())
    return AgentFile(document if kept else {}, tuple(left), started(used, "opencode"))


def _doubt(reach: Reach) -> str | None:
    row = reach.row
    if row.builtin and row.id in _SIGNS_IN:
        return "opencode signs in to it by itself: opencode auth login"
    if row.dialect == "anthropic" and reach.is_token:
        return "opencode would send its token as if it were an API key"
    written = (reach.ref.model, row.label, reach.base_url, *map("".join, row.extra_headers))
    if any("{env:" in text or "{file:" in text for text in written):
        return "opencode would put a variable or a file in the place of a part of its name"
    return None


def _is_known(reach: Reach) -> bool:
    return reach.row.builtin and reach.row.id in _THEIRS and not reach.is_elsewhere


def _id(reach: Reach) -> str:
    if _is_known(reach):
        return _THEIRS[reach.row.id] or reach.row.id
    return f"{OURS}{reach.row.id}"


def _name(reach: Reach) -> str:
    return str(ModelRef(_id(reach), reach.ref.model))


def _provider(reach: Reach) -> dict[str, Any]:
    key = f"{{env:{reach.variable}}}" if reach.variable else NO_KEY
    if _is_known(reach):
        return {"options": {"apiKey": key}}
    headers = dict(reach.row.extra_headers)
    package, base_url = _spoken(reach)
    options = {"baseURL": base_url, "apiKey": key, **({"headers": headers} if headers else {})}
    return {"npm": package, "name": reach.row.label, "options": options}


def _spoken(reach: Reach) -> tuple[str, str]:
    """The library that speaks its dialect, and the address as that wants it."""
    match reach.row.dialect:
        case "anthropic":
            return "@ai-sdk/anthropic", f"{reach.base_url}/v1"
        case "google":
            return "@ai-sdk/google", f"{reach.base_url}/v1beta"
        case "ollama":
            return "@ai-sdk/openai-compatible", f"{reach.base_url}/v1"
        case "openai":
            return "@ai-sdk/openai-compatible", reach.base_url
