"""When a limit ends, where a provider says it in a sentence (sources: docs/adr/0017).

A moment counts where its sentence says that something comes back with it: `resets at`, `try again
in`, `后重试`. Other moments (a release, a retirement, the start of a window) do not.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from domain.instants import DAY, HOUR, MINUTE, SECOND

FURTHEST = 31 * DAY
"""No limit's window is longer, in ms: what is further ahead is no end of one."""
_LAST = 250_000_000_000_000
_COMES_BACK = re.compile(
    r"(?:\breset|\bretry|\bagain\b|\bwait\b|(?<!available )\buntil\b|\bavailable\b(?! until)"
    r"|\brenew|\brefresh|\brefill|\breplenish|\bresume|\brestore|\bregain|\bunlock|\blift|\bback\b"
    r"|\b(?:limit|window|block|ban)(?: \w+)? ends?\b|\bblocked for|\bcontinue\b|\breturns?\b"
    r"|\bcool(?:down|ing)|\bnext (?:attempt|request)|limit reached\||重置|重试|再试|恢复|刷新"
    r"|解除|等待|剩余|请在|请于|将在|将于)[^。]{0,40}$"
)
_COMES_BACK_AFTER = re.compile(
    r"(?:之后|以后|后|内|，|,| )*(?:再|重|恢复|刷新|解除|更新|可)"
    r"| (?:left|remaining|from now|until reset)\b"
)
# A full stop between digits ends no sentence.
_SENTENCE = re.compile(r"[。；;!！?？\n]|\.(?= |$)")
_EACH = re.compile(r"(?:\bevery|\bper|\beach|/|每) ?$")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>20\d\d)(?!\d))?"
_DATES = tuple(
    map(
        re.compile,
        (
            r"(?<![a-z0-9_-])(?P<year>20\d\d)[-/.年] ?(?P<month>\d{1,2})[-/.月] ?"
            r"(?P<day>\d{1,2})日?",
            rf"\b{_MONTH} {_DAY}\b{_YEAR}",
            rf"\b{_DAY} {_MONTH}{_YEAR}",
            r"(?<!\d)(?P<month>\d{1,2})月 ?(?P<day>\d{1,2})日(?P<year>)",
            r"(?<![\d/])(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>20\d\d)(?!\d)",
        ),
    )
)
_CLOCK = re.compile(
    r"(?:[t ,]|at |上午|下午)*(?<!\d)(?P<hour>\d{1,2})"
    r"(?:[:时点](?P<minute>\d{2})?(?:[:分](?P<second>\d{2}))?[秒分]?(?:\.\d+)?|(?= ?[ap]\.?m))"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?"
)
_WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?(?: at)? ?$")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED_CLOCK = re.compile(r"\b(?:midnight|noon)\b")
_TOMORROW = re.compile(r"\btomorrow\b|明[天日]")
_EPOCH = re.compile(r"(?<![\d.])(?P<seconds>1[6-9]\d{8})(?P<ms>\d{3})?(?![\d.])")
_OFFSET = re.compile(
    r" ?\(?(?:utc|gmt)? ?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?\b"
)
_ZONE = re.compile(
    r" ?\(?(?P<zone>[a-z]+/[a-z_/-]+|beijing time|china standard time|北京时间|[a-z]{1,8}\b)"
)
# Hours from UTC. CST beside an offset is China's; alone, America's.
_ZONES = {
    "z": 0.0, "utc": 0.0, "gmt": 0.0, "est": -5.0, "edt": -4.0, "cst": -6.0,
    "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0, "bst": 1.0,
    "cet": 1.0, "cest": 2.0, "ist": 5.5, "sgt": 8.0, "hkt": 8.0, "jst": 9.0, "kst": 9.0,
    "beijing time": 8.0, "china standard time": 8.0, "北京时间": 8.0,
}  # fmt: skip
_PLACES = {
    "pt": "america/los_angeles", "pacific": "america/los_angeles", "mountain": "america/denver",
    "central": "america/chicago", "et": "america/new_york", "eastern": "america/new_york",
}  # fmt: skip
_CHINA = timezone(timedelta(hours=8))
# Z.ai writes no zone and means China's; told by its sentences where its codes were dropped.
_OF_CHINA = re.compile(
    r"[\u4e00-\u9fff]|usage limit reached for \d+ (?:hour|day|week)|weekly/monthly limit exhausted"
)

_UNITS = (
    ("milliseconds?|ms|毫秒", 1),
    ("seconds?|secs?|s|秒钟?", SECOND),
    ("minutes?|mins?|m|分钟?", MINUTE),
    ("hours?|hrs?|h|个?小时", HOUR),
    ("days?|d|天", DAY),
    ("weeks?|w|个?星期|周", 7 * DAY),
)
_PART = (
    r"(?:(?P<count>\d{1,7}(?:\.\d{1,9})?) ?|\b(?:an?|one) )"
    rf"(?P<unit>{'|'.join(names for names, _ in _UNITS)})(?![a-z])"
)
_PARTS = re.compile(_PART)
_ANY_PART = _PART.replace("?P<count>", "?:").replace("?P<unit>", "?:")
_LENGTH = re.compile(rf"(?<![a-z0-9.:-])(?:{_ANY_PART}(?:,? (?:and )?(?=\d))?)+")
# What leads to a length that is a wait, and what follows one that is a window.
_LEADS = re.compile(
    r"(?:\b(?:in|after|for|within|wait|resets?|retry)|retry-after|[:=~]|请|在|等待|剩余|将)[:= ]*"
    r"(?:(?:about|around|approximately|another|at least) |~)?$"
)
_WINDOW = re.compile(r" (?:window|period|interval|limit|backoff)")
_COLONS = re.compile(r"(?<=\bin )(\d{1,3}):(\d{2}):(\d{2})\b")
_BARE = re.compile(
    r"(?:(?<=retry-after)|(?<=retry after)|(?<=wait))[:= ]+(\d{1,7})\b(?!\.?\d| ?[\w:/-])"
)


class _Moment(NamedTuple):
    """Where it stands in the prose, and when it is (epoch ms)."""

    start: int
    end: int
    at: float


def told_moment(prose: str, now: int, *, is_of_china: bool = False) -> int | None:
    """The moment (epoch ms) at which `prose`, in lower case, says a limit ends; or None.

    `now` is epoch ms. `is_of_china`: a moment without a zone is of China's.
    """
    if not 0 <= now < _LAST:
        # A clock that is years off: nothing about it has a date.
        return None
    zone = _CHINA if is_of_china or _OF_CHINA.search(prose) else UTC
    dates = tuple(_dates(prose, now, zone))
    found = (*dates, *_lengths(prose, now), *(() if dates else _clocks(prose, now, zone)))
    ends = (m.at for m in found if now < m.at <= now + FURTHEST and _comes_back(prose, m))
    return next((int(at) for at in ends), None)


def _comes_back(prose: str, moment: _Moment) -> bool:
    before = _SENTENCE.split(prose[max(0, moment.start - 120) : moment.start])[-1]
    if _EACH.search(before):
        return False
    return bool(_COMES_BACK.search(before) or _COMES_BACK_AFTER.match(prose, moment.end))


def _dates(prose: str, now: int, zone: tzinfo) -> Iterator[_Moment]:
    for found in _EPOCH.finditer(prose):
        yield _Moment(found.start(), found.end(), float(found["seconds"]) * SECOND)
    for pattern in _DATES:
        for found in pattern.finditer(prose):
            clock = _CLOCK.match(prose, found.end())
            end = (clock or found).end()
            there = _zone(prose, end, zone)
            month = found["month"]
            number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
            years = [int(found["year"])] if found["year"] else _years(now, there)
            for year in years:
                at = _moment(year, number, int(found["day"]), clock, there)
                if at is not None:
                    yield _Moment(found.start(), end, at)


def _years(now: int, zone: tzinfo) -> list[int]:
    """A date without a year is of this one or, in December, of the next."""
    year = datetime.fromtimestamp(now / SECOND, zone).year
    return [year, year + 1]


def _clocks(prose: str, now: int, zone: tzinfo) -> Iterator[_Moment]:
    """Times of a day: the next time it is so late there, on that weekday if one is named."""
    for found in (*_CLOCK.finditer(prose), *_NAMED_CLOCK.finditer(prose)):
        there = _zone(prose, found.end(), zone)
        today = datetime.fromtimestamp(now / SECOND, there)
        clock = found if found.re is _CLOCK else None
        at = _moment(today.year, today.month, today.day, clock, there)
        if at is not None:
            at += 12 * HOUR if found[0] == "noon" else 0
            if weekday := _WEEKDAY.search(prose[max(0, found.start() - 16) : found.start()]):
                at += (_WEEKDAYS.index(weekday[1]) - today.weekday()) % 7 * DAY
            later = 7 * DAY if weekday else DAY
            yield _Moment(found.start(), found.end(), at if at > now else at + later)
    for found in _TOMORROW.finditer(prose):
        today = datetime.fromtimestamp(now / SECOND, zone)
        at = _moment(today.year, today.month, today.day, None, zone)
        if at is not None:
            yield _Moment(found.start(), found.end(), at + DAY)


def _moment(
    year: int, month: int, day: int, clock: re.Match[str] | None, zone: tzinfo
) -> float | None:
    """Epoch ms; midnight without a `clock`; None where there is no such day or hour."""
    hour = minute = second = 0
    if clock is not None:
        hour, minute, second = (int(clock[name] or 0) for name in ("hour", "minute", "second"))
        if clock["half"] or "下午" in clock[0]:
            hour = hour % 12 + (12 if clock["half"] != "a" else 0)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp() * SECOND
    except (ValueError, OverflowError):
        return None


def _zone(prose: str, at: int, other: tzinfo) -> tzinfo:
    """The zone that is named at `at`, else `other`."""
    if offset := _OFFSET.match(prose, at):
        shift = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        if shift < timedelta(hours=24):
            return timezone(-shift if offset["sign"] == "-" else shift)
    named = _ZONE.match(prose, at)
    if named is None:
        return other
    zone = _PLACES.get(named["zone"], named["zone"])
    if "/" in zone:
        return _place(zone) or other
    hours = 8.0 if (zone, other) == ("cst", _CHINA) else _ZONES.get(zone)
    return other if hours is None else timezone(timedelta(hours=hours))


def _place(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    title = re.sub(r"_(Es|Of|Au|And)(?=_)", lambda small: small[0].lower(), name.title())
    try:
        return ZoneInfo(title)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _lengths(prose: str, now: int) -> Iterator[_Moment]:
    for found in _LENGTH.finditer(prose):
        led = _LEADS.search(prose[max(0, found.start() - 24) : found.start()])
        trails = _COMES_BACK_AFTER.match(prose, found.end())
        if not (led or trails) or _WINDOW.match(prose, found.end()):
            continue
        length = sum(_length(part) for part in _PARTS.finditer(found[0]))
        yield _Moment(found.start(), found.end(), now + length)
    for found in _COLONS.finditer(prose):
        hours, minutes, seconds = map(int, found.groups())
        length = hours * HOUR + minutes * MINUTE + seconds * SECOND
        yield _Moment(found.start(), found.end(), now + length)
    for found in _BARE.finditer(prose):
        yield _Moment(found.start(), found.end(), now + int(found[1]) * SECOND)


def _length(part: re.Match[str]) -> float:
    count = float(part["count"] or 1)
    return next(count * size for names, size in _UNITS if re.fullmatch(names, part["unit"]))
