"""What other programs of this machine keep, print, or serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from domain.credentials.credential import OAuthToken
    from domain.credentials.origins import Command, Kept
    from domain.handover.tools.contents import ToolFile


class Programs(Protocol):
    """Programs whose output is a secret."""

    def found(self, argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
        """`argv` with the absolute path of its program, by the PATH of `environ`.

        Raises CommandFailed where there is none, and UnsafeFile.
        """
        ...

    async def printed(self, argv: Sequence[str], environ: Mapping[str, str]) -> str:
        """The one line that it prints, run without a shell, without input, and for 30 s at most.

        Raises UnsafeFile where others may change what is run, and CommandFailed, with what it said
        on stderr, for everything but one line of at most 16 KiB.
        """
        ...


class Confirmed(Protocol):
    """The commands that this user lets run on this machine, each for one address."""

    def holds(self, command: Command, base_url: str) -> bool:
        """Raises Unavailable where nobody can tell."""
        ...

    def add(self, command: Command, base_url: str) -> None:
        """Raises Unavailable."""
        ...


class OtherTools(Protocol):
    """Programs that keep credentials in files of theirs; nothing of those is ever written."""

    def files(self, source: str, path: Path | None = None) -> tuple[ToolFile, ...]:
        """Those of `source` where it has them, or the file `path`, or those in the folder `path`.

        Raises NotFound where there is none, and Malformed.
        """
        ...

    def grant(self, kept: Kept, provider: str) -> OAuthToken:
        """The grant of `provider` as its file has it now.

        Raises UnsafeFile where the file is a link, or not this user's alone to change; NeedsLogin
        where the grant is gone, and Unavailable where it is unreadable.
        """
        ...


class KeyFiles(Protocol):
    def __call__(self) -> tuple[str, ...]:
        """The tools whose file of credentials is there, as `auth import` calls them; none of it is
        opened. Raises nothing.
        """
        ...


class ListeningServers(Protocol):
    def __call__(self, urls: Iterable[str]) -> Callable[[], frozenset[str]]:
        """Begins to connect to all `urls` of this machine at once, and sends nothing.

        What it returns is to be called once: those that took the connection, 50 ms after the
        beginning at the latest. Raises nothing.
        """
        ...
