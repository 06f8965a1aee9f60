"""`models list` with what the catalogue knows."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from application.ports.catalogue import Catalogue
from domain.instants import DAY
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
    def counts(self) -> Mapping[str, int]:
        return Counter(row.provider for row in ROWS)

    def complete_at(self, provider: str) -> int | None:
        return None

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
    assert "4 more models are in the catalogue" in known("models list").err
    assert known("models list --json").document["hidden"] == 4


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
    assert "6 models do not match" in known("models list --free").err
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
        ("openai/gpt-old", "openai/gpt-old was retired on 2020-01-31"),
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
    assert "gate: 1 model" in ran.err
    assert "lost: 0 models, " in ran.err


@pytest.fixture
def listed(chain: Program, server: ScriptedServer) -> Program:
    """`gate` lists its models, and all of them are known."""
    server.pages["/v1/models"] = {"data": [{"id": "ok"}, {"id": "small"}, {"id": "large"}]}
    chain.must("models list --refresh -p gate")
    return chain


@pytest.mark.parametrize("words", ["set", "fallbacks add", "image-fallbacks add", "aliases add x"])
def test_a_model_that_its_provider_does_not_list_is_refused(listed: Program, words: str) -> None:
    before = listed("models export toml").out
    refused = listed(f"models {words} gate/smal")
    assert refused.code == 1
    assert "gate lists no model smal (20" in refused.err
    assert "did you mean small?" in refused.err
    assert listed("models export toml").out == before
    assert listed(f"models {words} gate/smal --force").code == 0


def test_an_old_list_is_doubted_not_believed(listed: Program) -> None:
    (file,) = (listed.home / "cache" / "lists").iterdir()
    head, _, rest = file.read_bytes().partition(b"\n")
    told = json.loads(head)
    told["at"] -= 8 * DAY
    file.write_bytes(json.dumps(told).encode() + b"\n" + rest)
    assert listed("models set gate/newer").code == 0


def test_the_check_of_a_key_keeps_the_list_it_was_told(
    chain: Program, server: ScriptedServer
) -> None:
    server.pages["/v1/models"] = {"data": [{"id": "ok"}, {"id": "of-the-check"}]}
    chain.must("models status --probe --probe-mode free --probe-provider gate")
    assert "gate/of-the-check" in keys(chain, "--all -p gate")
    assert chain("models set gate/of-the-chek").code == 1
    server.pages["/v1/models"] = {"data": [{"id": "next"}]}
    chain.must("models auth add -p gate --profile-id gate:two --stdin", stdin=GOOD)
    assert "gate/next" in keys(chain, "--all -p gate")


def test_several_words_mean_the_shortest_name_that_has_them(known: Program) -> None:
    ran = known("models aliases add fast -q gpt -q BIG --force")
    assert ran.out == "Alias fast -> openai/gpt-big\n"
    assert "there is no credential of openai yet" in ran.err
    assert known("models fallbacks add -q free").out == ("Fallbacks: groq/nowhere, groq/free-one\n")
    # `gpt-old` was retired; of the default provider there is one.
    assert known("models set -q gpt").out.startswith("Default model: openai/gpt-big\n")
    assert known("models set -q gpt -q nosuch").code == 1
    assert known("models set openai/x -q gpt").code == 64
    assert known("models set-image -q free").code == 1


def test_other_models_with_those_words_are_named(known: Program) -> None:
    ran = known("models aliases add x -q groq")
    assert ran.out == "Alias x -> groq/paid\n"
    assert "-q groq is groq/paid; also: groq/free-one" in ran.err


def test_a_catalogue_is_fetched_once_a_day_and_says_so(
    chain: Program, server: ScriptedServer
) -> None:
    server.pages["/api.json"] = {"groq": {"models": {"brand-new": {"limit": {"context": 4096}}}}}
    program = replace(
        chain,
        environ={
            **chain.environ,
            "AURA_INTELLIGENCE_CATALOGUE_URL": server.url.removesuffix("/v1") + "/api.json",
        },
    )
    told = program("models list --refresh --json").document["fetched"]
    assert (told["error"], told["count"] > 8000) == (None, True)
    assert "groq/brand-new" in keys(program, "--all -p groq")
    assert program("models list --refresh --json").document["fetched"] is None
    assert [path for path, *_ in server.seen].count("/api.json") == 1
    assert "fetched" not in program("models list --refresh -p gate --json").document


def test_a_catalogue_that_does_not_come_is_a_line(chain: Program) -> None:
    url = "http://127.0.0.1:9/api.json"
    program = replace(chain, environ={**chain.environ, "AURA_INTELLIGENCE_CATALOGUE_URL": url})
    ran = program("models list --refresh")
    assert (ran.code, "the catalogue: " in ran.err) == (0, True)
    program = replace(chain, environ={**chain.environ, "AURA_INTELLIGENCE_CATALOGUE_URL": "x"})
    told = program("models list --refresh --json").document["fetched"]
    assert told["error"]["type"] == "malformed"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("models set groq/", ["groq/nowhere", "groq/free-one\tFree One", "groq/paid\tPaid"]),
        ("models ask --model=groq/p", ["--model=groq/paid\tPaid"]),
        ("models set strange/", ["strange/thing\tThing"]),
        # Without a provider, those that a credential is stored for.
        ("models set ", ["openai/gpt-big", "groq/nowhere", "lmstudio/own", "mine\tlmstudio/own"]),
    ],
)
def test_models_of_the_catalogue_may_come_next(known: Program, line: str, words: list[str]) -> None:
    assert known(["complete", "--", *line.split(" ")]).out.splitlines() == words


@pytest.mark.parametrize("word", ["''", "' '"])
def test_an_empty_word_means_no_model(known: Program, word: str) -> None:
    assert known(f"models set -q gpt -q {word}").code == 64


def test_models_of_unknown_providers_are_shown_to_who_wants_all(known: Program) -> None:
    assert keys(known, "-q thing") == []
    assert keys(known, "--all -q thing") == ["strange/thing"]


def test_what_another_server_listed_goes_with_it(listed: Program, server: ScriptedServer) -> None:
    listed.must(f"models providers add lab --base-url {server.url} --dialect openai")
    listed.must("models list --refresh -p lab")
    assert "lab/small" in keys(listed, "--all")
    listed.must("models providers set lab --base-url http://127.0.0.1:9/v1 --yes")
    assert listed("models set lab/other").err == ""
    assert "lab/small" not in keys(listed, "--all")


@pytest.mark.parametrize("answer", ['{"data": []}', '{"data": null}', '{"data": [], "error": 5}'])
def test_a_list_without_a_model_refuses_none(
    chain: Program, server: ScriptedServer, answer: str
) -> None:
    server.pages["/v1/models"] = answer.encode()
    chain.must("models list --refresh -p gate")
    assert chain("models set gate/other").code == 0


def test_a_key_that_a_server_repeats_is_kept_nowhere(
    chain: Program, server: ScriptedServer
) -> None:
    letters = "".join(f"\\u{ord(letter):04x}" for letter in GOOD)
    server.pages["/v1/models"] = {"data": [{"id": "ok", "name": f"key {GOOD}"}]}
    assert "repeats the credential" in chain("models list --refresh -p gate").err
    server.pages["/v1/models"] = f'{{"data": [{{"id": "{letters}"}}]}}'.encode()
    assert "repeats the credential" in chain("models list --refresh -p gate").err
    assert not any(GOOD.encode() in content for content in chain.files().values())
