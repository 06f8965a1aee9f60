"""`paths`."""

from entrypoints.cli.reading.paths import paths
from entrypoints.cli.words.injection import AsJson, Flag, Injected
from entrypoints.settings import Settings


def show_paths(*, json: AsJson = False, plain: Flag = False, settings: Injected[Settings]) -> int:
    """Where configuration, data, cache and keys are. Nothing is created.

    Parameters
    ----------
    plain
        A name and a path a line.
    """
    return paths(settings, json=json, plain=plain)
