"""Days as one sign each: how requests ended, and how long good ones took."""

from collections.abc import Iterable, Sequence

from domain.journal.summary import Figures
from entrypoints.cli.show import screen

_BARS, _DIGITS = "▁▂▃▄▅▆▇█", "12345678"
_ENDS, _ASCII_ENDS = "·✓~✗", ".+~x"
"""Nothing is known, all good, some good, none good."""


def pictures(days: Iterable[Figures | None]) -> tuple[str, str]:
    """The outcomes and the latencies of days, oldest first; the latter are as high as the median
    of good ones, the highest is the tallest. Empty where nothing is known of any.
    """
    known = list(days)
    is_plain = not screen.shows(_BARS + _ENDS)
    signs = _ASCII_ENDS if is_plain else _ENDS
    ended = "".join(signs[_end(day)] for day in known)
    medians = [day.p50 if day else None for day in known]
    bars = _bars(medians, _DIGITS if is_plain else _BARS, signs[0])
    return (ended if ended.strip(signs[0]) else "", bars if bars.strip(signs[0]) else "")


def legend() -> tuple[str, str]:
    """What the signs mean, and the bars: a line each, of 80 columns at most."""
    none, good, some, bad = [*_ENDS] if screen.shows(_BARS + _ENDS) else [*_ASCII_ENDS]
    return (
        f"days (UTC), the newest last: {good} good, {some} partly, {bad} failed, "
        f"{none} nothing known",
        "latency: the median of each day; the tallest of each line is its highest",
    )


def _end(day: Figures | None) -> int:
    if day is None or not day.answered:
        return 0
    good = day.blames["good"]
    return 1 if good == day.answered else 2 if good else 3


def _bars(values: Sequence[float | None], levels: str, none: str) -> str:
    highest = max((value for value in values if value is not None), default=0) or 1
    last = len(levels) - 1
    return "".join(
        none if value is None else levels[min(int(value / highest * len(levels)), last)]
        for value in values
    )
