"""What the stream a person looks at can show: how wide it is, marks, colour."""

import contextlib
import os
import sys
from typing import Any, Literal

Mark = Literal["good", "bad", "cooling"]
"""Whether something can be used now; `cooling`: not now, and that passes by itself."""

_NARROWEST, _USUAL = 20, 80
_SIGNS: dict[Mark | None, str] = {"good": "✓ ", "bad": "✗ ", "cooling": "~ ", None: "  "}
_ASCII: dict[Mark | None, str] = {"good": "ok ", "bad": "x  ", "cooling": "~  ", None: "   "}
_COLOURS = {"good": 32, "bad": 31, "cooling": 33}
_BOLD = 1


def is_fancy(stream: Any) -> bool:
    """Whether colour and bars may be drawn on `stream`."""
    environ = os.environ
    if stream is None or environ.get("NO_COLOR") or environ.get("TERM", "dumb") == "dumb":
        return False
    return bool(stream.isatty())


def width() -> int | None:
    """How many columns the terminal of stdout has; None where it is none."""
    stream = sys.stdout
    if stream is None or not stream.isatty():
        return None
    asked = os.environ.get("COLUMNS", "")
    columns = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    if not columns:
        with contextlib.suppress(OSError, ValueError):
            columns = os.get_terminal_size(stream.fileno()).columns
    return max(columns or _USUAL, _NARROWEST)


def sign(mark: Mark | None) -> str:
    """`mark` as a terminal shows it, a space after it; all are equally wide."""
    signs = _SIGNS if shows("✓✗") else _ASCII
    return _styled(signs[mark], _COLOURS[mark]) if mark else signs[mark]


def shows(text: str) -> bool:
    """Whether stdout can be written `text`."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def bold(text: str) -> str:
    return _styled(text, _BOLD)


def _styled(text: str, style: int) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if is_fancy(sys.stdout) else text
