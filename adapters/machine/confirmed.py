"""The commands this user lets run here: one private file in the configuration, never in the store.

So neither a store that is shared or copied, nor who writes in it, makes anything run.
"""

import json
from pathlib import Path
from typing import Any

from adapters.machine.files import exclusive, private_folder, read_private, replace_private
from application.ports.elsewhere import Confirmed
from domain.credentials.origins import Command
from domain.errors import Unavailable

_LARGEST = 1024 * 1024
_PATIENCE = 5.0


class ConfirmedFile(Confirmed):
    def __init__(self, path: Path) -> None:
        self._path = path

    def holds(self, command: Command, base_url: str) -> bool:
        return _entry(command, base_url) in self._read()

    def add(self, command: Command, base_url: str) -> None:
        private_folder(self._path.parent)
        with exclusive(self._path.with_suffix(".lock"), _PATIENCE):
            known = self._read()
            if (entry := _entry(command, base_url)) not in known:
                document = {"version": 1, "commands": [*known, entry]}
                replace_private(self._path, json.dumps(document, indent=1).encode() + b"\n")

    def _read(self) -> list[Any]:
        content = read_private(self._path, _LARGEST)
        try:
            return list(json.loads(content)["commands"]) if content is not None else []
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Unavailable(
                f"{self._path} is damaged", hint="move it away, then add the commands you use again"
            ) from None


def _entry(command: Command, base_url: str) -> dict[str, Any]:
    return {"argv": list(command.argv), "address": base_url}
