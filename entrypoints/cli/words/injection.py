"""How a command says what it needs: keyword-only parameters that are not words of the command."""

import re
from collections.abc import Callable, Sequence
from types import GenericAlias
from typing import Annotated, Generic, TypeVar

from cyclopts import Parameter, Token

from domain.errors import Malformed

T = TypeVar("T")


def _whole(_: type, tokens: Sequence[Token]) -> int:
    text = tokens[0].value
    if not re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII):
        raise ValueError("not a whole number")
    return int(text)


Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
"""A switch without its `--no-…` twin."""

AsJson = Annotated[bool, Parameter(negative=(), show_default=False, help="One JSON object.")]
"""`--json`, which every command has."""

Whole = Annotated[int, Parameter(converter=_whole)]
"""A whole number, and nothing that is rounded to one."""

Search = Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)]
"""Words that something has to have, all of them: `-q one -q other`."""

Group = Annotated[T, Parameter(name="*")]
"""The fields of a value, each an option; its docstring says what they are."""

Injected = Annotated[T, Parameter(parse=False)]
"""A service, made before the command runs; its name is the container's."""


@Parameter(parse=False)
class Later(Generic[T]):
    """A service that is made only if the command asks for it; its name is the container's."""

    def __class_getitem__(cls, kind: type) -> GenericAlias:
        # Unlike `Generic`'s own, an alias of this kind shows Cyclopts how the class is decorated.
        return GenericAlias(cls, kind)

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make

    def __call__(self) -> T:
        return self._make()


def listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """`--id a,b --id c` as a, b, c, each once. Raises Malformed for a value that names nothing:
    an empty shell variable must not mean "all".
    """
    named = [[part.strip() for part in value.split(",") if part.strip()] for value in values]
    if not all(named):
        raise Malformed("an option that takes names was given an empty one", hint="name one")
    return tuple(dict.fromkeys(name for names in named for name in names))
