"""Usage windows: how much of a limit is used and when it starts again, as a provider told it."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from domain.instants import DAY, HOUR, MINUTE

MOST = 12
"""How many windows of one answer are kept."""
LARGEST = 10**14
"""Every number of a window is below this; as a moment it has a date."""
# How long a window of unknown length is worth showing where nothing says when it starts again.
_UNKNOWN = HOUR
# Limits of a rate, whose period nobody told.
_COUNTED = ("requests", "tokens", "input tokens", "output tokens")
# Less than that (ms) says how fast somebody worked, not how fast a credit is spent.
_SHORTEST_TREND = HOUR
_NAMED = {MINUTE: "minute", HOUR: "hour", DAY: "day", 7 * DAY: "week"}


class UsageWindow(NamedTuple):
    """One limit. `used` is a fraction, 1.0 and more where it is used up, None where not told.

    `limit` and `remaining` are counts or amounts of money, `resets_at` is epoch ms and `length`
    ms; each is None where it is unknown.
    """

    label: str
    used: float | None = None
    limit: float | None = None
    remaining: float | None = None
    resets_at: int | None = None
    length: int | None = None

    @property
    def left(self) -> float | None:
        """What is left, as a fraction from 0 to 1."""
        return None if self.used is None else min(max(1 - self.used, 0.0), 1.0)

    @property
    def is_credit(self) -> bool:
        """Whether it is spent once, as a balance is, and does not start again after a time."""
        endless = self.resets_at is None and self.length is None
        return endless and "/" not in self.label and self.label not in _COUNTED

    def holds(self, at: int, now: int) -> bool:
        """Whether it has not ended by `now`; it was told `at` (epoch ms both)."""
        if self.resets_at is not None:
            return now < self.resets_at
        return now - at < (self.length or _UNKNOWN)


class Snapshot(NamedTuple):
    """The windows of one credential as they were told `at` (epoch ms) by an answer.

    `problem` is why an endpoint told none. `probe` stands for any request that is in the history.
    """

    windows: tuple[UsageWindow, ...]
    at: int
    source: Literal["probe", "endpoint"]
    problem: str | None = None


def current(windows: Iterable[UsageWindow], at: int, now: int) -> tuple[UsageWindow, ...]:
    """Those of `windows`, told `at`, that have not ended by `now`."""
    return tuple(window for window in windows if window.holds(at, now))


def runs_out(readings: Iterable[tuple[int, UsageWindow]]) -> int | None:
    """About when nothing is left of one window (epoch ms), if it goes on as it did since it last
    rose. `readings`, oldest first, each come with when they were told.

    None for fewer than two readings, within an hour, or for what did not become less.
    """
    falling: list[tuple[int, float]] = []
    for at, told in readings:
        level = told.remaining if told.left is None else told.left
        if level is None:
            continue
        if falling and level > falling[-1][1]:
            falling = []
        falling.append((at, level))
    if not falling:
        return None
    (first, most), (last, least) = falling[0], falling[-1]
    if most == least or last - first < _SHORTEST_TREND:
        return None
    return last + round(least * (last - first) / (most - least))


def window(
    label: str,
    *,
    used: float | None = None,
    limit: float | None = None,
    remaining: float | None = None,
    resets_at: int | None = None,
    length: int | None = None,
) -> UsageWindow | None:
    """A window from what was told, `used` worked out of the counts; None if that is nothing.

    A negative count means unknown.
    """
    limit = limit if limit is not None and limit >= 0 else None
    remaining = remaining if remaining is not None and remaining >= 0 else None
    if used is None and limit and remaining is not None:
        used = max(0.0, round(1 - remaining / limit, 6))
    if used is None and remaining is None:
        return None
    return UsageWindow(label, used, limit, remaining, resets_at, length)


def length_name(length: int) -> str:
    """A window's name by its real length: `5h`, `day`, `week`, `30d`."""
    if length in _NAMED:
        return _NAMED[length]
    if length % DAY == 0:
        return f"{length // DAY}d"
    return f"{length // HOUR}h" if length % HOUR == 0 else f"{max(1, length // MINUTE)}m"


def until(length: int) -> str:
    """How long until then, for a person: `45m`, `2h 10m`, `3d 4h`; at least `1m`."""
    minutes = max(1, length // MINUTE)
    if minutes < 60:
        return f"{minutes}m"
    days, hours = divmod(minutes // 60, 24)
    first, second = (f"{days}d", f"{hours}h") if days else (f"{hours}h", f"{minutes % 60}m")
    return first if second[0] == "0" else f"{first} {second}"


def phrase(windows: Iterable[UsageWindow], now: int) -> str:
    """`5h 80 % left, resets in 2h 10m · week 64 % left`; empty for no window."""
    return " · ".join(_phrase(window, now) for window in windows)


def _phrase(window: UsageWindow, now: int) -> str:
    if window.left is not None:
        text = f"{window.label} {_percent(window.left)} % left"
    else:
        text = f"{window.label} {window.remaining:,.10g} left"
    if window.resets_at is None:
        return text
    return f"{text}, resets in {until(window.resets_at - now)}"


def _percent(left: float) -> int:
    """Whole percent; 0 only where nothing is left, 100 only where nothing was used."""
    return min(max(round(left * 100), 1), 99) if 0 < left < 1 else round(left * 100)
