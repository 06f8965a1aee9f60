"""`models auth add --kind command`: a credential that a program of the user's prints."""

import asyncio
import json
import signal
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.machine.programs import PosixPrograms, harmless
from domain.errors import CommandFailed
from tests.cli.program import Program, Ran
from tests.cli.servers import BAD, GOOD, ScriptedServer
from tests.cli.test_tampering import edited

ADD = "models auth add --provider gate --kind command"


class Printer:
    """A program of the user's: `runs` says how often it was run."""

    def __init__(self, folder: Path) -> None:
        self.path, self.log = folder / "print-token", folder / "runs"
        self.does(f"echo {GOOD}")

    def does(self, *lines: str) -> None:
        text = "\n".join(["#!/bin/sh", f"echo run >>{self.log}", *lines])
        self.path.write_text(text + "\n")
        self.path.chmod(0o755)

    @property
    def runs(self) -> int:
        return len(self.log.read_text().split()) if self.log.exists() else 0


@pytest.fixture
def printer(tmp_path: Path) -> Printer:
    return Printer(tmp_path)


@pytest.fixture
def own(cli: Program, server: ScriptedServer) -> Program:
    cli.must(["models", "providers", "add", "gate", "--base-url", server.url, "--dialect=openai"])
    cli.must("models set gate/ok")
    return cli


def add(own: Program, printer: Printer, ttl: str = "45m", *more: str) -> Ran:
    return own([*ADD.split(), "--ttl", ttl, *more, "--", str(printer.path), "--scope", "a b"])


def test_what_it_prints_is_checked_stored_and_used(
    own: Program, printer: Printer, server: ScriptedServer
) -> None:
    printer.does(f'test "$2" = "a b" && echo {GOOD}')
    added = add(own, printer)
    assert (added.code, GOOD in added.text) == (0, False)
    assert own("models ask hello").code == 0
    assert {key for _, _, key in server.seen} == {GOOD}
    (profile,) = own("models auth list --json").document["profiles"]
    assert (profile["keptBy"], profile["status"]) == ("command", "static")
    assert "printed by a command, just now" in own("models status").out


def test_a_second_process_does_not_pay_again_until_its_time_is_over(
    own: Program, printer: Printer
) -> None:
    assert add(own, printer).code == 0
    for _ in range(3):
        assert own("models auth token gate").out == f"{GOOD}\n"
    assert printer.runs == 1
    edited(own, "UPDATE profiles SET updated_at = 0")
    printer.does("echo sk-printed-later-0002")
    assert add(own, printer, "1s", "--no-verify").code == 0
    threading.Event().wait(1.1)
    assert own("models auth token gate --min-ttl 1ms").out == "sk-printed-later-0002\n"
    assert printer.runs == 3


def test_its_end_is_never_an_alarm(own: Program, printer: Printer) -> None:
    assert add(own, printer, "1ms").code == 0
    assert own("models status --check").code == 0


def test_one_that_is_refused_is_printed_again_once(
    own: Program, printer: Printer, server: ScriptedServer
) -> None:
    printer.does(f"echo {BAD}")
    assert add(own, printer, "1h", "--no-verify").code == 0
    printer.does(f"echo {GOOD}")
    assert own("models ask hello").code == 0
    assert printer.runs == 2
    assert own("models ask hello").code == 0
    assert printer.runs == 2


def test_a_refused_one_is_not_saved(own: Program, printer: Printer) -> None:
    printer.does(f"echo {BAD}")
    refused = add(own, printer)
    assert (refused.code, "nothing was saved" in refused.err) == (1, True)
    assert own("models auth list --json").document["profiles"] == []
    assert not (own.home / "config" / "commands.json").exists()


@pytest.mark.parametrize(
    "words", ["models ask hello", "models auth token gate", "models env --reveal"]
)
def test_on_a_machine_that_never_confirmed_it_it_does_not_run(
    own: Program, printer: Printer, server: ScriptedServer, words: str
) -> None:
    assert add(own, printer).code == 0
    (own.home / "config" / "commands.json").unlink()
    server.seen.clear()
    refused = own(f"{words} --json" if "ask" not in words else words)
    assert refused.code == 69
    assert f"{printer.path} --scope 'a b'" in refused.text
    assert GOOD not in refused.text
    assert (printer.runs, server.seen) == (1, [])


def test_the_hint_of_an_unconfirmed_one_confirms_it(own: Program, printer: Printer) -> None:
    assert add(own, printer).code == 0
    (own.home / "config" / "commands.json").unlink()
    refused = own("models auth token gate --json")
    assert refused.error["type"] == "command_not_confirmed"
    own.must(refused.error["hint"].partition("aura_intelligence ")[2])
    assert own("models auth token gate").out == f"{GOOD}\n"


def test_another_address_or_other_words_are_to_be_confirmed_anew(
    own: Program, printer: Printer, server: ScriptedServer
) -> None:
    assert add(own, printer).code == 0
    confirmed = own.home / "config" / "commands.json"
    (entry,) = json.loads(confirmed.read_text())["commands"]
    for other in ({**entry, "address": "http://127.0.0.1:9/v1"}, {**entry, "argv": ["/bin/true"]}):
        confirmed.write_text(json.dumps({"version": 1, "commands": [other]}))
        assert own("models auth token gate").code == 69
    own.must(f"models auth set gate:default --base-url {server.url}/other --yes")
    assert own("models auth token gate").out == f"{GOOD}\n"


def test_who_edits_the_store_does_not_make_it_a_key_of_ones_own(
    own: Program, printer: Printer
) -> None:
    assert add(own, printer).code == 0
    edited(own, "UPDATE profiles SET origin = NULL")
    assert own("models auth token gate --json").error["type"] == "record_damaged"


def test_it_never_sees_the_key_of_the_store(own: Program, printer: Printer, cli: Program) -> None:
    (key,) = (cli.home / "config" / "keys").glob("*.key")
    cli.environ["AURA_INTELLIGENCE_VAULT_KEY_FILE"] = str(key)
    printer.does(f'test -z "$AURA_INTELLIGENCE_VAULT_KEY_FILE" && echo {GOOD}')
    assert add(own, printer).code == 0


def test_its_words_mean_the_same_wherever_it_is_run(
    own: Program, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(printer.path.parent)
    refused = own([*ADD.split(), "--json", "--", "sh", printer.path.name])
    assert (refused.code, refused.error["type"]) == (69, "command_failed")
    assert printer.runs == 0


def test_the_hint_says_where_its_output_would_go(
    own: Program, printer: Printer, server: ScriptedServer
) -> None:
    assert add(own, printer).code == 0
    own.must(f"models auth set gate:default --base-url {server.url}/else --yes")
    (own.home / "config" / "commands.json").unlink()
    refused = own("models auth token gate --json")
    assert f"{server.url}/else" in refused.error["message"]
    assert f"--base-url {server.url}/else" in refused.error["hint"]
    # Without it, it goes where the provider is.
    assert add(own, printer).code == 0
    assert own("models auth list --json").document["profiles"][0]["baseUrl"] == server.url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_who_ends_this_program_ends_the_other(
    own: Program, printer: Printer, number: signal.Signals
) -> None:
    assert add(own, printer, "1ms", "--no-verify").code == 0
    pid = printer.path.with_name("pid")
    printer.does(f"echo $$ >{pid}.new", f"mv {pid}.new {pid}", "exec sleep 60")
    with own.start("models auth refresh --force") as process:
        until(pid.exists)
        process.send_signal(number)
        assert process.wait(20) == (130 if number == signal.SIGINT else -number)
        assert "Traceback" not in process.communicate()[1]
    until(lambda: not Path(f"/proc/{pid.read_text().strip()}").exists())


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_holds_its_output_open_is_not_waited_for(own: Program, printer: Printer) -> None:
    printer.does("sleep 30 &", f"echo {GOOD}")
    began = time.monotonic()
    assert add(own, printer).code == 0
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("ERROR: please run: gcloud auth login", "ERROR: please run: gcloud auth login"),
        ("token: hunter", "token: [redacted]"),
        ("pin 123456789 given", "pin [redacted] given"),
        ("correct-horse-battery hunter2", "[redacted]"),
        ("well " + "a" * 100_000, "well"),
        ("option --no-input is 12 too many!", "option --no-input is 12 too many!"),
    ],
)
def test_of_what_it_says_only_plain_words_are_shown(said: str, shown: str) -> None:
    assert harmless(said) == shown


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("true", "printed nothing"),
        ("echo one-line-1; echo one-line-2", "printed 2 lines"),
        ("yes", "prints too much"),
        ("echo sk-canary-on-stderr-1 >&2; exit 3", "ended with exit code 3"),
        ("echo opaqueCanary77 >&2", "printed nothing"),
        ("echo please log in first >&2; exit 1", "please log in first"),
        ("echo two words", "is no credential"),
        ("kill -9 $$", "ended by signal 9"),
    ],
)
def test_what_prints_no_credential_is_told_in_a_line(
    own: Program, printer: Printer, does: str, says: str
) -> None:
    printer.does(does)
    failed = add(own, printer)
    assert (failed.code, says in failed.err) == (69, True)
    assert failed.err.count("\n") <= 2
    assert not any(word in failed.text for word in ("canary", "Canary", "one-line"))


def test_one_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    printer = Printer(tmp_path)
    printer.does("sleep 60 & sleep 60")
    with pytest.raises(CommandFailed, match="did not end"):
        asyncio.run(PosixPrograms(patience=0.3).printed([str(printer.path)], {}))


def opened(printer: Printer) -> list[str]:
    printer.path.chmod(0o777)
    return [str(printer.path)]


def run_by_a_shell(printer: Printer) -> list[str]:
    return ["sh", *opened(printer)]


def linked(printer: Printer) -> list[str]:
    link = printer.path.with_name("link")
    opened(printer)
    link.symlink_to(printer.path)
    return [str(link)]


def in_an_open_folder(printer: Printer) -> list[str]:
    printer.path.parent.chmod(0o777)
    return [str(printer.path)]


@pytest.mark.parametrize("made", [opened, run_by_a_shell, linked, in_an_open_folder])
def test_one_that_others_may_change_is_not_run(
    own: Program, printer: Printer, made: Callable[[Printer], list[str]]
) -> None:
    refused = own([*ADD.split(), "--json", "--", *made(printer)])
    assert (refused.code, refused.error["type"]) == (69, "unsafe_file")
    assert printer.runs == 0


def test_its_path_is_made_absolute_and_the_list_is_private(own: Program, printer: Printer) -> None:
    own.environ["PATH"] = f"{printer.path.parent}:/usr/bin:/bin"
    own.must(f"{ADD} -- print-token")
    confirmed = own.home / "config" / "commands.json"
    assert json.loads(confirmed.read_text())["commands"][0]["argv"] == [str(printer.path)]
    assert stat.S_IMODE(confirmed.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "words",
    [
        ADD,
        f"{ADD} --",
        f"{ADD} print-token",
        f"{ADD} --stdin -- true",
        "models auth add --provider gate -- true",
        f"{ADD} --ttl never -- true",
        f"{ADD} -- echo gsk_{'a1b2' * 8}",
    ],
)
def test_words_that_make_no_command_are_malformed(own: Program, words: str) -> None:
    assert own(words, stdin=GOOD).code == 64


def test_a_program_that_is_not_there_is_said(own: Program) -> None:
    refused = own(f"{ADD} -- no-such-program")
    assert (refused.code, "there is no program no-such-program" in refused.err) == (69, True)


def test_removing_it_says_who_has_it_still(own: Program, printer: Printer) -> None:
    assert add(own, printer).code == 0
    assert "the command has it still" in own("models auth remove gate:default --yes").out
