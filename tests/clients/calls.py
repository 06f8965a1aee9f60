"""One question, asked by each of the client libraries: once, and with little patience."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

PATIENCE = 1.0
"""Seconds until a client gives up."""
ASKED: list[Any] = [{"role": "user", "content": "hello"}]
Call = Callable[[str, str, str], str]
"""Takes the address of a server, a model and a key; returns what the model said."""


def by_openai(url: str, model: str, key: str) -> str:
    openai: Any = import_module("openai")
    usual = {"api_key": key, "max_retries": 0, "timeout": PATIENCE}
    with openai.OpenAI(base_url=f"{url}/v1", **usual) as client:
        answer = client.chat.completions.create(model=model, messages=ASKED)
    return str(answer.choices[0].message.content)


def by_anthropic(url: str, model: str, key: str) -> str:
    anthropic: Any = import_module("anthropic")
    usual = {"api_key": key, "max_retries": 0, "timeout": PATIENCE}
    with anthropic.Anthropic(base_url=url, **usual) as client:
        answer = client.messages.create(model=model, messages=ASKED, max_tokens=9)
    return str(answer.content[0].text)


def by_google(url: str, model: str, key: str) -> str:
    genai: Any = import_module("google.genai")
    options = genai.types.HttpOptions(base_url=url, timeout=int(PATIENCE * 1000))
    with genai.Client(api_key=key, http_options=options) as client:
        return str(client.models.generate_content(model=model, contents="hello").text)


def by_litellm_as_openai(url: str, model: str, key: str) -> str:
    return _by_litellm(f"{url}/v1", f"openai/{model}", key)


def by_litellm_as_anthropic(url: str, model: str, key: str) -> str:
    return _by_litellm(url, f"anthropic/{model}", key)


def by_litellm_as_gemini(url: str, model: str, key: str) -> str:
    return _by_litellm(url, f"gemini/{model}", key)


def by_litellm_as_nobody(url: str, model: str, key: str) -> str:
    return _by_litellm(url, f"nobody/{model}", key)


def _by_litellm(base: str, model: str, key: str) -> str:
    litellm: Any = import_module("litellm")
    once = {"max_retries": 0, "num_retries": 0, "timeout": PATIENCE}
    answer = litellm.completion(model=model, api_base=base, api_key=key, messages=ASKED, **once)
    return str(answer.choices[0].message.content)


CALLS: list[Call] = [
    by_openai,
    by_anthropic,
    by_google,
    by_litellm_as_openai,
    by_litellm_as_anthropic,
    by_litellm_as_gemini,
]
