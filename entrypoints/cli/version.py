"""`--version`."""

from entrypoints.cli.reading.version import version
from entrypoints.cli.words.injection import AsJson


def show_version(*, json: AsJson = False) -> int:
    """The version of this program."""
    return version(json=json)
