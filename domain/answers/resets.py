"""When a limit ends: the formats providers write it in (source: docs/adr/0011)."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from domain.answers.moments import told_moment
from domain.instants import DAY, SECOND

# A stated moment further away than this is a mistake or an attack, not a limit's window.
_FURTHEST = 400 * DAY
_GO_UNITS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "us": 1e-3, "µs": 1e-3}
_GO_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?)(h|ms|us|µs|m|s)", re.ASCII)
_GO = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?(?:h|ms|us|µs|m|s))+", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,17}(?:\.[0-9]{1,12})?", re.ASCII)
_PLAN_RESET = "anthropic-ratelimit-unified-reset"
_RESET_HEADER = re.compile(
    r"(?P<family>anthropic-|x-|)ratelimit-(?:reset(?P<after>-[a-z-]+)?|(?P<before>[a-z-]+)-reset)"
)
_BODY_KEYS = (
    "resets_at",
    "reset_at",
    "retryDelay",
    "retry_after",
    "retryAfter",
    "estimated_time",
    "reset_seconds",
)


def parse_reset(value: object, now: int) -> int | None:
    """A moment (epoch ms) from RFC 3339, a Go duration, or a number; None if it is none of them.

    A number above 1e12 is epoch ms, above 1e9 epoch seconds, else seconds from `now` (epoch ms).
    """
    if isinstance(value, bool):
        return None
    text = str(value).strip() if isinstance(value, int | float | str) else ""
    if len(text) > 64 or not text.replace("µ", "u").isascii():
        return None
    if _NUMBER.fullmatch(text):
        return _sane(_from_number(float(text), now), now)
    if _GO.fullmatch(text):
        length = sum(float(part) * _GO_UNITS[unit] for part, unit in _GO_PART.findall(text))
        return _sane(now + length, now)
    return _sane(_from_rfc3339(text), now)


def _from_number(number: float, now: int) -> float:
    if number > 1e12:
        return number
    return number * 1000 if number > 1e9 else now + number * 1000


def _from_rfc3339(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _utc(moment).timestamp() * 1000


def _sane(at: float | None, now: int) -> int | None:
    return int(at) if at is not None and now - DAY <= at <= now + _FURTHEST else None


def retry_after(headers: Mapping[str, str], now: int) -> int | None:
    """The moment (epoch ms) `retry-after-ms` or `retry-after` names: seconds or an HTTP date."""
    exact = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(exact):
        return _sane(now + float(exact), now)
    text = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(text):
        return _sane(now + float(text) * SECOND, now)
    return _sane(_from_http_date(text), now) if text else None


def _from_http_date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    if len(text) > 64 or not text.isascii():
        return None
    try:
        return _utc(parsedate_to_datetime(text)).timestamp() * 1000
    except (ValueError, OverflowError, TypeError):
        return None


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def resets_at(
    headers: Mapping[str, str],
    document: object,
    now: int,
    prose: str = "",
    *,
    is_of_china: bool = False,
) -> int | None:
    """When the limit that refused a request ends, as told: retry-after, the body, reset headers.

    Last of all in the lower-case `prose` of the answer, as in `told_moment`.
    """
    told = retry_after(headers, now)
    if told is None:
        told = next((at for at in _in_body(document, now) if at), None)
    if told is None:
        told = _in_headers(headers, now)
    return told if told is not None else told_moment(prose, now, is_of_china=is_of_china)


def _in_headers(headers: Mapping[str, str], now: int) -> int | None:
    """The latest reset among the limits that are used up; among all where none says it is."""
    if _PLAN_RESET in headers:
        return parse_reset(headers[_PLAN_RESET], now)
    spent: list[int] = []
    every: list[int] = []
    for name, value in headers.items():
        match = _RESET_HEADER.fullmatch(name)
        at = parse_reset(value, now) if match else None
        if match and at is not None:
            every.append(at)
            if headers.get(_remaining(match), "").strip() == "0":
                spent.append(at)
    return max(spent or every, default=None)


def _remaining(reset: re.Match[str]) -> str:
    if reset["before"]:
        return f"{reset['family']}ratelimit-{reset['before']}-remaining"
    return f"{reset['family']}ratelimit-remaining{reset['after'] or ''}"


def _in_body(document: object, now: int) -> Iterator[int | None]:
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict):
        return
    error = document.get("error")
    if not isinstance(error, dict):
        error = document
    for key in _BODY_KEYS:
        yield parse_reset(error.get(key), now)
    seconds = error.get("resets_in_seconds")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        yield _sane(now + seconds * 1000, now)
    metadata = error.get("metadata")
    if isinstance(metadata, dict):
        yield parse_reset(metadata.get("resets_at"), now)
        inner = metadata.get("headers")
        if isinstance(inner, dict):
            lower = {str(name).lower(): value for name, value in inner.items()}
            yield parse_reset(lower.get("x-ratelimit-reset"), now)
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            yield parse_reset(detail.get("retryDelay"), now)
