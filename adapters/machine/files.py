"""Files and folders nobody else may read: made so, and refused when they are not.

Folders are 0700, files 0600, ours, no links (see SECURITY.md). The store's own file
is only ever looked at with stat: closing a descriptor of it would drop SQLite's locks.
"""

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from domain.errors import StoreBusy, StoreFull, StoreReadonly, Unavailable, UnsafeFile
from domain.providers.client import Client

LOCK_DEADLINE = 10.0
"""How long a writer waits for the others, in seconds."""


def private_folder(path: Path) -> None:
    """Makes `path` (0700, with its parents), or checks that it is private. Raises Unavailable."""
    try:
        for missing in reversed([path, *path.parents]):
            missing.mkdir(mode=0o700, exist_ok=True)
        _refuse_shared(path, os.lstat(path), stat.S_ISDIR, "folder", 0o700)
    except OSError as failure:
        raise refused(failure, path) from None


def exists_privately(path: Path) -> bool:
    """Whether the file `path` is there. Raises UnsafeFile: a link, foreign, or readable by others.

    Its folder is checked too: who may write there may swap the file.
    """
    try:
        found = os.lstat(path)
        folder = os.stat(path.parent)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as failure:
        raise refused(failure, path) from None
    _refuse_shared(path, found, stat.S_ISREG, "file", 0o600)
    if found.st_nlink != 1:
        raise UnsafeFile(
            f"{path} has a second name (a hard link)", hint="copy it to a file of its own"
        )
    _refuse_open_folder(path.parent, folder)
    return True


def _refuse_open_folder(path: Path, found: os.stat_result) -> None:
    """Raises UnsafeFile: who may write in `path`, or move it away, may swap what is in it."""
    if found.st_uid not in (os.geteuid(), 0):
        raise UnsafeFile(
            f"{path} belongs to another user", hint=f"run: chown {os.geteuid()} {quote(str(path))}"
        )
    if found.st_mode & 0o022:
        raise UnsafeFile(f"others may write in {path}", hint=f"run: chmod 700 {quote(str(path))}")
    for above in path.resolve().parents:
        mode = os.stat(above).st_mode
        if mode & 0o002 and not mode & stat.S_ISVTX:
            raise UnsafeFile(
                f"anybody may write in {above}", hint=f"run: chmod o-w {quote(str(above))}"
            )


def _refuse_shared(
    path: Path, found: os.stat_result, right_kind: Callable[[int], bool], kind: str, mode: int
) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise UnsafeFile(f"{path} is a symbolic link", hint=f"put the {kind} itself there")
    if not right_kind(found.st_mode):
        raise UnsafeFile(f"{path} is not a {kind}", hint="move it away")
    if found.st_mode & stat.S_ISVTX and found.st_mode & 0o002:
        # It is everybody's, as /tmp is: to make it private would break other programs.
        raise UnsafeFile(f"{path} is a {kind} of everybody's", hint="name one of your own")
    if found.st_uid != os.geteuid():
        raise UnsafeFile(
            f"{path} belongs to another user", hint=f"run: chown {os.geteuid()} {quote(str(path))}"
        )
    if found.st_mode & 0o077:
        raise UnsafeFile(
            f"other users may use {path} (mode {stat.S_IMODE(found.st_mode):o})",
            hint=f"run: chmod {mode:o} {quote(str(path))}",
        )


def read_private(path: Path, most: int = 4096) -> bytes | None:
    """The content of a private file, or None if there is none. Raises Unavailable."""
    if not exists_privately(path):
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(most)
    except OSError as failure:
        raise refused(failure, path) from None


def client_secret(client: Client) -> str:
    """The secret of an OAuth client, from its file; empty without one. Raises Unavailable."""
    if not client.secret_file:
        return ""
    content = read_private(Path(client.secret_file))
    if content is None:
        raise Unavailable(f"{client.secret_file} is not there", hint="it holds the client's secret")
    return content.decode("utf-8", "replace").strip()


def create_private(path: Path, content: bytes = b"") -> None:
    """A new file (0600) that is whole and on disk when this returns, or not there at all.

    Raises UnsafeFile if something has that name already.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    # No process id: a container hands out the same few, and a leftover must not be in the way.
    waiting = path.with_name(f".{path.name}.{os.urandom(6).hex()}.new")
    try:
        descriptor = os.open(waiting, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(waiting, path)
        finally:
            os.unlink(waiting)
        sync_folder(path.parent)
    except OSError as failure:
        raise refused(failure, path) from None


def replace_private(path: Path, content: bytes) -> None:
    """The file `path` (0600) with this content, whole and on disk, or as it was before."""
    whole = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    create_private(whole, content)
    try:
        os.replace(whole, path)
        sync_folder(path.parent)
    except OSError as failure:
        raise refused(failure, path) from None


def sync_folder(path: Path) -> None:
    """Makes new names in `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refused(failure: OSError, path: Path) -> Unavailable:
    """What the operating system's refusal means here."""
    match failure.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StoreFull(f"no space left for {path}", hint="free some space; nothing was lost")
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StoreReadonly(f"{path} cannot be written", hint=f"check who owns {path.parent}")
        case errno.EEXIST | errno.ELOOP | errno.ENOTDIR | errno.EISDIR:
            return UnsafeFile(f"something else is at {path}", hint="move it away")
        case _:
            reason = os.strerror(failure.errno) if failure.errno else "unknown reason"
            return Unavailable(f"{path} cannot be used: {reason}", hint="nothing was changed")


OnWait = Callable[[int | None], object]
"""Told after a second of waiting, with the id of the process that is waited for, if it is known."""
PATIENCE = 1.0
"""How long nobody is told that a writer waits, in seconds."""


@contextmanager
def exclusive(
    path: Path, deadline: float = LOCK_DEADLINE, on_wait: OnWait | None = None
) -> Iterator[None]:
    """Holds the lock file `path`: writers queue here, first come first served.

    SQLite's own waiting is unfair; correctness does not rest on this lock. The kernel frees it
    when a process dies. Raises StoreBusy after `deadline` seconds.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(path, flags, 0o600)
    except OSError as failure:
        raise refused(failure, path) from None
    try:
        # Whoever may open it could keep everybody waiting.
        _refuse_shared(path, os.fstat(descriptor), stat.S_ISREG, "file", 0o600)
        _lock(descriptor, path, deadline, on_wait)
        # For who waits: whom for.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path, deadline: float, on_wait: OnWait | None) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _wait_for(descriptor, path, deadline, on_wait)
    except OSError as failure:
        raise refused(failure, path) from None


def _wait_for(descriptor: int, path: Path, deadline: float, on_wait: OnWait | None) -> None:
    # A blocking lock is fair but has no deadline, so it waits on a thread that can be left behind.
    # It waits on a duplicate: the lock is shared with it, and either may be closed at any time.
    import threading

    waiting, got = os.dup(descriptor), threading.Event()

    def wait() -> None:
        try:
            fcntl.flock(waiting, fcntl.LOCK_EX)
            got.set()
        finally:
            os.close(waiting)

    threading.Thread(target=wait, daemon=True).start()
    if got.wait(min(PATIENCE, deadline)):
        return
    holder = _holder(descriptor)
    if on_wait is not None and deadline > PATIENCE:
        on_wait(holder)
    if not got.wait(max(deadline - PATIENCE, 0)):
        who = f"process {holder}" if holder else "another process"
        raise StoreBusy(
            f"{who} has held {path} for {deadline:.0f} s", hint="try again; nothing was changed"
        )


def _holder(descriptor: int) -> int | None:
    """The process that wrote its id into the lock file, which it did when it got the lock."""
    written = os.pread(descriptor, 20, 0)
    return int(written) if written.isdigit() else None
