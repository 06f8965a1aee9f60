"""A LiteLLM proxy: its list of models with their keys, what comes after what, other names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from domain.errors import Malformed
from domain.handover.documents import Document
from domain.handover.tools.contents import Contents, Left, ToolFile
from domain.handover.tools.entries import (
    Chosen,
    Item,
    address,
    canonical,
    gathered,
    inner,
    key,
    listed,
    model,
    named,
    own,
    place,
    table,
    text,
    variable,
)
from domain.handover.variables import NO_KEY
from domain.providers.row import Dialect

# Prefixes for a server that may be anywhere, and where it is unless an address is told.
_ANYWHERE: Mapping[str, tuple[Dialect, tuple[str, ...]]] = {
    "openai": ("openai", ("https://api.openai.com/v1",)),
    "text-completion-openai": ("openai", ("https://api.openai.com/v1",)),
    "openai_like": ("openai", ()),
    "custom_openai": ("openai", ()),
    "hosted_vllm": ("openai", ("http://localhost:8000/v1",)),
    "lm_studio": ("openai", ("http://localhost:1234/v1",)),
    "litellm_proxy": ("openai", ("http://localhost:4000", "http://localhost:4000/v1")),
    "anthropic": ("anthropic", ("https://api.anthropic.com",)),
    "gemini": ("google", ("https://generativelanguage.googleapis.com",)),
    "ollama": ("ollama", ("http://localhost:11434", "http://127.0.0.1:11434")),
    "ollama_chat": ("ollama", ("http://localhost:11434", "http://127.0.0.1:11434")),
}
# What is no synonym of the provider here by itself.
_CALLED_HERE = {
    "text-completion-openai": "openai",
    "hosted_vllm": "vllm",
    "lm_studio": "lmstudio",
    "litellm_proxy": "litellm",
    "ollama_chat": "ollama",
    "cohere_chat": "cohere",
    "chatgpt": "openai-codex",
}
_IN_PARTS = re.compile(r"(azure|bedrock|sagemaker|vertex_ai|watsonx|oci|databricks|snowflake)(_|$)")
_OWN_NAMES = (
    (re.compile(r"(gpt|chatgpt|o\d)-?"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
)
_ALIAS = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class _Asked(NamedTuple):
    """An entry taken apart; `goes_to` is an address of its own, empty for the usual one."""

    provider: str
    model: str
    dialect: Dialect
    goes_to: str


def contents(files: Sequence[ToolFile]) -> Contents:
    """Raises Malformed."""
    return gathered(
        item for file in files for item in _Config(file, table(file, "LiteLLM")).items()
    )


class _Config:
    def __init__(self, file: ToolFile, document: Document) -> None:
        self.file, self.document = file, document
        # The providers of one's own by their addresses; the variables that were spoken of.
        self.own: dict[tuple[str, Dialect], str] = {}
        self.ids: dict[str, int] = {}
        self.env: dict[str, dict[str, None]] = {}
        self.told: set[str] = set()
        self.shared = {
            text(inner(one).get("credential_name")): inner(one, "credential_values")
            for one in listed(document.get("credential_list"))
        }

    def items(self) -> Iterator[Item]:
        refs: dict[str, str] = {}
        for number, entry in enumerate(listed(self.document.get("model_list")), 1):
            where = place(self.file, f"model_list, entry {number}")
            yield from self._entry(where, inner(entry), refs)
        for (url, dialect), id in self.own.items():
            yield own(id, url, dialect, place(self.file, "model_list"), env=self.env.get(id, ()))
        yield from self._routing(refs)
        if inner(self.document, "general_settings").get("master_key"):
            where = place(self.file, "general_settings", "master_key")
            yield Left(where, "it opens the proxy itself (see: auth add --provider litellm)")
        if inner(self.document, "environment_variables"):
            where = place(self.file, "environment_variables")
            yield Left(where, "variables for the proxy alone were not read")

    def _entry(self, where: str, entry: Document, refs: dict[str, str]) -> Iterator[Item]:
        name, params = text(entry.get("model_name")), inner(entry, "litellm_params")
        shared = self.shared.get(text(params.get("litellm_credential_name")), {})
        params = {**shared, **params}
        try:
            asked = self._asked(name, params)
        except Malformed as refusal:
            yield Left(where, str(refusal))
            return
        yield from self._key(where, asked, params.get("api_key"))
        ref = model(f"{asked.provider}/{asked.model}")
        if ref is None or "*" in ref:
            yield Left(where, "it is not one model of a provider")
        elif name in refs:
            yield Left(where, "another entry of that name comes first; its model was not taken")
        else:
            refs[name] = ref

    def _asked(self, name: str, params: Document) -> _Asked:
        """Raises Malformed."""
        whole = text(params.get("model"))
        head, slash, rest = whole.partition("/")
        if told := text(params.get("custom_llm_provider")):
            head, rest = told, rest if head == told else whole
        elif not slash:
            head = next((id for names, id in _OWN_NAMES if names.match(whole)), "")
            rest = whole
        if _IN_PARTS.match(head):
            raise Malformed("its credential has several parts; add what of it is known here")
        provider = canonical(_CALLED_HERE.get(head, head.replace("_", "-")))
        if provider is None:
            raise Malformed("it does not say its provider")
        dialect, usual = _ANYWHERE.get(head, ("openai", ()))
        elsewhere = params.get("api_base") or params.get("base_url")
        url = address(elsewhere, dialect) if elsewhere else ""
        rest = rest.removeprefix("responses/") if head == "openai" else rest
        if head in _ANYWHERE and url and url not in usual:
            provider = self._own_id(name, rest, url, dialect)
        return _Asked(provider, rest, dialect, url)

    def _own_id(self, name: str, rest: str, url: str, dialect: Dialect) -> str:
        """What the provider at `url` is called: as the name of its model says, else its host."""
        if known := self.own.get((url, dialect)):
            return known
        head, slash, model_name = name.partition("/")
        host = re.sub(r"[^a-z0-9.]+", "-", url.partition("://")[2].removesuffix("/v1").lower())
        wanted = canonical(head) if slash and model_name == rest else None
        wanted = wanted or canonical(host.strip("-.")) or "server"
        id = wanted
        while id in self.ids:
            self.ids[wanted] += 1
            id = f"{wanted[:56]}-{self.ids[wanted]}"
        self.ids[id] = 1
        self.own[url, dialect] = id
        return id

    def _key(self, where: str, asked: _Asked, value: object) -> Iterator[Item]:
        if not value or value == NO_KEY:
            return
        read = variable(value)
        if read and asked.provider in self.ids:
            self.env.setdefault(asked.provider, {})[read] = None
        elif read is None or read not in self.told:
            # A variable is one for all of its entries, and told of once.
            self.told |= {read} if read else set()
            url, dialect = asked.goes_to, asked.dialect
            yield key(asked.provider, value, f"{where}, api_key", url=url, dialect=dialect)

    def _routing(self, refs: Mapping[str, str]) -> Iterator[Item]:
        for name, ref in refs.items():
            if name == ref:
                continue
            if _ALIAS.fullmatch(name) and named(name) == name:
                yield Chosen("aliases", {name: ref})
            elif name:
                yield Left(place(self.file, "model_list", name), "it is no name of an alias here")
        router = inner(self.document, "router_settings")
        groups: dict[str, str] = {}
        for alias, told in inner(router, "model_group_alias").items():
            meant = refs.get(text(told) or text(inner(told).get("model")))
            if meant is None or named(alias) != alias:
                yield Left(place(self.file, "model_group_alias", alias), "its model is not listed")
            else:
                groups[alias] = meant
        yield Chosen("aliases", groups)
        for first in list(refs)[:1]:
            yield Chosen("default", refs[first])
            yield from self._fallbacks(first, {**groups, **refs})

    def _fallbacks(self, first: str, refs: Mapping[str, str]) -> Iterator[Item]:
        """What comes after the `first` model; there is one chain here for all."""
        chains: dict[str, list[Any]] = {}
        for part in ("router_settings", "litellm_settings"):
            settings = inner(self.document, part)
            for one in listed(settings.get("fallbacks")):
                for name, told in inner(one).items():
                    chains.setdefault(name, listed(told))
            if more := listed(settings.get("default_fallbacks")):
                chains.setdefault("*", more)
        chain = dict.fromkeys(
            refs.get(text(name)) for name in chains.get(first, chains.get("*", []))
        )
        where = place(self.file, "fallbacks")
        if None in chain:
            yield Left(where, "what is no name of the list was left out")
        yield Chosen("fallbacks", [ref for ref in chain if ref and ref != refs[first]])
        if others := len(chains.keys() - {first, "*"}):
            yield Left(where, f"there is one chain here for all models: {others} were not taken")
