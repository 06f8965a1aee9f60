"""OpenRouter on this machine: its list, its endpoints, and models of which some lie about tools."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.cli.servers import BAD, Answer, ScriptedServer, refusal

DAY = 86_400
NO_FORCE = refusal(404, "not_found", "No endpoints found that support the provided 'tool_choice'")
NO_TOOLS = refusal(404, "not_found", "No endpoints found that support tool use.")
LIMITED = refusal(429, "429", "Rate limit exceeded: free-models-per-min. ")


def entry(id: str, *, price: object = "0", **given: Any) -> dict[str, Any]:
    """A model as OpenRouter lists it."""
    usual = {
        "id": id,
        "canonical_slug": id.removesuffix(":free"),
        "name": f"Some: {id}",
        "created": int(time.time()) - 10 * DAY,
        "description": "What it is good for.",
        "context_length": 131072,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "tokenizer": "Other",
        },
        "pricing": {"prompt": price, "completion": price, "request": "0", "image": "0"},
        "top_provider": {"context_length": 131072, "max_completion_tokens": 8192},
        "supported_parameters": ["max_tokens", "temperature", "tools", "tool_choice"],
        "some_new_field": {"nobody": ["knows"]},
    }
    return {**usual, **given}


SEES = {"input_modalities": ["text", "image"], "output_modalities": ["text"]}


def catalogue(count: int, *, free: int = 120) -> list[dict[str, Any]]:
    """`count` models, `free` of them free: of every two of those the second lies about tools."""
    first = [
        entry(f"maker{n % 7}/{'liar' if n % 2 else 'true'}-{n}-{n % 90 + 1}b:free")
        for n in range(free)
    ]
    return first + [entry(f"maker/paid-{n}", price="0.000001") for n in range(count - free)]


@dataclass(slots=True)
class Router(ScriptedServer):
    """`models` are listed; `list_answer` is said instead. What a model answers to its next requests
    is in `script`, by its name; paths that end with `hangs` are not answered. `served` is what its
    endpoints say of themselves.
    """

    models: list[dict[str, Any]] = field(default_factory=list)
    list_answer: Answer | None = None
    script: dict[str, list[Answer]] = field(default_factory=dict)
    served: dict[str, dict[str, Any]] = field(default_factory=dict)
    posted: list[tuple[float, str]] = field(default_factory=list)
    hangs: str = "nothing"
    before: Callable[[str], Answer | None] = lambda _: None

    def answer(self, path: str, model: str, key: str) -> Answer | None:
        self.seen.append((path, model, key))
        if path.endswith(self.hangs) or model == "maker/hang:free":
            self.posted += [(time.monotonic(), model)] if model else []
            self.arrived.set()
            return None
        if path.endswith("/endpoints"):
            return self._endpoints(path.partition("/models/")[2].removesuffix("/endpoints"))
        if path.endswith("/models"):
            return self.list_answer or _answer({"data": self.models})
        self.posted.append((time.monotonic(), model))
        if key == BAD:
            return refusal(401, "401", "User not found.")
        if said := self.before(model):
            return said
        if coming := self.script.get(model):
            return coming.pop(0)
        body = next(b for b in reversed(self.bodies) if b["model"] == model)
        return _answer(_completion(model, calls="tools" in body and "liar" not in model))

    def _endpoints(self, model: str) -> Answer:
        usual = {
            "status": 0,
            "uptime_last_1d": 99.7,
            "latency_last_30m": {"p50": 800},
            "supported_parameters": ["tools"],
        }
        return _answer({"data": {"endpoints": [{**usual, **self.served.get(model, {})}]}})

    @property
    def asked(self) -> list[str]:
        """The models that were asked for inference, in order."""
        return [model for _, model in self.posted]


def _answer(document: object) -> Answer:
    return Answer(200, json.dumps(document).encode())


def _completion(model: str, *, calls: bool) -> dict[str, Any]:
    call = {"id": "c1", "type": "function", "function": {"name": "ping", "arguments": "{}"}}
    message = {"role": "assistant", "content": None if calls else "ping()"}
    if calls:
        message |= {"tool_calls": [call]}  # type: ignore[dict-item]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    return {"object": "chat.completion", "model": model, "choices": [choice]}
