"""`paths`, `--install-completion`."""

from typing import Literal

from domain.errors import Unavailable
from domain.text import visible
from entrypoints.cli.app import VERSION
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.injection import AsJson, Flag, Injected
from entrypoints.settings import Settings


def paths(*, json: AsJson = False, plain: Flag = False, settings: Injected[Settings]) -> int:
    """Where configuration, data, cache and keys are. Nothing is created.

    Parameters
    ----------
    plain
        A name and a path a line.
    """
    places = {
        "config": settings.config,
        "data": settings.data,
        "cache": settings.cache,
        "keys": settings.vault_key_file or settings.keys,
        "store": settings.store,
    }
    document = {name: str(path) for name, path in places.items()}
    listing = Listing(document, places.items(), ("What", "Where"))
    show_listing(listing, json=json, plain=plain)
    return 0


def version(*, json: AsJson = False) -> int:
    """The version of this program."""
    if json:
        render.json({"version": VERSION})
    else:
        render.line(VERSION)
    return 0


def install_completion(
    *, shell: Literal["bash", "zsh", "fish"] | None = None, json: AsJson = False
) -> int:
    """Write the completion script of your shell to where it looks for one.

    Parameters
    ----------
    shell
        The shell; by default the one this command runs in.
    """
    from cyclopts.completion.detect import ShellDetectionError

    from entrypoints.cli.app import build

    try:
        path = build().install_completion(shell=shell)
    except ShellDetectionError:
        raise Unavailable("the shell is not known", hint="name it: --shell bash") from None
    except OSError:
        raise Unavailable("the completion script cannot be written", hint="check HOME") from None
    if json:
        render.json({"path": str(path), "changed": True})
    else:
        render.line(f"Completion installed: {visible(str(path))} (start a new shell)")
    return 0
