"""Who imports whom, where the import contracts cannot look."""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.modules import ROOT, imports_of, module_name, source_files

STDLIB = sys.stdlib_module_names


@pytest.mark.parametrize("path", source_files("domain", "application"), ids=module_name)
def test_the_inside_of_the_house_needs_the_standard_library_only(path: Path) -> None:
    allowed = {"domain"} if path.is_relative_to(ROOT / "domain") else {"domain", "application"}
    roots = {name.partition(".")[0] for name in imports_of(path)}
    assert roots - STDLIB <= allowed


def test_the_module_for_authors_shows_the_inside_and_starts_the_outside() -> None:
    found = set(imports_of(ROOT / "aura_intelligence.py"))
    assert {name for name in found if name.partition(".")[0] not in STDLIB} == {
        "adapters.memory",
        "adapters.providers.conformance",
        "entrypoints.start",
        "entrypoints.python",
        "application.journal.history",
        "application.ports.network",
        "application.ports.providers",
        "application.routing.router",
        "domain.answers.classification",
        "domain.credentials.secret",
        "domain.errors",
        "domain.answers.outcome",
        "domain.answers.verdict",
        "domain.journal.records",
        "domain.providers.client",
        "domain.providers.refs",
        "domain.providers.row",
    }


def test_what_authors_need_is_there() -> None:
    import aura_intelligence

    assert all(hasattr(aura_intelligence, name) for name in aura_intelligence.__all__)


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in source_files("domain", "application", "adapters", "entrypoints", "migrations")
        if module_name(path) != "entrypoints.cli.show.render"
    ],
    ids=module_name,
)
def test_nobody_prints_but_render(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"line {node.lineno}"


def test_commands_catch_nothing_broad() -> None:
    for path in source_files("entrypoints"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                broad = caught in ("Exception", "BaseException", "everything")
                assert not broad or module_name(path) == "entrypoints.frame", path


def test_everything_the_program_imports_is_declared() -> None:
    import tomllib
    from importlib.metadata import packages_distributions

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    postgres = (spec.replace("[binary]", "") for spec in extras["postgres"])
    extra = (*extras["import"], *extras["parquet"], *postgres)
    declared = {spec.partition(">")[0] for spec in (*project["dependencies"], *extra)}
    distributions = packages_distributions()
    paths = source_files("domain", "application", "adapters", "entrypoints", "migrations")
    roots = {name.partition(".")[0] for path in paths for name in imports_of(path)}
    ours = {"domain", "application", "adapters", "entrypoints", "migrations"}
    needed = {
        distributions[root][0].lower().replace("_", "-")
        for root in roots - STDLIB - ours
        if root in distributions
    }
    assert needed <= declared


def test_modules_and_functions_are_pages_one_reads() -> None:
    paths = source_files("domain", "application", "adapters", "entrypoints", "migrations")
    long = [path for path in paths if len(path.read_text().splitlines()) > 300]
    assert long == []
    for path in paths:
        tree = ast.parse(path.read_text())
        text = ast.get_docstring(tree)
        assert text, path
        assert text.splitlines()[0].endswith((".", ":", "`.")), path
