"""Secrets that cannot be printed by accident."""

import re
from typing import NoReturn

from domain.errors import Malformed
from domain.text import SHORTEST

# 16 KiB is far above any token seen and below what servers take in a header.
_SECRET = re.compile(r"[\x21-\x7e]{1,16384}")


_ASCII_SPACE = " \t\r\n\v\f"


class Secret:
    """Text that does not leave by repr, str, format, pickle, json or comparison; see `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself: to be sealed, or put into a request header, and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac

        return hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]  # a secret is no key of a table

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled")


def secret(text: str, shortest: int = SHORTEST) -> Secret:
    """A secret fit for a header: ASCII white space around it is dropped.

    Raises Malformed (never with the text) unless `shortest` to 16,384 visible ASCII characters
    remain.
    """
    stripped = text.strip(_ASCII_SPACE)
    if not stripped:
        raise Malformed("no credential was given", hint="the input was empty")
    if len(stripped) < shortest:
        raise Malformed(
            "that credential is too short", hint=f"at least {shortest} characters are needed"
        )
    if _SECRET.fullmatch(stripped):
        return Secret(stripped)
    if len(stripped) > 16384:
        raise Malformed("that credential is too long", hint="at most 16,384 characters")
    raise Malformed(
        "that credential has spaces, line breaks or characters no credential has",
        hint="copy it again; a wrapped paste or a typographic quote is the usual cause",
    )
