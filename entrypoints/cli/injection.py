"""How a command says what it needs: keyword-only parameters that are not words of the command."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

from cyclopts import Parameter

T = TypeVar("T")

Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
"""A switch without its `--no-…` twin."""

Injected = Annotated[T, Parameter(parse=False)]
"""A service, made before the command runs; its name is the container's."""


class Later(Generic[T]):
    """A service that is made only if the command asks for it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make

    def __call__(self) -> T:
        return self._make()


Deferred = Annotated[Later[T], Parameter(parse=False)]


def listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """`--id a,b --id c` as a, b, c, each once."""
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))
