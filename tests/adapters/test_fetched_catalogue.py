"""A catalogue that is fetched: merged with what is bundled, kept, asked for again after a day."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.catalogue.cache import ListCache
from adapters.catalogue.fetched import FetchedCatalogue
from adapters.catalogue.fetching import CatalogueAtUrl
from adapters.catalogue.known import KnownModels
from adapters.catalogue.snapshot import bundled
from application.ports.network import Request, Response
from domain.errors import AuraError, Malformed, Unavailable
from domain.instants import DAY
from domain.selection.catalogue import CatalogueRow
from tests.domain.values import NOW

URL = "https://models.test/api.json"
DOCUMENT = {
    "openai": {
        "id": "openai",
        "models": {
            "gpt-next": {
                "name": "GPT\u2028Next",
                "limit": {"context": 2_000_000, "output": 64_000},
                "cost": {"input": 2.5, "output": 10},
                "modalities": {"input": ["text", "hologram"], "output": ["text"]},
                "tool_call": True,
                "release_date": "2026-11-20",
                "novelty": {"a": "b\tc"},
                "status": "sunrise",
            }
        },
    },
    "moonshotai": {"models": {"kimi-next": {}}},
    "Bad Id": {"models": {"x": {}}},
    "empty": {"models": 7},
}


def fetched(
    file: CatalogueAtUrl, document: object, now: int = NOW, status: int = 200
) -> tuple[int, Mapping[str, str]]:
    """How many models are known by it, and what was sent."""
    flow = file.fetch(now)
    request = next(flow)
    assert isinstance(request, Request)
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(StopIteration) as stop:
        flow.send(Response(status, {"etag": 'W/"1"'}, body))
    return stop.value.value, request.headers


@pytest.fixture
def file(tmp_path: Path) -> CatalogueAtUrl:
    return CatalogueAtUrl(kept(tmp_path), URL)


def kept(tmp_path: Path) -> FetchedCatalogue:
    return FetchedCatalogue(tmp_path / "cache" / "catalogue.bin")


def known(tmp_path: Path) -> KnownModels:
    fetched = tmp_path / "cache" / "catalogue.bin"
    return KnownModels(tmp_path / "models.json", tmp_path / "lists", fetched)


def row(tmp_path: Path, provider: str, model: str) -> CatalogueRow | None:
    return {r.model: r for r in known(tmp_path).rows(provider)}.get(model)


def test_what_is_new_is_known_with_all_that_was_said(file: CatalogueAtUrl, tmp_path: Path) -> None:
    count, _ = fetched(file, DOCUMENT)
    total = sum(bundled().counts.values())
    assert count == total + 2 == sum(known(tmp_path).counts().values())
    new = row(tmp_path, "openai", "gpt-next")
    assert new is not None
    assert (new.context, new.cost_input, new.inputs) == (2_000_000, 2.5, ("text", "hologram"))
    assert (new.status, new.released) == ("sunrise", "2026-11-20")
    assert (new.source, new.as_of) == ("fetched", "2027-01-15")
    assert dict(new.extra)["novelty"] == '{"a":"b\\tc"}'
    assert row(tmp_path, "moonshot", "kimi-next")
    old = bundled().rows("openai")
    assert all(row(tmp_path, "openai", one.model) == one for one in list(old)[:3])


def test_once_a_day_and_by_its_etag(file: CatalogueAtUrl, tmp_path: Path) -> None:
    assert file.is_due(NOW)
    _, sent = fetched(file, DOCUMENT)
    assert "if-none-match" not in sent
    assert not file.is_due(NOW + DAY - 1)
    assert file.is_due(NOW + DAY)
    # A clock that was set back.
    assert file.is_due(NOW - 1)
    count, sent = fetched(file, b"", NOW + DAY, status=304)
    assert sent["if-none-match"] == 'W/"1"'
    assert count == sum(known(tmp_path).counts().values())
    assert not file.is_due(NOW + DAY + 1)
    assert row(tmp_path, "openai", "gpt-next")
    assert CatalogueAtUrl(kept(tmp_path), "https://o.test/x").is_due(NOW)
    assert not CatalogueAtUrl(kept(tmp_path), "").is_due(NOW)


@pytest.mark.parametrize(
    ("document", "status", "error"),
    [
        (b"<html>", 200, Malformed),
        (b'{"openai": {"models": {"gp', 200, Malformed),
        ([], 200, Malformed),
        ({"openai": {"models": {}}}, 200, Malformed),
        ({"openai": {"models": {"bad\x00": 3}}}, 200, Malformed),
        (DOCUMENT, 500, Unavailable),
        (DOCUMENT, 301, Unavailable),
        (b"", 304, Unavailable),
    ],
)
def test_what_is_no_catalogue_leaves_what_is_known(
    file: CatalogueAtUrl, tmp_path: Path, document: object, status: int, error: type[AuraError]
) -> None:
    flow = file.fetch(NOW)
    next(flow)
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(error):
        flow.send(Response(status, {}, body))
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("at", [0, 5, 60, 400, -1])
def test_a_damaged_one_is_as_none(file: CatalogueAtUrl, tmp_path: Path, at: int) -> None:
    fetched(file, DOCUMENT)
    path = tmp_path / "cache" / "catalogue.bin"
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    assert list(known(tmp_path).rows("openai")) == list(bundled().rows("openai"))


def test_the_users_own_rows_come_first(file: CatalogueAtUrl, tmp_path: Path) -> None:
    fetched(file, DOCUMENT)
    own = {"openai": {"models": {"gpt-next": {"limit": {"context": 5}}, "mine": {}}}}
    path = tmp_path / "models.json"
    path.write_text(json.dumps(own))
    ListCache(tmp_path / "lists").keep(
        "openai", [CatalogueRow("openai", "gpt-next", context=6, output=7, source="live")], NOW
    )
    found = row(tmp_path, "openai", "gpt-next")
    assert found is not None
    assert (found.context, found.output, found.cost_input) == (5, 7, 2.5)
    assert found.source == "own"
    assert row(tmp_path, "openai", "mine")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"openai": {}}', "\xff" * 3])
def test_own_rows_that_cannot_be_read_are_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "models.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(Malformed, match=r"models\.json cannot be read"):
        known(tmp_path).rows("openai")
