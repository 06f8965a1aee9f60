"""The part of docs/json.md about `--plain`: the columns of each command that has it."""

from collections.abc import Mapping
from typing import Any

Command = tuple[str, ...]

_INTRODUCTION = """\
## Plain output

With `--plain` a command prints one record a line, its columns separated by tabs. An empty column
stays.

| command | columns |
|---|---|"""

COLUMNS: dict[Command, tuple[str, ...]] = {
    ("paths",): ("what: `config`, `data`, `cache`, `keys`, `store`", "where"),
    ("models", "status"): ("the default model",),
    ("models", "list"): ("provider/model",),
    ("models", "outlook"): (
        "`retirement`, `expiry`, `reset` or `credit`",
        "provider/model, or the credential",
        "when",
        "days left",
        "`earliest`, `exact` or `about`",
        "`snapshot`, `list`, `answer` or `profile`",
        "the day that is of",
        "the model its provider advises",
    ),
    ("models", "resolve"): ("the first model that can be tried, provider/model",),
    ("models", "aliases", "list"): ("alias", "provider/model"),
    ("models", "fallbacks", "list"): ("provider/model",),
    ("models", "image-fallbacks", "list"): ("provider/model",),
    ("models", "providers", "list"): (
        "id",
        "dialect",
        "base URL",
        "`built-in`, `own`, `own, plain http` or `plug-in`",
    ),
    ("models", "auth", "list"): (
        "credential",
        "type",
        "`static` (does not expire), `ok`, `expiring`, `expired` or `missing`",
        "`usable`, or why it is not",
        "fingerprint",
    ),
    ("models", "auth", "order", "get"): ("provider", "its profiles in order, a column each"),
    ("plugins", "list"): ("id", "dialect", "status", "source"),
}
KEYED: dict[Command, str] = {
    ("models", "history", "list"): "records",
    ("models", "history", "show"): "records",
    ("models", "history", "changes"): "changes",
    ("models", "history", "incidents"): "incidents",
    ("models", "history", "summary"): "rows",
}
"""Those whose columns are the keys of a list of theirs, but for objects."""
MANY: Command = ("models", "auth", "order", "get")
"""Its last column is as many as there are profiles."""


def columns(command: Command, documents: Mapping[Command, list[dict[str, Any]]]) -> tuple[str, ...]:
    """The columns of `command`."""
    if command in KEYED:
        record: dict[str, Any] = documents[command][0][KEYED[command]][0]
        return tuple(f"`{k}`" for k, value in record.items() if not isinstance(value, dict))
    return COLUMNS[command]


def plain_section(
    documents: Mapping[Command, list[dict[str, Any]]], records: Mapping[Command, list[str]]
) -> str:
    lines = [f"| `{' '.join(c)}` | {' · '.join(columns(c, documents))} |" for c in records]
    return "\n".join([_INTRODUCTION, *lines]) + "\n"
