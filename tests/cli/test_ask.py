"""`models ask`: a prompt down the chain, with real servers that fail in every way."""

import base64
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer, scripted_server
from tests.cli.terminals import at_terminal

pytestmark = pytest.mark.usefixtures("back_end")

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def spare() -> Iterator[ScriptedServer]:
    """A second server, which streams its answer."""
    with scripted_server(ScriptedServer(words=("From ", "the ", "spare.\n"))) as script:
        yield script


@pytest.fixture
def chain(gateway: Program, spare: ScriptedServer) -> Program:
    """`gate/ok`, then `spare/ok` on another server."""
    gateway.must(f"models providers add spare --base-url {spare.url} --dialect openai")
    gateway.must("models auth add --provider spare --stdin --no-verify", stdin=GOOD)
    gateway.must("models fallbacks add spare/ok")
    return gateway


def history(cli: Program) -> list[tuple[str, str | None, str]]:
    """Oldest first."""
    records = cli("models history --json").document["records"]
    return [(r["kind"], r["model"], r["outcome"]) for r in reversed(records)]


def test_the_default_answers(chain: Program, server: ScriptedServer) -> None:
    ran = chain("models ask 'Is it well?'")
    assert (ran.code, ran.out) == (0, "OK.\n")
    assert ran.err.startswith("answered gate/ok with gate:default in ")
    assert history(chain) == [("use", "gate/ok", "ok")]


def test_words_need_no_quotes_and_a_pipe_will_do(chain: Program) -> None:
    assert chain("models ask is it well").out == "OK.\n"
    assert chain("models ask", stdin="Is it well?\n").out == "OK.\n"
    assert chain("models ask", stdin="ä" * 100_000).out == "OK.\n"


@pytest.mark.parametrize(
    ("text", "stdin", "asked"),
    [
        ("'Sum it up:'", "one\ntwo\n", "Sum it up:\n\none\ntwo\n"),
        ("Sum it up", "", "Sum it up"),
        ("Sum it up", " \n", "Sum it up"),
        ("Sum it up", None, "Sum it up"),
        ("''", "one", "one"),
        ("", "one\n", "one\n"),
    ],
)
def test_what_is_piped_follows_the_text(
    gateway: Program, server: ScriptedServer, text: str, stdin: str | None, asked: str
) -> None:
    gateway.must(f"models ask {text}", stdin=stdin)
    assert server.bodies[-1]["messages"] == [{"role": "user", "content": asked}]


@pytest.mark.on_disk
def test_a_pipe_or_a_file_is_read_and_nothing_else(
    gateway: Program, server: ScriptedServer, tmp_path: Path
) -> None:
    def last(stdin: Any) -> str:
        with gateway.start("models ask Sum", stdin=stdin) as asked:
            assert asked.wait(timeout=30) == 0
        return str(server.bodies[-1]["messages"][-1]["content"])

    (tmp_path / "file").write_text("of the file")
    with (tmp_path / "file").open() as file:
        assert last(file) == "Sum\n\nof the file"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        # Nobody writes to it, and nobody closes it.
        assert last(theirs.fileno()) == "Sum"
    with open("/dev/zero") as zeros:
        assert last(zeros) == "Sum"
    with at_terminal(gateway, "models ask Sum") as terminal:
        assert terminal.finish() == 0
    assert server.bodies[-1]["messages"][-1]["content"] == "Sum"
    assert gateway.process("models ask Sum", stdin="of the pipe").code == 0
    assert server.bodies[-1]["messages"][-1]["content"] == "Sum\n\nof the pipe"


def test_what_the_model_is_told_before_goes_apart_and_a_short_name_will_do(
    gateway: Program, server: ScriptedServer
) -> None:
    gateway.must("models ask -m gate/other --system 'Be brief.' hello")
    assert server.bodies[-1]["model"] == "other"
    assert server.bodies[-1]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello"},
    ]
    gateway.must("models ask --system ' ' hello")
    assert len(server.bodies[-1]["messages"]) == 1


WAITING = "waiting for spare/ok with spare:default …"


def erased(line: str) -> str:
    return f"{line}\r{' ' * len(line)}\r"


@pytest.mark.on_disk
def test_on_a_terminal_it_says_whom_it_waits_for_until_the_answer_comes(chain: Program) -> None:
    with at_terminal(chain, "models ask --model gate/broken hello", TERM="dumb") as terminal:
        assert terminal.finish() == 0
    failed, answer = terminal.shown.split("failed gate/broken")
    assert failed == erased("waiting for gate/broken with gate:default …")
    assert erased(WAITING) + "From the spare.\r\n" in answer
    assert "\x1b" not in terminal.shown


@pytest.mark.on_disk
def test_a_narrow_terminal_shows_as_much_as_can_be_erased(chain: Program) -> None:
    with at_terminal(chain, "models ask hello", columns=20) as terminal:
        assert terminal.finish() == 0
    assert terminal.shown.startswith(erased("waiting for gate/ok") + "OK.")


@pytest.mark.soak
@pytest.mark.on_disk
def test_who_does_not_look_is_told_of_no_waiting(chain: Program, tmp_path: Path) -> None:
    assert "waiting" not in chain.process("models ask hello").err
    with (tmp_path / "err").open("w") as err:
        for words, streams in (
            ("models ask hello --json", {}),
            ("models ask hello", {"stderr": err}),
        ):
            with at_terminal(chain, words, streams=streams) as terminal:
                assert terminal.finish() == 0
            assert "waiting" not in terminal.shown
    assert (tmp_path / "err").read_text().startswith("answered gate/ok")


@pytest.mark.on_disk
def test_ctrl_c_while_it_waits_leaves_a_clean_line(chain: Program, server: ScriptedServer) -> None:
    with at_terminal(chain, "models ask --model gate/hang hello") as terminal:
        terminal.until("waiting for gate/hang with gate:default …")
        assert server.arrived.wait(20)
        terminal.type("\x03")
        assert terminal.finish() == 130
    line = "waiting for gate/hang with gate:default …"
    assert terminal.shown.endswith(f"\r{' ' * len(line)}\raura_intelligence: interrupted\r\n")
    assert "Traceback" not in terminal.shown
    assert history(chain) == [("use", "gate/hang", "cancelled")]


@pytest.mark.on_disk
def test_the_answer_is_shown_as_it_comes(chain: Program, spare: ScriptedServer) -> None:
    chain.must("models set spare/stall")
    asked = chain.start("models ask hello")
    try:
        assert asked.stdout is not None
        assert asked.stdout.read(len("From ")) == "From "
        assert asked.poll() is None
    finally:
        asked.send_signal(signal.SIGINT)
        rest, told = asked.communicate(timeout=30)
    assert asked.returncode == 130
    assert "Traceback" not in rest + told
    assert history(chain) == [("use", "spare/stall", "cancelled")]


@pytest.mark.parametrize(
    ("model", "outcome", "told"),
    [
        ("unauthorized", "auth", "auth (invalid_api_key)"),
        ("payment", "billing", "billing (insufficient_credits)"),
        ("limited", "rate_limit", "rate_limit (rate_limit_exceeded)"),
        ("missing", "no_model", "no_model (model_not_found)"),
        ("broken", "provider_error", "provider_error (server_error)"),
        ("busy", "overloaded", "overloaded"),
        ("html", "provider_error", "provider_error"),
    ],
)
def test_where_one_refuses_the_next_one_answers(
    chain: Program, model: str, outcome: str, told: str
) -> None:
    ran = chain(f"models ask --model gate/{model} hello")
    assert (ran.code, ran.out) == (0, "From the spare.\n")
    failed, answered = ran.err.splitlines()
    assert failed == f"failed gate/{model} with gate:default: {told}"
    assert answered.startswith("answered spare/ok with spare:default in ")
    assert history(chain) == [("use", f"gate/{model}", outcome), ("use", "spare/ok", "ok")]
    first = chain(f"models resolve gate/{model} --json").document["candidates"][0]
    assert (first["usable"], first["outcome"]) == (False, outcome)


def test_what_is_out_is_skipped_and_said_so(chain: Program, server: ScriptedServer) -> None:
    chain("models ask --model gate/unauthorized hello")
    server.seen.clear()
    ran = chain("models ask hello")
    assert ran.out == "From the spare.\n"
    assert "skipped gate/ok with gate:default: auth of this credential, until it changes" in ran.err
    assert server.seen == []


def test_a_server_that_hangs_is_given_up_in_time(chain: Program) -> None:
    began = time.monotonic()
    ran = chain("models ask --model gate/hang --timeout 3000 hello")
    assert time.monotonic() - began < 3 + 2
    assert (ran.code, ran.out) == (0, "From the spare.\n")
    assert history(chain)[0] == ("use", "gate/hang", "timeout")


@pytest.mark.soak
@pytest.mark.on_disk
def test_a_server_that_hangs_after_its_first_words_is_given_up_where_nothing_was_shown(
    chain: Program, spare: ScriptedServer
) -> None:
    chain.must("models fallbacks clear")
    chain.must("models set spare/stall")
    chain.must("models fallbacks add gate/ok")
    document = chain.must("models ask --timeout 5000 hello --json").document
    assert (document["answer"], document["model"]) == ("OK.", "gate/ok")
    assert [a["status"] for a in document["attempts"]] == ["timeout", "ok"]


def test_who_was_not_asked_in_time_is_not_blamed(chain: Program) -> None:
    for words in ("models ask --timeout 1 hello", "models ask --model gate/hang --timeout 2 hello"):
        assert chain(words).code == 69
    assert {outcome for _, _, outcome in history(chain)} == {"cancelled"}
    assert chain("models resolve --plain").out == "gate/ok\n"


@pytest.mark.soak
@pytest.mark.on_disk
def test_many_that_hang_leave_time_for_those_that_do_not(chain: Program) -> None:
    chain.must("models fallbacks clear")
    for n in range(4):
        chain.must(
            f"models auth add --provider gate --profile-id p{n} --stdin --no-verify",
            stdin=f"sk-scripted-hang-{n}",
        )
    chain.must("models auth order set --provider gate gate:p0,gate:p1,gate:p2,gate:p3,gate:default")
    began = time.monotonic()
    ran = chain("models ask --timeout 4500 hello")
    assert (ran.code, ran.out) == (0, "OK.\n")
    assert time.monotonic() - began < 4.5 + 2


def test_a_server_that_is_gone_is_passed_over(chain: Program) -> None:
    chain.must("models providers add dead --base-url http://127.0.0.1:9/v1 --dialect openai")
    ran = chain("models ask --model dead/m hello")
    assert ran.out == "From the spare.\n"
    assert "failed dead/m with no key: network (refused)" in ran.err


def test_when_nothing_answers_each_attempt_is_told(chain: Program) -> None:
    chain.must("models fallbacks clear")
    chain.must("models fallbacks add spare/busy")
    chain.must("models set gate/broken")
    ran = chain("models ask hello --json")
    assert ran.code == 69
    assert ran.error["type"] == "no_answer"
    assert "gate/broken with gate:default: provider_error" in ran.error["message"]
    assert "spare/busy with spare:default: overloaded" in ran.error["message"]
    again = chain("models ask hello --json")
    assert (again.code, again.error["type"]) == (1, "no_candidate")


def test_an_answer_that_breaks_off_after_it_was_shown_is_an_error(chain: Program) -> None:
    ran = chain("models ask --model spare/cut hello")
    assert (ran.code, ran.out) == (69, "From \n")
    assert "the answer broke off: spare/cut with spare:default: network (reset)" in ran.err
    assert history(chain) == [("use", "spare/cut", "network")]


def test_in_json_nothing_is_shown_before_it_is_whole_so_the_next_one_is_asked(
    chain: Program,
) -> None:
    document = chain.must("models ask --model spare/cut hello --json").document
    assert (document["answer"], document["model"]) == ("OK.", "gate/ok")
    assert [(a["model"], a["status"]) for a in document["attempts"]] == [
        ("spare/cut", "network"),
        ("gate/ok", "ok"),
    ]
    assert document["profileId"] == "gate:default"
    assert document["skipped"] == []


def test_a_refused_credential_is_not_tried_again_with_another_model(
    chain: Program, server: ScriptedServer
) -> None:
    chain.must("models fallbacks add gate/other --position 1")
    ran = chain("models ask --model gate/unauthorized hello")
    assert ran.out == "From the spare.\n"
    assert [model for _, model, _ in server.seen] == ["unauthorized"]
    assert (
        "skipped gate/other with gate:default: auth of this credential, until it changes" in ran.err
    )


def test_what_is_passed_over_is_told_where_nothing_answers_too(gateway: Program) -> None:
    gateway.must("models fallbacks add gate/other")
    ran = gateway("models ask --model gate/unauthorized hello")
    assert ran.code == 69
    told = "with gate:default: auth of this credential, until it changes"
    assert f"skipped gate/other {told}" in ran.err
    assert f"skipped gate/ok {told}" in ran.err


def test_another_model_of_a_server_in_trouble_is_tried_after_all_others(
    chain: Program, server: ScriptedServer, spare: ScriptedServer
) -> None:
    chain.must("models fallbacks add gate/other --position 1")
    assert chain("models ask --model gate/broken hello").out == "From the spare.\n"
    assert [model for _, model, _ in server.seen] == ["broken"]
    chain.must("models auth clear-cooldown --all")
    chain.must("models fallbacks clear")
    chain.must("models fallbacks add gate/other")
    assert chain("models ask --model gate/broken hello").out == "OK.\n"


def test_the_anthropic_dialect_is_asked_as_well(chain: Program, server: ScriptedServer) -> None:
    root = server.url.removesuffix("/v1")
    chain.must(f"models providers add claude --base-url {root} --dialect anthropic")
    chain.must("models auth add --provider claude --stdin --no-verify", stdin=GOOD)
    assert chain("models ask --model claude/opus hello").out == "OK.\n"


def test_a_picture_goes_down_the_image_chain(
    chain: Program, tmp_path: Path, spare: ScriptedServer
) -> None:
    chain.must("models set-image spare/see")
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    ran = chain(["models", "ask", "What is it?", "--image", str(picture)])
    assert ran.out == "From the spare.\n"
    assert history(chain) == [("use", "spare/see", "ok")]


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7"])
def test_what_is_no_picture_is_refused(chain: Program, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    ran = chain(["models", "ask", "hello", "--image", str(tmp_path / "file")])
    assert ran.code == 64
    assert chain(["models", "ask", "hello", "--image", str(tmp_path / "none")]).code == 64
    assert chain(["models", "ask", "hello", "--image", str(tmp_path)]).code == 64


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        ("", ""),
        ("", " \n"),
        ("''", ""),
        ("", None),
        ("", b"\xff\xfe"),
        ("", "x" * (1024 * 1024 + 1)),
        ("hello", b"\xff\xfe"),
        ("hello", "x" * (1024 * 1024 + 1)),
        ("hello --timeout 0", ""),
        ("hello --timeout soon", ""),
        ("hello --model a/", ""),
    ],
)
def test_what_cannot_be_asked_is_refused(
    chain: Program, words: str, stdin: str | bytes | None
) -> None:
    ran = chain(f"models ask {words}", stdin=stdin)
    assert ran.code == 64, ran
    assert history(chain) == []


def test_without_a_default_there_is_nobody_to_ask(cli: Program) -> None:
    ran = cli("models ask hello")
    assert ran.code == 1
    assert "there is no default model" in ran.err
    assert not cli.store.exists()


@pytest.mark.on_disk
def test_a_message_beside_the_answer_that_cannot_be_written_changes_nothing(chain: Program) -> None:
    with open("/dev/full", "w") as full:
        asked = chain.start("models ask hello", stderr=full)
        out, _ = asked.communicate(timeout=30)
    assert (asked.returncode, out) == (0, "OK.\n")


def test_nothing_in_an_answer_reaches_the_terminal_as_a_command(
    gateway: Program, server: ScriptedServer
) -> None:
    server.words = ("\x1b]0;owned\x07", "a\tb\n", "\u202eevil", "\r\nend")
    ran = gateway("models ask hello")
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "a\tb\n" in ran.out
    assert ran.out.endswith("\nend\n")


def test_a_provider_that_says_the_key_back_is_not_repeated(
    gateway: Program, server: ScriptedServer
) -> None:
    server.words = ("your key is ", GOOD[:9], GOOD[9:], " is it not?")
    for words in ("models ask hello", "models ask hello --json"):
        ran = gateway(words)
        assert GOOD not in ran.text
        assert "your key is [redacted] is it not?" in ran.out


@pytest.mark.on_disk
def test_an_answer_is_not_lost_where_it_cannot_be_recorded(chain: Program) -> None:
    """The store is filled up while the answer is under way."""
    import sqlite3

    with sqlite3.connect(chain.store) as store:
        store.execute(
            # An integer that overflows as soon as there is an outcome.
            "CREATE INDEX full ON probe_records"
            " (abs((-9223372036854775807 - 1) * (outcome IS NOT NULL)))"
        )
    store.close()
    ran = chain("models ask hello")
    assert (ran.code, ran.out) == (69, "OK.\n")
    assert "not everything was recorded" in ran.err


@pytest.mark.on_disk
def test_where_no_intent_can_be_written_nothing_is_sent(
    chain: Program, server: ScriptedServer
) -> None:
    import sqlite3

    with sqlite3.connect(chain.store) as store:
        store.execute(
            "CREATE INDEX full ON probe_records (abs((-9223372036854775807 - 1) * (kind = 'use')))"
        )
    store.close()
    server.seen.clear()
    assert chain("models ask hello").code == 69
    assert server.seen == []


def test_a_key_of_the_environment_is_enough(cli: Program, server: ScriptedServer) -> None:
    cli.environ.update(OPENAI_API_KEY=GOOD, OPENAI_BASE_URL=server.url)
    assert cli("models ask --model openai/gpt-4o hello").out == "OK.\n"
    cli.environ["OPENAI_API_KEY"] = BAD
    assert cli("models ask --model openai/gpt-4o hello").code == 69
    ran = cli("models ask --model openai/gpt-4o hello")
    assert ran.code == 1
    assert "openai:env:OPENAI_API_KEY: auth" in ran.err
