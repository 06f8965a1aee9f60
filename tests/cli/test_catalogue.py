"""`models list` with what the catalogue knows."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from application.ports.catalogue import Catalogue
from domain.selection.catalogue import CatalogueRow
from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer

ROWS = (
    CatalogueRow(
        "openai",
        "gpt-big",
        "GPT Big",
        400_000,
        128_000,
        ("text", "image"),
        ("text",),
        tools=True,
        reasoning=True,
        cost_input=1.25,
        cost_output=10.0,
        retires="2999-01-31",
        replacement="openai/gpt-bigger",
        source="test",
        as_of="2026-11-01",
    ),
    CatalogueRow("openai", "gpt-old", "GPT Old", retires="2020-01-31", source="test"),
    CatalogueRow(
        "groq",
        "free-one",
        "Free One",
        1_000_000,
        tools=True,
        cost_input=0,
        cost_output=0,
        source="test",
    ),
    CatalogueRow("groq", "paid", "Paid", 8_000, cost_input=0.1, cost_output=0.1, source="test"),
    CatalogueRow("strange", "thing", "Thing", source="test"),
)


class Known(Catalogue):
    def providers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.provider for row in ROWS))

    def sources(self, provider: str, model: str | None = None) -> Iterable[Iterable[CatalogueRow]]:
        return (self.rows(provider),)

    def rows(self, provider: str | None = None) -> Iterable[CatalogueRow]:
        return [row for row in ROWS if provider in (None, row.provider)]


@pytest.fixture
def known(cli: Program) -> Program:
    program = replace(cli, catalogue=Known())
    program.must("models set openai/gpt-big")
    program.must("models fallbacks add groq/nowhere")
    program.must("models aliases add mine lmstudio/own")
    return program


def keys(program: Program, words: str = "") -> list[str]:
    return program(f"models list --plain {words}").out.splitlines()


def test_what_is_configured_comes_with_what_is_known_of_it(known: Program) -> None:
    head, *lines = known("models list").out.splitlines()
    assert head == "Model           Context  $/M in  $/M out  Local  Credential  Tags"
    assert lines == [
        "openai/gpt-big  400k     1.25    10       no     no          default retires on "
        "2999-01-31",
        "groq/nowhere                              no     no          fallback#1 missing",
        "lmstudio/own                              yes    yes         alias:mine",
    ]
    assert "the catalogue has models of 3 providers" in known("models list").err


def test_all_comes_after_what_is_configured(known: Program) -> None:
    assert keys(known, "--all") == [
        "openai/gpt-big",
        "groq/nowhere",
        "lmstudio/own",
        "groq/free-one",
        "groq/paid",
        "openai/gpt-old",
        "strange/thing",
    ]
    assert keys(known, "--all -p groq") == ["groq/nowhere", "groq/free-one", "groq/paid"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--free", ["groq/free-one"]),
        ("--tools", ["openai/gpt-big", "groq/free-one"]),
        ("--vision", ["openai/gpt-big"]),
        ("--reasoning --tools", ["openai/gpt-big"]),
        ("--min-context 400000", ["openai/gpt-big", "groq/free-one"]),
        ("-q gpt -q OLD", ["openai/gpt-old"]),
        ("--search 'gpt big'", ["openai/gpt-big"]),
        ("--search nothing-of-this", []),
        ("--all --local", ["lmstudio/own"]),
    ],
)
def test_every_wish_has_to_be_fulfilled(known: Program, words: str, found: list[str]) -> None:
    assert keys(known, words) == found


def test_what_is_hidden_is_counted(known: Program) -> None:
    assert "6 models are not shown" in known("models list --free").err
    assert known("models list --free --json").document["hidden"] == 6


def test_json_has_what_is_known_and_whence(known: Program) -> None:
    first, second, *_ = known("models list --all --json").document["models"]
    assert first["cost"] == {"input": 1.25, "output": 10.0, "cacheRead": None, "cacheWrite": None}
    assert (first["input"], first["contextWindow"]) == ("text+image", 400_000)
    assert (first["retires"], first["replacement"]) == ("2999-01-31", "openai/gpt-bigger")
    assert first["catalogue"] == {"source": "test", "asOf": "2026-11-01"}
    assert (second["missing"], second["contextWindow"]) == (True, None)


def test_a_model_that_is_gone_says_since_when(known: Program) -> None:
    assert "retired on 2020-01-31" in known("models list --search old").out


def test_the_bundled_catalogue_is_there_without_a_store(cli: Program) -> None:
    assert len(keys(cli, "--all")) > 5000
    assert not cli.home.exists()


@pytest.mark.parametrize(
    "words", ["set openai/gpt-bgi", "fallbacks add openai/gpt-bgi", "aliases add x openai/gpt-bgi"]
)
def test_a_model_that_it_does_not_have_is_believed_with_a_warning(
    known: Program, words: str
) -> None:
    ran = known(f"models {words}")
    assert ran.code == 0
    assert "the catalogue has no model openai/gpt-bgi" in ran.err
    assert "did you mean gpt-big?" in ran.err


def test_force_silences_and_an_own_provider_is_not_doubted(known: Program) -> None:
    assert known("models set openai/nosuch --force").err == ""
    known.must("models providers add strange --base-url https://s.test/v1 --dialect openai")
    assert known("models set strange/own").err == ""


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("openai/gpt-old", "openai/gpt-old was taken away on 2020-01-31"),
        ("openai/gpt-big", "its provider advises openai/gpt-bigger"),
    ],
)
def test_one_that_is_taken_away_says_so(known: Program, ref: str, says: str) -> None:
    known.must("models unset")
    assert says in known(f"models set {ref}").err


def test_a_slip_in_an_alias_is_no_model_of_the_default_provider(known: Program) -> None:
    refused = known("models set mien")
    assert (refused.code, "did you mean mine?" in refused.err) == (1, True)
    assert known("models status --json").document["defaultModel"] == "openai/gpt-big"


def test_refresh_asks_every_provider_and_keeps_what_they_list(
    chain: Program, server: ScriptedServer
) -> None:
    chain.must("models auth add -p spare --stdin --no-verify", stdin=BAD)
    server.pages["/v1/models"] = {"data": [{"id": "live-one"}, {"id": "live-two"}]}
    server.seen.clear()
    assert "gate/live-one" not in keys(chain, "--all -p gate")
    assert server.seen == []
    told = {r["provider"]: r for r in chain("models list --refresh --json").document["refreshed"]}
    assert (told["gate"]["count"], told["gate"]["error"]) == (2, None)
    assert keys(chain, "--all -p gate") == ["gate/ok", "gate/live-one", "gate/live-two"]
    (row,) = chain("models list -q live-one --json").document["models"]
    assert row["catalogue"]["source"] == "live"


def test_one_provider_that_fails_is_a_line_and_costs_the_others_nothing(
    chain: Program, server: ScriptedServer
) -> None:
    chain.must("models providers add lost --base-url http://127.0.0.1:9/v1 --dialect openai")
    chain.must("models auth add -p lost --stdin --no-verify", stdin=GOOD)
    server.pages["/v1/models"] = {"data": [{"id": "live-one"}]}
    ran = chain("models list --refresh")
    assert ran.code == 0
    assert "gate: 1 models" in ran.err
    assert "lost: 0 models, " in ran.err
