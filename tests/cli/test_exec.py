"""`models exec`: the chosen credential in a program's environment, and nowhere else."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer
from tests.cli.terminals import at_terminal
from tests.cli.test_canary import CANARY, leaks

PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
REAL = "sk-real-openai-key-0001"


def environment_of(program: Program, options: str = "") -> dict[str, str]:
    """What a program that is run sees."""
    ran = program.process(
        ["models", "exec", *options.split(), "--", sys.executable, "-c", PRINT_ENVIRONMENT]
    )
    assert (ran.code, ran.err) == (0, ""), ran
    found: dict[str, str] = json.loads(ran.out)
    return found


def records(program: Program) -> list[object]:
    found: list[object] = program("models history --json").document["records"]
    return found


def test_a_program_gets_the_credential_and_where_it_goes(
    gateway: Program, server: ScriptedServer
) -> None:
    seen = environment_of(gateway)
    assert {name for name, value in seen.items() if value == GOOD} == {
        "GATE_API_KEY",
        "OPENAI_API_KEY",
    }
    assert seen["GATE_BASE_URL"] == seen["OPENAI_BASE_URL"] == server.url
    assert seen["AURA_INTELLIGENCE_MODEL"] == "gate/ok"
    assert seen["AURA_INTELLIGENCE_HOME"] == str(gateway.home)
    assert len(records(gateway)) == 1


def test_what_the_program_must_not_find_is_gone(gateway: Program) -> None:
    gateway.environ.update(
        OPENAI_API_KEY=REAL,
        OPENAI_BASE_URL="https://api.openai.com/v1",
        GROQ_API_KEY="gsk_of_somebody_else",
        AURA_INTELLIGENCE_VAULT_KEY_FILE=str(gateway.home / "config" / "keys" / "nosuch"),
    )
    seen = environment_of(gateway, "--model groq/llama")
    assert seen["GROQ_API_KEY"] == "gsk_of_somebody_else"
    assert seen["OPENAI_API_KEY"] == REAL
    assert "AURA_INTELLIGENCE_VAULT_KEY_FILE" not in seen
    del gateway.environ["AURA_INTELLIGENCE_VAULT_KEY_FILE"]
    seen = environment_of(gateway)
    assert seen["GROQ_API_KEY"] == "gsk_of_somebody_else"
    assert REAL not in seen.values()


def test_a_variable_is_handed_on_under_every_name_and_a_profile_goes_before_it(
    cli: Program,
) -> None:
    cli.environ.update(GEMINI_API_KEY="AIza-of-the-environment")
    cli.must("models set google/gemini")
    seen = environment_of(cli)
    assert seen["GOOGLE_API_KEY"] == seen["GEMINI_API_KEY"] == "AIza-of-the-environment"
    cli.must("models auth add --provider google --stdin --no-verify", stdin="AIza-of-the-store")
    seen = environment_of(cli)
    assert seen["GOOGLE_API_KEY"] == seen["GEMINI_API_KEY"] == "AIza-of-the-store"
    seen = environment_of(cli, "--profile google:env:GEMINI_API_KEY")
    assert seen["GOOGLE_API_KEY"] == "AIza-of-the-environment"


def test_a_server_of_this_machine_needs_no_key(cli: Program) -> None:
    cli.environ["OPENAI_API_KEY"] = REAL
    seen = environment_of(cli, "--model ollama/llama3")
    assert seen["OLLAMA_HOST"] == "http://localhost:11434"
    assert "OLLAMA_API_KEY" not in seen
    assert seen["OPENAI_API_KEY"] == REAL


def test_this_program_runs_below_itself(gateway: Program) -> None:
    words = ["models", "exec", "--", *gateway.command, "models", "exec", "--json", "--"]
    ran = gateway.process([*words, *gateway.command, "models", "status", "--json"])
    assert ran.code == 0
    assert ran.document["defaultModel"] == "gate/ok"


def test_words_after_the_dashes_are_the_programs(gateway: Program) -> None:
    code = "import json, sys; print(json.dumps(sys.argv[1:])); sys.exit(3)"
    words = ["--json", "--help", "-h", "--", "--model", "x", "a b", "", "sk-proj-" + "aB3" * 8]
    ran = gateway.process(["models", "exec", "--", sys.executable, "-c", code, *words])
    assert (ran.code, ran.err) == (3, "")
    assert json.loads(ran.out) == words


@pytest.mark.parametrize(
    ("words", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143), ("exit 126", 126)]
)
@pytest.mark.parametrize("mask", [[], ["--mask"]], ids=["plain", "masked"])
def test_the_exit_code_is_the_programs(
    gateway: Program, words: str, code: int, mask: list[str]
) -> None:
    ran = gateway.process(["models", "exec", *mask, "--", "sh", "-c", words])
    # Without a mask a shell sees the signal itself, and tells it as 143.
    if not mask and code == 143:
        code = -signal.SIGTERM
    assert (ran.code, ran.out, ran.err) == (code, "", "")


@pytest.mark.parametrize(
    ("program", "code", "type", "message"),
    [
        ("nosuch", 127, "program_missing", "there is no program nosuch"),
        ("/etc", 126, "not_started", "the program /etc cannot be run: Permission denied"),
    ],
)
def test_a_program_that_cannot_be_run_has_a_code_of_its_own(
    gateway: Program, program: str, code: int, type: str, message: str
) -> None:
    ran = gateway.process(["models", "exec", "--", program])
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"aura_intelligence: {message}\n")
    ran = gateway.process(["models", "exec", "--json", "--", program])
    assert (ran.code, ran.err) == (code, "")
    assert (ran.error["type"], ran.error["message"]) == (type, message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("models exec", "the program to run comes after --"),
        ("models exec ls", "the program to run comes after --"),
        ("models exec ls -l", "the program to run comes after --"),
        ("models exec --model gate/ok ls", "the program to run comes after --"),
        ("models exec ls -- -l", "there is one word too many before --"),
        ("models exec --", "there is no program after --"),
        ("models exec --mask --", "there is no program after --"),
        ("models exec --nosuch -- ls", "unknown option --nosuch"),
    ],
)
def test_words_that_run_nothing_say_how_to_run_something(
    gateway: Program, words: str, message: str
) -> None:
    ran = gateway(words)
    assert (ran.code, ran.out) == (64, "")
    assert ran.err.startswith(f"aura_intelligence: {message}\n")
    assert "hint: " in ran.err


@pytest.mark.parametrize(
    ("options", "type"),
    [
        ("", "no_candidate"),
        ("--model nosuch/x", "not_found"),
        ("--model openai/x", "no_candidate"),
        ("--profile gate:nosuch", "not_found"),
    ],
)
def test_without_a_credential_nothing_is_run(
    cli: Program, tmp_path: Path, options: str, type: str
) -> None:
    ran = cli.process(f"models exec --json {options} -- touch {tmp_path}/ran")
    assert (ran.code, ran.error["type"]) == (1, type)
    assert not (tmp_path / "ran").exists()


def test_a_key_that_is_gone_runs_nothing(gateway: Program, tmp_path: Path) -> None:
    for file in (gateway.home / "config" / "keys").iterdir():
        file.unlink()
    ran = gateway.process(["models", "exec", "--", "touch", str(tmp_path / "ran")])
    assert ran.code in (1, 69)
    assert "key" in ran.err
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def loaded(cli: Program, server: ScriptedServer) -> Program:
    cli.environ["GROQ_API_KEY"] = "gsk_of_another_provider"
    cli.must(f"models providers add gate --base-url {server.url} --dialect openai")
    cli.must("models auth add --provider gate --stdin --no-verify", stdin=CANARY)
    cli.must("models set gate/ok")
    return cli


def test_the_secret_is_in_the_programs_environment_and_in_no_command_line(
    loaded: Program, tmp_path: Path
) -> None:
    words = "cat /proc/$$/cmdline /proc/$PPID/cmdline > lines; cat /proc/$PPID/environ > ours;"
    words += " cat /proc/$$/environ > its"
    ran = loaded.process(["models", "exec", "--", "sh", "-c", words], cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert leaks((tmp_path / "its").read_bytes())
    assert not leaks((tmp_path / "lines").read_bytes())
    assert not leaks((tmp_path / "ours").read_bytes())
    assert b"exec" in (tmp_path / "lines").read_bytes()


LEAK = """
import base64, os, sys, time
key = os.environ["GATE_API_KEY"]
other = os.environ["GROQ_API_KEY"]
sys.stdout.write(f"key {key[:20]}"); sys.stdout.flush(); time.sleep(0.1)
print(key[20:], other, base64.b64encode(f"u:{key}".encode()).decode(), key.encode().hex())
print("header", key, file=sys.stderr)
"""


def test_known_secrets_are_masked_in_what_the_program_writes(loaded: Program) -> None:
    ran = loaded.process(["models", "exec", "--mask", "--", sys.executable, "-c", LEAK])
    assert ran.code == 0, ran
    assert not leaks(ran.text.encode())
    assert ran.out.startswith("key [redacted] [redacted] ")
    assert ran.err == "header [redacted]\n"
    ran = loaded.process(["models", "exec", "--", sys.executable, "-c", LEAK])
    assert CANARY in ran.out
    assert CANARY in ran.err


def started(program: Program, words: list[str], **more: object) -> "subprocess.Popen[str]":
    return program.start(["models", "exec", *words], **more)


@pytest.mark.parametrize(
    "name", ["TERM", "HUP", "USR1", "USR2", "INT", "QUIT", "ALRM", "IO", "PWR"]
)
def test_a_signal_goes_to_the_program(gateway: Program, name: str) -> None:
    script = f"trap 'echo caught; exit 9' {name}; echo ready; while :; do sleep 0.05; done"
    with started(gateway, ["--", "sh", "-c", script]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, f"SIG{name}"))
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (9, "caught\n", "")


@pytest.mark.parametrize("mask", [[], ["--mask"]])
def test_the_callers_umask_and_core_limit_are_the_programs(
    gateway: Program, mask: list[str]
) -> None:
    words = ["sh", "-c", "umask; ulimit -c"]
    usual = subprocess.run(words, preexec_fn=_dumping, umask=0o027, capture_output=True, text=True)
    ran = gateway.process(["models", "exec", *mask, "--", *words], umask=0o027, preexec_fn=_dumping)
    assert (ran.out, ran.out.split()[0]) == (usual.stdout, "0027")


def _dumping() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


COUNTING = (
    "n=0; trap 'n=$((n+1)); echo interrupted $n; [ $n = 1 ] || exit 9' INT;"
    " echo ready; while :; do sleep 0.05; done"
)


def test_ctrl_c_at_a_terminal_is_the_programs_to_answer(gateway: Program) -> None:
    with at_terminal(gateway, f'models exec -- sh -c "{COUNTING}"') as terminal:
        terminal.until("ready")
        terminal.type("\x03")
        terminal.until("interrupted 1")
        terminal.type("\x03")
        assert terminal.finish() == 9
    # Once each: what the terminal sends is not sent again by us.
    assert terminal.shown.count("interrupted") == 2
    assert "Traceback" not in terminal.shown


def test_ctrl_c_ends_a_program_that_does_not_care(gateway: Program) -> None:
    with at_terminal(gateway, "models exec -- sh -c 'echo ready; exec sleep 60'") as terminal:
        terminal.until("ready")
        terminal.type("\x03")
        assert terminal.finish() == -signal.SIGINT
    assert "Traceback" not in terminal.shown


SHELL = """
import glob, os, signal, sys, time
def runs(job):
    # Of each process: its state and its group, after the name in parentheses.
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            state, _, group = open(path).read().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(group) == job and state not in "TZ":
            return True
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
status = os.waitpid(job, os.WUNTRACED)[1]
assert os.WIFSTOPPED(status), status
while runs(job):
    time.sleep(0.01)
os.tcsetpgrp(0, os.getpid())
print("stopped", flush=True)
sys.stdin.readline()
os.tcsetpgrp(0, job)
os.killpg(job, signal.SIGCONT)
status = os.waitpid(job, os.WUNTRACED)[1]
os.tcsetpgrp(0, os.getpid())
print("ended", os.waitstatus_to_exitcode(status), flush=True)
"""


def test_ctrl_z_stops_both_and_fg_goes_on(gateway: Program, tmp_path: Path) -> None:
    shell = tmp_path / "shell.py"
    shell.write_text(SHELL)
    script = "echo ready; read line; echo read $line; exit 5"

    class Shell(Program):
        @property
        def command(self) -> list[str]:
            return [sys.executable, str(shell), *gateway.command]

    program = Shell(gateway.home, gateway.environ)
    with at_terminal(program, f"models exec -- sh -c '{script}'") as terminal:
        terminal.until("ready")
        terminal.type("\x1a")
        terminal.until("stopped")
        terminal.type("fg\n")
        terminal.type("hello\n")
        terminal.until("ended 5")
    assert "read hello" in terminal.shown


def test_the_store_is_not_open_while_the_program_runs(gateway: Program) -> None:
    with started(gateway, ["--", "sh", "-c", "echo ready; read line"], stdin=subprocess.PIPE) as p:
        assert p.stdout is not None
        assert p.stdin is not None
        assert p.stdout.readline() == "ready\n"
        listed = os.listdir(f"/proc/{p.pid}/fd")
        open_files = {os.readlink(f"/proc/{p.pid}/fd/{number}") for number in listed}
        assert not any("store.db" in name for name in open_files)
        ran = gateway("models aliases add fast gate/ok")
        assert ran.code == 0
        p.communicate("\n", timeout=30)
