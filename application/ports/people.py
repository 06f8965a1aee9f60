"""A person at a terminal, another program, and the moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar

Clock = Callable[[], int]
"""The moment, in epoch ms (UTC)."""
T = TypeVar("T")


class Aside(Protocol):
    """How a call that may have to wait for the store is made."""

    async def __call__(self, call: Callable[[], T], /) -> T:
        """What `call` returns; where an event loop is shared, it is not kept waiting."""
        ...


async def at_once(call: Callable[[], T], /) -> T:
    """Aside where nobody else waits: a command has its process to itself."""
    return call()


class Prompter(Protocol):
    """A person at a terminal. Raises Malformed, naming `instead`, where there is no terminal."""

    @property
    def is_terminal(self) -> bool: ...

    @property
    def is_piped(self) -> bool:
        """Whether standard input is a pipe or a file: what somebody may have put something into."""
        ...

    def ask(self, question: str, *, instead: str) -> str: ...

    def ask_secret(self, question: str, *, instead: str) -> str:
        """Nothing is echoed; a paste of up to 20,000 characters arrives whole."""
        ...

    async def pasted(self) -> str:
        """The next that is pasted, while something else may be waited for; nothing is echoed.

        Raises Malformed where the input ends. Cancelled, it leaves the terminal as it was.
        """
        ...

    def choose(
        self,
        question: str,
        options: Mapping[str, str],
        taken: Callable[[str], T],
        *,
        instead: str,
    ) -> T:
        """What `taken` makes of the answer: one of `options`, or whatever else it does not refuse.

        Beside each option stands what is said of it, which may be nothing.

        What it refuses, raising Malformed or Refused, is asked for again; unless it is a part of
        one option alone, which is meant then.
        """
        ...

    def choose_some(
        self, question: str, options: Sequence[str], *, instead: str
    ) -> tuple[str, ...]:
        """Those of `options` that were chosen, in the order they are wanted in; at first, all."""
        ...

    def confirm(self, question: str, *, instead: str) -> bool: ...

    def read_all(self, *, instead: str, most: int = 64 * 1024) -> str:
        """All of standard input, `most` bytes. Raises Malformed where it is closed or not text."""
        ...


class Launcher(Protocol):
    """Another program, run in the place of this one."""

    def run(
        self, argv: Sequence[str], environ: Mapping[str, str], secrets: Collection[str] = ()
    ) -> int:
        """Becomes `argv` with `environ` and no other: where it starts, this does not return.

        With `secrets` it is run beside us instead, and what it writes passes without them: it has
        our input, terminal and process group, signals sent to us alone reach it, what it wrote is
        waited for, and its exit code is returned, or 128 and the signal's number.
        Raises NotStarted, and ProgramMissing where the PATH of `environ` has no such program.
        """
        ...
