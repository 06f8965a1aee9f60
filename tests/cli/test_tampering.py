"""A store that was edited without its key, a writer that is in the way, signals at a bad moment."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer
from tests.cli.terminals import at_terminal

SPARE = "sk-scripted-spare-0001"


def edited(program: Program, *statements: str) -> None:
    with closing(sqlite3.connect(program.home / "data" / "store.db")) as store, store:
        store.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            store.execute(statement)


@pytest.fixture
def two(gateway: Program) -> Program:
    """The first of two credentials is damaged."""
    gateway.must("models auth add --provider gate --profile-id b --stdin --no-verify", stdin=SPARE)
    gateway.must("models auth order set --provider gate gate:default gate:b")
    edited(gateway, "UPDATE profiles SET sealed = zeroblob(100) WHERE id = 'gate:default'")
    return gateway


@pytest.mark.parametrize("words", ["exec", "env --reveal", "ask hello"])
def test_who_writes_the_store_does_not_choose_who_pays(
    two: Program, server: ScriptedServer, words: str
) -> None:
    command, *more = words.split()
    rest = ["--", sys.executable, "-c", "import os; print(os.environ['GATE_API_KEY'])"]
    call = ["models", command, *more] + (rest if command == "exec" else [])
    ran = two(call) if command != "exec" else two.process(call)
    assert ran.code == 69
    assert SPARE not in ran.text
    assert "to use the next one: --skip-damaged" in ran.err
    assert all(key != SPARE for _, _, key in server.seen)
    newest = two("models history --json").document["records"][0]
    assert (newest["outcome"], newest["code"]) == ("unreadable", "record_damaged")
    call = ["models", command, "--skip-damaged", *more] + (rest if command == "exec" else [])
    ran = two(call) if command != "exec" else two.process(call)
    assert ran.code == 0
    if command == "ask":
        assert server.seen[-1][2] == SPARE
    else:
        assert SPARE in ran.out
        assert "gate:default" in ran.err


def test_a_record_that_is_no_sealed_one_is_seen_by_who_only_reads(two: Program) -> None:
    assert two("models status --check").code == 1
    assert "gate:default is damaged and cannot be opened" in two("models status").err
    assert two("models status --json").document["damaged"] == ["gate:default"]
    assert "gate:default is damaged" in two("models resolve").err


@pytest.fixture
def keyless(cli: Program, server: ScriptedServer) -> Program:
    cli.must(f"models providers add local --base-url {server.url} --dialect openai")
    cli.must("models set local/ok")
    edited(cli, f"UPDATE user_providers SET base_url = '{server.url}/evil'")
    return cli


@pytest.mark.parametrize(
    "words",
    ["models ask hello", "models exec -- true", "models env", "models export openai-compatible"],
)
def test_no_prompt_goes_where_an_edited_row_says(
    keyless: Program, server: ScriptedServer, words: str
) -> None:
    ran = keyless(f"{words} --json" if "exec" not in words else words)
    assert (ran.code, server.seen) == (69, [])
    assert "provider_tampered" in ran.text or "changed by someone" in ran.text


def test_an_edited_choice_is_not_followed_and_an_unsigned_one_is_marked(
    gateway: Program, server: ScriptedServer
) -> None:
    edited(gateway, "UPDATE selection SET document = replace(document, 'gate/ok', 'gate/big')")
    ran = gateway("models ask hello --json")
    assert (ran.code, server.seen) == (69, [])
    edited(gateway, "UPDATE selection SET mac = NULL")
    assert gateway("models status --json").document["selectionSigned"] is False
    assert "is not signed" in gateway("models status").err
    gateway.must("models set gate/ok")
    assert gateway("models status --json").document["selectionSigned"] is True


EDITED = "UPDATE selection SET document = replace(document, 'gate/ok', 'gate/big')"


def test_an_edited_choice_is_signed_by_nothing_but_a_new_choice(
    gateway: Program, server: ScriptedServer
) -> None:
    edited(gateway, EDITED)
    gateway.must("models aliases add z gate/ok")
    gateway.must("models auth order set --provider gate gate:default")
    gateway.must("models auth rename gate:default gate:new")
    before = len(server.seen)
    ran = gateway("models ask hello")
    assert (ran.code, "selection_tampered" in ran.err, len(server.seen)) == (69, True, before)
    for format in ("litellm", "openai-compatible", "dotenv", "toml"):
        assert gateway(f"models export {format} --json").error["type"] == "selection_tampered"
    # The same one again: the person has looked at it.
    gateway.must("models set gate/big")
    gateway("models ask hello")
    assert len(server.seen) > before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE key_slots SET wrapped_root = zeroblob(61)",
        "UPDATE key_slots SET parameters = 'x'",
    ],
)
def test_a_broken_slot_does_not_switch_the_signature_off(
    gateway: Program, server: ScriptedServer, statement: str
) -> None:
    gateway.environ.update(OPENAI_API_KEY=GOOD, OPENAI_BASE_URL=server.url)
    gateway.must("models set openai/gpt-5")
    edited(gateway, EDITED.replace("gate/ok", "openai/gpt-5"), statement)
    for words in ("models ask hello", "models env --reveal --unrecorded"):
        assert gateway(words).code == 69
    assert server.seen == []


def test_a_provider_that_is_edited_is_exported_by_no_format(gateway: Program) -> None:
    edited(gateway, "UPDATE user_providers SET label = 'Evil', base_url = 'http://127.0.0.1:9/v1'")
    for format in ("litellm", "toml"):
        assert gateway(f"models export {format} --json").error["type"] == "provider_tampered"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO user_providers (id, label, base_url, dialect, env_names, scheme, allow_http,"
        " created_at, revision, mac) SELECT 'zz', CAST(x'ff41' AS TEXT), base_url, dialect,"
        " env_names, scheme, allow_http, created_at, revision, mac FROM user_providers",
        "UPDATE probe_records SET model = CAST(x'ff41' AS TEXT)",
    ],
)
def test_a_text_that_is_none_stops_no_change(gateway: Program, statement: str) -> None:
    gateway("models status --probe")
    edited(gateway, statement)
    gateway.must("models set gate/other")
    gateway.must("models providers set gate --label x --yes")
    gateway.must("models history prune --keep 0 --dry-run")


def test_a_table_that_holds_anything_is_refused(gateway: Program) -> None:
    edited(
        gateway,
        "CREATE TABLE x AS SELECT * FROM user_providers",
        "DROP TABLE user_providers",
        "ALTER TABLE x RENAME TO user_providers",
    )
    for words in ("models status --json", "models set gate/other --json"):
        assert gateway(words).error["type"] == "store_damaged"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE probe_records SET outcome = 'quota_v2'",
        "UPDATE probe_records SET usage = '{'",
        "UPDATE profiles SET label = CAST(x'ff' AS TEXT)",
        "UPDATE profiles SET kind = 'odd'",
    ],
)
def test_one_odd_row_costs_no_command(gateway: Program, statement: str) -> None:
    gateway("models status --probe")
    edited(gateway, statement)
    for words in ("models status", "models auth list", "models history", "models aliases list"):
        assert gateway(words).code == 0
    gateway.must("models set gate/other")
    if "profiles" in statement:
        gateway.must("models auth remove gate:default --yes")
    elif "quota_v2" in statement:
        assert gateway("models status --json").document["unreadable"] > 0
        assert gateway("models history --json").document["unreadable"] > 0
        assert "rows of the store cannot be read" in gateway("models history").err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_at_the_hidden_prompt_restores_the_terminal(
    cli: Program, number: signal.Signals
) -> None:
    with at_terminal(cli, "models auth add --provider openai --no-verify") as terminal:
        terminal.until("(hidden)")
        terminal.type("sk-half-typed")
        assert not terminal.echoes
        os.kill(terminal.process.pid, number)
        assert terminal.finish() == -number
        assert terminal.echoes


def test_a_ctrl_c_at_any_moment_shows_no_traceback(gateway: Program) -> None:
    for at in range(12):
        with gateway.start("models status --probe", stderr=subprocess.PIPE) as process:
            time.sleep(at * 0.03)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        assert "in console" not in f"{out}{err}"
        assert "this is a bug" not in f"{out}{err}"
        # Before `console` runs, the interpreter itself may be in the way, and ends with 1.
        is_early = "Traceback" in err and "entrypoints" not in err
        assert process.returncode in (0, 130, -signal.SIGINT, 1 if is_early else 0)


@contextmanager
def holding(program: Program) -> Iterator[int]:
    """A process that holds the store's lock and is stopped."""
    script = (
        "import sys, time; from pathlib import Path; from adapters.machine.files import exclusive\n"
        "with exclusive(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    lock = program.home / "data" / "store.db.lock"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(lock)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGSTOP)
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.mark.soak
def test_who_waits_for_a_stopped_writer_says_so_and_gives_up(
    gateway: Program, server: ScriptedServer
) -> None:
    with holding(gateway) as pid:
        began = time.monotonic()
        ran = gateway.process("models status --probe --probe-timeout 2000 --json")
        assert time.monotonic() - began < 8
        assert gateway("models status").code == 0
    assert (ran.code, ran.error["type"]) == (69, "store_busy")
    assert f"process {pid} has held" in ran.error["message"]
    assert f"waiting for process {pid}" in ran.err
    assert server.seen == []


def test_where_the_hand_out_cannot_be_written_it_is_refused(gateway: Program) -> None:
    edited(
        gateway,
        "CREATE UNIQUE INDEX no ON probe_records"
        " (abs((-9223372036854775807 - 1) * (kind = 'handout')))",
    )
    ran = gateway("models env --reveal --json")
    assert (ran.code, "--unrecorded" in (ran.error["hint"] or "")) == (69, True)
    assert GOOD not in ran.text
    document = gateway("models env --reveal --unrecorded --json").document
    assert GOOD in json.dumps(document)
