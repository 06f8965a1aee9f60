"""The few free models to begin with."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from domain.selection.catalogue import CatalogueRow, Wishes, narrowed


def best_free(
    rows: Iterable[CatalogueRow], having: Collection[str] = (), most: int = 5
) -> list[CatalogueRow]:
    """At most `most` free models that use tools, answer in text and are not to go, best first.

    First are those of the providers in `having` (ids), then the longest context, then who reasons,
    then the newest. No two are of one provider or of one family: each is another way to begin.
    """
    found: list[CatalogueRow] = []
    taken: set[tuple[str, str]] = set()
    fit = (row for row in narrowed(rows, Wishes(free=True, tools=True)) if _stays(row))
    for row in sorted(fit, key=lambda row: _order(row, having)):
        whose = {("provider", row.provider), ("family", _family(row.model))}
        if len(found) < most and not whose & taken:
            found.append(row)
            taken |= whose
    return found


def _stays(row: CatalogueRow) -> bool:
    return "text" in row.outputs and row.status != "deprecated" and not row.retires


def _order(row: CatalogueRow, having: Collection[str]) -> tuple[Any, ...]:
    # An ISO date whose digits count backwards; none is the oldest.
    age = tuple(-ord(char) for char in row.released) or (1,)
    return row.provider not in having, -(row.context or 0), not row.reasoning, age, row[:2]


def _family(model: str) -> str:
    """How the name of `model` begins, without its maker: `qwen` of `qwen/qwen3-next:free`."""
    name = model.rpartition("/")[2].lower()
    return re.split(r"[^a-z]", name, maxsplit=1)[0] or name
