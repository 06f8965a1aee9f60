"""The browser of the person at this terminal, started and left alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from application.ports.sign_in import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FAR = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "container")
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_IS_WSL = "WSL_DISTRO_NAME"
_CONTAINERS = (".dockerenv", "run/.containerenv")
_OFF = ("", "0", "false")
_TEXT = {
    *("lynx", "w3m", "links", "links2", "elinks", "felinks", "www-browser"),
    *("browsh", "carbonyl", "cha", "edbrowse", "netrik", "retawq"),
}
# What xdg-open falls back on where no desktop says better. Its own list, which it takes for an
# empty BROWSER as well, ends with text browsers.
_GRAPHICAL = "x-www-browser:firefox:chromium:chromium-browser:google-chrome:epiphany:konqueror"
# explorer.exe opens a folder instead where an address has a query (microsoft/WSL#3832).
_WSL = (("wslview",), ("rundll32.exe", "url.dll,FileProtocolHandler"))
_DESKTOP = (("xdg-open",), ("gio", "open"), ("x-www-browser",))
_MACOS = (("open",),)
_SECRET = re.compile("^AURA_INTELLIGENCE_|KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
# What is not wanted here ends within this time (s); a browser goes on, or has ended well.
_PATIENCE = 1.0


class SystemBrowser(Browser):
    """`environ` is looked at, and is what the browser is given, without what may be a secret.

    What is started has neither our streams nor our terminal, so that not even a text browser which
    somebody made the default could draw here. `umask` is the caller's, which a browser gets back;
    -1 leaves it as it is. `root` is where the marks of a container are looked for.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        umask: int = -1,
        platform: str = sys.platform,
        root: Path = Path("/"),
    ) -> None:
        self._environ = environ
        self._umask = umask
        self._platform = platform
        self._root = root

    @property
    def is_here(self) -> bool:
        if self._has(*_FAR) or self._environ.get("CI", "").lower() not in _OFF:
            return False
        if any((self._root / mark).exists() for mark in _CONTAINERS):
            return False
        return self._platform == "darwin" or self._has(_IS_WSL, *_DISPLAYS)

    def open(self, url: str) -> bool:
        """Takes up to 1 s; only http and https. What fails later than that is not known."""
        if not url.lower().startswith(("http://", "https://")):
            return False
        command = next(self._commands(), None)
        return command is not None and self._is_started([*command, url])

    def _has(self, *names: str) -> bool:
        return any(self._environ.get(name) for name in names)

    def _harmless(self) -> dict[str, str]:
        """A browser lives for days, and its environment is there to be read."""
        return {name: text for name, text in self._environ.items() if not _SECRET.search(name)}

    def _commands(self) -> Iterator[list[str]]:
        """Those that exist, the best first."""
        wanted: list[tuple[str, ...]] = []
        if self._platform == "darwin":
            wanted += _MACOS
        else:
            wanted += [(self._environ.get("BROWSER", ""),)]
            wanted += _WSL if self._has(_IS_WSL) else ()
            wanted += _DESKTOP if self._has(*_DISPLAYS) else ()
        for name, *words in wanted:
            found = shutil.which(name, path=self._environ.get("PATH", os.defpath))
            if found and not _draws_text(found):
                yield [found, *words]

    def _is_started(self, command: list[str]) -> bool:
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and the address is one word
                command,
                env={**self._harmless(), "BROWSER": _GRAPHICAL},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                umask=self._umask,
            )
        except OSError:
            return False
        try:
            return process.wait(_PATIENCE) == 0
        except subprocess.TimeoutExpired:
            # It may end long before we do, and would stay in the table of processes.
            threading.Thread(target=process.wait, daemon=True).start()
            return True


def _draws_text(program: str) -> bool:
    path = Path(program)
    return not _TEXT.isdisjoint({path.name, path.resolve().name})
