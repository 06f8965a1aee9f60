"""What is about to end, in words for a person and as JSON."""

from typing import TYPE_CHECKING, Any

from domain.answers.usage import phrase
from domain.instants import DAY, ago, brief, iso

if TYPE_CHECKING:
    from domain.routing.outlook import Expected
    from domain.routing.retirements import Retirement, Source

_SOURCES = {
    "snapshot": "snapshot of {}",
    "list": "the provider's own list of {}",
    "answer": "its own answer of {}",
    "profile": "the profile",
}


def source_text(source: "Source") -> str:
    return _SOURCES[source.kind].format(source.day)


def sentence(end: "Retirement", now: int) -> str:
    """That a model is retired, when, who says so, and what its provider advises."""
    if now < end.at:
        text = f"{end.ref} will be retired on {end.day} at the earliest"
    else:
        text = f"{end.ref} was to be retired on {end.day}"
    text += f" ({source_text(end.source)})"
    if end.confirmed:
        text += f", and is gone by {source_text(end.confirmed)}"
    return text + _advice(end)


def _advice(end: "Retirement") -> str:
    return f"; its provider advises {end.replacement}" if end.replacement else ""


def moment(one: "Expected") -> str:
    """`2026-12-11 at the earliest`, `2026-12-11T10:00Z`, `about 2026-12-11`."""
    day = iso(one.at)[:10]
    match one.certainty:
        case "earliest":
            return f"{day} at the earliest"
        case "about":
            return f"about {day}"
        case "exact":
            return f"{iso(one.at)[:16]}Z"


def remaining(one: "Expected", now: int) -> str:
    """How long still, to the day where the moment is no nearer known."""
    if one.at <= now:
        return ago(now - one.at)
    return brief(one.at - now) if one.certainty == "exact" else f"{days_left(one.at, now)}d"


def days_left(at: int, now: int) -> int:
    """Days until `at`, a part of one counted; 0 and less once it is over."""
    return -((now - at) // DAY)


def what(one: "Expected", now: int) -> str:
    if one.end:
        gone = ", gone by " + source_text(one.end.confirmed) if one.end.confirmed else ""
        return f"{one.what} ({', '.join(one.tags)}) is retired{gone}{_advice(one.end)}"
    if one.window is None:
        return f"{one.what} expires"
    if one.kind == "reset":
        return f"{one.what}: {phrase([one.window], now)}"
    return f"{one.what}: {phrase([one.window._replace(resets_at=None)], now)}, then nothing"


def document(one: "Expected", now: int) -> dict[str, Any]:
    window = one.window
    left = window.left if window else None
    return {
        "kind": one.kind,
        "model": one.what if one.end else None,
        "profileId": None if one.end else one.what,
        "provider": one.provider,
        **_when(one.at, now),
        "certainty": one.certainty,
        "source": _source(one.source),
        "tags": list(one.tags),
        **_end(one.end),
        "window": window.label if window else None,
        "remainingPercent": None if left is None else round(left * 100, 2),
        "remaining": window.remaining if window else None,
    }


def retirement_document(end: "Retirement", now: int) -> dict[str, Any]:
    """The same of the default, in `models status`."""
    return {
        "model": str(end.ref),
        **_when(end.at, now),
        "certainty": "earliest",
        "source": _source(end.source),
        **_end(end),
    }


def _when(at: int, now: int) -> dict[str, Any]:
    return {"at": at, "atIso": iso(at), "daysLeft": days_left(at, now)}


def _end(end: "Retirement | None") -> dict[str, Any]:
    confirmed = end.confirmed if end else None
    return {
        "replacement": (end.replacement or None) if end else None,
        "confirmedBy": _source(confirmed) if confirmed else None,
    }


def _source(source: "Source") -> dict[str, str | None]:
    return {"kind": source.kind, "date": source.day or None}
