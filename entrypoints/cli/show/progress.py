"""A bar or a line on stderr for a person who waits; nothing for anybody else."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from domain.text import visible
from entrypoints.cli.show.screen import is_fancy

T = TypeVar("T")


class Waiting:
    """One line that says what is waited for, until it is erased; without any escape."""

    _width = 0

    def show(self, text: str) -> None:
        if sys.stderr is None or not sys.stderr.isatty():
            return
        with contextlib.suppress(OSError):
            # A line that was wrapped could not be erased. Some terminals say they have no columns.
            columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            line = visible(text, 500)[: columns - 1]
            self._width = len(line)
            self._write(line)

    def erase(self) -> None:
        if self._width:
            with contextlib.suppress(OSError):
                self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def counter(of: str) -> Iterator[Callable[[int], None]]:
    """For work nobody knows the length of: what is yielded shows how many of them are done."""
    if not is_fancy(sys.stderr):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.completed} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(of, total=None)
        yield lambda done: progress.update(task, completed=done)


def followed(steps: Iterable[T], of: str, done: T, seen: Callable[[T], int]) -> tuple[T, bool]:
    """The last of `steps`, `done` if there is none, and whether it came to the end: Ctrl-C keeps
    what was done. A step that ended in that very moment is not counted.
    """
    try:
        with counter(of) as show:
            for done in steps:
                show(seen(done))
    except KeyboardInterrupt:
        return done, False
    return done, True


@contextmanager
def bar(total: int) -> Iterator[Callable[[], None]]:
    """Calls of what is yielded advance the bar."""
    if not total or not is_fancy(sys.stderr):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)
