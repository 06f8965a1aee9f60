"""A bar on stderr for a person who waits; nothing for anybody else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from entrypoints.cli.show.screen import is_fancy


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
