"""`models history export`."""

from itertools import chain
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from application.journal.pages import Pages
from application.journal.summaries import USUAL_DAYS, question_of, summary_of
from application.ports.files import Column, ExportedFiles
from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from domain.errors import Malformed
from entrypoints.cli.reading.journal.asked import ALL, Asked
from entrypoints.cli.reading.journal.history import KEYS, document, history, refuse_unknown
from entrypoints.cli.reading.journal.streams import one_of
from entrypoints.cli.show import render
from entrypoints.cli.show.openmetrics import exposition
from entrypoints.cli.show.reasons import note_unreadable
from entrypoints.cli.words.injection import AsJson, Flag, Group, Injected, Later

FileOrDash = Annotated[str, Parameter(allow_leading_hyphen=True)]
_ALL = 10**9
_WHOLE = {"id", "startedAt", "latencyMs", "httpStatus", "resetsAt", "classifierVersion"}
_COLUMNS: dict[str, Column] = {key: "whole" if key in _WHOLE else "text" for key in KEYS}


def export(
    *,
    openmetrics: FileOrDash | None = None,
    parquet: FileOrDash | None = None,
    csv: Flag = False,
    jsonl: Flag = False,
    asked: Group[Asked] = ALL,
    json: AsJson = False,
    survey: Injected[Survey],
    journal_reader: Injected[JournalReader],
    exported: Later[ExportedFiles],
    clock: Injected[Clock],
) -> int:
    """Write the history for another program: all of it, or what the filters say.

    Parameters
    ----------
    openmetrics
        Figures by profile into this file, for Prometheus; - is stdout.
    parquet
        Records into this file, for DuckDB, pandas and others.
    csv
        Records on stdout, with a line of headers.
    jsonl
        Records on stdout, one JSON object a line.
    json
        What was written, as one JSON object.
    """
    files = {"openmetrics": openmetrics, "parquet": parquet}
    named = {name: path for name, path in files.items() if path is not None}
    format = one_of(**dict.fromkeys(named, True), csv=csv, jsonl=jsonl)
    if format is None:
        raise Malformed(
            "no format is chosen", hint="--openmetrics FILE, --parquet FILE, --csv or --jsonl"
        )
    path = named.get(format, "-")
    if not path or path[:2] == "--" or (format == "parquet" and path == "-"):
        raise Malformed(f"--{format} takes the name of a file", hint=f"--{format} history.{format}")
    if json and path == "-":
        raise Malformed("--json goes with a file", hint="the records are on stdout: --jsonl")
    if format in ("csv", "jsonl"):
        return history(journal_reader, survey, clock, asked, limit=_ALL, csv=csv, jsonl=jsonl)
    if format == "parquet":
        written = _parquet(journal_reader, survey, asked, clock(), exported(), Path(path), json)
    else:
        if asked != ALL:
            raise Malformed(
                f"--openmetrics is of all profiles and the last {USUAL_DAYS} days",
                hint="leave the filters out; --csv, --jsonl and --parquet take them",
            )
        text = _metrics(journal_reader, clock())
        written = sum(not line.startswith("#") for line in text.splitlines())
        if path == "-":
            render.text(text)
            return 0
        exported().openmetrics(Path(path), text)
    what = "records" if format == "parquet" else "figures"
    if json:
        render.json({"format": format, "path": str(Path(path).absolute()), "written": written})
    else:
        render.line(f"Wrote {written} {what} to {path}.")
    return 0


def _metrics(reader: JournalReader, now: int) -> str:
    summed = summary_of(reader, question_of("profile", None, None, now))
    ever = reader.tally(question_of("profile", 0, None, now)).groups
    return exposition(summed.rows, ever, USUAL_DAYS)


def _parquet(
    reader: JournalReader,
    survey: Survey,
    asked: Asked,
    now: int,
    exported: ExportedFiles,
    path: Path,
    json: bool,
) -> int:
    query = asked.query(now, of="export", limit=_ALL, before=None)
    pages = Pages(reader, query)
    first = next(pages)
    if not first:
        refuse_unknown(query, survey, reader)
    records = (record for page in chain([first], pages) for record in page)
    written = exported.parquet(path, _COLUMNS, map(document, records))
    if not json:
        note_unreadable(pages.unreadable)
    return written
