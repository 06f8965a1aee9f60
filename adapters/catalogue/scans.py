"""The last scan, kept in the cache folder: one file of JSON, 0600."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.machine.files import private_folder, read_private, replace_private
from application.ports.lists import KeptScans
from domain.errors import AuraError

_LARGEST = 1024 * 1024


class ScanCache(KeptScans):
    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self) -> Mapping[str, Any]:
        try:
            told = json.loads(read_private(self._path, _LARGEST) or b"{}")
        except (AuraError, ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    def keep(self, scan: Mapping[str, Any]) -> None:
        private_folder(self._path.parent)
        replace_private(self._path, json.dumps(scan).encode())
