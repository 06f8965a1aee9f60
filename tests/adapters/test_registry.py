"""The registry: built-in rows at once, dialects late, strangers by name only."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from adapters.plugins.installed import GROUP
from adapters.providers.table import ROWS
from adapters.registry import EntryPointRegistry
from tests.architecture.modules import python
from tests.cli.program import Program, Ran
from tests.cli.sites import ROW, Site

EXPLODES = "raise SystemExit('a stranger was imported')\n"


def stranger(folder: Path, distribution: str, *names: str) -> None:
    """An installed distribution that offers providers and must not be imported."""
    info = folder / f"{distribution}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    entries = "".join(f"{name} = explosive:PROVIDER\n" for name in names)
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entries}")
    (folder / "explosive.py").write_text(EXPLODES)


def listed(cli: Program, folder: Path, words: str = "plugins list --json") -> Ran:
    cli.environ["PYTHONPATH"] = str(folder)
    return cli.process(words)


def test_a_stranger_is_listed_as_disabled_and_never_imported(cli: Program, tmp_path: Path) -> None:
    stranger(tmp_path / "site", "aura-foreign", "foreign")
    ran = listed(cli, tmp_path / "site")
    assert ran.code == 0, ran
    (found,) = [p for p in ran.document["plugins"] if p["id"] == "foreign"]
    assert found == {
        "id": "foreign",
        "label": "foreign",
        "version": "1.2",
        "source": "aura-foreign",
        "status": "disabled",
        "reason": "third-party code is not loaded until it is enabled",
        "dialect": None,
        "loginMethods": [],
        "envNames": [],
        "profiles": 0,
    }
    assert "foreign" not in listed(cli, tmp_path / "site", "plugins list --enabled --plain").out
    assert "foreign" in listed(cli, tmp_path / "site", "plugins list --verbose").out


def test_a_stranger_is_no_provider_yet(cli: Program, tmp_path: Path) -> None:
    stranger(tmp_path / "site", "aura-foreign", "foreign")
    ran = listed(cli, tmp_path / "site", "models set foreign/x")
    assert (ran.code, ran.err.splitlines()[0]) == (1, "aura_intelligence: unknown provider foreign")
    assert "foreign" not in listed(cli, tmp_path / "site", "models providers list --plain").out


@pytest.mark.parametrize("name", ["openai", "builtin"])
def test_a_stranger_takes_no_name_of_ours(cli: Program, tmp_path: Path, name: str) -> None:
    stranger(tmp_path / "site", "aura-foreign", name)
    plugins = listed(cli, tmp_path / "site").document["plugins"]
    (found,) = [p for p in plugins if p["source"] == "aura-foreign"]
    assert (found["status"], found["reason"]) == ("error", "takes the name of a built-in provider")
    assert {row.id for row in ROWS} <= {p["id"] for p in plugins if p["source"] == "builtin"}


def test_a_stranger_s_name_is_shown_harmless(cli: Program, tmp_path: Path) -> None:
    stranger(tmp_path / "site", "aura-foreign", "e\x1b[2Jvil")
    for words in ("plugins list", "plugins list --plain", "plugins list --verbose"):
        assert "\x1b" not in listed(cli, tmp_path / "site", words).out


def test_every_row_has_a_dialect_that_is_loaded_once() -> None:
    registry = EntryPointRegistry()
    assert tuple(registry.builtin().values()) == tuple(ROWS)
    for row in ROWS:
        assert registry.dialect(row) is registry.dialect(row)


def test_the_dialect_of_a_row_of_ours_is_who_speaks_for_it() -> None:
    registry = EntryPointRegistry()
    own = replace(ROWS[0], id="own", source="user", dialect="anthropic")
    for row in (*ROWS, own):
        assert registry.speaker(row) is registry.dialect(row)


OWN = """
from adapters.providers.dialects.openai import OpenAIDialect
class Mine(OpenAIDialect): ...
PLUGIN = ProviderPlugin(ROW, Mine(), b'{"choices": [{"message": {}}]}')
"""
SPEAKER = """
from entrypoints.container import Container
registry = Container().registry()
print(type(registry.speaker(registry.enabled()["acme"])).__name__)
"""


@pytest.mark.parametrize(("more", "speaker"), [("", "OpenAIDialect"), (OWN, "NoneType")])
def test_of_a_plug_in_only_a_dialect_of_ours_speaks(
    cli: Program, tmp_path: Path, more: str, speaker: str
) -> None:
    site = Site(tmp_path / "site")
    site.install(ROW.format(url="https://acme.test/v1") + more)
    enabled = site.run(cli, "plugins enable acme --yes")
    assert enabled.code == 0, enabled
    done = python(SPEAKER, cwd=tmp_path, **cli.environment())
    assert done.stdout == f"{speaker}\n", done.stderr


def test_the_built_in_rows_come_by_the_same_door() -> None:
    (builtin,) = [p for p in EntryPointRegistry().plugins() if p.builtin]
    assert {row.id for row in builtin.providers} == {row.id for row in ROWS}
    assert import_module("adapters.providers.table").ROWS is ROWS
