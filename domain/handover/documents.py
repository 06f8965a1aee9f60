"""Plain values of a document somebody else wrote, each read as what it has to be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from domain.errors import AuraError, Malformed
from domain.text import did_you_mean, shown

Document = Mapping[str, Any]


@contextmanager
def at(place: str) -> Iterator[None]:
    """Says where in the document it was that something raised."""
    try:
        yield
    except AuraError as error:
        raise type(error)(f"{place}: {error}", hint=error.hint) from None


def refuse_unknown(table: Document, known: Collection[str], of: str = "") -> None:
    """Raises Malformed for a key that is not `known`; a long one is not repeated."""
    for key in table:
        if key not in known:
            raise Malformed(
                f"unknown key{shown(key)}{of}",
                hint=did_you_mean(key, known, f"one of: {', '.join(known)}"),
            )


def text_of(value: object) -> str:
    """Raises Malformed."""
    if not isinstance(value, str):
        raise Malformed("a text in quotes is expected", hint='for example "openai/gpt-5.4-mini"')
    return value


def list_of(value: object) -> Sequence[Any]:
    """Raises Malformed."""
    if not isinstance(value, list):
        raise Malformed("a list is expected", hint='for example ["openai/gpt-5.4-mini"]')
    return value


def table_of(value: object) -> Document:
    """Raises Malformed."""
    if not isinstance(value, dict):
        raise Malformed("a table is expected", hint="see: aura_intelligence models export toml")
    return value


def flag_of(value: object) -> bool:
    """Raises Malformed."""
    if not isinstance(value, bool):
        raise Malformed("true or false is expected", hint="without quotes")
    return value
