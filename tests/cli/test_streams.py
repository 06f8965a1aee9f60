"""Readers that go away, disks that are full, names that are not text."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import Program


def shell(program: Program, line: str) -> "subprocess.CompletedProcess[str]":
    """`line` in a shell, `aura` being the program."""
    command = " ".join(program.command)
    return subprocess.run(
        ["sh", "-c", line.replace("aura", command)],
        env=program.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def long_list(cli: Program) -> Program:
    """More aliases than a pipe holds."""
    cli.must("models set groq/x")
    refs = {f"alias-{at:05}": f"groq/model-{at:05}-{'x' * 40}" for at in range(3000)}
    change_document(cli, aliases=refs)
    return cli


def change_document(program: Program, **fields: object) -> None:
    """Writes into the store's selection by hand, as whoever can write the file could."""
    import sqlite3

    with sqlite3.connect(program.store) as store:
        (text,) = store.execute("SELECT document FROM selection").fetchone()
        document = {**json.loads(text), **fields}
        store.execute("UPDATE selection SET document = ?", (json.dumps(document),))
    store.close()


@pytest.mark.parametrize(
    "words", ["aliases list", "aliases --plain", "aliases --json", "export toml"]
)
def test_a_reader_that_has_seen_enough_is_no_error(long_list: Program, words: str) -> None:
    done = shell(long_list, f"aura models {words} | head -c 20 >/dev/null")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_never_looked_is_no_error(long_list: Program) -> None:
    done = shell(long_list, "(aura models aliases list; echo $? >&2) | true")
    assert done.stderr == "0\n"


def test_a_full_disk_under_the_store_loses_nothing(gateway: Program) -> None:
    before = gateway("models status --json").document
    for words in ("models set gate/other", "models auth paste-token --provider gate"):
        # Without bytecode: a piece of it would be kept and break what runs next.
        less = "ulimit -f 8; export PYTHONDONTWRITEBYTECODE=1"
        line = f"({less}; echo tok-00000001 | aura {words} --json)"
        # Through a pipe: the limit would be that of a file the output goes to as well.
        done = shell(gateway, f"{line} | cat")
        error = json.loads(done.stdout)["error"]
        assert error["type"] in ("store_full", "store_failed"), done
        assert done.stderr == ""
    assert gateway("models status --json").document == before


def test_help_may_be_cut_short(long_list: Program) -> None:
    done = shell(long_list, "aura models status --help | head -1")
    assert done.stdout == "Usage: aura_intelligence models status [OPTIONS]\n"
    assert done.stderr == ""


@pytest.mark.parametrize(
    "words",
    [
        "models status",
        "models aliases list",
        "models aliases list --json",
        "--help",
        "paths",
        "models nosuch --json",
        "models export toml",
    ],
)
def test_a_full_disk_under_the_output_is_said_in_one_line(long_list: Program, words: str) -> None:
    done = shell(long_list, f"aura {words} >/dev/full")
    assert done.returncode == 69
    first, *rest = done.stderr.splitlines()
    assert first.startswith("aura_intelligence: ")
    assert "cannot be written" in first
    assert rest in ([], ["hint: nothing is lost"])


def test_output_to_a_file_that_is_closed_is_no_traceback(long_list: Program) -> None:
    done = shell(long_list, "aura models status --plain >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_hints_do_not_land_in_the_data_when_standard_error_is_closed(cli: Program) -> None:
    done = shell(cli, "aura models aliases list 2>&-")
    assert (done.returncode, done.stdout) == (0, "")


def test_names_of_the_store_are_shown_harmless(cli: Program) -> None:
    cli.must("models set groq/x")
    change_document(cli, aliases={"evil\x1b[2J": "groq/\u202ex", "fine": "groq/y"})
    for words in ("models aliases list", "models status", "models list", "models aliases --plain"):
        for ran in (cli(words), cli(f"{words} --json") if "--plain" not in words else cli(words)):
            assert "\x1b" not in ran.text, words
            assert "\u202e" not in ran.text, words
            assert ran.code in (0, 69)


def test_what_a_server_says_is_shown_harmless(gateway: Program) -> None:
    gateway.must("models set gate/control")
    for words in ("models status --probe", "models status --probe --json", "models history"):
        ran = gateway(words)
        assert ran.code == 0
        assert not set("\x1b\x07\u202e\x00\r") & set(ran.text), words
        assert "\\x1b[2J" in ran.text.replace("\\\\", "\\") or words == "models history"


def test_a_home_with_a_strange_name_is_a_home(tmp_path: Path) -> None:
    cli = Program(tmp_path / "ho me #1?%41\u00e9")
    cli.must("models set groq/x")
    assert cli.store.exists()
    assert cli("models status --plain").out == "groq/x\n"
    assert cli("paths --json").document["store"] == str(cli.store)


def test_arguments_that_are_not_text_are_refused_in_one_line(cli: Program) -> None:
    ran = subprocess.run(
        [*[word.encode() for word in cli.command], b"models", b"set", b"groq/\xff\xfe"],
        env=cli.environment(),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 64
    assert ran.stderr.startswith(b"aura_intelligence: that is not a model name")
    assert not cli.home.exists()


def test_json_is_ascii_and_never_a_number_that_is_none(gateway: Program) -> None:
    gateway.must(
        "models auth add --provider gate --stdin --label 'Wörk' --no-verify", stdin="k" * 9
    )
    ran = gateway("models auth list --json")
    assert ran.out.isascii()
    assert ran.document["profiles"][0]["label"] == "Wörk"
