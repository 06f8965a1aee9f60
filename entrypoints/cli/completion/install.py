"""`--install-completion`, `--uninstall-completion`."""

import os
import shlex
from pathlib import Path
from typing import Literal, get_args

from domain.errors import Unavailable
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import AsJson

Shell = Literal["bash", "zsh", "fish"]

_MARK = "# by aura_intelligence --install-completion"
_MADE = f"{_MARK}, which made this file"


def install_completion(*, shell: Shell | None = None, json: AsJson = False) -> int:
    """Write the completion script of your shell to where it looks for one, and say what changed.

    Parameters
    ----------
    shell
        The shell; by default the one this command runs in.
    """
    from entrypoints.cli.completion.shells import SCRIPTS

    shell = shell or _detected()
    script, start = _places(shell)
    done: dict[str, str] = {}
    try:
        if not script.is_file() or script.read_text(encoding="utf-8") != SCRIPTS[shell]:
            done[str(script)] = "changed" if script.exists() else "created"
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text(SCRIPTS[shell], encoding="utf-8")
        if start and _MARK.encode() not in _content(start):
            done[str(start)] = "changed" if start.exists() else "created"
            _append(start, f"[ -r {shlex.quote(str(script))} ] && . {shlex.quote(str(script))}")
    except OSError as failure:
        raise _unwritable(failure) from None
    _told(done, json, {"path": str(script), "shell": shell})
    if not json:
        render.line("Start a new shell. To take it out: aura_intelligence --uninstall-completion")
    return 0


def uninstall_completion(*, shell: Shell | None = None, json: AsJson = False) -> int:
    """Take out what `--install-completion` put there; your start-up files are as they were before.

    Parameters
    ----------
    shell
        Only this shell; every one by default.
    """
    done: dict[str, str] = {}
    try:
        for each in (shell,) if shell else get_args(Shell):
            script, start = _places(each)
            if script.is_file():
                script.unlink()
                done[str(script)] = "removed"
            if start and _MARK.encode() in (content := _content(start)):
                done[str(start)] = _restored(start, content)
    except OSError as failure:
        raise _unwritable(failure) from None
    _told(done, json, {})
    return 0


def _detected() -> Shell:
    from cyclopts.completion.detect import ShellDetectionError, detect_shell

    try:
        found = detect_shell()
    except ShellDetectionError:
        found = "powershell"
    if found == "powershell":
        raise Unavailable("the shell is not known", hint="name it: --shell bash")
    return found


def _places(shell: Shell) -> tuple[Path, Path | None]:
    """The script, and the start-up file that reads it."""
    home = Path(os.environ.get("HOME") or Path.home())
    if shell == "fish":
        config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
        return config / "fish" / "completions" / "aura_intelligence.fish", None
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    if shell == "zsh":
        folder = Path(os.environ.get("ZDOTDIR") or home)
        return data / "zsh" / "site-functions" / "_aura_intelligence", folder / ".zshrc"
    return data / "bash-completion" / "completions" / "aura_intelligence", home / ".bashrc"


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _append(path: Path, line: str) -> None:
    """Adds one line, and the end of the last one where it had none: then ours has none either."""
    content = _content(path)
    marked = f"{line} {_MARK if path.exists() else _MADE}".encode()
    unended = content and not content.endswith(b"\n")
    with path.open("ab") as file:
        file.write(b"\n" + marked if unended else marked + b"\n")


def _restored(path: Path, content: bytes) -> str:
    """Takes our line out, and the file if it was made for it and holds nothing else."""
    lines = content.splitlines(keepends=True)
    ours = next(line for line in lines if _MARK.encode() in line)
    left = b"".join(line for line in lines if line is not ours)
    if not ours.endswith(b"\n"):
        left = left.removesuffix(b"\n")
    path = path.resolve()
    if not left and _MADE.encode() in ours:
        path.unlink()
        return "removed"
    # Beside it first: half a start-up file would be worse than a line too many.
    beside = path.with_name(f"{path.name}.aura_intelligence")
    beside.write_bytes(left)
    beside.chmod(path.stat().st_mode & 0o7777)
    beside.replace(path)
    return "changed"


def _unwritable(failure: OSError) -> Unavailable:
    reason = os.strerror(failure.errno or 0)
    return Unavailable(
        f"{failure.filename or 'a file'} cannot be written: {reason}", hint="check HOME"
    )


def _told(done: dict[str, str], json: bool, more: dict[str, str]) -> None:
    if json:
        files = [{"path": path, "action": action} for path, action in done.items()]
        render.json({**more, "files": files, "changed": bool(done)})
        return
    for path, action in done.items():
        render.line(f"{action.capitalize()} {path}")
    if not done:
        render.line("Nothing to change.")
