"""What the fields of a provider's list of models mean, by their names.

Providers name the same facts differently, and different ones alike: prices above all. A field that
is not here, or has a value nobody expected, is kept as it is.
"""

from collections.abc import Mapping
from typing import Any

from domain.selection.list_values import (
    Found,
    Rules,
    abilities,
    able,
    column,
    count,
    day,
    efforts,
    in_cents,
    kind,
    lifecycle,
    model_info,
    per_million,
    per_token,
    price,
    served_by,
    text,
    unless,
    words,
)

KINDS = ("image", "pdf", "audio", "video")
"""Columns beside a row's: what it takes beside text."""
_LIMITS: Rules = {
    **dict.fromkeys(
        (
            "context",
            "context_length",
            "context_size",
            "context_window",
            "inputTokenLimit",
            "max_context_length",
            "max_context_window_tokens",
            "max_input_tokens",
            "max_model_len",
            "max_prompt_length",
            "n_ctx_train",
        ),
        column("context", count),
    ),
    **dict.fromkeys(
        (
            "max_completion_tokens",
            "max_output_tokens",
            "max_tokens",
            "output",
            "outputTokenLimit",
        ),
        column("output", count),
    ),
}
_MODALITIES: Rules = {
    "input_modalities": column("inputs", words),
    "output_modalities": column("outputs", words),
}
_PRICES: Rules = {
    "prompt": column("cost_input", per_token),
    "completion": column("cost_output", per_token),
    "input": column("cost_input", price),
    "output": column("cost_output", price),
    "input_tokens": column("cost_input", per_million),
    "output_tokens": column("cost_output", per_million),
    "input_cache_read": column("cost_cache_read", per_token),
    "input_cache_write": column("cost_cache_write", per_token),
    **dict.fromkeys(("cached_input", "cache_read"), column("cost_cache_read", price)),
    "cache_write": column("cost_cache_write", price),
}
_CAPABILITIES: Rules = {
    "": abilities(("tools",)),
    **dict.fromkeys(
        ("function_calling", "tool_calls", "tools", "trained_for_tool_use"), able("tools")
    ),
    **dict.fromkeys(("structured_outputs", "structured_output"), able("structured")),
    **dict.fromkeys(("thinking", "reasoning"), able("reasoning")),
    **dict.fromkeys(("vision", "image_input"), able("image")),
    "pdf_input": able("pdf"),
    "audio": able("audio"),
    "reasoning_effort": efforts,
    "type": kind,
}
RULES: Rules = {
    **_LIMITS,
    **_MODALITIES,
    **dict.fromkeys(("name", "display_name", "displayName"), column("name", text)),
    **dict.fromkeys(("limit", "limits", "top_provider", "meta"), _LIMITS),
    "architecture": _MODALITIES,
    "modalities": {"input": column("inputs", words), "output": column("outputs", words)},
    **dict.fromkeys(("pricing", "cost"), _PRICES),
    "prompt_text_token_price": column("cost_input", in_cents),
    "completion_text_token_price": column("cost_output", in_cents),
    "cached_prompt_text_token_price": column("cost_cache_read", in_cents),
    "capabilities": {
        **_CAPABILITIES,
        "limits": _LIMITS,
        "supports": _CAPABILITIES,
    },
    "metadata": {**_LIMITS, "pricing": _PRICES},
    **dict.fromkeys(("tools", "tool_call"), able("tools")),
    **dict.fromkeys(("thinking", "reasoning"), able("reasoning")),
    "structured_output": able("structured"),
    "supported_parameters": abilities(("tools", "reasoning", "structured")),
    "supportedGenerationMethods": abilities(),
    "supported_reasoning_levels": efforts,
    "tags": abilities(),
    "providers": served_by,
    "model_info": model_info,
    "type": kind,
    **dict.fromkeys(("knowledge", "knowledge_cutoff"), column("knowledge", day)),
    **dict.fromkeys(("created_at", "release_date"), column("released", day)),
    **dict.fromkeys(
        ("shutdown_date", "retires_at", "expiration_date", "deprecation"), column("retires", day)
    ),
    "deprecated_at": column("deprecated", day),
    "deprecation_replacement_model": column("replacement", text),
    **dict.fromkeys(("lifecycle", "status"), lifecycle),
    "active": unless(True, "inactive"),
    "is_deprecated": unless(False, "deprecated"),
    "preview": unless(False, "preview"),
}
KEPT = frozenset(
    {"supported_parameters", "supportedGenerationMethods", "supported_reasoning_levels", "tags"}
    | {"providers", "capabilities", "deprecated_at"}
)
"""Lists and moments that say more than a row has columns for: they stay beside it."""
PROSE = frozenset({"description", "object", "permission"})
"""What says nothing of a model, or only at length."""


def understood(said: Mapping[str, Any], rules: Rules, found: Found) -> Found:
    """Adds to `found` what `said` tells, an earlier field before a later one; what is left."""
    left: Found = {}
    for name, value in said.items():
        if value is None or value == "":
            continue
        rule = rules.get(name)
        if isinstance(rule, Mapping):
            if isinstance(value, dict):
                if rest := understood(value, rule, found):
                    left[name] = rest
                continue
            rule = rule.get("")
        got = rule(value) if callable(rule) else None
        if got is None or name in KEPT:
            left[name] = value
        for key, told in (got or {}).items():
            found.setdefault(key, told)
    return left
