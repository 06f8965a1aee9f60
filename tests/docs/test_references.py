"""What the documents point at exists: files, functions, links, commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, documents, page

_NAMED = re.compile(r"`([a-z_0-9/]+\.py):([A-Za-z_][\w.]*)`")
_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#]+)(#[^)]*)?\)")
_CODE = re.compile(r"`((?:domain|application|adapters|entrypoints|migrations|tests|docs)/[^`]+)`")


def _defined(tree: ast.AST, prefix: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from _defined(node, f"{prefix}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield prefix + name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name


def _names(document: str) -> list[tuple[str, str]]:
    return _NAMED.findall(page(document))


@pytest.mark.parametrize("document", documents())
def test_every_function_that_is_named_exists(document: str) -> None:
    for file, name in _names(document):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in set(_defined(tree)), f"{document} names {file}:{name}"


@pytest.mark.parametrize("document", documents())
def test_every_file_that_is_named_exists(document: str) -> None:
    for named in _CODE.findall(page(document)):
        file = named.partition(":")[0].partition(" ")[0]
        assert list(ROOT.glob(file)), f"{document} names {file}"


@pytest.mark.parametrize("document", documents())
def test_every_link_leads_somewhere(document: str) -> None:
    for target, _ in _LINK.findall(page(document)):
        assert (ROOT / document).parent.joinpath(target).exists(), f"{document} links to {target}"


def test_the_tour_follows_one_command_through_ten_steps() -> None:
    tour = page("docs/tour.md")
    assert re.findall(r"^## (\d+)\. ", tour, re.MULTILINE) == [str(n) for n in range(1, 11)]
    sections = re.split(r"^## \d+\. ", tour, flags=re.MULTILINE)[1:]
    assert all(_NAMED.search(section) for section in sections)
    folders = {Path(file).parts[0] for file, _ in _names("docs/tour.md")}
    assert {"entrypoints", "application", "adapters", "domain"} <= folders


def test_every_decision_has_its_three_parts_and_fits_a_page() -> None:
    decisions = [name for name in documents() if re.search(r"docs/adr/\d{4}-", name)]
    assert len(decisions) >= 10
    for name in decisions:
        text = page(name)
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences"], name
        assert len(text.splitlines()) <= 60, name
