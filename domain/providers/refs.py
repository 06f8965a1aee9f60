"""Names of models and providers, for programs and for people."""

import re
from typing import NamedTuple, Self

from domain.errors import Malformed

_PROVIDER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LONGEST_MODEL = 256
_LONGEST_LABEL = 100
# Spellings people bring from other tools; a test keeps them equal to those in the table's rows.
SYNONYMS = {
    "codex": "openai-codex",
    "gemini": "google",
    "mistralai": "mistral",
    "mistral-ai": "mistral",
    "x-ai": "xai",
    "x.ai": "xai",
    "grok": "xai",
    "deep-seek": "deepseek",
    "moonshotai": "moonshot",
    "moonshot-ai": "moonshot",
    "kimi": "moonshot",
    "z.ai": "zai",
    "z-ai": "zai",
    "dashscope": "qwen",
    "alibaba": "qwen",
    "modelstudio": "qwen",
    "togetherai": "together",
    "together-ai": "together",
    "together.ai": "together",
    "fireworks-ai": "fireworks",
    "fireworksai": "fireworks",
    "nvidia-nim": "nvidia",
    "azure": "azure-openai",
    "bedrock": "amazon-bedrock",
    "aws-bedrock": "amazon-bedrock",
    "open-router": "openrouter",
    "hugging-face": "huggingface",
    "copilot": "github-copilot",
    "vercel": "vercel-ai-gateway",
    "opencode-zen": "opencode",
    "lm-studio": "lmstudio",
    "llama.cpp": "llama-cpp",
    "llamacpp": "llama-cpp",
    "litellm-proxy": "litellm",
}


def label_of(text: str) -> str:
    """A name for people, of a provider or a profile. Raises Malformed."""
    label = text.strip()
    if not label.isprintable() or len(label) > _LONGEST_LABEL:
        raise Malformed(
            f"a label is one line of at most {_LONGEST_LABEL} characters", hint="shorten it"
        )
    return label


def provider_id(text: str) -> str:
    """The canonical id of a provider: trimmed, lower case, synonyms resolved.

    Raises Malformed unless it is 1 to 64 of `a-z 0-9 . _ -`, starting with a letter or digit.
    """
    name = text.strip().lower()
    name = SYNONYMS.get(name, name)
    if not _PROVIDER.fullmatch(name):
        raise Malformed(
            "that is not a provider id", hint="letters, digits, dots, dashes; for example openai"
        )
    return name


class ModelRef(NamedTuple):
    """One model of one provider: `provider/model`. The model keeps its case and its slashes."""

    provider: str
    model: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split `text` at its FIRST slash; `str` is the inverse. Raises Malformed."""
        provider, slash, model = text.strip().partition("/")
        if not slash or not provider.strip() or not model.strip():
            raise Malformed(
                "a model reference is provider/model",
                hint="both sides of the first slash are needed; for example openai/gpt-5.4-mini",
            )
        return cls(provider_id(provider), model_id(model))

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


def model_id(text: str) -> str:
    """A model's own name: no white space, no control characters, at most 256 characters."""
    name = text.strip()
    if not name or len(name) > _LONGEST_MODEL or not name.isprintable() or " " in name:
        raise Malformed(
            "that is not a model name", hint="no spaces or control characters, at most 256 long"
        )
    return name
