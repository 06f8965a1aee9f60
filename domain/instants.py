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
_MOMENT = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 100 * 365 * DAY
_MOMENTS = "write 7d, 2026-11-01, 2026-11-01T08:30, today or yesterday (days are UTC)"
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


def moment(text: str, now: int) -> int:
    """Epoch ms of `2026-11-01`, `2026-11-01T08:30` (UTC, unless an offset is there), `today`,
    `yesterday`, `now`, or of how long before `now` (epoch ms): `7d`.

    Raises Malformed for anything else, and for a day that is in no calendar.
    """
    days = {"now": now, "today": now // DAY * DAY, "yesterday": (now // DAY - 1) * DAY}
    if text in days:
        return days[text]
    if re.fullmatch(_MOMENT, text, re.ASCII):
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise Malformed(f"{text[:10]} is not a moment of the calendar", hint=_MOMENTS) from None
        return (at.replace(tzinfo=at.tzinfo or UTC) - _EPOCH) // timedelta(milliseconds=1)
    try:
        return now - span(text)
    except Malformed:
        raise Malformed("that is not a moment", hint=_MOMENTS) from None


def brief(length: int) -> str:
    """How long, for a person: `45m`, `30h`, `12d`; at least `1m`. `length` in ms."""
    if length < HOUR:
        return f"{max(1, length // MINUTE)}m"
    return f"{length // HOUR}h" if length < 2 * DAY else f"{length // DAY}d"


def precise(length: int) -> str:
    """How long, for a person, to the second below a minute: `28s`, `45m`."""
    return f"{-(-length // SECOND)}s" if length < MINUTE else brief(length)


def ago(age: int) -> str:
    """How long since, for a person: `just now`, `5m ago`. `age` in ms."""
    return "just now" if age < MINUTE else f"{brief(age)} ago"
