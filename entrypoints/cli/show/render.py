"""The output border: the one place that prints, and that knows whether a person is looking."""

import contextlib
import json as _json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any

from domain.errors import AuraError, Malformed, OutputFailed
from domain.text import readable, visible
from entrypoints.cli.show import screen
from entrypoints.cli.show.screen import Mark

SCHEMA_VERSION = 1
_LONGEST_LINE = 2000


def json(document: Mapping[str, Any], *, flush: bool = False) -> None:
    """One object on one line: `jq` makes it pretty, and a prompt does not wait for indentation."""
    _out(_json.dumps({"schemaVersion": SCHEMA_VERSION, **document}, allow_nan=False), flush=flush)


def json_list(
    name: str, items: Iterable[Mapping[str, Any]], end: Callable[[], Mapping[str, Any]]
) -> None:
    """The same object where `name` is a list that may be too long to keep; `end` is asked last."""
    head = _json.dumps({"schemaVersion": SCHEMA_VERSION, name: []})[:-2]
    for item in items:
        _out(head + _json.dumps(item, allow_nan=False), end="")
        head = ", "
    rest = _json.dumps(end(), allow_nan=False)
    _out(("" if head == ", " else head) + "], " + rest[1:])


def _out(text: str, *, end: str = "\n", flush: bool = False) -> None:
    written(lambda: print(text, end=end, flush=flush))


def written(write: Callable[[], object]) -> None:
    """Calls `write`. Raises OutputFailed where what it prints goes nowhere."""
    try:
        write()
    except BrokenPipeError:
        raise
    except OSError as failure:
        reason = os.strerror(failure.errno or 0)
        raise OutputFailed(
            f"the output cannot be written: {reason}", hint="nothing is lost"
        ) from None


def error(failure: AuraError) -> dict[str, str | None]:
    """What is said of an error in JSON."""
    hint = visible(failure.hint, 500) if failure.hint else None
    return {"type": failure.type, "message": visible(str(failure), 500), "hint": hint}


def line(text: str = "") -> None:
    """Data for a person, on stdout: one line, whatever is in it."""
    _out(visible(text, _LONGEST_LINE))


def piece(text: str) -> None:
    """A piece of foreign text of several lines, shown at once."""
    _out(readable(text), end="", flush=True)


def whole(text: str, *, flush: bool = False) -> None:
    """A line that is to be copied, or read by a program: made harmless, and never cut."""
    _out(visible(text, sys.maxsize), flush=flush)


def text(content: str) -> None:
    """A file of another program, as it is, in UTF-8; what steers a terminal is escaped."""
    harmless = "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in content)
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:
        _out(harmless, end="")
    else:
        # Such files are UTF-8 whatever the terminal's encoding is. Nothing was printed before.
        written(lambda: raw.write(harmless.encode("utf-8", "backslashreplace")))


def _escape(char: str) -> str:
    # As TOML and YAML understand it, within quotes.
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def plain(records: Iterable[Sequence[object]]) -> None:
    """One record a line, tab-separated."""
    for record in records:
        _out("\t".join(map(_cell, record)))


def _cell(value: object) -> str:
    return "" if value is None else visible(str(value), sys.maxsize)


def tokens(count: int | None) -> str:
    """A number of tokens for a person: `128k`, `1.05M`; empty where it is not known."""
    if count is None:
        return ""
    if count < 1000:
        return str(count)
    return f"{count / 1_000_000:.3g}M" if count >= 1_000_000 else f"{round(count / 1000)}k"


def note(text: str, hint: str | None = None) -> None:
    """Something beside the data: a warning, a hint; on stderr, where that can be written."""
    if sys.stderr is None:  # closed: print would take stdout instead
        return
    with contextlib.suppress(OSError):
        print(visible(text, 500), file=sys.stderr)
        if hint:
            print(f"hint: {visible(hint, 500)}", file=sys.stderr)


def failure(type: str, message: str, hint: str | None, *, as_json: bool) -> None:
    if as_json:
        text, advice = visible(message, 500), visible(hint, 500) if hint else None
        json({"error": {"type": type, "message": text, "hint": advice}})
    else:
        note(f"aura_intelligence: {message}", hint)


def one_format(as_json: bool, as_plain: bool) -> None:
    """Raises Malformed where both are asked for."""
    if as_json and as_plain:
        raise Malformed("--json and --plain exclude each other", hint="choose one")


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    indent: str = "",
    marks: Sequence[Mark | None] = (),
) -> None:
    """Aligned columns. On a terminal they fit it, without those that are empty, and each row has
    its mark, if there are any.
    """
    from entrypoints.cli.show.layout import laid_out

    cells = [[*map(_cell, row)] for row in rows]
    width = screen.width()
    if width is not None and cells:
        filled = [any(column) for column in zip(*cells, strict=True)]
        headers, *cells = [[*compress(row, filled)] for row in (headers, *cells)]
    margin = screen.sign(None) if width is not None and marks else ""
    room = sys.maxsize if width is None else width - len(indent + margin)
    for at, lines in enumerate(laid_out(headers, cells, room), -1):
        lead = screen.sign(marks[at]) if margin and at >= 0 else margin
        for text in lines:
            shown = text.rstrip()
            styled = screen.bold(shown) if width is not None and at < 0 else shown
            _out((indent + lead + styled).rstrip())
            lead = margin


def flow(head: str, items: Sequence[str], *, mark: Mark | None = None, hang: int = 0) -> None:
    """One line that is not cut. A terminal folds it between `items`, and shows the mark."""
    width = screen.width()
    if width is None:
        whole(head + " ".join(items))
        return
    from entrypoints.cli.show.layout import breadth, flowed

    harmless = [visible(item, sys.maxsize) for item in items]
    lead, margin = (screen.sign(mark), len(screen.sign(None))) if mark else ("", 0)
    indent = breadth(head) + margin + hang
    first, *more = flowed(harmless, width - indent)
    _out(f"{head}{lead}{first}")
    for text in more:
        _out(" " * indent + text)
