"""Texts of other programs' files as plain values; a library is loaded by who needs it alone."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from domain.errors import Malformed

_DEEPEST = 100
# How long another program's store is looked at (s), and after how many steps that is asked.
_PATIENCE, _STEPS = 2.0, 10_000
_OPENCLAW = """SELECT value_json FROM config_machine_state
WHERE state_key = 'authProfiles.store' AND typeof(value_json) = 'text'
    AND length(value_json) < 262144"""
_INSTALL = "pip install 'aura-intelligence[import]'"


def parsed(text: str, name: str) -> Any:
    """What `text`, of a file called `name`, says, as what JSON can hold.

    Raises Malformed, never with anything of the text.
    """
    read, kind = _reader(name)
    try:
        return read(text)
    except ModuleNotFoundError as missing:
        raise Malformed(
            f"{kind} is read by {missing.name}, which is not installed", hint=_INSTALL
        ) from None
    except RecursionError:
        raise _deep(kind) from None


def openclaw_store(path: Path) -> Any:
    """The auth profiles in OpenClaw's SQLite file, as its `auth-profiles.json` had them.

    What it may be writing is read with its log; without one, nothing is made beside the file.
    Raises Malformed.
    """
    import sqlite3
    from contextlib import closing

    log = path.with_name(f"{path.name}-wal")
    still = "" if log.exists() and log.stat().st_size else "&immutable=1"
    try:
        place = f"file:{quote(str(path))}?mode=ro{still}"
        with closing(sqlite3.connect(place, uri=True, timeout=1)) as store:
            until = time.monotonic() + _PATIENCE
            store.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            row = store.execute(_OPENCLAW).fetchone()
    except sqlite3.Error:
        raise Malformed("the file is no store of OpenClaw that can be read here") from None
    return _json(row[0]) if row else {}


def _reader(name: str) -> tuple[Callable[[str], Any], str]:
    if name.endswith((".yml", ".yaml")):
        return _yaml, "YAML"
    if name.endswith(".toml"):
        return _toml, "TOML"
    if name.endswith((".json", ".jsonc", ".json5")):
        return _json, "JSON"
    return _variables, "a file of variables"


def _deep(kind: str) -> Malformed:
    return Malformed(f"the file is nested too deeply for {kind}", hint="name another file")


def _not(kind: str, line: int | None = None) -> Malformed:
    where = f" (line {line})" if line is not None else ""
    return Malformed(f"the file is not {kind}{where}", hint="it may be half written; try again")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as failure:
        line = getattr(failure, "lineno", None)
    # With comments and commas at the end it may be JSON5.
    if not re.search(r"//|/\*|,\s*[}\]]|'|[{,]\s*\w+\s*:", text):
        raise _not("JSON", line)
    import pyjson5

    try:
        return pyjson5.decode(text, _DEEPEST)
    except pyjson5.Json5Exception:
        raise _not("JSON", line) from None


def _toml(text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(text)
    except ValueError:
        raise _not("TOML") from None


def _yaml(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    def reader() -> YAML:
        return YAML(typ="safe", pure=True)

    try:
        depth = 0
        for event in reader().parse(text):
            # A few of them can stand for more than any machine holds.
            if isinstance(event, AliasEvent):
                raise Malformed("the file has YAML aliases", hint="write out what *NAME stands for")
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > _DEEPEST:
                raise _deep("YAML")
        return _plain(reader().load(text))
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError) as failure:
        mark = getattr(failure, "problem_mark", None)
        raise _not("YAML", mark.line + 1 if mark else None) from None


def _plain(value: Any) -> Any:
    """YAML has dates and names that are no texts; JSON has not."""
    match value:
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _variables(text: str) -> Any:
    from io import StringIO

    from dotenv.parser import parse_stream

    found = {}
    for binding in parse_stream(StringIO(text)):
        if binding.error:
            raise _not("a file of variables", binding.original.line)
        if binding.key is not None and binding.value is not None:
            found[binding.key] = binding.value
    return found
