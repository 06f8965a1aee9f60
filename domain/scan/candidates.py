"""The models of a list that a scan may try, and why the others are left out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from domain.answers.reading import parse
from domain.errors import Malformed
from domain.instants import DAY, SECOND, iso
from domain.providers.refs import ModelRef
from domain.scan.serving import Serving
from domain.scan.wish import OPENROUTER, Wish
from domain.selection.catalogue import CatalogueRow
from domain.selection.list_values import number
from domain.text import did_you_mean, shown

FREE = ":free"
_PARAMS = re.compile(
    r"(?<![\w.])(?:(\d{1,3})x)?(\d{1,5}(?:\.\d{1,3})?)b(?![a-z0-9])", re.I | re.ASCII
)
_TOLD_PARAMS = re.compile(r'"(?:parameter_size|params_string)":"(\d{1,5}(?:\.\d{1,3})?)([BM])"')
_OTHER_PRICES = ("request", "image")
_MOST_MOMENT = 10**11


class Days(NamedTuple):
    """On how many days of our own history it answered, and on how many it only failed."""

    good: int = 0
    bad: int = 0

    @property
    def share_bad(self) -> float:
        return self.bad / (self.good + self.bad) if self.bad else 0.0


class Candidate(NamedTuple):
    """A model that may be tried. `params` are billions, `created` is epoch ms; None: not known.

    `was_picked`: by the scan that is run again.
    """

    row: CatalogueRow
    free: bool
    params: float | None = None
    created: int | None = None
    serving: Serving | None = None
    days: Days = Days()
    was_picked: bool = False

    @property
    def ref(self) -> ModelRef:
        return self.row.ref

    @property
    def reads_images(self) -> bool:
        return "image" in self.row.inputs


class Sifted(NamedTuple):
    """The candidates, in the order of the list; how many models were left out for which reason;
    how many say they were made in the future; `all_cost`: none is known to be free.
    """

    candidates: list[Candidate]
    left_out: Mapping[str, int]
    future: int
    all_cost: bool = False


def sifted(rows: Iterable[CatalogueRow], wish: Wish, now: int, *, local: bool = False) -> Sifted:
    """What of `rows` the `wish` wants, at `now` (epoch ms). `local`: what is served here is free.

    What is not known of a model, it has not; only of tools a list may say nothing. Raises Malformed
    for a maker of whom there is no model.
    """
    rows = list(rows)
    maker = (wish.maker or "").strip().casefold()
    if maker and not any(_maker(row) == maker for row in rows):
        makers = {_maker(row) for row in rows}
        message = f"{wish.source} lists no model of that maker{shown(maker)}"
        raise Malformed(message, hint=did_you_mean(maker, makers, "it is what stands before the /"))
    today = iso(now)[:10]
    reasons = [_unfit(row, maker, today) for row in rows]
    fit = [row for row, reason in zip(rows, reasons, strict=True) if not reason]
    left_out = Counter(filter(None, reasons))
    free = [local or _is_free(row) for row in fit]
    # Of OpenRouter only what is free; who names another provider may have to take what it costs.
    all_cost = wish.source != OPENROUTER and bool(fit) and not any(free)
    found: list[Candidate] = []
    future = 0
    for row, is_free in zip(fit, free, strict=True):
        candidate = Candidate(row, is_free, _params(row), _created(row))
        if (candidate.created or 0) > now:
            candidate, future = candidate._replace(created=now), future + 1
        reason = "" if is_free or all_cost else "not free"
        if reason := reason or _unwanted(candidate, wish, now):
            left_out[reason] += 1
        else:
            found.append(candidate)
    return Sifted(found, left_out, future, all_cost)


def _unfit(row: CatalogueRow, maker: str, today: str) -> str:
    if maker and _maker(row) != maker:
        return "another maker"
    if row.model.startswith(f"{OPENROUTER}/"):
        return "a router, no model"
    if row.retires and row.retires <= today:
        return "retired"
    if row.tools is False or (row.outputs and "text" not in row.outputs):
        return "calls no tools"
    return ""


def _unwanted(candidate: Candidate, wish: Wish, now: int) -> str:
    if wish.min_params and (candidate.params or 0) < wish.min_params:
        return "too small, or of unknown size"
    oldest = now - wish.max_age * DAY
    if wish.max_age and (candidate.created is None or candidate.created < oldest):
        return "too old, or of unknown age"
    return ""


def _maker(row: CatalogueRow) -> str:
    before, slash, _ = row.model.partition("/")
    return (before if slash else row.provider).casefold()


def _is_free(row: CatalogueRow) -> bool:
    if row.model.endswith(FREE):
        return True
    return row.is_free and not any(_costs(_pricing(row).get(name)) for name in _OTHER_PRICES)


def _costs(price: object) -> bool:
    """A negative one says that it varies."""
    try:
        return price is not None and float(str(price)) != 0
    except ValueError:
        return True


def _pricing(row: CatalogueRow) -> Mapping[str, Any]:
    told = _said(row, "pricing")
    return told if isinstance(told, dict) else {}


def _said(row: CatalogueRow, name: str) -> object:
    text = next((value for key, value in row.extra if key == name), "")
    return parse(text.encode("utf-8", "replace")) if text else None


def _params(row: CatalogueRow) -> float | None:
    """In billions: the largest number before a `b` in its names, or what its server says."""
    found = [*_numbers(f"{row.model} {row.name}")]
    for _, text in row.extra:
        if told := _TOLD_PARAMS.search(text):
            found.append(float(told[1]) / (1 if told[2] == "B" else 1000))
    return max(found, default=None)


def _numbers(text: str) -> Iterator[float]:
    for experts, size in _PARAMS.findall(text):
        yield float(size) * int(experts or 1)


def _created(row: CatalogueRow) -> int | None:
    seconds = number(_said(row, "created"))
    if seconds and seconds < _MOST_MOMENT:
        return int(seconds * SECOND)
    try:
        day = datetime.fromisoformat(f"{row.released}-01"[:10])
    except ValueError:
        return None
    return int(day.replace(tzinfo=UTC).timestamp() * SECOND)
