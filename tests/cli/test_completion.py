"""Completion as bash, zsh and fish do it, and what installing it leaves behind."""

import contextlib
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from entrypoints.cli.app import ALSO, HIDDEN, SHORT, build
from entrypoints.cli.commands import COMMANDS, GROUPS
from tests.cli.program import Program

SHELLS = ["bash", "zsh", "fish"]
# Most machines have no other shell than bash: theirs are run with the long tests.
STARTED = ["bash", *(pytest.param(shell, marks=pytest.mark.soak) for shell in SHELLS[1:])]
STARTS = {"bash": ".bashrc", "zsh": ".zshrc"}


@pytest.fixture
def stored(cli: Program) -> Program:
    cli.must("models providers add gate --base-url http://127.0.0.1:9/v1 --dialect openai")
    cli.must("models auth paste-token --provider gate", stdin="a-token-of-a-gate-0001")
    cli.must("models set groq/a")
    cli.must("models aliases add fast groq/b")
    return cli


def asked(cli: Program, line: str) -> list[str]:
    """The words that may come next; the line ends where the cursor is."""
    words = re.split(" +", line)
    return [told.partition("\t")[0] for told in cli(["complete", "--", *words]).out.splitlines()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pl", ["plugins"]),
        ("-V", []),
        ("--ver", ["--version"]),
        ("models aut", ["auth"]),
        ("models auth order ", ["get", "set", "clear"]),
        ("models --pl", ["--plain"]),
        ("models set ", ["groq/a", "groq/b", "fast"]),
        ("models set groq/a ", []),
        ("models set --force gr", ["groq/a", "groq/b"]),
        ("models ask -m fa", ["fast"]),
        ("models ask --model=fa", ["--model=fast"]),
        ("models aliases remove ", ["fast"]),
        ("models aliases rm ", ["fast"]),
        ("models aliases add ", []),
        ("models aliases add quick fa", ["fast"]),
        ("models providers add ", []),
        ("models providers add x --dialect ol", ["ollama"]),
        ("models auth remove ", ["gate:manual"]),
        ("models auth order set --provider gate ", ["gate:manual"]),
        ("models auth order set gate:manual ", ["gate:manual"]),
        ("models list -p gr", ["groq"]),
        ("models list --provider ga", ["gate"]),
        ("models providers remove ", ["gate"]),
        ("models auth explain ga", ["gate"]),
        ("models status --probe-mode ", ["inference", "free"]),
        ("models history --outcome rate", ["rate_limit"]),
        ("models import ", [":files"]),
        ("models auth add --from-file ", [":files"]),
        ("models exec --mask -- ", [":files"]),
        ("models nosuch ", []),
        ("nosuch", []),
        ("comp", []),
    ],
)
def test_what_may_come_next(stored: Program, line: str, words: list[str]) -> None:
    assert asked(stored, line) == words


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_of_a_command_may_come_next(cli: Program, path: tuple[str, ...]) -> None:
    told = asked(cli, " ".join([*path, "--"]))
    helped = re.findall(r"^  (--[\w-]+)", cli([*path, "--help"]).out, re.MULTILINE)
    assert set(told) == {*helped, "--help"}


@pytest.mark.on_disk
def test_it_opens_no_secret_and_writes_nothing(stored: Program) -> None:
    for key in (stored.home / "config" / "keys").iterdir():
        key.unlink()
    before = stored.files()
    assert asked(stored, "models auth remove ") == ["gate:manual"]
    assert stored.files() == before


def test_an_empty_home_stays_empty(cli: Program) -> None:
    assert asked(cli, "models auth remove ") == []
    assert not cli.home.exists()


def test_short_options_are_wherever_the_long_ones_are() -> None:
    root, found = build(), set()
    for path in COMMANDS:
        _, chain, _ = root.parse_commands(path)
        with root.app_stack(chain):
            arguments = chain[-1].assemble_argument_collection()
        own = [a for a in arguments if a.parse and not (a.is_positional_only() or a.children)]
        for names in (a.names for a in own):
            shorts = [name for name in names if not name.startswith("--")]
            assert shorts == [SHORT[name[2:]] for name in names if name[2:] in SHORT], path
            found |= set(shorts)
    assert {"-m", "-p"} <= found <= set(SHORT.values())


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("-V", "--version"),
        ("-h", "--help"),
        ("models list -p groq --json", "models list --provider groq --json"),
        ("models -h", "models --help"),
        ("models history -m groq/a --json", "models history --model groq/a --json"),
        ("models ls --json", "models list --json"),
        ("models auth ls", "models auth list"),
        ("models aliases rm nosuch", "models aliases remove nosuch"),
        ("models auth rm nobody --yes", "models auth remove nobody --yes"),
        ("models auth show groq", "models auth explain groq"),
        ("models show --plain", "models status --plain"),
        ("plugins show groq", "plugins info groq"),
        ("models auth order show --json", "models auth order get --json"),
        ("models test --probe-mode nope", "models status --probe --probe-mode nope"),
    ],
)
def test_what_people_try_is_the_same_command(stored: Program, short: str, long: str) -> None:
    assert stored(short) == stored(long)


def test_no_synonym_is_in_help_or_completion(cli: Program) -> None:
    for group in ((), *GROUPS):
        shown = cli([*group, "--help"]).out
        # `models providers` and `models history` have a `show` of their own.
        real = ["show"] if group[1:] in (("providers",), ("history",)) else []
        for word in {"ls", "rm", "show", "test", *HIDDEN}.difference(real):
            assert not re.search(rf"^  {word}\b", shown, re.MULTILINE)
            assert word not in asked(cli, " ".join([*group, word]))
    assert ALSO["--version"] in cli("--help").out


# From here on with the shells themselves.


def environment(cli: Program) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**cli.environment(), "PATH": path, "TERM": "dumb", "PS1": "> "}


def typed(shell: str, cli: Program, line: str) -> list[str]:
    """The line after Tab, as an interactive shell made it; of fish every proposal."""
    assert shutil.which(shell), f"install {shell}"
    line = f"aura_intelligence {line}"
    (cli.home.parent / "notes.toml").touch()
    place: dict[str, Any] = {"env": environment(cli), "cwd": cli.home.parent}
    if shell == "fish":
        asking = ["fish", "-c", "complete -C $argv[1]", line]
        done = subprocess.run(asking, **place, capture_output=True, text=True, timeout=60)
        return [told.partition("\t")[0] for told in done.stdout.splitlines()]
    return [_echoed(["zsh", "-i"] if shell == "zsh" else ["bash", "-i"], place, line)]


def _echoed(shell: list[str], place: dict[str, Any], line: str) -> str:
    """Types the line, Tab, and `echo GOT` before it."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        shell, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, **place
    )
    os.close(slave)
    os.write(master, f"{line}\t\x01echo GOT \x05.END\r".encode())
    screen, end = "", time.monotonic() + 30
    while time.monotonic() < end and not re.search(r"^GOT .*END\r?$", screen, re.MULTILINE):
        if select.select([master], [], [], 0.2)[0]:
            with contextlib.suppress(OSError):
                screen += os.read(master, 4096).decode(errors="replace")
    process.kill()
    process.wait()
    os.close(master)
    found = re.search(r"^GOT aura_intelligence (.*)\.END\r?$", screen, re.MULTILINE)
    assert found, screen
    return found[1].rstrip()


@pytest.mark.on_disk
@pytest.mark.parametrize("shell", STARTED)
@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("models aut", "models auth"),
        ("models auth remove ga", "models auth remove gate:manual"),
        ("models auth remove gate:m", "models auth remove gate:manual"),
        ("models set fa", "models set fast"),
        ("models list --provider gat", "models list --provider gate"),
        ("models list --provider=gat", "models list --provider=gate"),
        ("models aliases remove f", "models aliases remove fast"),
        ("models import no", "models import notes.toml"),
        ("models set no", "models set no"),
        ("models auth remove no", "models auth remove no"),
        ("models list --provider no", "models list --provider no"),
        ("models no", "models no"),
    ],
)
def test_a_shell_completes(stored: Program, shell: str, line: str, whole: str) -> None:
    assert stored.process(f"--install-completion --shell {shell}").code == 0
    found = typed(shell, stored, line)
    if shell == "fish":
        assert found == ([] if line == whole else whole.split()[-1:])
    else:
        assert found == [whole]


@pytest.mark.soak
@pytest.mark.on_disk
def test_zsh_with_completion_of_its_own_keeps_it(stored: Program) -> None:
    rc = stored.home.parent / ".zshrc"
    rc.write_text("autoload -Uz compinit && compinit -i\n")
    stored.process("--install-completion --shell zsh")
    assert typed("zsh", stored, "models set fa") == ["models set fast"]


@pytest.mark.on_disk
@pytest.mark.parametrize("before", [None, "", "alias l=ls\n", "alias l=ls", "\n\n# \xe9\n\n"])
@pytest.mark.parametrize("shell", STARTS)
def test_it_can_be_taken_out_again(cli: Program, shell: str, before: str | None) -> None:
    rc = cli.home.parent / STARTS[shell]
    if before is not None:
        rc.write_text(before, encoding="latin-1")
        rc.chmod(0o640)
    installed = cli.process(f"--install-completion --shell {shell} --json").document
    script = installed["path"]
    assert installed["files"] == [
        {"path": script, "action": "created"},
        {"path": str(rc), "action": "created" if before is None else "changed"},
    ]
    again = cli.process(f"--install-completion --shell {shell} --json").document
    assert (again["changed"], again["files"]) == (False, [])
    removed = cli.process("--uninstall-completion --json").document
    assert [file["path"] for file in removed["files"]] == [script, str(rc)]
    assert not Path(script).exists()
    assert rc.exists() == (before is not None)
    if before is not None:
        assert rc.read_bytes() == before.encode("latin-1")
        assert rc.stat().st_mode & 0o777 == 0o640
    assert cli.process("--uninstall-completion").out == "Nothing to change.\n"


@pytest.mark.on_disk
def test_what_was_added_since_stays_and_a_link_stays_a_link(cli: Program) -> None:
    rc = cli.home.parent / ".bashrc"
    real = cli.home.parent / "dotfiles"
    real.write_text("alias l=ls\n")
    rc.symlink_to(real)
    cli.process("--install-completion --shell bash")
    with rc.open("a") as file:
        file.write("alias k=ls\n")
    cli.process("--uninstall-completion --shell bash")
    assert rc.is_symlink()
    assert real.read_text() == "alias l=ls\nalias k=ls\n"


@pytest.mark.on_disk
@pytest.mark.parametrize("shell", SHELLS)
def test_installing_says_every_file_it_writes(cli: Program, shell: str) -> None:
    said = cli.process(f"--install-completion --shell {shell}").out
    files = [path for path in cli.home.parent.rglob("*") if path.is_file()]
    assert files
    assert sorted(said.splitlines()[:-1]) == sorted(f"Created {path}" for path in files)


@pytest.mark.on_disk
def test_what_cannot_be_written_is_told(cli: Program) -> None:
    (cli.home.parent / ".local").write_text("")
    ran = cli.process("--install-completion --shell bash")
    assert ran.code == 69
    assert ran.err.startswith(f"aura_intelligence: {cli.home.parent}/.local")
