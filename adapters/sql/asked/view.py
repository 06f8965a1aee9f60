"""What the questions need of a back end."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class View(Protocol):
    """One snapshot of a store."""

    @property
    def by_bytes(self) -> str:
        """Behind a text: it is compared by its bytes."""
        ...

    def all_of(self, question: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of an SQL text, in which each `?` stands for one of `values`. None where one of
        those is a text that no store can hold.
        """
        ...

    def columns(self, table: str, names: Sequence[str]) -> str:
        """The columns `names` of `table`, called `r`; NULL for what an older schema has not."""
        ...

    def has(self, table: str) -> bool:
        """Whether there is that table: an older schema has not all of them."""
        ...

    def rest(self) -> None:
        """Between two reads that may both be of another snapshot: lets a writer through."""
        ...


class Viewed(Protocol):
    @property
    def place(self) -> object:
        """What a message calls the store."""
        ...

    def asked(self, question: Callable[[View | None], T]) -> T:
        """What `question` returns, given a view; None where there is no store. Raises Unavailable.

        It may be called twice.
        """
        ...


def journal_state(view: View) -> tuple[int, int] | None:
    """From which id on records are counted, and when the newest began that may have been pruned
    (epoch ms); None in a store where nothing is counted yet.
    """
    query = "SELECT filled_from, pruned_until FROM journal_state"
    found = view.all_of(query) if view.has("journal_state") else []
    return (found[0][0], found[0][1]) if found else None
