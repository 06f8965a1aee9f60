"""How the values of a list of models are read; None for what nobody expected."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Union

from domain.instants import SECOND, iso
from domain.text import visible

Found = dict[str, Any]
Read = Callable[[Any], Found | None]
"""What a value says of the columns of a row; None where it is not understood."""
Rules = Mapping[str, Union[Read, "Rules"]]
"""By name, how a value is read, or what is in it. `""` reads a value that has no names in it."""
_MOST_TOKENS = 10**12
_DAY = re.compile(r"\d{4}(-\d\d){0,2}(?=$|[T ])", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_+./ -]{1,40}", re.ASCII)


def column(name: str, read: Callable[[Any], Any]) -> Read:
    """Reads one column; what `read` answers with None is not understood."""

    def found(value: Any) -> Found | None:
        got = read(value)
        return None if got is None else {name: got}

    return found


def number(value: object) -> float | None:
    """A number of at least zero, or the text of one."""
    if isinstance(value, str) and len(value) <= 30:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Not infinite, and not NaN.
    return float(value) if 0 <= value <= _MOST_TOKENS else None


def count(value: object) -> int | None:
    found = number(value)
    return int(found) if found and found == int(found) else None


def text(value: object) -> str | None:
    return visible(" ".join(value.split())) or None if isinstance(value, str) else None


def day(value: object) -> str | None:
    """An ISO day or month, out of a longer moment or of epoch seconds."""
    if isinstance(value, str):
        found = _DAY.match(value)
        return found[0] if found else None
    seconds = number(value)
    return iso(int(seconds * SECOND))[:10] if seconds else None


def truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def words(value: object) -> tuple[str, ...] | None:
    """A list of words, each once; not understood where one could not stand in a list of ours."""
    if not isinstance(value, list) or not value:
        return None
    are_words = all(isinstance(word, str) and _WORD.fullmatch(word) for word in value)
    return tuple(dict.fromkeys(value)) if are_words else None


def _times(factor: float) -> Callable[[Any], float | None]:
    def scaled(value: object) -> float | None:
        found = number(value)
        # Without the dust of binary fractions.
        return None if found is None else float(f"{found * factor:.9g}")

    return scaled


per_million, per_token = _times(1), _times(1_000_000)
# xAI: in cents for a hundred million tokens.
in_cents = _times(1 / 10_000)


def price(value: object) -> float | None:
    """Vercel writes dollars per token, as text; others per million, as a number."""
    return per_token(value) if isinstance(value, str) else per_million(value)


def able(name: str) -> Rules:
    """Whether it can do something: a truth, or `{"supported": ...}`."""
    return {"": column(name, truth), "supported": column(name, truth)}


_ABILITIES = {
    **dict.fromkeys(("tools", "tool_use", "tool-use", "function_calling"), "tools"),
    **dict.fromkeys(
        ("reasoning", "include_reasoning", "reasoning_effort", "thinking"), "reasoning"
    ),
    **dict.fromkeys(("structured_outputs", "structured-outputs", "json_schema"), "structured"),
    **dict.fromkeys(("vision", "image_input"), "image"),
    **dict.fromkeys(("file-input", "pdf_input"), "pdf"),
}


def abilities(told: Iterable[str] = ()) -> Read:
    """Reads a list of abilities. Which it always names, so that silence means no: `told`."""

    def found(value: object) -> Found | None:
        if not isinstance(value, list):
            return None
        known = {_ABILITIES[w]: True for w in value if isinstance(w, str) and w in _ABILITIES}
        embeds = "embedding" in value or "embedContent" in value
        return {**dict.fromkeys(told, False), **known, **({"embeds": True} if embeds else {})}

    return found


_TYPES: dict[str, Found] = {
    "model": {},
    **{name: {"outputs": ("text",)} for name in ("chat", "language", "llm", "code")},
    "vlm": {"outputs": ("text",), "image": True},
    **{name: {"outputs": ("embedding",)} for name in ("embedding", "embeddings")},
    **{name: {"outputs": (name,)} for name in ("image", "video", "audio", "rerank")},
}


def kind(value: object) -> Found | None:
    return _TYPES.get(value) if isinstance(value, str) else None


def lifecycle(value: object) -> Found | None:
    if value == "active":
        return {}
    return {"status": value} if isinstance(value, str) and _WORD.fullmatch(value) else None


def unless(expected: bool, otherwise: str) -> Read:
    """A truth that is only worth a word where it is not as `expected`."""

    def found(value: object) -> Found | None:
        if not isinstance(value, bool):
            return None
        return {} if value is expected else {"status": otherwise}

    return found


def efforts(value: object) -> Found | None:
    """How hard it can think: words, or objects that have one."""
    if not isinstance(value, list) or not value:
        return None
    none = any((e.get("effort") if isinstance(e, dict) else e) == "none" for e in value)
    return {"reasoning": True, **({"reasoning_off": "effort none"} if none else {})}


def model_info(value: object) -> Found | None:
    """Ollama: `llama.context_length` and the like, by architecture."""
    if not isinstance(value, dict):
        return None
    lengths = (count(v) for name, v in value.items() if name.endswith(".context_length"))
    return {"context": length} if (length := next(lengths, None)) else {}


def served_by(value: object) -> Found | None:
    """Hugging Face: who serves it. It can what one of them can; it costs what all of them take."""
    if not isinstance(value, list):
        return None
    live = [p for p in value if isinstance(p, dict) and p.get("status") in (None, "live")]
    found: Found = {}
    if lengths := [length for p in live if (length := count(p.get("context_length")))]:
        found["context"] = max(lengths)
    for name, ability in (
        ("tools", "supports_tools"),
        ("structured", "supports_structured_output"),
    ):
        if told := [p[ability] for p in live if isinstance(p.get(ability), bool)]:
            found[name] = any(told)
    pricing = [p.get("pricing") for p in live]
    for name, side in (("cost_input", "input"), ("cost_output", "output")):
        costs = {number(p.get(side)) if isinstance(p, dict) else None for p in pricing}
        if len(costs) == 1 and (cost := costs.pop()) is not None:
            found[name] = cost
    return found
