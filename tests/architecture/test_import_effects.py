"""Importing any module does nothing; a command loads what it needs and no more."""

import json
from pathlib import Path

import pytest

from entrypoints import hot
from tests.architecture.modules import PACKAGES, module_name, python, source_files
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.cli.sites import ROW, Site

# These two are run by Alembic in the middle of a migration and are no modules of the program.
SCRIPTS = ("migrations.env", "migrations.versions")
# Nobody who only reads waits for these (DESIGN: "Speed is part of the design").
HEAVY = ("sqlalchemy", "alembic", "httpx", "httpcore", "cryptography", "rich", "questionary")
WATCH = """
import sys, os, json
touched = []
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
def hook(event, args):
    if event == "open" and isinstance(args[2], int) and args[2] & WRITING:
        touched.append([event, str(args[0])])
    elif event.split(".")[0] in ("socket", "subprocess", "sqlite3", "shutil") or event in (
        "os.mkdir", "os.remove", "os.rename", "os.chmod", "os.putenv", "os.unsetenv", "os.system"
    ):
        touched.append([event, str(args)])
sys.addaudithook(hook)
sys.dont_write_bytecode = True
before = dict(os.environ)
for name in sys.argv[1:]:
    __import__(name)
if dict(os.environ) != before:
    touched.append(["environ", "changed"])
print(json.dumps(touched))
"""
FIRST = """
import sys
ours = {name.split(".")[0] for name in sys.argv[1:]}
for name in sys.argv[1:]:
    for loaded in [known for known in sys.modules if known.split(".")[0] in ours]:
        del sys.modules[loaded]
    __import__(name)
print(len(sys.argv) - 1)
"""
LOADED = """
import json, sys
from entrypoints.main import run
code = run(sys.argv[1:])
sys.stderr.write(json.dumps([code, sorted(sys.modules)]))
"""

# Plain data: of providers, and of whose application signs in at them.
TABLES = ("adapters.providers.table", "adapters.providers.sign_in")
LANE = """
import json, os, sys
from entrypoints import hot
told, slow = [], json.loads(sys.argv[1])
for words in sys.argv[2:]:
    code = hot.run(words.split(), os.environ)
    loaded = [name for name in sys.modules if name in slow or name.partition(".")[0] in slow]
    told.append([words, code, loaded])
sys.stderr.write(json.dumps(told))
"""
# And who is in a prompt not for these either: what makes a class look at its own source.
SLOW = (
    *HEAVY,
    "cyclopts",
    "dependency_injector",
    "dataclasses",
    "inspect",
    "asyncio",
    "importlib.metadata",
)


def our_modules() -> list[str]:
    names = [module_name(path) for path in source_files(*PACKAGES)]
    return [name for name in names if not name.startswith(SCRIPTS)] + ["aura_intelligence"]


def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    done = python(WATCH, *our_modules(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert list(tmp_path.iterdir()) == []


def test_each_module_can_be_imported_first(tmp_path: Path) -> None:
    done = python(FIRST, *our_modules(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{len(our_modules())}\n"), done.stderr


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A store with something of everything in it, a probe record too."""
    cli = Program(tmp_path_factory.mktemp("populated") / "home")
    cli.must("models providers add gate --base-url http://127.0.0.1:9/v1 --dialect openai")
    cli.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    cli.must("models auth paste-token --provider groq --expires-in 2h", stdin=GOOD)
    cli.must("models auth order set --provider gate gate:default")
    cli.must("models set gate/ok")
    cli.must("models fallbacks add groq/llama")
    cli.must("models aliases add fast groq/llama")
    cli.must("models set-image gate/img")
    cli.must("models status --probe --probe-provider gate --probe-timeout 500")
    cli.environ["OPENAI_API_KEY"] = "sk-of-the-environment"
    return cli


def loaded_by(program: Program, words: str) -> set[str]:
    done = python(LOADED, *words.split(), cwd=program.home.parent, **program.environment())
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)


@pytest.mark.parametrize(
    "words",
    [
        "models status",
        "models status --json",
        "models status --plain",
        "models list",
        "models resolve",
        "models resolve --plain",
        "models auth explain gate",
        "models aliases list",
        "models fallbacks list --json",
        "models image-fallbacks list",
        "models auth list",
        "models auth order get",
        "models history",
        "models history --json",
        "models history list --plain",
        "models providers list",
        "plugins list",
        "paths",
    ],
)
def test_who_reads_waits_for_no_writer(populated: Program, words: str) -> None:
    loaded = loaded_by(populated, words)
    assert {name for name in loaded if name.partition(".")[0] in HEAVY} == set()
    providers = {name for name in loaded if name.startswith("adapters.providers.")}
    assert all(name.startswith(TABLES) for name in providers)
    assert not {name for name in loaded if name.startswith(("adapters.http", "migrations"))}


def test_the_hot_lane_loads_nothing_that_is_slow(populated: Program) -> None:
    rows = [" ".join(words) for words in hot.ROWS if hot.WORD not in words]
    said = [f"{words}{switch}" for words in rows for switch in ("", " --json")]
    # All in one process: what one of them loads, the list of that one and of all after it shows.
    done = python(
        LANE, json.dumps(SLOW), *said, cwd=populated.home.parent, **populated.environment()
    )
    told = json.loads(done.stderr.splitlines()[-1])
    assert [(words, code, slow) for words, code, slow in told if code or slow] == []
    assert [words for words, *_ in told] == said


@pytest.mark.parametrize("words", ["models status --json", "models providers list"])
def test_who_reads_takes_an_enabled_plug_in_from_the_list_alone(
    cli: Program, tmp_path: Path, words: str
) -> None:
    site = Site(tmp_path / "site")
    site.install(ROW.format(url="https://acme.test/v1"))
    assert site.run(cli, "plugins enable acme --yes").code == 0
    cli.environ["ACME_API_KEY"] = GOOD
    loaded = loaded_by(cli, words)
    assert "adapters.plugins.enabled" in loaded
    assert (
        not {"module_of_aura_acme", "adapters.plugins.installed", "adapters.plugins.host"} & loaded
    )
    assert {name for name in loaded if name.partition(".")[0] in HEAVY} == set()


@pytest.mark.parametrize(
    "words",
    [
        "models aliases add fast groq/other",
        "models set nosuch/x",
        "models set groq/",
        "models import /nosuch",
        "models history prune",
    ],
)
def test_a_refusal_does_not_wait_for_a_writer_either(populated: Program, words: str) -> None:
    done = python(LOADED, *words.split(), cwd=populated.home.parent, **populated.environment())
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code in (1, 64)
    assert "sqlalchemy" not in modules


@pytest.mark.parametrize("words", ["models status", "models status --json", "paths"])
def test_only_an_export_loads_what_writes_its_files(populated: Program, words: str) -> None:
    assert not {"tomli_w", "tomllib"} & loaded_by(populated, words)


@pytest.mark.parametrize("words", ["--help", "models --help", "models auth --help", "plugins -h"])
def test_help_imports_no_command(populated: Program, words: str) -> None:
    loaded = loaded_by(populated, words)
    light = {
        "entrypoints.cli",
        "entrypoints.cli.app",
        "entrypoints.cli.commands",
        "entrypoints.cli.help",
        "entrypoints.cli.help.examples",
        "entrypoints.cli.help.pages",
        "entrypoints.cli.show",
        "entrypoints.cli.show.render",
        "entrypoints.cli.show.screen",
        "entrypoints.cli.words",
        "entrypoints.cli.words.pasted",
    }
    assert {name for name in loaded if name.startswith("entrypoints.cli")} <= light
    heavy = {"sqlalchemy", "alembic", "httpx", "cryptography", "dependency_injector"}
    assert not heavy & loaded


def test_a_write_imports_no_network_and_no_migration_that_is_not_due(populated: Program) -> None:
    loaded = loaded_by(populated, "models set gate/other")
    assert "sqlalchemy" in loaded
    assert not {"alembic", "httpx", "sqlalchemy.orm", "questionary", "prompt_toolkit"} & loaded


def test_a_list_is_drawn_by_what_is_loaded_for_it_alone(populated: Program) -> None:
    populated.environ["ONE_KEY"] = GOOD
    add = "models auth add --provider gate --from-env ONE_KEY --no-verify"
    loaded = loaded_by(populated, add)
    assert "adapters.machine.terminal" in loaded
    assert not {"adapters.machine.picker", "questionary", "prompt_toolkit"} & loaded
