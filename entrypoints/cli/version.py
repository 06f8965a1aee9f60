"""`--version`."""

from entrypoints.cli.app import VERSION
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import AsJson


def show_version(*, json: AsJson = False) -> int:
    """The version of this program."""
    if json:
        render.json({"version": VERSION})
    else:
        render.line(VERSION)
    return 0
