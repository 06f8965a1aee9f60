"""Moments and spans: epoch milliseconds (UTC) inside, ISO 8601 and `2h` at the edges."""

import re
from datetime import UTC, datetime, timedelta

from domain.errors import Malformed

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_SPAN = r"([0-9]+(?:\.[0-9]+)?)\s*(ms|[smhdw])?"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 100 * 365 * DAY
_LAST = 253_402_300_799_999


def iso(at: int) -> str:
    """`at` (epoch ms) as `2026-11-23T05:48:01.000Z`; at most the year 9999."""
    text = (_EPOCH + timedelta(milliseconds=min(max(at, 0), _LAST))).isoformat(
        timespec="milliseconds"
    )
    return text.replace("+00:00", "Z")


def day_start(text: str) -> int | None:
    """When the day or the month `text` (ISO 8601) begins in UTC, in epoch ms; None for others."""
    try:
        day = datetime.fromisoformat(text if len(text) > len("2026-11") else f"{text}-01")
    except ValueError:
        return None
    return (day.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def span(text: str) -> int:
    """A duration in ms from `30d`, `12h`, `90m`, `45s`, `500ms`, `2w`; a bare number is days.

    Raises Malformed for anything else, for zero, and for more than a hundred years.
    """
    match = re.fullmatch(_SPAN, text.strip(), re.ASCII)
    length = int(float(match[1]) * _UNITS[match[2] or "d"]) if match and len(text) < 20 else 0
    if not 0 < length <= _LONGEST:
        raise Malformed(
            "that is not a duration", hint="write 30d, 12h, 90m or 45s (a bare number is days)"
        )
    return length


def brief(length: int) -> str:
    """How long, for a person: `45m`, `30h`, `12d`; at least `1m`. `length` in ms."""
    if length < HOUR:
        return f"{max(1, length // MINUTE)}m"
    return f"{length // HOUR}h" if length < 2 * DAY else f"{length // DAY}d"


def left(length: int) -> str:
    """How long still, for a person, to the second where that matters: `28s`, `45m`."""
    return f"{-(-length // SECOND)}s" if length < MINUTE else brief(length)


def ago(age: int) -> str:
    """How long since, for a person: `just now`, `5m ago`. `age` in ms."""
    return "just now" if age < MINUTE else f"{brief(age)} ago"
