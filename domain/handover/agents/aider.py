"""The `.aider.conf.yml` of aider: the models as LiteLLM names them."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.handover.agents.files import AgentFile, chosen, sorted_out, started
from domain.handover.exporting import LeftOut, Reach, variables
from domain.providers.refs import ModelRef
from domain.routing.state import State

_SIGNS_IN = ("openai-codex", "github-copilot")
# Those it asks at the same address, with the key in a variable of the same name.
_KNOWN = {
    "cerebras": "cerebras",
    "deepseek": "deepseek",
    "fireworks": "fireworks_ai",
    "google": "gemini",
    "groq": "groq",
    "mistral": "mistral",
    "moonshot": "moonshot",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "sambanova": "sambanova",
    "together": "together_ai",
    "xai": "xai",
    "zai": "zai",
}
# Of each of these dialects it can ask one server, which is told.
_PLACES = {"openai": "openai", "anthropic": "anthropic", "ollama": "ollama_chat"}

_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


def aider_config(state: State, reaches: Iterable[Reach]) -> AgentFile:
    kept, left = sorted_out(reaches, _doubt)
    places = _places(state, kept)
    more = [
        LeftOut(reach.ref, f"aider has one such server, which is {places[slot].row.id}")
        for reach in kept.values()
        if (slot := _slot(reach)) and not _is_same(places[slot], reach)
    ]
    for away in more:
        del kept[away.ref]
    one = chosen(state.selection, kept)
    document = {
        **({"model": _name(one)} if one else {}),
        **_aliases(state, kept),
        **_addresses({slot: reach for slot, reach in places.items() if reach.ref in kept}),
    }
    used = variables(kept.values(), state.providers.values())
    aliases = state.selection.aliases.targets
    notes = (
        *started(used, "aider", renamed=True),
        *(
            f"started otherwise, it would send {_KEYS[slot]} to {reach.base_url}"
            for slot, reach in places.items()
            if slot in _KEYS and reach.is_elsewhere
        ),
        *(f"left out the alias {name}: it has a colon" for name in sorted(aliases) if ":" in name),
    )
    return AgentFile(document if kept else {}, (*left, *more), notes)


def _doubt(reach: Reach) -> str | None:
    row = reach.row
    if row.builtin and row.id in _SIGNS_IN:
        return "aider cannot sign in to it"
    if row.extra_headers:
        return "it needs headers of its own"
    if row.dialect == "anthropic" and reach.is_token:
        return "aider would send its token as if it were an API key"
    if _slot(reach) is None and (row.id not in _KNOWN or not row.builtin or reach.is_elsewhere):
        return "aider knows no such server"
    return None


def _slot(reach: Reach) -> str | None:
    row = reach.row
    own = not row.builtin or row.id in _PLACES
    return row.dialect if own and row.dialect in _PLACES else None


def _places(state: State, kept: Mapping[ModelRef, Reach]) -> dict[str, Reach]:
    """Whose address each dialect has: that of the first model which speaks it."""
    found: dict[str, Reach] = {}
    one = chosen(state.selection, kept)
    for reach in (*((one,) if one else ()), *kept.values()):
        if slot := _slot(reach):
            found.setdefault(slot, reach)
    return found


def _is_same(one: Reach, other: Reach) -> bool:
    return (one.row.id, one.base_url) == (other.row.id, other.base_url)


def _name(reach: Reach) -> str:
    slot = _slot(reach)
    return f"{_PLACES[slot] if slot else _KNOWN[reach.row.id]}/{reach.ref.model}"


def _aliases(state: State, kept: Mapping[ModelRef, Reach]) -> dict[str, Any]:
    # What comes after the first colon is the model, for aider.
    told = [
        f"{name}:{_name(kept[ref])}"
        for name, ref in sorted(state.selection.aliases.targets.items())
        if ref in kept and ":" not in name
    ]
    return {"alias": told} if told else {}


def _addresses(places: Mapping[str, Reach]) -> dict[str, Any]:
    """Told for the usual servers too: an address that was there may be that of another."""
    own = {"anthropic": "ANTHROPIC_API_BASE", "ollama": "OLLAMA_API_BASE"}
    told = [f"{own[slot]}={reach.base_url}" for slot, reach in places.items() if slot in own]
    base = {"openai-api-base": places["openai"].base_url} if "openai" in places else {}
    return {**base, **({"set-env": told} if told else {})}
