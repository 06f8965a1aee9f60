"""`models outlook`, and what of it is in `models status` and its `--check`."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from application.ports.catalogue import Catalogue
from domain.instants import DAY, iso
from domain.selection.catalogue import CatalogueRow
from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer

SOON = iso(time.time_ns() // 1_000_000 + 9 * DAY)[:10]
ROWS = (
    CatalogueRow(
        "openai",
        "going",
        retires=SOON,
        replacement="openai/next",
        source="models.dev",
        as_of="2026-08-18",
    ),
    CatalogueRow("openai", "missing", retires="2020-01-31", source="litellm", as_of="2026-11-20"),
    CatalogueRow("openai", "stays", source="litellm", as_of="2026-11-20"),
)


class Known(Catalogue):
    def counts(self) -> Mapping[str, int]:
        return {"openai": len(ROWS)}

    def complete_at(self, provider: str) -> int | None:
        return None

    def sources(self, provider: str, model: str | None = None) -> Iterable[Iterable[CatalogueRow]]:
        return (self.rows(provider),)

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        return ROWS if provider in (None, "openai") else ()


@pytest.fixture
def known(cli: Program, server: ScriptedServer) -> Program:
    program = replace(cli, catalogue=Known())
    own = f"--base-url {server.url} --stdin --no-verify"
    program.must(f"models auth add -p openai {own}", stdin=GOOD)
    program.must("models set openai/going")
    return program


def test_what_comes_is_listed_by_its_time_with_who_says_so(known: Program) -> None:
    known.must("models auth paste-token --provider groq --expires-in 2d", stdin=GOOD)
    known.must("models fallbacks add openai/stays")
    known.must("models aliases add old openai/missing")
    head, *lines = known.must("models outlook").out.splitlines()
    assert head.split() == ["When", "In", "What", "Source"]
    old, token, going = (" ".join(line.split()) for line in lines)
    assert old.startswith("2020-01-31 at the earliest")
    assert "openai/missing (alias:old) is retired" in old
    assert token.endswith("groq:manual expires the profile")
    advice = "openai/going (default) is retired; its provider advises openai/next"
    assert going == f"{SOON} at the earliest 9d {advice} snapshot of 2026-08-18"
    assert "openai/going" not in known("models outlook --within 8").out
    assert "openai/missing" in known("models outlook --within 8").out


def test_json_and_plain_say_the_same(known: Program) -> None:
    known.must("models auth paste-token --provider groq --expires-in 2d", stdin=GOOD)
    document = known("models outlook --json --within 4w").document
    token, going = document["items"]
    assert (document["count"], document["withinMs"]) == (2, 28 * DAY)
    assert document["earliest"] == token["atIso"]
    assert (token["kind"], token["profileId"], token["daysLeft"]) == ("expiry", "groq:manual", 2)
    assert (going["model"], going["atIso"][:10], going["daysLeft"]) == ("openai/going", SOON, 9)
    assert (going["certainty"], going["replacement"]) == ("earliest", "openai/next")
    assert going["source"] == {"kind": "snapshot", "date": "2026-08-18"}
    plain = [line.split("\t") for line in known("models outlook --plain").out.splitlines()]
    assert plain[1][:2] == ["retirement", "openai/going"]
    assert plain[1][3:] == ["9", "earliest", "snapshot", "2026-08-18", "openai/next"]


def test_nothing_to_come_is_a_note_and_valid_json(cli: Program) -> None:
    ran = cli("models outlook")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing that is known of ends within 30d" in ran.err
    assert cli("models outlook --json").document["items"] == []
    assert not cli.home.exists()


@pytest.mark.parametrize("within", ["soon", "0", "-3d", "''", "30y", "1e3d", "99999999w"])
def test_what_is_no_duration_is_refused_with_an_example(cli: Program, within: str) -> None:
    ran = cli(f"models outlook --within={within} --json")
    assert (ran.code, "30d, 12h" in ran.error["hint"]) == (64, True)


def test_status_says_it_of_the_default_in_one_line(known: Program) -> None:
    (line,) = (line for line in known("models status").out.splitlines() if "Outlook" in line)
    assert " ".join(line.split()) == (
        f"Outlook openai/going will be retired on {SOON} at the earliest (snapshot of "
        "2026-08-18); its provider advises openai/next"
    )
    assert known("models status --json").document["outlook"]["model"] == "openai/going"
    assert known("models status --check --plain").code == 0
    known.must("models set openai/stays")
    assert "Outlook" not in known("models status").out
    assert known("models status --json").document["outlook"] is None


def test_check_believes_a_date_half_and_the_answer_of_the_provider_whole(known: Program) -> None:
    known.must("models set openai/missing")
    known.must("models fallbacks add openai/stays")
    assert known("models status --check --plain").code == 2
    assert "was to be retired on 2020-01-31" in known("models status").out
    known("models status --probe --probe-model openai/missing")
    ran = known("models status --check")
    assert ran.code == 1
    assert ", and is gone by its own answer of 20" in ran.out
    assert known("models status --json").document["check"] == 1
    (gone,) = known("models outlook --json").document["items"]
    assert gone["confirmedBy"]["kind"] == "answer"


def test_the_list_of_the_provider_is_its_word(gateway: Program, server: ScriptedServer) -> None:
    server.pages["/v1/models"] = {"data": [{"id": "ok", "shutdown_date": "2020-01-31"}]}
    assert gateway("models status --check").code == 0
    gateway.must("models list --refresh --provider gate")
    ran = gateway("models status --check")
    assert (ran.code, "and is gone by the provider's own list of 20" in ran.out) == (1, True)
    server.pages["/v1/models"] = {"data": [{"id": "ok", "shutdown_date": SOON}]}
    gateway.must("models list --refresh --provider gate")
    ran = gateway("models status --check")
    assert (ran.code, f"on {SOON} at the earliest (the provider's own list" in ran.out) == (0, True)
