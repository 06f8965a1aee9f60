"""Usage windows as JSON: the same wherever they stand."""

from typing import Any

from domain.answers.usage import Snapshot, UsageWindow
from domain.instants import iso
from domain.text import visible


def document(told: Snapshot | None) -> dict[str, Any]:
    """`problem` is why an endpoint told nothing. Times are epoch ms."""
    if told is None:
        return {"windows": []}
    shown: dict[str, Any] = {"windows": [_window(w, told) for w in told.windows]}
    if told.problem:
        shown["problem"] = told.problem
    return shown


def _window(window: UsageWindow, told: Snapshot) -> dict[str, Any]:
    return {
        "label": visible(window.label),
        "usedPercent": _percent(window.used),
        "remainingPercent": _percent(window.left),
        "remaining": window.remaining,
        "limit": window.limit,
        "lengthMs": window.length,
        "resetsAt": window.resets_at,
        "resetsAtIso": None if window.resets_at is None else iso(window.resets_at),
        "source": told.source,
        "at": told.at,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)
