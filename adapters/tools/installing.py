"""Documents put into the files of other programs, beside whatever is there."""

import contextlib
import json
import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from shlex import quote
from typing import Any

from adapters.machine.files import create_private, refused, sync_folder
from adapters.tools.places import places
from application.ports.files import Installer, Planned
from application.ports.people import Clock
from domain.errors import Changed, Malformed, Refused, Unavailable, UnsafeFile
from domain.handover.agents.files import OURS, difference, merged
from domain.handover.agents.obstacles import obstacles
from domain.instants import iso

LARGEST = 256 * 1024
"""The most that is read of a file, in bytes."""
Table = dict[str, Any]


class ToolFileInstaller(Installer):
    """`environ` says where the files are, `clock` when an old one was put aside."""

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ, self._clock = environ, clock

    def planned(self, tool: str, document: Mapping[str, Any], text: str) -> Planned:
        path = self._place(tool)
        before, hint = _content(path), f"by hand: aura_intelligence models export {tool}"
        if before is None:
            return Planned(path, None, text.encode(), tuple(difference({}, document)))
        try:
            old, after = _FORMATS.get(tool, _json)(before.decode(), document, text)
            _refuse_obstacles(path, obstacles(tool, old, document))
            lines = tuple(difference(old, merged(old, document)))
            return Planned(path, before, after.encode() if lines else before, lines)
        except ModuleNotFoundError as missing:
            raise Unavailable(
                f"{missing.name} is not installed, which changes such a file",
                hint="pip install 'aura-intelligence[import]'",
            ) from None
        except (ValueError, RecursionError):
            # Their own words may hold a piece of the file.
            raise Malformed(f"{path} cannot be understood", hint=hint) from None
        except Malformed as failure:
            raise Malformed(f"{path}: {failure}", hint=hint) from None

    def install(self, planned: Planned) -> Path | None:
        path, before = planned.path, planned.before
        whole = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if before is None:
                create_private(path, planned.after)
                return None
            mode = stat.S_IMODE(path.lstat().st_mode)
            if _content(path) != before:
                raise Changed(f"{path} was changed in between", hint="look at it, and try again")
            moment = re.sub(r"[-:.]", "", iso(self._clock()))
            kept = path.with_name(f"{path.name}.before-aura-{moment}")
            for place, content in ((kept, before), (whole, planned.after)):
                create_private(place, content)
                place.chmod(mode)
            whole.replace(path)
            sync_folder(path.parent)
            return kept
        except OSError as failure:
            raise refused(failure, path) from None
        finally:
            with contextlib.suppress(OSError):
                whole.unlink()

    def _place(self, tool: str) -> Path:
        if tool == "aider":
            return Path(self._environ.get("HOME") or Path.home()) / ".aider.conf.yml"
        role = "settings" if tool == "claude" else "config"
        paths = [place.path for place in places(tool, self._environ) if place.role == role]
        return next((path for path in paths if os.path.lexists(path)), paths[0])


def _refuse_obstacles(path: Path, names: Sequence[str]) -> None:
    """Raises Refused: with these beside it, a key would go where nobody chose."""
    if names:
        raise Refused(
            f"{path} has {', '.join(names)}, which would come before what you chose, or be sent to "
            "another address",
            hint="take it out of the file, and install again",
        )


def _content(path: Path) -> bytes | None:
    """What is in the file, None where there is none. Raises UnsafeFile, Malformed, Unavailable."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        if path.is_symlink():
            raise UnsafeFile(
                f"{path} is a symbolic link", hint="put the file itself there, or change it by hand"
            )
        if path.parent.exists():
            # Whose folder it is may put another file in its place.
            _refuse_foreign(path.parent, path.parent.stat(), (os.geteuid(), 0))
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            _refuse(path, found)
            return file.read(found.st_size)
    except FileNotFoundError:
        return None
    except OSError as failure:
        raise refused(failure, path) from None


def _refuse(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnsafeFile(f"{path} is not a file", hint="move it away")
    _refuse_foreign(path, found, (os.geteuid(),))
    if found.st_nlink != 1:
        raise UnsafeFile(
            f"{path} has a second name (a hard link)", hint="copy it to a file of its own"
        )
    if found.st_size > LARGEST:
        raise Malformed(f"{path} is larger than {LARGEST // 1024} KiB", hint="change it by hand")


def _refuse_foreign(path: Path, found: os.stat_result, owners: tuple[int, ...]) -> None:
    if found.st_uid not in owners:
        raise UnsafeFile(
            f"{path} belongs to another user", hint=f"run: chown {os.geteuid()} {quote(str(path))}"
        )


def _json(before: str, new: Mapping[str, Any], text: str) -> tuple[Table, str]:
    if not before.strip():
        return {}, text
    try:
        old = json.loads(before, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError:
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', before)
        if re.search(r"//|/\*|,\s*[}\]]", bare):
            raise Malformed("it has comments or spare commas, which would be lost") from None
        raise
    indent = re.search(r"\n([ \t]+)\"", before)
    after = json.dumps(
        merged(_table(old), new),
        indent=indent[1] if indent else 2,
        ensure_ascii=before.isascii(),
        allow_nan=False,
    )
    return old, after + ("\n" if before.endswith("\n") else "")


def _once(pairs: list[tuple[str, Any]]) -> Table:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Malformed("a name is in it twice")
    return dict(pairs)


def _no_number(_: str) -> None:
    raise Malformed("a number of it is none")


def _toml(before: str, new: Mapping[str, Any], _: str) -> tuple[Table, str]:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    old = tomllib.loads(before)
    wanted = merged(old, new)
    try:
        document = tomlkit.parse(before)
        _put(document, new)
        after = tomlkit.dumps(document)
    except TOMLKitError:
        raise ValueError from None
    if tomllib.loads(after) != wanted:
        raise Malformed("it is written in a way that cannot be kept")
    return old, _commented(before, after)


def _yaml(before: str, new: Mapping[str, Any], text: str) -> tuple[Table, str]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.util import load_yaml_guess_indent

    reader = YAML()
    reader.preserve_quotes = True
    reader.width = LARGEST
    try:
        document, indent, offset = load_yaml_guess_indent(before)
        if document is None:
            # Comments alone, as in the example that aider gives away.
            if any(line.strip()[:1] not in ("", "#") for line in before.splitlines()):
                raise Malformed("nothing is in it, written in a way that cannot be added to")
            return {}, f"{before.rstrip()}\n\n{text}".lstrip()
        document = reader.load(before)
        reader.indent(sequence=indent or 2, offset=offset or 0)
        old = dict(_table(document))
        wanted = merged(old, new)
        for name in (name for name in new if old.get(name) != wanted[name]):
            document[name] = wanted[name]
        out = StringIO()
        reader.dump(document, out)
    except YAMLError:
        raise ValueError from None
    return old, _commented(before, out.getvalue())


def _table(document: Any) -> Any:
    if not isinstance(document, dict):
        raise Malformed("it is no table")
    return document


def _put(document: Any, new: Mapping[str, Any]) -> None:
    """Puts `new` into what tomlkit keeps of a file, table by table."""
    import tomlkit

    for name, value in new.items():
        if isinstance(value, dict) and not name.startswith(OURS):
            if name not in document:
                document[name] = tomlkit.table(is_super_table=True)
            _put(document[name], value)
        elif document.get(name) != value:
            document[name] = value


def _commented(before: str, after: str) -> str:
    """`after`, if it has whatever follows a `#`. Raises Malformed."""
    was, becomes = (Counter(_remarks(text)) for text in (before, after))
    if was - becomes:
        raise Malformed("a comment of it would be lost")
    return after


def _remarks(text: str) -> Iterable[str]:
    found = (line.partition("#")[2].strip() for line in text.splitlines())
    return filter(None, found)


_FORMATS = {"codex": _toml, "aider": _yaml}
