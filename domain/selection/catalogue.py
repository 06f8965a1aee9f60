"""What is known of models: rows of several sources, and how they become one list."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.providers.refs import ModelRef

OWN, LIVE, FETCHED = "own", "live", "fetched"
"""Sources of this machine: the user's own rows, a provider's list, a catalogue that was fetched."""
_UNKNOWN = (None, "", ())


class CatalogueRow(NamedTuple):
    """One model of one provider. None, an empty text and an empty tuple mean: not known.

    Tokens are counts, costs are USD per million tokens, dates are ISO texts of a day or a month.
    Words are kept as their source has them, known to this program or not.
    """

    provider: str
    model: str
    name: str = ""
    # The longest prompt with its answer, and the longest answer.
    context: int | None = None
    output: int | None = None
    # What goes in and what comes out: `text`, `image`, `pdf`, `embedding`, ...
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    tools: bool | None = None
    reasoning: bool | None = None
    structured: bool | None = None
    cost_input: float | None = None
    cost_output: float | None = None
    cost_cache_read: float | None = None
    cost_cache_write: float | None = None
    # Until when it knows the world; when it was published; the first day it does not answer.
    knowledge: str = ""
    released: str = ""
    retires: str = ""
    # The ref its provider advises instead.
    replacement: str = ""
    # `beta`, `deprecated`, ...; empty also where there is nothing to say.
    status: str = ""
    # How it answers without thinking first: `effort none`; `never` where it always does.
    reasoning_off: str = ""
    # Who says so, and when: of what the best source did not know, too.
    source: str = ""
    as_of: str = ""
    # Fields of the source that are none of the above, their values as JSON.
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def ref(self) -> ModelRef:
        return ModelRef(self.provider, self.model)

    @property
    def is_free(self) -> bool:
        """Whether a source says that neither prompt nor answer costs anything."""
        return self.cost_input == 0 and self.cost_output == 0

    def is_choice(self, today: str) -> bool:
        """Whether it answers in text, as far as is known, and is there after that ISO day."""
        # Of models that embed, too, models.dev says that they answer in text.
        answers = "embed" not in self.model and (not self.outputs or "text" in self.outputs)
        return answers and (not self.retires or self.retires > today)


def merged(*sources: Iterable[CatalogueRow]) -> list[CatalogueRow]:
    """Each model once, in the order of its first mention. What an earlier source knows of it
    stands; later ones only fill in. A row keeps the source and the date of the first.
    """
    found: dict[tuple[str, ...], CatalogueRow] = {}
    for rows in sources:
        for row in rows:
            best = found.setdefault(row[:2], row)
            if best is not row:
                found[row[:2]] = _filled(best, row)
    return list(found.values())


def _filled(best: CatalogueRow, other: CatalogueRow) -> CatalogueRow:
    return CatalogueRow._make(
        [mine if mine not in _UNKNOWN else its for mine, its in zip(best, other, strict=True)]
    )


class Wishes(NamedTuple):
    """What a model should have, all of it; `search` is words of its ref or its name, in any case,
    `min_context` is tokens.
    """

    search: str = ""
    free: bool = False
    tools: bool = False
    vision: bool = False
    reasoning: bool = False
    min_context: int = 0


NO_WISHES = Wishes()


def narrowed(rows: Iterable[CatalogueRow], wishes: Wishes) -> Iterator[CatalogueRow]:
    """The rows that have all of it. A row of which a fact is not known does not have it."""
    words = wishes.search.casefold().split()
    for row in rows:
        if (
            (row.tools or not wishes.tools)
            and (row.reasoning or not wishes.reasoning)
            and (not wishes.vision or "image" in row.inputs)
            and (not wishes.free or row.is_free)
            and (row.context or 0) >= wishes.min_context
            and (not words or _says(row, words))
        ):
            yield row


def _says(row: CatalogueRow, words: Iterable[str]) -> bool:
    text = f"{row.provider}/{row.model} {row.name}".casefold()
    return all(word in text for word in words)


def ranked(rows: Iterable[CatalogueRow]) -> list[CatalogueRow]:
    """In the order of a listing: by provider, then by model."""
    return sorted(rows, key=lambda row: row[:2])
