"""Files of other programs, read and never written."""

import errno
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from adapters.tools.formats import openclaw_store, parsed
from adapters.tools.places import Place, moved_to, places
from application.ports.elsewhere import OtherTools
from domain.credentials.credential import OAuthToken
from domain.credentials.origins import Kept
from domain.errors import AuraError, Malformed, NeedsLogin, NotFound, Unavailable, UnsafeFile
from domain.handover.tools.contents import ToolFile
from domain.text import visible

LARGEST = 256 * 1024
"""The most that is read of a file, in bytes."""
_SAYS_WHOSE = {"claude": (("state", ".claude.json"),)}
_SQLITE = b"SQLite format 3\0"
_ANOTHER = "name another file"
# Its owner may be writing it: how often it is tried, and how long is waited in between (s).
_TRIES, _PAUSE = 5, 0.05


class ToolFiles(OtherTools):
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def files(self, source: str, path: Path | None = None) -> tuple[ToolFile, ...]:
        try:
            known = places(source, self._environ)
            wanted = _at(path, source, known) if path is not None else known
        except (OSError, RuntimeError, ValueError):
            # A name that is too long, a user nobody knows, a current folder that is gone.
            raise Malformed(
                "that is no place a file can be", hint="write an absolute path"
            ) from None
        found = [file for place in wanted if (file := _file(place)) is not None]
        if not found:
            where = visible(str(path or known[0].path))
            raise NotFound(
                f"{source} has nothing at {where}",
                hint=f"name its file: aura_intelligence models auth import {source} FILE",
            )
        return tuple(found)

    def grant(self, kept: Kept, provider: str) -> OAuthToken:
        # Imported here: a command that prints a secret comes this way, and reads no grant.
        from domain.handover.tools.sources import grant_of

        path = Path(kept.path)
        for left in reversed(range(_TRIES)):
            try:
                content = _content(path, strict=True)
                if content is None:
                    break
                role = places(kept.tool, self._environ)[0].role
                file = ToolFile(role, kept.path, _document(content[0], path, role))
                found = grant_of(kept, [file, *self._beside(kept, path)])
            except Malformed as failure:
                if not left:
                    raise Unavailable(
                        f"the grant that {kept.tool} keeps cannot be read: {failure}",
                        hint=failure.hint,
                    ) from None
                time.sleep(_PAUSE)
                continue
            if found is None or found.provider != provider:
                break
            assert isinstance(found.credential, OAuthToken)
            return found.credential
        raise NeedsLogin(
            f"{kept.tool} no longer has the grant it keeps in {visible(kept.path)}",
            hint=f"sign in with {kept.tool}; or remove the profile here",
        )

    def _beside(self, kept: Kept, path: Path) -> Iterator[ToolFile]:
        """The file that says whose the grant is, where that is another one."""
        for role, name in _SAYS_WHOSE.get(kept.tool, ()):
            for folder in (path.parent, path.parent.parent):
                if (file := _file(Place(role, folder / name))) is not None:
                    yield file
                    return


def _at(path: Path, source: str, known: tuple[Place, ...]) -> tuple[Place, ...]:
    """The files in the folder `path`, be it the home of `source` or not, that are called as usual;
    or `path` itself as what its name says, else as the first.
    """
    path = path.expanduser().absolute()
    if path.is_dir():
        here = [Place(place.role, path / place.path.name) for place in known]
        return tuple(dict.fromkeys([*moved_to(source, path), *here]))
    roles = (place.role for place in known if place.path.name == path.name)
    return (Place(next(roles, known[0].role), path),)


def _file(place: Place) -> ToolFile | None:
    path = place.path
    try:
        content = _content(path, strict=False)
        if content is None:
            return None
        document = _document(content[0], path, place.role)
    except AuraError as failure:
        raise type(failure)(f"{visible(str(path))}: {failure}", hint=failure.hint) from None
    return ToolFile(place.role, str(path), document, exposed=bool(content[1] & 0o044))


def _content(path: Path, *, strict: bool) -> tuple[bytes, int] | None:
    """All of a file, and its mode; None where there is none. Raises Malformed, and, if `strict`,
    UnsafeFile: what is read again and again has to be this user's alone to change.
    """
    name = visible(str(path))
    # Not blocking: a pipe somebody forgot to write to would hang for ever.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if strict else 0)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Malformed("that is not a regular file", hint=_ANOTHER)
            if strict:
                _refuse_foreign(name, found)
            return file.read(LARGEST + 1), found.st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as failure:
        number = getattr(failure, "errno", 0) or 0
        if strict and number == errno.ELOOP:
            raise UnsafeFile(f"{name} is a symbolic link", hint="import the file itself") from None
        raise Malformed("that file cannot be read", hint=os.strerror(number)) from None


def _refuse_foreign(name: str, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise UnsafeFile(f"{name} belongs to another user", hint="import a file of your own")
    if found.st_mode & 0o022:
        raise UnsafeFile(f"others may change {name}", hint=f"run: chmod go-w {quote(name)}")


def _document(content: bytes, path: Path, role: str) -> Any:
    if content.startswith(_SQLITE):
        return openclaw_store(path)
    return parsed(_text(content), ".env" if role == "variables" else path.name)


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise Malformed(f"that file is larger than {LARGEST // 1024} KiB", hint=_ANOTHER)
    if not content.strip():
        raise Malformed("that file is empty", hint=_ANOTHER)
    try:
        # Editors of other systems put a mark in front.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("that file is not text", hint="it must be UTF-8") from None
