"""What an answer tells of its provider's limits: one parser for every format of header and body.

Why windows lie as they do: docs/adr/0011. Whether a number is a fraction or a percentage is
told by its header's name. No text of the answer gets into a window, only numbers and moments.
"""

import re
from collections.abc import Iterator, Mapping

from domain.answers.resets import parse_reset
from domain.answers.usage import LARGEST, MOST, UsageWindow, length_name, window
from domain.instants import DAY, HOUR, MINUTE, SECOND

_NUMBER = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,12})?", re.ASCII)
# A window used a hundred times over is a mistake.
_MOST_USED = 100.0
_PLAN = re.compile(
    r"anthropic-ratelimit-unified-(?P<claim>(?P<count>[1-9][0-9]{0,2})(?P<unit>[mhd])"
    r"(?:[-_](?P<part>[a-z0-9_]{1,16}))?|overage)-(?:utilization|status)",
    re.ASCII,
)
_PLAN_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}
# Windows for one model only, by what their headers are called.
_PLAN_PARTS = {"sonnet": "sonnet", "opus": "opus", "haiku": "haiku", "oi": "oi", None: ""}
_COUNT = re.compile(
    r"(?:anthropic-|x-)?ratelimit-(?:(?P<after>limit|remaining|reset)(?:-(?P<of>[a-z_-]{1,32}))?"
    r"|(?P<what>[a-z-]{1,32})-(?P<before>limit|remaining|reset))"
    r"|x-tokenlimit-(?P<tokens>limit|remaining|reset)"
)
_KINDS = {
    "": "requests",
    "req": "requests",
    "request": "requests",
    "requests": "requests",
    "tokens": "tokens",
    "input-tokens": "input tokens",
    "output-tokens": "output tokens",
    "tokens-prompt": "input tokens",
    "tokens-generated": "output tokens",
}
_PERIODS = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY, "month": 30 * DAY}
# Who names no period in the header, and what it is there.
_GROQ = "groq.com"
_GROQ_PERIODS = {"requests": DAY, "tokens": MINUTE}
_QUOTA_PERIODS = (("permonth", 30 * DAY), ("perday", DAY), ("perhour", HOUR), ("perminute", MINUTE))


def snapshot(
    headers: Mapping[str, str], document: object, now: int, host: str = ""
) -> tuple[UsageWindow, ...]:
    """The windows an answer tells of, each label once. `headers` have lower-case names.

    `host` is who answered: some headers mean something else there. `now` is epoch ms.
    """
    error = _error(document)
    told = {**_headers_in(error), **headers}
    found: dict[str, UsageWindow] = {}
    for made in (*_plan(told, now), *_codex(told, now), *_counts(told, now, host)):
        found.setdefault(made.label, made)
    for made in _quotas(error, now):
        found.setdefault(made.label, made)
    return tuple(found.values())[:MOST]


def number(value: object) -> float | None:
    """A count or an amount in a header or a document; None for whatever else stands there."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str) and not 0 <= value < LARGEST:
        return None
    text = value.strip() if isinstance(value, str) else repr(value)
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def share_of(value: object, whole: float = 1.0) -> float | None:
    """A share as a fraction, where `whole` stands for all: 1 of a fraction, 100 of percent."""
    share = number(value)
    if share is None or share / whole > _MOST_USED:
        return None
    return round(share / whole, 6)


def _plan(headers: Mapping[str, str], now: int) -> Iterator[UsageWindow]:
    """Anthropic's subscription windows: a fraction each."""
    seen = dict.fromkeys(m["claim"] for m in map(_PLAN.fullmatch, headers) if m)
    for claim in seen:
        prefix = f"anthropic-ratelimit-unified-{claim}"
        share = share_of(headers.get(f"{prefix}-utilization"))
        label, length = _claim(f"{prefix}-status")
        if share is None and length and headers.get(f"{prefix}-status", "").strip() == "rejected":
            share = 1.0
        reset = parse_reset(headers.get(f"{prefix}-reset"), now)
        made = window(label, used=share, resets_at=reset, length=length)
        if made:
            yield made


def _claim(name: str) -> tuple[str, int | None]:
    match = _PLAN.fullmatch(name)
    if match is None or match["count"] is None:
        return "extra usage", None
    length = int(match["count"]) * _PLAN_UNITS[match["unit"]]
    part = _PLAN_PARTS.get(match["part"], "one model")
    return f"{length_name(length)} {part}".strip(), length


def _codex(headers: Mapping[str, str], now: int) -> Iterator[UsageWindow]:
    """The windows of a ChatGPT plan: percent, and their length in minutes."""
    for which in ("primary", "secondary"):
        prefix = f"x-codex-{which}"
        minutes = number(headers.get(f"{prefix}-window-minutes"))
        length = int(minutes * MINUTE) if minutes and minutes <= 366 * 24 * 60 else None
        told = headers.get(f"{prefix}-reset-at") or headers.get(f"{prefix}-reset-after-seconds")
        made = window(
            length_name(length) if length else which,
            used=share_of(headers.get(f"{prefix}-used-percent"), 100),
            resets_at=parse_reset(told, now),
            length=length,
        )
        if made:
            yield made


def _counts(headers: Mapping[str, str], now: int, host: str) -> Iterator[UsageWindow]:
    """Limits in requests or tokens: how many, how many are left, and when there are more."""
    found: dict[str, dict[str, str]] = {}
    for name, value in headers.items():
        match = _COUNT.fullmatch(name) if "limit-" in name else None
        if match:
            field = match["after"] or match["before"] or match["tokens"]
            what = "tokens" if match["tokens"] else match["of"] or match["what"] or ""
            found.setdefault(what.replace("_", "-"), {})[field] = value
    for what, told in found.items():
        kind, length = _kind(what, host)
        if kind is None:
            continue
        made = window(
            f"{kind}/{length_name(length)}" if length else kind,
            limit=number(told.get("limit")),
            remaining=number(told.get("remaining")),
            resets_at=parse_reset(told.get("reset"), now),
            length=length,
        )
        if made:
            yield made


def _kind(what: str, host: str) -> tuple[str | None, int | None]:
    """What is counted (None: nobody knows) and over how long."""
    if what in _KINDS:
        of_groq = host == _GROQ or host.endswith(f".{_GROQ}")
        return _KINDS[what], _GROQ_PERIODS.get(what) if of_groq else None
    kind, _, period = what.rpartition("-")
    if period in _PERIODS and kind in _KINDS:
        return _KINDS[kind], _PERIODS[period]
    return None, None


def _quotas(error: Mapping[str, object], now: int) -> Iterator[UsageWindow]:
    """Gemini's QuotaFailure: limits that are used up; RetryInfo says when the short ones end."""
    details = error.get("details")
    parts = [p for p in details if isinstance(p, dict)] if isinstance(details, list) else []
    delay = next((at for p in parts if (at := parse_reset(p.get("retryDelay"), now))), None)
    for part in parts:
        violations = part.get("violations")
        for violation in violations[:MOST] if isinstance(violations, list) else ():
            made = _quota(violation, delay) if isinstance(violation, dict) else None
            if made:
                yield made


def _quota(violation: Mapping[str, object], delay: int | None) -> UsageWindow | None:
    id = violation.get("quotaId")
    if not isinstance(id, str):
        return None
    name = id[:200].lower()
    length = next((length for word, length in _QUOTA_PERIODS if word in name), None)
    kind = "input tokens" if "inputtoken" in name else "tokens" if "token" in name else "requests"
    limit = number(violation.get("quotaValue"))
    return window(
        f"{kind}/{length_name(length)}" if length else kind,
        used=1.0,
        limit=limit,
        remaining=0 if limit else None,
        # A day's quota does not come back with the retry delay.
        resets_at=delay if length is None or length <= HOUR else None,
        length=length,
    )


def _error(document: object) -> dict[str, object]:
    """The error object of a document that has one, else an empty one."""
    if isinstance(document, list) and document:
        document = document[0]
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else {}


def _headers_in(error: Mapping[str, object]) -> dict[str, str]:
    """The headers OpenRouter puts into an error's body, names in lower case."""
    metadata = error.get("metadata")
    inner = metadata.get("headers") if isinstance(metadata, dict) else None
    if not isinstance(inner, dict):
        return {}
    return {
        str(name).lower(): str(value)
        for name, value in inner.items()
        if isinstance(value, str) or number(value) is not None
    }
