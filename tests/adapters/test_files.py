"""Private files and folders: made so, whole or not at all, and refused when they are not."""

import errno
import os
import threading
from pathlib import Path

import pytest

from adapters.machine.files import (
    create_private,
    exclusive,
    exists_privately,
    private_folder,
    read_private,
    refused,
)
from domain.errors import StoreFull, StoreReadonly, Unavailable, UnsafeFile


def mode(path: Path) -> int:
    return path.lstat().st_mode & 0o777


@pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o277])
def test_what_is_made_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask & 0o077)
    try:
        private_folder(tmp_path / "a" / "b")
        os.umask(umask)
        create_private(tmp_path / "a" / "b" / "file", b"content")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a" / "b") == 0o700
    assert mode(tmp_path / "a" / "b" / "file") == 0o600


def test_a_folder_that_is_private_already_is_fine(tmp_path: Path) -> None:
    private_folder(tmp_path / "a")
    private_folder(tmp_path / "a")


@pytest.mark.parametrize("shared", [0o755, 0o750, 0o777, 0o701])
def test_a_shared_folder_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, shared: int
) -> None:
    folder = tmp_path / "shared by all"
    folder.mkdir()
    folder.chmod(shared)
    with pytest.raises(UnsafeFile) as refusal:
        private_folder(folder)
    assert refusal.value.hint == f"run: chmod 700 '{folder}'"
    assert mode(folder) == shared


def test_nobody_is_told_to_make_a_folder_of_everybodys_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(UnsafeFile) as refusal:
        private_folder(tmp_path)
    assert refusal.value.hint == "name one of your own"


def test_a_file_where_a_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnsafeFile):
        private_folder(tmp_path / "file")
    with pytest.raises(UnsafeFile):
        private_folder(tmp_path / "file" / "below")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    with pytest.raises(UnsafeFile, match="belongs to another user"):
        private_folder(folder)


def test_a_file_is_made_once(tmp_path: Path) -> None:
    create_private(tmp_path / "file", b"first")
    with pytest.raises(UnsafeFile):
        create_private(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_file_is_not_made_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "end")
    with pytest.raises(UnsafeFile):
        create_private(tmp_path / "link", b"content")
    assert not (tmp_path / "end").exists()


def test_a_file_has_one_name_when_it_is_made(tmp_path: Path) -> None:
    create_private(tmp_path / "file", b"content")
    assert (tmp_path / "file").stat().st_nlink == 1
    assert exists_privately(tmp_path / "file")


def test_of_two_that_make_the_same_file_one_succeeds(tmp_path: Path) -> None:
    made: list[bytes] = []
    start = threading.Barrier(8)

    def make(content: bytes) -> None:
        start.wait()
        try:
            create_private(tmp_path / "file", content)
        except UnsafeFile:
            return
        made.append(content)

    threads = [threading.Thread(target=make, args=(b"%d" % n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(tmp_path / "file").read_bytes()] == made


def test_reading_gives_the_content_or_none(tmp_path: Path) -> None:
    create_private(tmp_path / "file", b"content")
    assert read_private(tmp_path / "file") == b"content"
    assert read_private(tmp_path / "nothing") is None
    assert read_private(tmp_path / "no folder" / "nothing") is None
    assert read_private(tmp_path / "file" / "below") is None


def test_reading_stops_before_it_is_too_much(tmp_path: Path) -> None:
    create_private(tmp_path / "file", b"x" * 10_000)
    assert read_private(tmp_path / "file") == b"x" * 4096


def test_a_fifo_is_refused_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(UnsafeFile):
        read_private(tmp_path / "fifo")


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EFBIG, StoreFull),
        (errno.EROFS, StoreReadonly),
        (errno.EACCES, StoreReadonly),
        (errno.EPERM, StoreReadonly),
        (errno.EEXIST, UnsafeFile),
        (errno.ELOOP, UnsafeFile),
        (errno.ENOTDIR, UnsafeFile),
        (errno.EIO, Unavailable),
        (errno.EMFILE, Unavailable),
        (errno.ENAMETOOLONG, Unavailable),
        (None, Unavailable),
    ],
)
def test_each_refusal_of_the_system_has_its_name_here(
    number: int | None, refusal: type[Unavailable]
) -> None:
    failure = OSError(number, "text") if number else OSError("text")
    error = refused(failure, Path("/some/file"))
    assert type(error) is refusal
    assert "/some/file" in str(error)
    assert error.hint


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be used"):
        private_folder(tmp_path / ("n" * 300))


def test_writers_come_one_at_a_time(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def write() -> None:
        for _ in range(50):
            with exclusive(tmp_path / "lock"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                os.sched_yield()
                inside[0] -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


@pytest.mark.parametrize("failure", [ZeroDivisionError, KeyboardInterrupt])
def test_a_lock_is_free_after_whatever_happened_under_it(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    with pytest.raises(failure), exclusive(tmp_path / "lock"):
        raise failure
    with exclusive(tmp_path / "lock", deadline=0):
        pass


def test_the_lock_file_is_private_and_no_link(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock"):
        assert mode(tmp_path / "lock") == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "end")
    with pytest.raises(UnsafeFile), exclusive(tmp_path / "link"):
        pass
    assert not (tmp_path / "end").exists()


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    create_private(tmp_path / "file", b"content")
    read_private(tmp_path / "file")
    with exclusive(tmp_path / "lock"):
        pass
    for _ in range(3):
        with pytest.raises(UnsafeFile):
            create_private(tmp_path / "file")
    assert len(os.listdir("/dev/fd")) == before
