"""The registry: built-in rows at once, dialects late, strangers by name only."""

from importlib import import_module
from pathlib import Path

import pytest

from adapters.plugins.installed import GROUP
from adapters.providers.table import ROWS
from adapters.registry import EntryPointRegistry
from application.ports.providers import Asks, Dialect, TellsUsage
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
        "loginAs": None,
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


def test_every_row_has_a_dialect_that_is_loaded_once_and_can_be_asked() -> None:
    registry = EntryPointRegistry()
    assert tuple(registry.builtin().values()) == tuple(ROWS)
    for row in (*ROWS, ROWS[0]._replace(id="own", source="user", dialect="anthropic")):
        dialect = registry.can(row, Dialect)
        assert dialect is not None
        assert registry.can(row, Asks) is not None


def test_who_tells_of_usage_says_so_in_its_row() -> None:
    registry = EntryPointRegistry()
    telling = {row.id for row in ROWS if registry.can(row, TellsUsage) is not None}
    assert telling == {row.id for row in ROWS if row.usage is not None} != set()


OWN = """
class Mine:
    def probe(self, row, access, model, max_tokens, now):
        answer = yield Request("GET", access.base_url, {"authorization": access.secret.reveal()})
        is_good = lambda said: isinstance(said, dict)
        return classify(answer.status, answer.headers, answer.body, is_good, now)
    def check(self, row, access, now):
        return (yield from self.probe(row, access, "", 1, now))
"""
ASKING = OWN + "    ask = check\n"
SPEAKER = """
from application.ports.providers import Asks, Asks, Dialect, TellsUsage
from entrypoints.container import Container
registry = Container().registry()
print(registry.can(registry.enabled()["acme"], Asks) is not None)
"""


@pytest.mark.parametrize(
    ("code", "asks"),
    [
        ("", "True"),
        (OWN + "PLUGIN = ProviderPlugin(ROW, Mine())", "False"),
        (ASKING + "PLUGIN = ProviderPlugin(ROW, Mine())", "True"),
    ],
)
def test_a_plug_in_can_be_asked_where_its_dialect_can(
    cli: Program, tmp_path: Path, code: str, asks: str
) -> None:
    site = Site(tmp_path / "site")
    site.install(ROW.format(url="https://acme.test/v1") + code)
    enabled = site.run(cli, "plugins enable acme --yes")
    assert enabled.code == 0, enabled
    done = python(SPEAKER, cwd=tmp_path, **cli.environment())
    assert done.stdout == f"{asks}\n", done.stderr


def test_the_built_in_rows_come_by_the_same_door() -> None:
    (builtin,) = [p for p in EntryPointRegistry().plugins() if p.builtin]
    assert {row.id for row in builtin.providers} == {row.id for row in ROWS}
    assert import_module("adapters.providers.table").ROWS is ROWS
