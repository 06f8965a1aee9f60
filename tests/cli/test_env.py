"""`models env`: the variables written down, each value read as it is."""

import shlex
import subprocess
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.cli.show.variables import dotenv, powershell, shell
from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer

pytestmark = pytest.mark.usefixtures("back_end")

# All visible ASCII is legal in a secret.
EVERY_CHARACTER = "".join(map(chr, range(0x21, 0x7F)))
AWKWARD = "a'b\"c$HOME`id`$(id)\\#!d${PATH}e\\'f''g\\\\"
SECRETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)
READ_BACK = 'eval "$ASSIGNMENTS"; printf "%s\\0" "$A_KEY" "${B_URL-unset}"'

OTHERS = (
    "OPENAI_ADMIN_KEY",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_ORGANIZATION",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
)
"""What else steers OpenAI's libraries: of another account than the one that is handed over."""


def evaluated(text: str, **environ: str) -> list[str]:
    """What a real shell makes of it: the value of A_KEY, and B_URL."""
    done = subprocess.run(
        ["sh", "-c", READ_BACK],
        env={"PATH": "/usr/bin:/bin", "ASSIGNMENTS": text, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize("secret", [EVERY_CHARACTER, AWKWARD, "'" * 8, "\\" * 9, "-n -e \u00e9 x"])
def test_a_shell_reads_the_value_as_it_is(secret: str) -> None:
    text = "\n".join(shell({"A_KEY": secret}, ["B_URL"]))
    assert evaluated(text, B_URL="https://stale.example") == [secret, "unset"]


@given(SECRETS)
def test_a_shell_reads_any_secret_as_one_word(secret: str) -> None:
    (line,) = shell({"A_KEY": secret}, ())
    assert shlex.split(line) == ["export", f"A_KEY={secret}"]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("sk-proj-a_b.c/d+e=", "A_KEY=sk-proj-a_b.c/d+e="),
        ("with space", "A_KEY='with space'"),
        ("a#b", "A_KEY='a#b'"),
        ('a"b', "A_KEY='a\"b'"),
        ("a'b\\c", "A_KEY='a\\'b\\\\c'"),
        ("a$b", "A_KEY='a$b'"),
        ("a${B}c", "A_KEY='a${:-$}{B}c'"),
    ],
)
def test_a_dotenv_file_is_quoted_where_it_must_be(value: str, line: str) -> None:
    # What python-dotenv makes of these was tried with it: the value as it is.
    assert list(dotenv({"A_KEY": value}, ["B_URL"])) == ["# B_URL is not to be set", line]


@given(SECRETS)
def test_powershell_gets_one_string_with_each_quote_doubled(secret: str) -> None:
    (line,) = powershell({"A_KEY": secret}, ())
    assert line.startswith("$env:A_KEY = '")
    inner = line.removeprefix("$env:A_KEY = '").removesuffix("'")
    assert inner.replace("''", "\0").count("'") == 0
    assert inner.replace("''", "'") == secret


def test_powershell_takes_typographic_quotes_for_quotes() -> None:
    assert list(powershell({"A": "x\u2019y"}, ["B"])) == [
        "Remove-Item Env:B -ErrorAction SilentlyContinue",
        "$env:A = 'x\u2019\u2019y'",
    ]


def hidden(program: Program, options: str) -> str:
    ran = program.must(f"models env {options}")
    assert GOOD not in ran.text
    assert ran.err == ("nothing secret is shown\nhint: --reveal prints the credential itself\n")
    return ran.out


@pytest.mark.parametrize("format", ["shell", "dotenv", "powershell"])
def test_nothing_secret_is_shown_unasked(
    gateway: Program, server: ScriptedServer, format: str
) -> None:
    listed = gateway("models auth list --json").document["profiles"]
    (fingerprint,) = (profile["fingerprint"] for profile in listed)
    shown = hidden(gateway, f"--format {format}")
    assert shown.splitlines() == [
        f"# GATE_API_KEY: gate:default, fingerprint {fingerprint}",
        f"# OPENAI_API_KEY: gate:default, fingerprint {fingerprint}",
        f"# GATE_BASE_URL: {server.url}",
        f"# OPENAI_BASE_URL: {server.url}",
        f"# OPENAI_API_BASE: {server.url}",
        "# AURA_INTELLIGENCE_MODEL: gate/ok",
        "# GATE_API_BASE: removed",
        *(f"# {name}: removed" for name in OTHERS),
    ]


def document(program: Program, options: str) -> Mapping[str, object]:
    return program.must(f"models env {options}").document


def test_json_tells_the_names_and_the_credential_only_if_asked(
    gateway: Program, server: ScriptedServer
) -> None:
    plain = {
        "GATE_BASE_URL": server.url,
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_BASE": server.url,
        "AURA_INTELLIGENCE_MODEL": "gate/ok",
    }
    expected = {
        "schemaVersion": 1,
        "model": "gate/ok",
        "profileId": "gate:default",
        "revealed": False,
        "variables": {**plain, "GATE_API_KEY": None, "OPENAI_API_KEY": None},
        "unset": ["GATE_API_BASE", *OTHERS],
    }
    assert document(gateway, "--json") == document(gateway, "--format json") == expected
    expected["variables"] = {**plain, "GATE_API_KEY": GOOD, "OPENAI_API_KEY": GOOD}
    expected["revealed"] = True
    assert document(gateway, "--json --reveal") == expected
    assert document(gateway, "--format json --json --reveal") == expected


@pytest.mark.on_disk
@pytest.mark.parametrize("secret", [AWKWARD, EVERY_CHARACTER, ("x'" * 8192)])
def test_eval_of_a_real_shell_gets_the_credential(
    gateway: Program, server: ScriptedServer, secret: str
) -> None:
    gateway.must("models auth add --provider gate --stdin --no-verify", stdin=secret)
    words = shlex.join([*gateway.command, "models", "env", "--reveal"])
    done = subprocess.run(
        ["sh", "-c", f'eval "$({words})"; printf "%s\\0" "$GATE_API_KEY" "$OPENAI_BASE_URL"'],
        env=gateway.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\0")[:-1] == [secret, server.url]
    assert done.stderr == ""


@pytest.mark.on_disk
def test_eval_without_reveal_changes_nothing(gateway: Program) -> None:
    words = shlex.join([*gateway.command, "models", "env"])
    done = subprocess.run(
        ["sh", "-c", f'env > before; eval "$({words})"; env > after; cmp before after'],
        env=gateway.environment(),
        cwd=gateway.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_would_lead_a_key_astray_is_unset(gateway: Program) -> None:
    gateway.environ["MISTRAL_API_KEY"] = "of-the-environment"
    shown = gateway.must("models env --model mistral/small --reveal").out
    assert shown.splitlines() == [
        "unset MISTRAL_API_BASE",
        "unset MISTRAL_BASE_URL",
        "export MISTRAL_API_KEY='of-the-environment'",
        "export AURA_INTELLIGENCE_MODEL='mistral/small'",
    ]
    told = hidden(gateway, "--model mistral/small")
    assert "# MISTRAL_API_KEY: mistral:env:MISTRAL_API_KEY" in told


def test_a_server_without_a_key_has_nothing_to_reveal(cli: Program) -> None:
    shown = cli.must("models env --model ollama/llama3 --reveal --format dotenv").out
    assert shown.splitlines() == [
        "# OLLAMA_API_BASE is not to be set",
        "# OLLAMA_API_KEY is not to be set",
        "OLLAMA_BASE_URL=http://localhost:11434",
        "OLLAMA_HOST=http://localhost:11434",
        "AURA_INTELLIGENCE_MODEL=ollama/llama3",
    ]
    assert document(cli, "--model ollama/llama3 --json")["profileId"] is None


def test_one_format_at_a_time(gateway: Program) -> None:
    ran = gateway("models env --json --format shell")
    assert (ran.code, ran.error["message"]) == (64, "--json and --format exclude each other")
    ran = gateway("models env --format fish")
    assert (ran.code, ran.out) == (64, "")


def test_what_is_shown_is_written_down_first(gateway: Program) -> None:
    before = gateway.files()
    gateway.must("models env")
    gateway.must("models env --reveal --unrecorded")
    assert gateway.files() == before
    gateway.must("models env --reveal")
    (record,) = gateway("models history --json").document["records"]
    assert (record["kind"], record["outcome"], record["profileId"]) == (
        "handout",
        None,
        "gate:default",
    )
    assert "handed out" in gateway("models history").out
    assert gateway("models history --outcome interrupted --json").document["records"] == []
    assert gateway("models status --json").document["auth"]["lastProbes"] == []
