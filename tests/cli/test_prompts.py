"""Prompts at a real terminal, and what happens where there is none."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer
from tests.cli.terminals import at_terminal

PASTE = "models auth paste-token --provider gate"
ADD = "models auth add --provider gate --no-verify"
SETUP = "sk-ant-oat01-" + "Ab3" * 40
CTRL_C, CTRL_D, CTRL_U = "\x03", "\x04", "\x15"
DOWN = "\x1b[B"
PICK = "(type to filter, arrows to choose):"


def profiles(program: Program) -> list[str]:
    return [p["profileId"] for p in program("models auth list --json").document["profiles"]]


def fingerprints(program: Program) -> set[str]:
    listed = program("models auth list --json").document["profiles"]
    return {p["fingerprint"] for p in listed}


def test_a_secret_is_typed_unseen_and_the_terminal_is_as_before(gateway: Program) -> None:
    with at_terminal(gateway, PASTE) as terminal:
        terminal.until("Token for gate (hidden): ")
        assert not terminal.echoes
        terminal.type("tok-typed-by-hand-1\r")
        assert terminal.finish() == 0
        assert terminal.echoes
        assert "typed-by-hand" not in terminal.shown
        assert "Saved gate:manual (token, fingerprint " in terminal.shown
    assert "gate:manual" in profiles(gateway)


def test_backspace_takes_a_character_back(gateway: Program) -> None:
    gateway.must(f"{PASTE} --profile-id piped", stdin="tok-right-0001")
    with at_terminal(gateway, PASTE) as terminal:
        terminal.until("(hidden): ")
        terminal.type("tok-righx\x7ft-0002\x7f1\r")
        assert terminal.finish() == 0
    # The same secret has the same fingerprint: two profiles of the three agree.
    assert len(fingerprints(gateway)) == 2
    assert len(profiles(gateway)) == 3


@pytest.mark.parametrize("words", [PASTE, ADD, "models auth setup-token"])
def test_ctrl_c_at_a_prompt_saves_nothing(gateway: Program, words: str) -> None:
    before = gateway.files()
    with at_terminal(gateway, words) as terminal:
        if "setup" in words:
            terminal.until("Go on? [y/N]: ")
            terminal.type("y\r")
        terminal.until("(hidden): ")
        terminal.type("tok-half-typed")
        terminal.type(CTRL_C)
        assert terminal.finish() == 130
        assert terminal.echoes
        assert "half-typed" not in terminal.shown
        assert "Traceback" not in terminal.shown
        assert "interrupted" in terminal.shown
    assert gateway.files() == before


def test_ctrl_c_at_an_open_question_saves_nothing(gateway: Program) -> None:
    before = gateway.files()
    with at_terminal(gateway, "models auth remove gate:default") as terminal:
        terminal.until("Remove gate:default? [y/N]: ")
        terminal.type(CTRL_C)
        assert terminal.finish() == 130
        assert "Traceback" not in terminal.shown
    assert gateway.files() == before


def test_ctrl_d_ends_the_input_and_saves_nothing(gateway: Program) -> None:
    before = gateway.files()
    with at_terminal(gateway, PASTE) as terminal:
        terminal.until("(hidden): ")
        terminal.type("tok-half-typed" + CTRL_D)
        assert terminal.finish() == 64
        assert terminal.echoes
        assert "aura_intelligence: the input ended" in terminal.shown
    with at_terminal(gateway, "models auth remove gate:default") as terminal:
        terminal.until("[y/N]: ")
        terminal.type(CTRL_D)
        assert terminal.finish() == 64
    assert gateway.files() == before


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (PASTE, "", "no credential was given"),
        (ADD, "two words", "has spaces"),
        (f"{ADD} --stdin", "k" * 20_000, "too long"),
    ],
    ids=["empty", "spaces", "long"],
)
def test_a_malformed_secret_is_asked_for_again(
    gateway: Program, words: str, typed: str, told: str
) -> None:
    before = gateway.files()
    with at_terminal(gateway, words) as terminal:
        terminal.until("(hidden): ")
        terminal.type(typed + "\r")
        terminal.until(told)
        terminal.until("(hidden): ", times=2)
        assert gateway.files() == before
        assert not terminal.echoes
        terminal.type("tok-typed-by-hand-2\r")
        assert terminal.finish() == 0
        assert terminal.echoes
        assert "kkkk" not in terminal.shown
        assert "by-hand" not in terminal.shown
    assert gateway.files() != before


def test_a_bad_setup_token_is_asked_for_again(gateway: Program) -> None:
    with at_terminal(gateway, "models auth setup-token --yes") as terminal:
        terminal.until("(hidden): ")
        terminal.type("sk-ant-oat01-short\r")
        terminal.until("that is not a setup-token")
        terminal.until("(hidden): ", times=2)
        terminal.type(SETUP + "\r")
        assert terminal.finish() == 0
    assert "anthropic:manual" in profiles(gateway)


def test_where_to_get_a_key_is_said_before_it_is_asked_for(gateway: Program) -> None:
    with at_terminal(gateway, "models auth add --provider groq --no-verify") as terminal:
        terminal.until("(hidden): ")
        place = terminal.shown.index("get one at https://console.groq.com/keys\r\n")
        assert place < terminal.shown.index("API key for Groq (hidden): ")
        terminal.type(CTRL_C)
        assert terminal.finish() == 130
    piped = gateway.must("models auth add --provider groq --stdin --no-verify", stdin=GOOD)
    assert "https://console.groq.com" not in piped.text


def test_a_paste_of_16_000_characters_arrives_whole(gateway: Program) -> None:
    token = "tok-" + "0123456789abcdef" * 1000
    gateway.must(f"{PASTE} --profile-id piped", stdin=token)
    with at_terminal(gateway, PASTE) as terminal:
        terminal.until("(hidden): ")
        terminal.type(token + "\r")
        assert terminal.finish() == 0
        assert "0123456789" not in terminal.shown
    assert len(fingerprints(gateway)) == 2


def test_a_bracketed_paste_is_taken_without_its_brackets(gateway: Program) -> None:
    gateway.must(f"{PASTE} --profile-id piped", stdin="tok-bracketed-1")
    with at_terminal(gateway, PASTE) as terminal:
        terminal.until("(hidden): ")
        assert "\x1b[?2004h" in terminal.shown
        terminal.type("\x1b[200~tok-bracketed-1\x1b[201~\r")
        assert terminal.finish() == 0
        assert terminal.shown.count("\x1b[?2004l") == 1
    assert len(fingerprints(gateway)) == 2


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param(f"\x1b[200~{SETUP[:70]}\r{SETUP[70:]}\x1b[201~\r", marks=pytest.mark.soak),
        f"\x1b[200~{SETUP[:70]}\n  {SETUP[70:]}\n\x1b[201~\r",
        f"{SETUP[:70]}\n{SETUP[70:]}\r",
    ],
    ids=["bracketed", "bracketed and indented", "without brackets"],
)
def test_a_wrapped_setup_token_is_joined(gateway: Program, pasted: str) -> None:
    gateway.must("models auth setup-token --yes --profile-id whole", stdin=SETUP)
    with at_terminal(gateway, "models auth setup-token") as terminal:
        terminal.until("Go on? [y/N]: ")
        assert "Anthropic's terms" in terminal.shown
        terminal.type("y\r")
        terminal.until("(hidden): ")
        terminal.type(pasted)
        assert terminal.finish() == 0
        assert "its pieces were joined" in terminal.shown
        assert "Ab3Ab3" not in terminal.shown
    assert len(profiles(gateway)) == 3
    assert len(fingerprints(gateway)) == 2


@pytest.mark.parametrize(
    "words",
    [
        "models auth add",
        "models set",
        pytest.param("models set-image", marks=pytest.mark.soak),
        pytest.param(f"{ADD} --stdin", marks=pytest.mark.soak),
        PASTE,
        "models auth setup-token --yes",
        "models auth remove gate:default",
    ],
)
def test_at_a_terminal_too_nothing_is_asked_of_who_wants_no_question(
    gateway: Program, words: str
) -> None:
    before = gateway.files()
    with at_terminal(gateway, f"{words} --no-input") as terminal:
        assert terminal.finish() == 64
        assert "--no-input: nothing is asked" in terminal.shown
        assert "hint: use: " in terminal.shown
    assert gateway.files() == before


def test_no_question_is_due_where_everything_is_given(gateway: Program) -> None:
    gateway.must(f"{PASTE} --no-input", stdin="tok-from-a-pipe")
    gateway.must("models auth remove gate:manual --yes --no-input")


def test_a_terminal_that_wants_it_gets_a_styled_table(gateway: Program) -> None:
    with at_terminal(gateway, "models auth list", TERM="xterm-256color") as terminal:
        assert terminal.finish() == 0
        assert "\x1b[1mCredential" in terminal.shown
        assert "gate:default" in terminal.shown


def test_a_refused_question_changes_nothing(gateway: Program) -> None:
    before = gateway.files()
    with at_terminal(gateway, "models auth remove gate:default") as terminal:
        terminal.until("[y/N]: ")
        terminal.type("n\r")
        assert terminal.finish() == 1
        assert "nothing was changed" in terminal.shown
    with at_terminal(gateway, "models auth setup-token") as terminal:
        terminal.until("[y/N]: ")
        terminal.type("\r")
        assert terminal.finish() == 1
    assert gateway.files() == before


def test_a_confirmed_removal_removes(gateway: Program) -> None:
    with at_terminal(gateway, "models auth logout gate:default") as terminal:
        terminal.until("[y/N]: ")
        terminal.type("yes\r")
        assert terminal.finish() == 0
        assert "Removed gate:default." in terminal.shown
    assert profiles(gateway) == []


def test_the_wizard_asks_for_the_provider_and_checks_the_key(
    gateway: Program, server: ScriptedServer
) -> None:
    with at_terminal(gateway, "models auth add --profile-id work") as terminal:
        terminal.until(f"Provider {PICK}")
        terminal.until(" amazon-bedrock ")
        terminal.type("gate\r")
        terminal.until("API key for gate (hidden): ")
        terminal.type(GOOD + "\r")
        assert terminal.finish() == 0
        assert "Saved gate:work (api_key, fingerprint " in terminal.shown
    assert server.seen == [("/v1/models", "", GOOD)]


def test_a_dumb_terminal_takes_a_number_and_a_bad_key_is_refused(gateway: Program) -> None:
    before = gateway.files()
    with at_terminal(gateway, "models auth add", TERM="dumb") as terminal:
        terminal.until("(number or name): ")
        line = next(row for row in terminal.shown.splitlines() if row.endswith("  gate"))
        terminal.type(line.split()[0] + "\r")
        terminal.until("(hidden): ")
        terminal.type(BAD + "\r")
        assert terminal.finish() == 1
        assert "refused this credential (auth); nothing was saved" in terminal.shown
        assert "\x1b" not in terminal.shown
    assert gateway.files() == before


@pytest.mark.parametrize(
    ("answer", "term"), [("99", "xterm"), ("a b", "xterm"), ("nosuch", "dumb"), ("99", "dumb")]
)
def test_the_wizard_asks_again_for_a_provider_there_is_not(
    gateway: Program, answer: str, term: str
) -> None:
    ask = PICK if term == "xterm" else "(number or name): "
    with at_terminal(gateway, "models auth add --no-verify", TERM=term) as terminal:
        terminal.until(ask)
        terminal.type(answer + "\r")
        terminal.until("that is not a provider id" if " " in answer else "unknown provider")
        terminal.type((CTRL_U if term == "xterm" else "") + "gate\r")
        terminal.until("API key for gate (hidden): ")
        terminal.type("tok-typed-by-hand-3\r")
        assert terminal.finish() == 0


def test_the_list_filters_and_what_alone_is_left_is_meant(gateway: Program) -> None:
    with at_terminal(gateway, "models auth add") as terminal:
        terminal.until(PICK)
        terminal.until(" anthropic ")
        terminal.until(" cerebras ")
        seen = len(terminal.shown)
        terminal.type("throp")
        terminal.until("throp", times=2)
        assert "azure" not in terminal.shown[seen:]
        terminal.type("\r")
        terminal.until("API key for Anthropic (hidden): ")
        terminal.type(CTRL_C)
        assert terminal.finish() == 130


@pytest.mark.parametrize(
    ("words", "how"),
    [("models auth add", "typed"), ("models set", "sent"), ("models set-image", "the end")],
)
def test_a_list_is_left_with_the_terminal_as_before(gateway: Program, words: str, how: str) -> None:
    before = gateway.files()
    with at_terminal(gateway, words) as terminal:
        terminal.until(PICK)
        terminal.until("\x1b[?25h", times=2)
        assert not terminal.echoes
        if how == "sent":
            terminal.process.send_signal(signal.SIGINT)
        else:
            terminal.type(CTRL_C if how == "typed" else CTRL_D)
        assert terminal.finish() == (64 if how == "the end" else 130)
        assert terminal.echoes
        assert "Traceback" not in terminal.shown
        assert terminal.shown.rindex("\x1b[?25h") > terminal.shown.rfind("\x1b[?25l")
        assert terminal.shown.endswith(
            "the input ended\r\nhint: nothing was saved\r\n"
            if how == "the end"
            else "interrupted\r\n"
        )
    assert gateway.files() == before


def test_the_model_is_picked_among_those_in_use_and_of_whom_there_is_a_key(
    gateway: Program,
) -> None:
    gateway.must("models auth paste-token --provider groq", stdin=GOOD)
    gateway.must("models fallbacks add gate/other")
    with at_terminal(gateway, "models set") as terminal:
        terminal.until(f"Model {PICK}")
        terminal.until(" groq/llama-3.1-8b-instant ")
        for ref in (" gate/ok ", " gate/other "):
            assert ref in terminal.shown
        assert "openai/" not in terminal.shown
        terminal.type(DOWN)
        terminal.type(DOWN + "\r")
        assert terminal.finish() == 0
        assert "Default model: gate/other" in terminal.shown


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_model_of_ones_own_can_be_typed(gateway: Program, term: str) -> None:
    with at_terminal(gateway, "models set-image --json", TERM=term) as terminal:
        terminal.until("Model (")
        terminal.type("nosuch/x\r")
        terminal.until("unknown provider nosuch")
        terminal.type((CTRL_U if term == "xterm" else "") + "groq/free-one\r")
        assert terminal.finish() == 0
    assert gateway("models status --json").document["imageModel"] == "groq/free-one"


def test_without_anything_to_pick_a_model_is_typed(cli: Program) -> None:
    with at_terminal(cli, "models set") as terminal:
        terminal.until("Model: ")
        terminal.type("groq/first\r")
        assert terminal.finish() == 0


def test_a_list_leaves_standard_output_to_the_data(gateway: Program, tmp_path: Path) -> None:
    with (
        (tmp_path / "out").open("w") as out,
        at_terminal(gateway, "models set --json", streams={"stdout": out}) as terminal,
    ):
        terminal.until(PICK)
        terminal.type("gate/ok\r")
        assert terminal.finish() == 0
    assert json.loads((tmp_path / "out").read_text())["defaultModel"] == "gate/ok"


def test_a_dumb_terminal_is_sent_no_escapes(gateway: Program) -> None:
    for words in (PASTE, "models status", "models auth list", "models --help"):
        with at_terminal(gateway, words, TERM="dumb") as terminal:
            if words == PASTE:
                terminal.until("(hidden): ")
                terminal.type("tok-dumb-0001\r")
            assert terminal.finish() == 0
            assert "\x1b" not in terminal.shown, words


def test_no_colour_is_no_colour(gateway: Program) -> None:
    for words in ("models status", "models auth list", "models --help"):
        with at_terminal(gateway, words, NO_COLOR="1") as terminal:
            assert terminal.finish() == 0
            assert "\x1b" not in terminal.shown, words
    with at_terminal(gateway, "models set", NO_COLOR="1") as terminal:
        terminal.until(PICK)
        terminal.type("gate/ok\r")
        assert terminal.finish() == 0
        assert "38;5" not in terminal.shown


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        ("models auth add", "aura_intelligence models auth add --provider ID --stdin"),
        ("models set", "aura_intelligence models set provider/model"),
        pytest.param(
            "models set-image",
            "aura_intelligence models set-image provider/model",
            marks=pytest.mark.soak,
        ),
        (
            "models auth add --provider groq",
            "aura_intelligence models auth add --provider groq --stdin",
        ),
        ("models auth setup-token", "aura_intelligence models auth setup-token --yes"),
        (
            "models auth remove gate:default",
            "aura_intelligence models auth remove gate:default --yes",
        ),
    ],
)
def test_without_a_terminal_the_other_way_is_named_at_once(
    gateway: Program, words: str, instead: str
) -> None:
    before = gateway.files()
    for stdin in (subprocess.DEVNULL, subprocess.PIPE):
        with gateway.start(words, stdin=stdin) as process:
            # A pipe nobody writes to and nobody closes must not be waited for.
            assert process.wait(timeout=20) == 64
            assert process.stderr is not None
            assert instead in process.stderr.read()
    assert gateway.files() == before


@pytest.mark.parametrize("words", [PASTE, f"{ADD} --stdin", "models auth setup-token --yes"])
def test_a_closed_or_empty_standard_input_is_refused(gateway: Program, words: str) -> None:
    before = gateway.files()
    command = " ".join(gateway.command)
    for redirection in ("<&-", "</dev/null"):
        done = subprocess.run(
            ["sh", "-c", f"{command} {words} {redirection}"],
            env=gateway.environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 64, done
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 2, done.stderr
    assert gateway.files() == before


@pytest.mark.parametrize("words", ["models status", "models set gate/x", "plugins list"])
def test_what_asks_nothing_needs_no_standard_input(gateway: Program, words: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(gateway.command)} {words} <&-"],
        env=gateway.environment(),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_pipe_is_read_to_its_end(gateway: Program) -> None:
    reader, writer = os.pipe()
    with gateway.start(PASTE, stdin=reader) as process:
        os.close(reader)
        os.write(writer, b"tok-in-")
        os.write(writer, b"pieces-1\n")
        os.close(writer)
        assert process.wait(timeout=20) == 0
    assert "gate:manual" in profiles(gateway)
