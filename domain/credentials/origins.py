"""Where the secret of a profile comes from, if another program keeps it or prints it."""

from typing import NamedTuple

COMMAND = "command"
"""The origin of a secret that a program prints."""


class Kept(NamedTuple):
    """A grant that the program `tool` refreshes, and nobody else: it is read again before each use.

    `path` is its file, and `entry` which of the grants in there; empty where there is one only.
    """

    tool: str
    path: str
    entry: str = ""


class Command(NamedTuple):
    """A program that prints the secret, its path absolute, and for how long that is good (ms)."""

    argv: tuple[str, ...]
    ttl: int


Origin = Kept | Command


def origin_word(origin: Origin | None) -> str | None:
    """What is kept in clear of `origin`: `command`, or the tool; None without one."""
    match origin:
        case None:
            return None
        case Command():
            return COMMAND
        case Kept(tool):
            return tool
