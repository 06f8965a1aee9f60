"""The dialects asked a question, and answers as their providers send them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from adapters.providers.dialects.anthropic import AnthropicDialect
from adapters.providers.dialects.codex import CodexDialect
from adapters.providers.dialects.google import GoogleDialect
from adapters.providers.dialects.ollama import OllamaDialect
from adapters.providers.dialects.openai import OpenAIDialect
from adapters.providers.table import BY_ID
from application.ports.network import Head, Request, Stream
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.errors import WireFailure
from domain.providers.row import Provider

KEY = "sk-canary-0123456789"
TEXT = "wörld 🌍\n\tok"
ROW = Provider("own", "Own", "https://gateway.test/v1", "openai", source="user")
ACCESS = Access("https://gateway.test/v1", "bearer", Secret(KEY))
PROMPT = Prompt("Say hello.")

DIALECTS: dict[str, tuple[Speaker, Provider, str]] = {
    "openai": (OpenAIDialect(), ROW, "m"),
    "responses": (OpenAIDialect(), BY_ID["openai"], "o3-pro"),
    "codex": (CodexDialect(), BY_ID["openai-codex"], "m"),
    "anthropic": (AnthropicDialect(), ROW, "m"),
    "google": (GoogleDialect(), ROW, "m"),
    "ollama": (OllamaDialect(), ROW, "m"),
}


class Told(NamedTuple):
    """The requests, what was said for the person (signs of thinking left out), the verdict."""

    requests: list[Request]
    text: str
    verdict: ProbeVerdict
    signs: int = 0


def held(talk: Stream[ProbeVerdict], *answers: tuple[int, Iterable[bytes | WireFailure]]) -> Told:
    """The conversation, with these answers in turn."""
    coming = iter(answers)
    body: Iterator[bytes | WireFailure] = iter(())
    requests: list[Request] = []
    text, signs = "", 0
    said: Any = None
    try:
        step = next(talk)
        while True:
            if isinstance(step, Request):
                requests.append(step)
                status, told = next(coming)
                said, body = Head(status, {"x-request-id": "req_1"}), iter(told)
            elif step is None:
                said = next(body, b"")
            else:
                text, signs, said = text + step, signs + (not step), None
            step = talk.throw(said) if isinstance(said, WireFailure) else talk.send(said)
    except StopIteration as stop:
        return Told(requests, text, cast("ProbeVerdict", stop.value), signs)


def talk(name: str, prompt: Prompt = PROMPT, access: Access = ACCESS) -> Stream[ProbeVerdict]:
    dialect, row, model = DIALECTS[name]
    return dialect.ask(row, access, model, prompt, 0)


def asked(name: str, *body: bytes | WireFailure, status: int = 200) -> Told:
    return held(talk(name), (status, body))


def events(*documents: object, done: bool = False) -> bytes:
    told = b"".join(b"data: %b\n\n" % packed(document) for document in documents)
    return told + b"data: [DONE]\n\n" * done


def lines(*documents: object) -> bytes:
    return b"".join(packed(document) + b"\n" for document in documents)


def packed(document: object) -> bytes:
    """As most write it: characters as they are. A lone surrogate has no other form than its own."""
    try:
        return json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(document).encode()


def chunk(delta: object, reason: str | None = None) -> dict[str, object]:
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }


def block(delta: object) -> dict[str, object]:
    return {"type": "content_block_delta", "index": 0, "delta": delta}


def candidate(*parts: object, reason: str | None = None) -> dict[str, object]:
    ended = {"finishReason": reason} if reason else {}
    return {"candidates": [{"content": {"parts": list(parts)}, "index": 0, **ended}]}


def spoken(content: object, **more: object) -> dict[str, object]:
    return {"message": {"role": "assistant", "content": content}, "done": False, **more}


OUTPUT = [
    {"type": "reasoning", "summary": []},
    {"type": "message", "content": [{"type": "output_text", "text": TEXT}]},
]
RESPONSES = events(
    {
        "type": "response.created",
        "response": {"status": "in_progress", "output": [], "error": None},
    },
    {"type": "response.output_item.added", "item": {"type": "reasoning"}},
    {"type": "response.reasoning_summary_text.delta", "delta": "hm"},
    {"type": "response.output_text.delta", "delta": "wörld "},
    {"type": "response.output_text.delta", "delta": "🌍\n\tok"},
    {"type": "response.output_text.done", "text": TEXT},
    {"type": "response.completed", "response": {"status": "completed", "output": OUTPUT}},
)
STREAMS: dict[str, bytes] = {
    "openai": events(
        {"choices": [], "prompt_filter_results": []},
        chunk({"role": "assistant", "content": ""}),
        chunk({"reasoning_content": "hm", "content": None}),
        chunk({"content": "wörld "}),
        chunk({"content": [{"type": "text", "text": "🌍"}, {"type": "thinking", "thinking": []}]}),
        {"choices": [{"index": 1, "delta": {"content": "another answer"}}]},
        chunk({"content": "\n\tok"}),
        chunk({}, "stop"),
        {"choices": [], "usage": {"total_tokens": 7}},
        done=True,
    ),
    "responses": RESPONSES,
    "codex": RESPONSES,
    "anthropic": events(
        {"type": "message_start", "message": {"type": "message", "content": []}},
        {"type": "content_block_start", "content_block": {"type": "thinking", "thinking": ""}},
        block({"type": "thinking_delta", "thinking": "hm"}),
        {"type": "ping"},
        {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
        block({"type": "text_delta", "text": "wörld "}),
        block({"type": "text_delta", "text": "🌍\n\tok"}),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ),
    "google": events(
        candidate({"text": "hm", "thought": True}),
        candidate({"text": "wörld "}),
        {"candidates": [{"index": 1, "content": {"parts": [{"text": "another answer"}]}}]},
        candidate({"text": "🌍"}, {"text": "\n\tok"}, reason="STOP"),
        {"usageMetadata": {"totalTokenCount": 7}},
    ),
    "ollama": lines(
        spoken("", message={"role": "assistant", "content": "", "thinking": "hm"}),
        spoken("wörld "),
        spoken("🌍\n\tok"),
        spoken("", done=True, done_reason="stop"),
    ),
}
WHOLE: dict[str, dict[str, object]] = {
    "openai": {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]},
    "responses": {"object": "response", "status": "completed", "error": None, "output": OUTPUT},
    "codex": {"object": "response", "status": "completed", "output": OUTPUT},
    "anthropic": {
        "type": "message",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": TEXT}],
        "stop_reason": "end_turn",
    },
    "google": candidate({"text": "wörld "}, {"text": "🌍\n\tok"}),
    "ollama": {"message": {"content": TEXT}, "done": True, "done_reason": "stop"},
}
