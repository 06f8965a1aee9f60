"""A store of every released revision is opened and used."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import migrations
from domain.answers.outcome import Outcome
from domain.credentials.credential import ApiKey, BearerToken, OAuthToken
from domain.credentials.secret import Secret
from domain.errors import NotFound
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from tests.adapters.homes import Home
from tests.adapters.values import NOW, own_provider, profile
from tests.migrations.stores.make import CLIENT, KEPT, KEY, PRINTED, USAGE

STORES = sorted((Path(__file__).parent / "stores").glob("*.db"))


@pytest.fixture(params=STORES, ids=lambda store: store.stem)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A copy of a golden store, with its key, that has been written to once."""
    home = Home(tmp_path / "home", variable=KEY)
    home.place(b"")
    shutil.copyfile(request.param, home.store)
    home.selection.update(lambda now: now, NOW)
    return home


def test_there_is_a_store_of_the_newest_revision() -> None:
    assert STORES[-1].stem == migrations.HEAD


def knows_clients(request: pytest.FixtureRequest) -> bool:
    return str(request.node.callspec.params["golden"].stem) >= "0005"


def test_its_secrets_open(golden: Home, request: pytest.FixtureRequest) -> None:
    of = (CLIENT, "me@example.test") if knows_clients(request) else ()
    found = golden.profiles.open(["openai:default", "anthropic:manual", "google:me@example.test"])
    assert found == {
        "openai:default": profile("openai:default", "sk-golden-api-key-2"),
        "anthropic:manual": replace(
            profile("anthropic:manual"),
            credential=BearerToken(Secret("golden-token-2"), NOW + 1),
            label="Jörg 🔑",
        ),
        "google:me@example.test": replace(
            profile("google:me@example.test"),
            credential=OAuthToken(
                Secret("golden-access-3"), Secret("golden-refresh-3"), NOW + 2, *of
            ),
        ),
    }


def test_what_others_keep_and_print_is_there_from_the_revision_on_that_has_it(
    golden: Home, request: pytest.FixtureRequest
) -> None:
    theirs = {PRINTED.id: PRINTED, KEPT.id: KEPT}
    if request.node.callspec.params["golden"].stem >= "0006":
        assert golden.profiles.open([*theirs]) == theirs
    told = {p.id: p.origin for p in golden.reader.read().profiles if p.origin is not None}
    wanted = {"mistral:printed": "command", "xai:kept": "opencode"}
    assert told == (wanted if request.node.callspec.params["golden"].stem >= "0006" else {})


def test_its_selection_is_what_was_chosen(golden: Home) -> None:
    chosen = golden.reader.read().selection
    gpt, claude = ModelRef("openai", "gpt-5"), ModelRef("anthropic", "claude-opus-4-5")
    assert (chosen.default, chosen.image) == (gpt, claude)
    assert (tuple(chosen.fallbacks), tuple(chosen.image_fallbacks)) == ((claude,), ())
    assert dict(chosen.aliases.targets) == {"Fast": gpt, "best": claude}
    assert dict(chosen.auth_order) == {"openai": ("openai:default",)}


def test_its_provider_is_still_vouched_for(golden: Home, request: pytest.FixtureRequest) -> None:
    (row,) = golden.reader.read().selection.providers
    client = CLIENT if knows_clients(request) else None
    assert row._replace(mac=b"") == own_provider()._replace(client=client)
    golden.selection.vouch_for(row)


def test_its_history_and_heads_are_there(golden: Home) -> None:
    records = golden.journal_reader.search(HistoryQuery()).records
    assert [(r.id, r.shown_outcome) for r in records] == [
        (3, Outcome.INTERRUPTED),
        (2, Outcome.AUTH),
        (1, Outcome.OK),
    ]
    assert [head.id for head in golden.reader.read().heads] == [1, 2]


def test_its_usage_is_there_from_the_revision_on_that_keeps_it(
    golden: Home, request: pytest.FixtureRequest
) -> None:
    kept = request.node.callspec.params["golden"].stem >= "0002"
    told = {
        record.id: record.usage for record in golden.journal_reader.search(HistoryQuery()).records
    }
    assert told == {1: USAGE if kept else (), 2: (), 3: ()}


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.stem)
def test_it_is_read_before_anything_was_written_to_it(store: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home", variable=KEY)
    home.place(b"")
    shutil.copyfile(store, home.store)
    before = home.digest()
    found = home.reader.read()
    assert [head.id for head in found.heads] == [1, 2]
    (row,) = found.selection.providers
    assert row.client == (CLIENT if store.stem >= "0005" else None)
    assert len(home.journal_reader.search(HistoryQuery()).records) == 3
    assert home.digest() == before


def test_its_summaries_say_when_and_how_often(golden: Home) -> None:
    kept = {found.id: found for found in golden.reader.read().profiles}
    changed = kept["openai:default"]
    assert (changed.created_at, changed.updated_at, changed.revision) == (NOW, NOW + 10, 2)
    assert kept["google:me@example.test"].refreshable


def test_it_can_be_written_to(golden: Home) -> None:
    renewed = replace(profile(), credential=ApiKey(Secret("sk-renewed-key")))
    assert golden.profiles.put(renewed, NOW + 20).revision == 3
    assert golden.profiles.get("openai:default") == renewed
    golden.profiles.remove("openai:default", NOW + 30)
    with pytest.raises(NotFound):
        golden.profiles.get("openai:default")
    assert dict(golden.reader.read().selection.auth_order) == {}


def test_the_command_shows_it(golden: Home) -> None:
    shown = golden.run(
        *["models", "status", "--json"], environ={"AURA_INTELLIGENCE_VAULT_KEY": KEY}
    )
    assert shown.returncode == 0
    assert '"resolvedDefault": "openai/gpt-5"' in shown.stdout
    assert '"keyProblem": null' in shown.stdout
