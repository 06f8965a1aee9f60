"""`--version`."""

from entrypoints.cli.show import render
from entrypoints.settings import VERSION


def version(*, json: bool = False) -> int:
    if json:
        render.json({"version": VERSION})
    else:
        render.line(VERSION)
    return 0
