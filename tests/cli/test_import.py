"""`models import`: all of a file or nothing of it; what changes is told, and nothing secret is."""

import os
from pathlib import Path

import pytest

from tests.cli.program import Program, Ran
from tests.cli.servers import GOOD
from tests.cli.test_stray_words import KEYS, has_a_window_of

pytestmark = pytest.mark.usefixtures("back_end")

WORDS, REFUSED = 64, 1
BAD: list[tuple[str | bytes, int, str]] = [
    ("", WORDS, "the file does not say its version"),
    ("version = 2\n", WORDS, "of another version"),
    ("version = 1\nfallback = []\n", WORDS, "unknown key fallback"),
    ('version = 1\ndefault = "opnai/m"\n', REFUSED, "unknown provider opnai"),
    ("version = 1\ndefault = openai-secret\n", WORDS, "not TOML (line 2, column 11)"),
    ('version = 1\ndefault = "openai-secret', WORDS, "the file is not TOML"),
    ('version = 1\n[aliases\na = "openai-secret"\n', WORDS, "the file is not TOML (line 2"),
    ("a = " + "[" * 7000 + "\n", WORDS, "the file is not TOML"),
    ("version = 1" + ".a" * 9000 + "\n", WORDS, "a line that is too long"),
    ("version = " + "9" * 5000 + "\n", WORDS, "the file is not TOML"),
    (b"\xff\xfev\x00", WORDS, "the file is not text"),
    (b"version = 1\n\x00", WORDS, "the file is not TOML"),
    ("#\n" * 600_000, WORDS, "the file is larger than 256 KiB"),
    ('version = 1\n[[providers]]\nid = "openai"\n', REFUSED, "openai is built in"),
]


@pytest.fixture
def chosen(cli: Program) -> Program:
    """Something of everything a file has."""
    cli.must("models providers add gate --base-url https://gate.example/v1 --dialect openai")
    cli.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    cli.must("models auth order set --provider gate gate:default")
    cli.must("models set gate/first")
    cli.must(["models", "fallbacks", "add", "groq/模型/é:free"])
    cli.must("models set-image openai/pictures")
    cli.must("models image-fallbacks add gate/first")
    cli.must("models aliases add Fast.1:x gate/first")
    return cli


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "selection.toml"


def exported(cli: Program) -> str:
    return cli.must("models export toml").out


def test_what_was_exported_would_change_nothing(chosen: Program, file: Path) -> None:
    file.write_text(exported(chosen))
    before = chosen.files()
    assert chosen.must(f"models import {file} --dry-run").out == "Nothing would change.\n"
    assert chosen.must(f"models import {file}").out == "Nothing changed.\n"
    assert chosen.must("models import - --dry-run --json", stdin=file.read_text()).document == {
        "schemaVersion": 1,
        "changed": False,
        "dryRun": True,
        "changes": [],
        "notes": [],
    }
    assert chosen.files() == before


def test_another_store_gets_all_of_it(chosen: Program, tmp_path: Path) -> None:
    text = exported(chosen)
    other = Program(tmp_path / "other")
    ran = other.must("models import - --yes", stdin=text)
    assert ran.out == (
        "default model: none -> gate/first\n"
        "fallbacks: none -> groq/模型/é:free\n"
        "image model: none -> openai/pictures\n"
        "image fallbacks: none -> gate/first\n"
        "alias Fast.1:x: none -> gate/first\n"
        "provider gate: none -> gate, openai at https://gate.example/v1\n"
    )
    assert ran.err == (
        "gate: openai at https://gate.example/v1\n"
        "1 profile is not stored here and left out of the order of gate\n"
    )
    # The provider is signed by that store: a credential can go there.
    other.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    assert other.must("models import -", stdin=text).out == (
        "auth order of gate: none -> gate:default\n"
    )
    assert exported(other) == text
    probe = "models status --probe --probe-timeout 1 --json"
    (result,) = other.must(probe).document["auth"]["probes"]["results"]
    assert result["status"] != "unreadable"


def test_the_rest_is_replaced_and_each_change_told(chosen: Program, file: Path) -> None:
    file.write_text(
        'version = 1\ndefault = "groq/big"\n[aliases]\nfast = "groq/big"\n'
        '[[providers]]\nid = "box"\nbase_url = "http://10.1.2.3:8000/v1"\ndialect = "openai"\n'
        'env = ["BOX_API_KEY"]\nallow_http = true\n'
    )
    before = chosen.files()
    ran = chosen.must(f"models import {file} --dry-run")
    assert ran.out == (
        "default model: gate/first -> groq/big\n"
        "fallbacks: groq/模型/é:free -> none\n"
        "image model: openai/pictures -> none\n"
        "image fallbacks: gate/first -> none\n"
        "alias Fast.1:x: gate/first -> none\n"
        "alias fast: none -> groq/big\n"
        "auth order of gate: gate:default -> none\n"
        "provider box: none -> box, openai at http://10.1.2.3:8000/v1, BOX_API_KEY, "
        "plain http allowed\n"
        "Nothing was written.\n"
    )
    assert ran.err == "gate stays: profiles of it are stored\n"
    assert chosen.files() == before
    done = chosen.must(f"models import {file} --json --yes").document
    assert (done["changed"], done["dryRun"]) == (True, False)
    assert done["changes"][5] == {
        "field": "aliases",
        "name": "fast",
        "before": None,
        "after": "groq/big",
    }
    assert done["notes"] == ["gate stays: profiles of it are stored"]
    assert chosen.must(f"models import {file}").out == "Nothing changed.\n"
    own = chosen.must("models providers list --json").document["providers"]
    assert {row["id"] for row in own if row["source"] == "user"} == {"gate", "box"}


def test_a_provider_nothing_needs_any_longer_goes(cli: Program) -> None:
    cli.must("models providers add gate --base-url https://gate.example/v1 --dialect openai")
    ran = cli.must("models import -", stdin="version = 1\n")
    assert ran.out == "provider gate: gate, openai at https://gate.example/v1 -> none\n"


def test_a_credential_is_not_sent_to_where_a_file_says(chosen: Program, file: Path) -> None:
    file.write_text(exported(chosen).replace("gate.example", "evil.example"))
    before = chosen.files()
    ran = chosen(f"models import {file}")
    assert (ran.code, ran.out) == (REFUSED, "")
    assert "gate is at another address here" in ran.err
    assert chosen.files() == before


def test_one_bad_entry_leaves_everything_as_it_was(chosen: Program, file: Path) -> None:
    file.write_text('version = 1\ndefault = "groq/new"\nfallbacks = ["nosuch/m"]\n')
    before = chosen.files()
    for more in ("", " --dry-run"):
        ran = chosen(f"models import {file}{more}")
        assert (ran.code, ran.out) == (REFUSED, "")
        assert ran.err.startswith("aura_intelligence: unknown provider nosuch\nhint: ")
    assert chosen.files() == before


@pytest.mark.parametrize(("content", "code", "says"), BAD, ids=[says for *_, says in BAD])
def test_a_file_that_cannot_be_taken_is_one_line_and_a_hint(
    cli: Program, file: Path, content: str | bytes, code: int, says: str
) -> None:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    ran = cli(f"models import {file}")
    assert (ran.code, ran.out) == (code, "")
    first, hint = ran.err.splitlines()
    assert says in first
    assert hint.startswith("hint: ")
    assert "secret" not in ran.err
    assert cli(f"models import {file} --json").error["message"] in first
    assert not cli.home.exists()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("/nosuch", "No such file or directory"),
        ("/", "Is a directory"),
        ("/dev/zero", "for standard input, write -"),
        ("--dry-rn", "did you mean --dry-run?"),
        ("-x", "a file of that name is ./-NAME"),
        ("", "see: aura_intelligence models import --help"),
        ("one two", "see: aura_intelligence models import --help"),
    ],
)
def test_a_file_that_is_none_is_refused(cli: Program, words: str, hint: str) -> None:
    ran = cli(f"models import {words}")
    assert (ran.code, ran.out) == (WORDS, "")
    assert ran.err.splitlines()[1] == f"hint: {hint}"


def test_a_pipe_nobody_writes_to_is_not_waited_for(cli: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in cli(f"models import {tmp_path}/pipe").err


def test_a_closed_standard_input_is_said(cli: Program) -> None:
    ran = cli("models import -", stdin=None)
    assert (ran.code, ran.out) == (WORDS, "")
    assert "standard input is closed" in ran.err


def test_an_editors_mark_and_line_ends_are_no_mistake(cli: Program, file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbfversion = 1\r\ndefault = "groq/x"\r\n')
    cli.must(f"models import {file}")
    assert cli.must("models status --plain").out == "groq/x\n"


def refused(cli: Program, content: str) -> Ran:
    ran = cli("models import -", stdin=content)
    assert (ran.code, ran.out) == (WORDS, ""), content
    return ran


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_key_in_a_file_is_refused_and_not_repeated(cli: Program, key: str) -> None:
    for content in (
        f'version = 1\napi_key = "{key}"\n',
        f'version = 1\n"{key}" = 1\n',
        f"version = 1\n# OPENAI_API_KEY={key}\n",
        f'version = 1\ndefault = "{key}"\n',
        f"version = 1\ndefault = {key}\n",
        f'version = 1\n[aliases]\nfast = "{key}"\n',
        f'version = 1\n[auth_order]\nopenai = ["openai:{key}"]\n',
        f'version = 1\n[[providers]]\nid = "x"\nenv = ["{key}"]\n',
    ):
        ran = refused(cli, content)
        assert "looks like a credential" in ran.err
        assert not has_a_window_of(key.lower(), ran.text.lower())


def test_what_is_no_key_by_its_shape_is_not_repeated_either(cli: Program) -> None:
    word = "tok.4f9Qm2Zx81.LkPw0aBc"
    for content in (
        f'version = 1\n"{word}" = 1\n',
        f'version = 1\ndefault = "{word}"\n',
        f"version = 1\ndefault = {word}\n",
        f'version = 1\n[[providers]]\nid = "x"\nbase_url = "{word}"\n',
        f'version = 1\n[[providers]]\nid = "x"\nbase_url = "https://a.b"\ndialect = "{word}"\n',
        f'version = 1\n[auth_order]\nopenai = ["groq:{word}"]\n',
    ):
        assert not has_a_window_of(word, refused(cli, content).text), content


def test_what_came_after_the_export_is_gone_with_the_import(chosen: Program, file: Path) -> None:
    file.write_text(exported(chosen))
    for number in range(3):
        chosen.must(f"models fallbacks add xai/extra-{number}")
    chosen.must(f"models import {file}")
    assert exported(chosen) == file.read_text()


def test_a_provider_of_a_file_is_shown_and_not_taken_unasked(cli: Program, file: Path) -> None:
    file.write_text(
        'version = 1\n[[providers]]\nid = "p"\nbase_url = "https://p.example/v1"\n'
        'dialect = "openai"\nenv = ["P_API_KEY"]\n'
    )
    ran = cli(f"models import {file}")
    assert (ran.code, ran.out) == (64, "")
    assert "p: openai at https://p.example/v1\nthe variable P_API_KEY goes there\n" in ran.err
    assert not cli.home.exists()
    cli.must(f"models import {file} --yes")


@pytest.mark.parametrize(
    "name", ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "NPM_TOKEN", "SSH_PRIVATE_KEY", "DB_TOKEN"]
)
def test_a_file_does_not_get_a_variable_of_another_service(
    cli: Program, file: Path, name: str
) -> None:
    file.write_text(
        'version = 1\n[[providers]]\nid = "p"\nbase_url = "https://p.example/v1"\n'
        f'dialect = "openai"\nenv = ["{name}"]\n'
    )
    ran = cli(f"models import {file} --yes")
    assert (ran.code, f"a file may not name {name}" in ran.err) == (1, True)
    add = f"models providers add p --base-url https://p.example/v1 --dialect openai --env {name}"
    refused = cli(add)
    assert (refused.code, "looks like a variable of another service" in refused.err) == (64, True)
    cli.must(f"{add} --yes")


@pytest.mark.parametrize(
    "shape",
    [
        "k.a.a.a.a.a = 1\n",
        "[k.a.a.a.a.a]\n",
        "[[k.a.a.a.a.a]]\n",
        '"k".a.a.a.a.a.a = 1\n',
    ],
)
def test_a_name_of_many_parts_is_refused_before_it_is_parsed(
    cli: Program, file: Path, shape: str
) -> None:
    file.write_text(shape)
    assert "the file has a name of too many parts" in cli(f"models import {file}").err
