"""What an unlucky machine, a careless script or a tampered store may not bring about."""

import sqlite3
from pathlib import Path

import pytest

from domain.instants import iso
from tests.cli.program import Program
from tests.cli.servers import ScriptedServer
from tests.cli.test_streams import change_document


def execute(program: Program, statement: str) -> None:
    with sqlite3.connect(program.store) as store:
        store.execute(statement)
    store.close()


@pytest.fixture
def unwritable(gateway: Program) -> Program:
    """A store that takes intents, and no results."""
    execute(
        gateway,
        # An integer overflow, once a request has an outcome.
        "CREATE INDEX no ON probe_records (abs((-9223372036854775807 - 1) * (outcome = 'ok')))",
    )
    return gateway


def test_results_that_cannot_be_recorded_are_shown_in_the_one_object(unwritable: Program) -> None:
    ran = unwritable("models status --probe --json")

    probes = ran.document["auth"]["probes"]
    assert ran.code == 69
    assert [r["status"] for r in probes["results"]] == ["ok"]
    assert probes["unrecorded"]["type"].startswith("store_")


def test_results_that_cannot_be_recorded_are_shown_to_a_person(unwritable: Program) -> None:
    ran = unwritable("models status --probe")

    assert ran.code == 69
    assert "Probed 1 target" in ran.out
    assert "not everything was recorded" in ran.err


@pytest.mark.parametrize("empty", ["", ",", " , "])
@pytest.mark.parametrize("option", ["--probe-profile", "--probe-model"])
def test_an_empty_name_does_not_mean_all(
    gateway: Program, server: ScriptedServer, option: str, empty: str
) -> None:
    before = len(server.seen)
    ran = gateway(["models", "status", "--probe", "--json", option, empty])

    assert (ran.code, ran.error["type"]) == (64, "malformed")
    assert len(server.seen) == before


def test_a_check_that_could_not_open_the_credential_in_use_fails(gateway: Program) -> None:
    execute(gateway, "UPDATE profiles SET sealed = zeroblob(93)")

    ran = gateway("models status --probe --check --json")

    assert ran.document["auth"]["probes"]["results"][0]["code"] == "record_damaged"
    assert ran.code == 1


def test_no_escape_of_a_tampered_store_reaches_a_terminal(gateway: Program) -> None:
    change_document(gateway, aliases={"a\x1b]0;x\x07\nb": "gate/ok"})
    execute(gateway, "UPDATE profiles SET fingerprint = char(27) || '[31m'")

    for words in ("models status", "models aliases list", "models auth list --plain"):
        ran = gateway(words)
        assert "\x1b" not in ran.text
        assert "\x07" not in ran.text


@pytest.mark.parametrize(
    "names", ["[1]", "[null]", '["HOME"]', '["AWS_SECRET"]', '["\\ud800_KEY"]']
)
def test_a_row_that_asks_for_other_variables_is_left_out(gateway: Program, names: str) -> None:
    execute(gateway, f"UPDATE user_providers SET env_names = '{names}'")

    found = gateway("models status --json").document
    assert found["unreadable"] == 1
    (gate,) = found["auth"]["providers"]
    assert gate["effective"]["usable"] is False


@pytest.mark.parametrize("ids", [[["a"]], [1], ["a\n"]])
def test_an_order_of_no_ids_is_damage(gateway: Program, ids: list[object]) -> None:
    change_document(gateway, authOrder={"gate": ids})

    assert gateway("models auth list --json").error["type"] == "store_damaged"


def test_a_moment_beyond_the_calendar_is_shown_as_its_end(gateway: Program) -> None:
    execute(gateway, f"UPDATE profiles SET kind = 'token', expires_at = {2**63 - 1}")

    assert gateway("models status --json").code == 0
    assert gateway("models auth list --json").code == 0
    assert iso(2**63 - 1) == "9999-12-31T23:59:59.999Z"
    assert iso(-(2**63)) == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AURA_INTELLIGENCE_HOME", "~nosuchuser/x"),
        ("AURA_INTELLIGENCE_CA_FILE", "~nosuchuser/ca.pem"),
        ("AURA_INTELLIGENCE_DATABASE_URL", "sqlite://[bad"),
        ("AURA_INTELLIGENCE_DATABASE_URL", "sqlite:////tmp/x%00y"),
    ],
)
def test_a_variable_that_is_no_path_is_named(cli: Program, variable: str, value: str) -> None:
    cli.environ[variable] = value

    ran = cli("models status --json")

    assert (ran.code, ran.error["type"]) == (64, "malformed")
    assert variable in ran.error["message"]


@pytest.mark.parametrize("word", ["--json=yes", "--json=True", "--json=y", "--json=1"])
def test_however_json_is_asked_for_errors_come_in_it(cli: Program, word: str) -> None:
    assert cli(["models", "set", "nosuch/x", word]).error["type"] == "not_found"


def test_a_terminal_that_cannot_show_a_character_gets_it_escaped(gateway: Program) -> None:
    gateway.environ["PYTHONIOENCODING"] = "ascii"

    ran = gateway.process("models status")

    assert (ran.code, ran.err) == (0, "")
    assert "\\xb7" in gateway.process("models status --probe").out


def test_a_full_disk_behind_an_unbuffered_stdout_is_no_bug(gateway: Program) -> None:
    gateway.environ["PYTHONUNBUFFERED"] = "1"

    with Path("/dev/full").open("w") as full:
        done = gateway.start("models status", stdout=full)
        _, err = done.communicate(timeout=60)

    assert done.returncode == 69
    assert "cannot be written" in err
