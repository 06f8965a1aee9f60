"""A secret that went through everything is found nowhere: no output, no file, no command line."""

import base64
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.program import Program, Ran
from tests.cli.servers import ScriptedServer

# Every character class a key may have; each window of it is found by no accident.
CANARY = "sk-scripted-echo~Qz7/Xw+9=Lm3%Vb8&Nk5.Jh2_Gf6-Ds4"
_SHARED = "sk-scripted-echo"
_TAIL = CANARY.removeprefix(_SHARED)


def forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    for lead in range(3):
        yield base64.b64encode(b"x" * lead + secret.encode()).decode()[4:-4]
        yield base64.urlsafe_b64encode(b"x" * lead + secret.encode()).decode()[4:-4]
    yield secret.encode().hex()


def leaks(content: bytes) -> list[str]:
    """Every 10-character window of the secret, in any of its forms, that is in `content`."""
    windows = {form[at : at + 10] for form in forms(_TAIL) for at in range(len(form) - 9)}
    return [window for window in windows if window.encode() in content]


def test_the_detector_finds_what_it_looks_for() -> None:
    assert leaks(b"..." + CANARY.encode() + b"...")
    assert leaks(CANARY[-12:].encode())
    assert leaks(quote(CANARY, safe="").encode())
    assert leaks(base64.b64encode(b"key=" + CANARY.encode()))
    assert not leaks(b"sk-scripted-echo and nothing else")


@pytest.fixture
def loaded(cli: Program, server: ScriptedServer, tmp_path: Path) -> Program:
    """The secret stored by every way in, and set in the environment, at a server that echoes."""
    cli.environ.update(GATE_KEY=CANARY, LEAKY=CANARY, HTTPS_PROXY=f"http://u:{CANARY}@p:1")
    (tmp_path / "key.txt").write_text(CANARY + "\n")
    cli.must(f"models providers add gate --base-url {server.url} --dialect openai --env GATE_KEY")
    claude = server.url.removesuffix("/v1")
    cli.must(f"models providers add claude --base-url {claude} --dialect anthropic")
    for words, stdin in (
        ("models auth add --provider gate --profile-id stdin --stdin --no-verify", CANARY),
        ("models auth add --provider gate --profile-id env --from-env LEAKY", ""),
        (f"models auth add --provider gate --profile-id file --from-file {tmp_path}/key.txt", ""),
        ("models auth add --provider claude --stdin --no-verify --json", CANARY),
        ("models auth paste-token --provider claude --expires-in 2h --json", CANARY),
        ("models auth setup-token --yes", "sk-ant-oat01-" + CANARY + "A" * 60),
        ("models auth setup-token --yes --json", "sk-ant-oat01-" + CANARY + "A" * 60),
    ):
        assert not leaks(cli(words, stdin=stdin).text.encode()), words
    cli.must("models set gate/echo")
    cli.must("models fallbacks add claude/echo")
    return cli


EVERYTHING = [
    "models",
    "models status",
    "models status --plain",
    "models status --check",
    "models status --probe --probe-provider claude",
    "models status --probe --probe-provider gate --check",
    "models exec -- true",
    "models exec --mask --profile gate:env -- true",
    "models exec -- nosuch",
    "models exec true",
    "models env",
    "models env --format dotenv",
    "models env --format powershell --profile gate:env:GATE_KEY",
    "models env --format json --model claude/echo",
    "models list",
    "models list --plain",
    "models aliases list",
    "models fallbacks list",
    "models providers list",
    "models providers list --plain",
    "models auth list",
    "models auth list --plain",
    "models auth list --provider gate",
    "models auth order get",
    "models auth order set --provider gate gate:stdin",
    "models auth order clear --provider gate",
    "models export litellm",
    "models export openai-compatible",
    "models export dotenv",
    "models export toml",
    "models import -",
    "models import - --dry-run",
    "models history",
    "models history --plain",
    "models history --outcome auth",
    "models history --jsonl",
    "models history --csv",
    "models history summary --json",
    "models history changes --json",
    "models history incidents --json",
    "models history prune --keep 1",
    "plugins list --verbose",
    "paths",
    "models auth add --provider gate --from-env LEAKY",
    "models auth add --provider gate --stdin",
    "models auth add --provider gate --stdin --kind token --base-url ftp://x",
    "models auth add --provider gate --from-file /dev/stdin",
    "models auth paste-token --provider gate --expires-in never",
    "models auth paste-token --provider nosuch",
    "models auth setup-token --yes",
    "models auth remove gate:stdin",
    "models auth remove gate:nosuch --yes",
    "models status --survey x",
    "models nosuch",
]


def test_the_secret_is_in_no_output_and_no_file(loaded: Program) -> None:
    for words in EVERYTHING:
        for suffix in ("", " --json"):
            if "--plain" in words and suffix:
                continue
            ran = loaded(words + suffix, stdin=CANARY)
            assert not leaks(ran.text.encode()), words + suffix
            assert ran.code != 70, ran
    for name, content in loaded.files().items():
        assert not leaks(content), name
    assert loaded("models auth remove claude:default --yes").code == 0
    assert all(not leaks(content) for content in loaded.files().values())


def test_the_provider_did_see_and_echo_it(loaded: Program, server: ScriptedServer) -> None:
    ran = loaded("models status --probe --probe-provider gate --json")
    assert {key for _, _, key in server.seen} >= {CANARY}
    told = [r["error"] for r in ran.document["auth"]["probes"]["results"] if r["error"]]
    assert any("[redacted]" in text for text in told)


def test_a_rejected_secret_is_not_repeated(loaded: Program) -> None:
    ran = loaded("models auth add --provider gate --stdin", stdin=CANARY)
    assert (ran.code, ran.out) == (1, "")
    assert not leaks(ran.err.encode())
    assert "refused this credential" in ran.err


def test_a_damaged_store_does_not_print_what_it_holds(loaded: Program) -> None:
    content = bytearray(loaded.store.read_bytes())
    content[4096:] = bytes(byte ^ 0xFF for byte in content[4096:])
    loaded.store.write_bytes(content)
    for words in (
        "models status --json",
        "models auth list",
        "models status --probe --probe-provider gate",
    ):
        ran = loaded(words)
        assert ran.code == 69, ran
        assert not leaks(ran.text.encode())


def test_the_secret_is_in_no_command_line_and_ctrl_c_shows_none(
    loaded: Program, server: ScriptedServer
) -> None:
    loaded.must("models set gate/hang")
    with loaded.start("models status --probe --probe-provider gate") as process:
        assert server.arrived.wait(20)
        line = Path(f"/proc/{process.pid}/cmdline")
        with suppress(FileNotFoundError):
            assert not leaks(line.read_bytes())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert not leaks((out + err).encode())
    assert all(not leaks(content) for content in loaded.files().values())


def test_a_secret_in_the_place_of_the_key_is_not_repeated(cli: Program) -> None:
    cli.environ["AURA_INTELLIGENCE_VAULT_KEY"] = CANARY
    ran: Ran = cli("models auth add --provider groq --stdin --no-verify", stdin=CANARY)
    assert (ran.code, ran.out) == (69, "")
    assert not leaks(ran.err.encode())
