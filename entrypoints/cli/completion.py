"""`--install-completion`."""

from typing import Literal

from domain.errors import Unavailable
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import AsJson


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
