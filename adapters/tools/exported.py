"""Files that other programs read: a folder of metrics, a table of Parquet."""

import contextlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.machine.files import refused, sync_folder
from application.ports.files import Column, ExportedFiles
from domain.errors import Unavailable, UnsafeFile

_TYPES: Mapping[Column, str] = {"whole": "BIGINT", "text": "VARCHAR"}
# What is there is only replaced where it begins as ours does: a slip must not cost a file.
_METRICS, _PARQUET = b"# HELP ", b"PAR1"
# Nothing is fetched, whatever is missing; nothing is put into the folder we happen to be in.
_ALONE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "temp_directory": "",
    # Each thread keeps a piece of its own until it is written.
    "threads": 1,
    "memory_limit": "256MB",
}
_PIECE = 20_000


class ReplacedFiles(ExportedFiles):
    """`umask` is the caller's: ours is stricter."""

    def __init__(self, umask: int) -> None:
        self._umask = umask

    def openmetrics(self, path: Path, text: str) -> None:
        with self._anew(path, _METRICS) as whole:
            whole.write_text(text, encoding="utf-8", newline="\n")

    def parquet(
        self, path: Path, columns: Mapping[str, Column], rows: Iterable[Mapping[str, Any]]
    ) -> int:
        try:
            import duckdb
        except ModuleNotFoundError:
            raise Unavailable(
                "duckdb is not installed, which writes Parquet",
                hint="pip install 'aura-intelligence[parquet]'",
            ) from None
        types = {name: _TYPES[column] for name, column in columns.items()}
        with self._anew(path, _PARQUET) as whole, _beside(path) as lines:
            # A file between: what DuckDB is handed row by row, it keeps.
            with lines.open("w", encoding="utf-8") as file:
                count = sum(file.write(json.dumps(row) + "\n") > 0 for row in rows)
            try:
                with duckdb.connect(":memory:", config=_ALONE) as connection:
                    read = connection.read_json(
                        str(lines), columns=types, format="newline_delimited"
                    )
                    read.write_parquet(str(whole), compression="zstd", row_group_size=_PIECE)
            except duckdb.Error as failure:
                raise Unavailable(
                    f"DuckDB cannot write {path}: {type(failure).__name__}",
                    hint="is there space left? nothing was changed",
                ) from None
            return count

    @contextmanager
    def _anew(self, path: Path, begins: bytes) -> Iterator[Path]:
        """Where to write what is to be at `path`."""
        try:
            mode = _mode(path, begins)
            with _beside(path) as whole:
                yield whole
                whole.chmod(0o666 & ~self._umask if mode is None else mode)
                with whole.open("rb") as file:
                    os.fsync(file.fileno())
                whole.replace(path)
                sync_folder(path.parent)
        except OSError as failure:
            raise refused(failure, path) from None


def _mode(path: Path, begins: bytes) -> int | None:
    """Of the file that is there, if one is. Raises UnsafeFile for something else."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    begun = b""
    if stat.S_ISREG(found.st_mode):
        with path.open("rb") as file:
            begun = file.read(len(begins)) or begins
    if begun != begins:
        raise UnsafeFile(f"something else is at {path}", hint="move it away, or say another name")
    return stat.S_IMODE(found.st_mode)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A name in the same folder; what has it in the end is removed."""
    place = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        yield place
    finally:
        with contextlib.suppress(OSError):
            place.unlink()
