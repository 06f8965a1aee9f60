"""Whether other tools keep credentials here: by the name of their file alone."""

import os
from collections.abc import Mapping

from adapters.tools.places import places
from application.ports.elsewhere import KeyFiles

# Whose place nobody needs to name.
_TOOLS = ("codex", "claude", "opencode", "openclaw", "llm", "gh")


class NamedKeyFiles(KeyFiles):
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self) -> tuple[str, ...]:
        try:
            return tuple(filter(self._has_credentials, _TOOLS))
        except (OSError, RuntimeError):
            # No home, or a current folder that is gone.
            return ()

    def _has_credentials(self, tool: str) -> bool:
        # What it keeps credentials in is the first; configurations may hold some as well.
        found = places(tool, self._environ)
        return any(os.path.lexists(at.path) for at in found if at.role == found[0].role)
