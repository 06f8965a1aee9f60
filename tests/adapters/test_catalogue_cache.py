"""Lists that were kept: as they were, private, and as none where they are damaged."""

import json
import stat
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalogue.cache import ListCache
from domain.errors import UnsafeFile
from domain.selection.catalogue import CatalogueRow
from tests.domain.values import NOW

FULL = CatalogueRow(
    "p",
    "org/m\u00e9",
    name="Name, with\ttab",
    context=1,
    inputs=("text", "image"),
    outputs=("text",),
    tools=True,
    reasoning=False,
    cost_input=0.0,
    cost_output=2.5,
    retires="2027-01-01",
    source="live",
    as_of="2026-11-28",
    extra=(("a", '{"b":[1]}'), ("c", "2")),
)
BARE = CatalogueRow("p", "m", source="live", as_of="2026-11-28")


@pytest.fixture
def cache(tmp_path: Path) -> ListCache:
    return ListCache(tmp_path / "cache" / "lists")


@pytest.mark.parametrize("rows", [[], [BARE], [FULL], [FULL, BARE], [BARE._replace(model="x")] * 2])
def test_a_list_is_read_as_it_was_kept(cache: ListCache, rows: list[CatalogueRow]) -> None:
    cache.keep("p", rows, NOW)
    assert list(cache.rows("p")) == list(cache.rows()) == rows
    assert [list(map(type, r)) for r in cache.rows()] == [list(map(type, r)) for r in rows]
    assert cache.heads() == {"p": (NOW, len(rows), True)}


def test_each_provider_has_a_list_of_its_own(cache: ListCache) -> None:
    assert (cache.heads(), list(cache.rows()), list(cache.rows("p"))) == ({}, [], [])
    cache.keep("q", [BARE._replace(provider="q")], NOW)
    cache.keep("p", [BARE, FULL], NOW - 1)
    cache.keep("p", [FULL], NOW + 1, is_whole=False)
    assert cache.heads() == {"p": (NOW + 1, 1, False), "q": (NOW, 1, True)}
    assert (cache.complete_at("p"), cache.complete_at("q")) == (None, NOW)
    assert [r.ref for r in cache.rows()] == [FULL.ref, BARE._replace(provider="q").ref]


def written(home: Path, columns: object) -> None:
    """A file of another program, which has more to say of a list."""
    packed = zlib.compress(json.dumps(columns).encode())
    head = {"provider": "p", "at": NOW, "models": 2, "is_whole": True, "sum": zlib.crc32(packed)}
    file = home / "cache" / "lists" / "p.list"
    file.write_bytes(json.dumps({**head, "new": 1}).encode() + b"\n" + packed)


def test_a_list_that_is_cut_is_no_whole_one(cache: ListCache, tmp_path: Path) -> None:
    cache.keep("p", [BARE], NOW)
    file = tmp_path / "cache" / "lists" / "p.list"
    file.write_bytes(file.read_bytes()[:-5])
    assert (list(cache.rows("p")), cache.complete_at("p")) == ([], None)


def test_it_is_private(cache: ListCache, tmp_path: Path) -> None:
    cache.keep("p", [BARE], NOW)
    folder = tmp_path / "cache" / "lists"
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    file.chmod(0o666)
    assert list(cache.rows()) == []
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    assert list(cache.rows("p")) == []
    folder.chmod(0o755)
    with pytest.raises(UnsafeFile):
        cache.keep("p", [BARE], NOW)


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_is_as_none(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = ListCache(folder)
    cache.keep("p", [FULL, BARE], NOW)
    file = folder / "p.list"
    whole = file.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    wrong = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    file.write_bytes(whole[:at] + (b"" if cut else wrong + whole[at + 1 :]))
    assert list(cache.rows()) in ([], [FULL, BARE])
    cache.heads()


@pytest.mark.parametrize(
    "columns",
    [
        [],
        {},
        {"model": "x"},
        {"model": [None], "inputs": 1},
        {"model": ["a", "b"], "context": [1, 2, 3]},
        {"model": ["a"], "extra": [[1]]},
        {"name": ["a"]},
    ],
)
def test_columns_of_another_kind_are_as_none(
    cache: ListCache, tmp_path: Path, columns: object
) -> None:
    cache.keep("p", [BARE], NOW)
    written(tmp_path, columns)
    assert list(cache.rows()) == []


def test_a_newer_program_may_keep_more(cache: ListCache, tmp_path: Path) -> None:
    cache.keep("p", [BARE], NOW)
    written(tmp_path, {"model": ["a", "b"], "novelty": [1, 2], "context": [5]})
    assert list(cache.rows()) == [CatalogueRow("p", name, context=5) for name in "ab"]
