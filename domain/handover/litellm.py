"""The configuration of a LiteLLM proxy that serves the configured models; it holds no key."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.handover.exporting import LeftOut, Reach
from domain.handover.variables import NO_KEY
from domain.providers.refs import ModelRef
from domain.routing.state import State
from domain.selection.selection import Selection

_SIGNS_IN = {
    "openai-codex": "LiteLLM signs in to it by itself, as chatgpt/MODEL",
    "github-copilot": "LiteLLM signs in to it by itself, as github_copilot/MODEL",
}


def litellm_config(
    state: State, reaches: Iterable[Reach]
) -> tuple[dict[str, Any], tuple[Reach, ...], tuple[LeftOut, ...]]:
    """The configuration, the models it has, and those it cannot have."""
    reaches = tuple(reaches)
    doubts = [_doubt(reach) for reach in reaches]
    kept = {r.ref: r for r, doubt in zip(reaches, doubts, strict=True) if doubt is None}
    left = [
        LeftOut(r.ref, doubt) for r, doubt in zip(reaches, doubts, strict=True) if doubt is not None
    ]
    document = {
        "model_list": [_entry(reach) for reach in kept.values()],
        "router_settings": _routing(state, tuple(kept)),
        "litellm_settings": _settings(kept.values()),
    }
    return document, tuple(kept.values()), tuple(left)


def _doubt(reach: Reach) -> str | None:
    row = reach.row
    if row.builtin and row.id in _SIGNS_IN:
        return _SIGNS_IN[row.id]
    if "*" in reach.ref.model:
        return "LiteLLM reads the * in its name as any text"
    if not _fits_a_header(reach.ref.model):
        return "LiteLLM repeats its name in a header, which has no such letters"
    if row.dialect == "anthropic" and reach.is_token and reach.is_elsewhere:
        return "LiteLLM would send its token there as if it were an API key"
    if row.dialect == "google" and not row.builtin:
        # Nothing of a configuration comes before these variables.
        return f"where {reach.variable} is not set, LiteLLM would send it GOOGLE_API_KEY"
    return None


def _fits_a_header(name: str) -> bool:
    return all(ord(char) <= 0xFF for char in name)


def _entry(reach: Reach) -> dict[str, Any]:
    return {"model_name": str(reach.ref), "litellm_params": {**_params(reach), **_key(reach)}}


def _params(reach: Reach) -> dict[str, Any]:
    model, base_url = reach.ref.model, reach.base_url
    match reach.row.dialect:
        case "anthropic":
            return {"model": f"anthropic/{model}", "api_base": base_url}
        case "google":
            place = {"api_base": f"{base_url}/v1beta"} if reach.is_elsewhere else {}
            return {"model": f"gemini/{model}", **place}
        case "ollama":
            return {"model": f"ollama_chat/{model}", "api_base": base_url}
        case "openai":
            way = "responses/" if reach.row.speaks_responses(model) else ""
            return {"model": f"openai/{way}{model}", "api_base": base_url}


def _key(reach: Reach) -> dict[str, Any]:
    headers = dict(reach.row.extra_headers)
    key = f"os.environ/{reach.variable}" if reach.variable else NO_KEY
    return {"api_key": key, **({"extra_headers": headers} if headers else {})}


def _routing(state: State, refs: tuple[ModelRef, ...]) -> dict[str, Any]:
    kept = frozenset(refs)
    aliases = {
        name: ref for name, ref in sorted(state.selection.aliases.targets.items()) if ref in kept
    }
    return {
        "model_group_alias": {name: str(ref) for name, ref in aliases.items()},
        "fallbacks": [
            {name: names} for name, names in _fallbacks(state.selection, refs, aliases).items()
        ],
    }


def _fallbacks(
    selection: Selection, refs: tuple[ModelRef, ...], aliases: Mapping[str, ModelRef]
) -> dict[str, list[str]]:
    """What comes after a model that does not answer, as `models resolve` has it.

    After `*`, for every model that is not named: LiteLLM leaves out the one that was asked for. So
    the size grows with the models, not with their square.
    """

    def known(chain: Iterable[ModelRef | None]) -> list[str]:
        return [str(ref) for ref in dict.fromkeys(chain) if ref in kept]

    kept, of_text = frozenset(refs), (*selection.fallbacks, selection.default)
    of_images = (*selection.image_fallbacks, selection.image)
    texts = known(of_text)
    found = {"*": texts} if texts and len(refs) > 1 else {}
    for ref in (ref for ref in refs if ref in of_images):
        chain = known((*of_text, *of_images) if ref in of_text else of_images)
        found[str(ref)] = [name for name in chain if name != str(ref)]
    for alias, ref in aliases.items():
        # It looks for the name it was asked for, and leaves out only that.
        after = found.get(str(ref), texts)
        if str(ref) in after or str(ref) in found:
            found[alias] = [name for name in after if name != str(ref)]
    return found


def _settings(reaches: Iterable[Reach]) -> dict[str, str]:
    """What LiteLLM sends where a variable is not set: not what it finds under OPENAI_API_KEY."""
    speaks_ollama = any(reach.row.dialect == "ollama" for reach in reaches)
    return {"api_key": NO_KEY, **({"ollama_key": NO_KEY} if speaks_ollama else {})}
