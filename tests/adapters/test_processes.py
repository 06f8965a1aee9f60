"""Another program run in our place, with real processes, signals and streams."""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.machine.processes import PosixLauncher
from domain.errors import NotStarted, ProgramMissing

SECRET = "sk-proj-Zm9vYmFy/cXV4+Q==_x1~y2"
RUN = """
import json, os, sys
from adapters.machine.processes import PosixLauncher
from domain.errors import NotStarted
secrets = json.loads(os.environ.pop("SECRETS", "[]"))
print("before, ", end="") if os.environ.pop("SAY", "") else None
try:
    sys.exit(PosixLauncher(int(os.environ.pop("UMASK", "18")), 0).run(
        sys.argv[1:], json.loads(os.environ.pop("ENVIRON", "null")) or dict(os.environ), secrets
    ))
except NotStarted as refusal:
    sys.exit(f"{type(refusal).__name__}: {refusal}")
"""


def run(*argv: str, **environ: str) -> int:
    """The exit code of `argv`, put in the place of a process of ours."""
    code, _, err = ended(argv, ENVIRON=json.dumps({"PATH": os.environ["PATH"], **environ}))
    if code == 1 and err:
        kind, _, text = err.decode().strip().partition(": ")
        raise {"ProgramMissing": ProgramMissing, "NotStarted": NotStarted}[kind](text)
    return code


@contextmanager
def started(
    argv: Sequence[str], secrets: Sequence[str] = (), **more: Any
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of its own that runs `argv` and is sent signals; capitals are its variables."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    said = {name: more.pop(name) for name in [*more] if name.isupper()}
    environ = {"PATH": os.environ["PATH"], "SECRETS": json.dumps(secrets), **said}
    words = [sys.executable, "-c", RUN, *argv]
    with subprocess.Popen(words, env=environ, **{**streams, **more}) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(
    argv: Sequence[str], secrets: Sequence[str] = (), **more: Any
) -> tuple[int, bytes, bytes]:
    with started(argv, secrets, **more) as process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def line_of(process: "subprocess.Popen[bytes]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def script(path: Path, text: str, mode: int = 0o755) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("exit 0", 0),
        ("exit 3", 3),
        ("exit 255", 255),
        ("kill -TERM $$", -15),
        ("kill -INT $$", -2),
        ("kill -KILL $$", -9),
        ("kill -SEGV $$", -11),
    ],
)
def test_how_it_ends_is_what_the_kernel_says(words: str, code: int) -> None:
    assert run("sh", "-c", words) == code


def test_a_program_that_is_nowhere_is_missing(tmp_path: Path) -> None:
    for words in ("nosuch-program", str(tmp_path / "nosuch"), "/etc/passwd/x", ""):
        with pytest.raises(ProgramMissing):
            run(words)


def test_what_cannot_be_run_says_why(tmp_path: Path) -> None:
    plain = script(tmp_path / "plain", "exit 0\n", 0o644)
    bare = script(tmp_path / "bare", "exit 0\n")
    for path, reason in ((plain, "Permission denied"), (tmp_path, "Permission"), (bare, "format")):
        with pytest.raises(NotStarted, match=reason) as refusal:
            run(str(path))
        assert not isinstance(refusal.value, ProgramMissing)
    with pytest.raises(NotStarted, match="Argument list too long"):
        PosixLauncher(0o022, 0).run(["true", *["x" * 100_000] * 40], os.environ, [SECRET])


def test_a_long_word_in_the_place_of_a_program_is_not_repeated() -> None:
    with pytest.raises(NotStarted) as refusal:
        run(SECRET)
    assert SECRET[:8] not in f"{refusal.value} {refusal.value.hint}"


def test_the_path_of_the_child_is_searched_and_not_ours(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    script(first / "tool", "#!/bin/sh\nexit 8\n", 0o644)
    script(second / "tool", "#!/bin/sh\nexit 9\n")
    assert run("tool", PATH=f"{tmp_path}/nosuch:{first}:{second}") == 9
    with pytest.raises(NotStarted, match="Permission denied"):
        run("tool", PATH=str(first))
    with pytest.raises(ProgramMissing):
        run("sh", PATH=str(second))


def test_without_a_path_the_usual_places_are_searched() -> None:
    assert ended(["sh", "-c", "exit 5"], ENVIRON=json.dumps({"LANG": "C"}))[0] == 5


def test_an_empty_folder_of_the_path_is_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "tool", "#!/bin/sh\nexit 9\n")
    monkeypatch.chdir(tmp_path)
    assert run("tool", PATH="/nosuch:") == 9
    assert run("./tool", PATH="/nosuch") == 9


def test_words_and_environment_arrive_as_they_are(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    words = ["a b", "", "--json", "$HOME", "'\"\\", "\udcff\xe9"]
    code = f"cat /proc/$$/cmdline > {seen}; cat /proc/$$/environ > {seen}.env"
    run("sh", "-c", code, *words, ODD="\udcfe x")
    assert seen.read_bytes().split(b"\0")[3:-1] == [os.fsencode(word) for word in words]
    variables = Path(f"{seen}.env").read_bytes().split(b"\0")[:-1]
    assert set(variables) == {b"ODD=\xfe x", f"PATH={os.environ['PATH']}".encode()}


def test_without_a_mask_the_program_takes_our_place_and_nobody_waits_for_it() -> None:
    with started(["sh", "-c", "echo $$; exec sleep 60"]) as process:
        assert int(line_of(process)) == process.pid
        assert Path(f"/proc/{process.pid}/comm").read_text().strip() in ("sh", "sleep")


def test_what_was_printed_before_comes_first() -> None:
    assert ended(["echo", "after"], SAY="yes")[1] == b"before, after\n"


def test_the_streams_are_ours(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"one\n\xff\n")
    with (tmp_path / "in").open("rb") as content:
        ran = ended(["sh", "-c", "cat; echo told >&2"], stdin=content)
    assert ran == (0, b"one\n\xff\n", b"told\n")


def test_nothing_else_of_ours_is_open_in_the_program(tmp_path: Path) -> None:
    kept = f"import os; os.open({str(tmp_path / 'kept')!r}, os.O_CREAT | os.O_RDWR)\n"
    words = [sys.executable, "-c", kept + RUN, "sh", "-c", "ls -l /proc/$$/fd"]
    given, other = os.pipe()
    environ = {"PATH": os.environ["PATH"]}
    shown = subprocess.run(words, env=environ, capture_output=True, text=True, pass_fds=[given])
    os.close(given)
    os.close(other)
    assert "/kept" not in shown.stdout
    assert f" {given} -> pipe:" in shown.stdout


@pytest.mark.parametrize("words", [["/etc/passwd"], ["nosuch-program"]])
@pytest.mark.parametrize("secrets", [(), (SECRET,)])
def test_nothing_of_ours_is_changed_where_no_program_starts(
    secrets: tuple[str, ...], words: list[str]
) -> None:
    before = ours()
    with pytest.raises(NotStarted):
        PosixLauncher(0o022, 4096).run(words, os.environ, secrets)
    assert ours() == before


def test_nothing_of_ours_is_changed_after_a_masked_program() -> None:
    before = ours()
    assert PosixLauncher(0o022, 4096).run(["sh", "-c", "exit 3"], os.environ, [SECRET]) == 3
    assert ours() == before


def ours() -> object:
    status = Path("/proc/self/status").read_text().splitlines()
    return (
        signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        [signal.getsignal(n) for n in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ)],
        resource.getrlimit(resource.RLIMIT_CORE),
        len(os.listdir("/proc/self/fd")),
        threading.active_count(),
        next(line for line in status if line.startswith("Umask")),
    )


@pytest.mark.parametrize("secrets", [(), (SECRET,)])
def test_the_program_has_the_callers_umask(tmp_path: Path, secrets: tuple[str, ...]) -> None:
    ended(["sh", "-c", f"echo > {tmp_path}/made"], secrets, UMASK=str(0o027))
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o640


def ignoring(number: int) -> Callable[[], object]:
    return lambda: signal.signal(number, signal.SIG_IGN)


def test_a_parent_that_ignores_its_children_does_not_hide_the_exit_code() -> None:
    code, *_ = ended(["sh", "-c", "exit 3"], [SECRET], preexec_fn=ignoring(signal.SIGCHLD))
    assert code == 3


@pytest.mark.parametrize(
    ("number", "ignored"), [(signal.SIGPIPE, False), (signal.SIGHUP, True), (signal.SIGINT, True)]
)
def test_what_python_ignores_is_not_inherited_and_what_nohup_does_is(
    number: signal.Signals, ignored: bool
) -> None:
    _, out, _ = ended(["grep", "SigIgn", "/proc/self/status"], preexec_fn=ignoring(number))
    assert bool(int(out.split()[1], 16) >> (number - 1) & 1) == ignored


def blocking() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])


def test_no_signal_is_blocked_in_the_program() -> None:
    _, out, _ = ended(["grep", "SigBlk", "/proc/self/status"], preexec_fn=blocking)
    assert int(out.split()[1], 16) == 0


TRAPS = """
for name in HUP INT QUIT TERM USR1 USR2 WINCH; do trap "echo got $name; exit 9" $name; done
trap "echo got CONT; exit 9" CONT
echo ready $$
while :; do sleep 0.05; done
"""


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH", "CONT"])
@pytest.mark.parametrize("secrets", [(), (SECRET,)], ids=["plain", "masked"])
def test_a_signal_that_a_process_sends_us_reaches_the_program(
    name: str, secrets: Sequence[str]
) -> None:
    with started(["sh", "-c", TRAPS], secrets) as process:
        assert line_of(process).startswith("ready")
        process.send_signal(getattr(signal, f"SIG{name}"))
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, out.decode().strip()) == (9, f"got {name}")


def test_a_program_that_ignores_a_signal_runs_on() -> None:
    words = "trap '' TERM; echo ready; read line; exit 6"
    with started(["sh", "-c", words], stdin=subprocess.PIPE) as process:
        assert line_of(process) == "ready"
        process.send_signal(signal.SIGTERM)
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert process.wait(30) == 6


def test_a_program_killed_by_what_we_pass_on_tells_so() -> None:
    with started(["sh", "-c", "echo ready; exec sleep 60"]) as process:
        assert line_of(process) == "ready"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM


def test_a_stopped_program_has_not_ended() -> None:
    with started(
        ["sh", "-c", "echo $$; read line; exit 5"], [SECRET], stdin=subprocess.PIPE
    ) as process:
        child = int(line_of(process))
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        os.kill(child, signal.SIGCONT)
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert process.wait(30) == 5


def test_many_signals_and_many_programs_lose_no_exit_code() -> None:
    launcher = PosixLauncher(0o022, 0)
    for code in range(40):
        words = f"kill -CHLD $PPID; kill -CONT $PPID; exit {code}"
        assert launcher.run(["sh", "-c", words], os.environ, [SECRET]) == code


def test_a_secret_is_masked_on_both_streams() -> None:
    words = f"printf %s 'key={SECRET};'; printf %s '{SECRET}' >&2; exit 7"
    assert ended(["sh", "-c", words], [SECRET]) == (7, b"key=[redacted];", b"[redacted]")


def test_a_secret_is_masked_however_it_is_written() -> None:
    half = len(SECRET) // 2
    words = f"printf %s '{SECRET[:half]}'; sleep 0.2; printf %s '{SECRET[half:]}'; echo"
    assert ended(["sh", "-c", words], [SECRET, "another-secret"])[1] == b"[redacted]\n"


def test_what_is_written_is_seen_before_the_program_ends() -> None:
    words = f"printf '{SECRET[:5]} is no secret? '; read line; exit 0"
    with started(["sh", "-c", words], [SECRET], stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        shown = b""
        while b"?" not in shown:
            shown += os.read(process.stdout.fileno(), 100)
        assert process.poll() is None
        process.communicate(b"go\n", timeout=30)
    assert process.returncode == 0


EVERY_BYTE = "import os; os.write(1, bytes(range(256)) * 4096)"
FLOOD = """
import sys, threading
def write(stream): stream.buffer.write(b"x" * 5_000_000)
threads = [threading.Thread(target=write, args=(s,)) for s in (sys.stdout, sys.stderr)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_bytes_that_are_no_text_come_out_as_they_are() -> None:
    code, out, err = ended([sys.executable, "-c", EVERY_BYTE], [SECRET])
    assert (code, err) == (0, b"")
    assert out == bytes(range(256)) * 4096


def test_floods_on_both_streams_arrive_whole() -> None:
    code, out, err = ended([sys.executable, "-c", FLOOD], [SECRET])
    assert (code, len(out), len(err)) == (0, 5_000_000, 5_000_000)


def test_what_is_written_after_the_programs_end_is_waited_for() -> None:
    words = f"(sleep 0.3; echo 'late {SECRET}') & exit 3"
    assert ended(["sh", "-c", words], [SECRET])[:2] == (3, b"late [redacted]\n")


def test_waiting_for_late_output_can_be_interrupted() -> None:
    with started(["sh", "-c", "echo done; sleep 30 & exit 3"], [SECRET]) as process:
        assert line_of(process) == "done"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == -signal.SIGTERM


def test_a_reader_that_has_seen_enough_ends_the_program() -> None:
    with started(["sh", "-c", "yes; exit $?"], [SECRET]) as process:
        assert line_of(process) == "y"
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(30) in (1, 141)


def closing(*numbers: int) -> Callable[[], object]:
    return lambda: list(map(os.close, numbers))


@pytest.mark.parametrize("numbers", [(0,), (1,), (0, 1), (0, 1, 2)])
def test_closed_streams_are_no_trouble(numbers: tuple[int, ...]) -> None:
    words = f"echo '{SECRET}' >&2; exit 3"
    code, out, err = ended(["sh", "-c", words], [SECRET], preexec_fn=closing(*numbers))
    assert code == 3
    assert (out, err) == (b"", b"" if 2 in numbers else b"[redacted]\n")


def test_a_stream_that_does_not_block_gets_all_of_it() -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    with started([sys.executable, "-c", FLOOD], [SECRET], stdout=sink) as process:
        os.close(sink)
        with os.fdopen(source, "rb") as reader:
            drained = threading.Thread(target=process.communicate)
            drained.start()
            content = reader.read()
        drained.join(30)
    assert len(content) == 5_000_000
