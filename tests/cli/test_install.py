"""`models export … --install`: other programs' files, changed after a yes and not otherwise."""

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest
import yaml

from adapters.tools.installing import ToolFileInstaller
from domain.errors import Changed, UnsafeFile
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.domain.values import NOW

CODEX = "models export codex --install"
PLACES = {
    "opencode": ".config/opencode/opencode.json",
    "codex": ".codex/config.toml",
    "claude": ".claude/settings.json",
    "aider": ".aider.conf.yml",
}
TOML = """# mine
model = "gpt-x" # why
[mcp_servers.x]
env = { TOKEN = "hunter2" } # keep
"""
YAML = """# aider
model: gpt-4 # old
alias:
  # keep
  - "quick:gpt-4"
  - fast:old
"""
JSON = '{\n    "apiKeyHelper": "echo hunter2",\n    "env": {"A": "hunter2"}\n}\n'


@pytest.fixture
def chosen(cli: Program) -> Program:
    """Two own providers with stored keys, of which every agent can ask one."""
    for id, dialect in (("gate", "openai"), ("claudegate", "anthropic")):
        cli.must(f"models providers add {id} --base-url https://{id}.example --dialect {dialect}")
        cli.must(f"models auth add --provider {id} --stdin --no-verify", stdin=GOOD)
    cli.must("models set gate/first")
    cli.must("models fallbacks add claudegate/second")
    cli.must("models aliases add fast gate/first")
    return cli


def place(cli: Program, format: str, content: str | None = None, mode: int = 0o644) -> Path:
    path = cli.home.parent / PLACES[format]
    if content is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)
    return path


def kept(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.before-aura-*"))


@pytest.mark.parametrize("format", PLACES)
def test_a_new_file_is_what_export_prints_and_private(chosen: Program, format: str) -> None:
    path = place(chosen, format)
    ran = chosen.must(f"models export {format} --install --yes")
    assert path.read_text() == chosen.must(f"models export {format}").out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert GOOD not in ran.text + path.read_text()
    again = chosen.must(f"models export {format} --install --no-input")
    assert (again.out, kept(path)) == (f"Nothing to change in {path}\n", [])


@pytest.mark.parametrize(
    ("format", "before", "stays"),
    [("codex", TOML, "hunter2"), ("aider", YAML, "quick:gpt-4"), ("claude", JSON, "hunter2")],
)
def test_a_file_keeps_what_else_is_in_it_and_is_kept_itself(
    chosen: Program, format: str, before: str, stays: str
) -> None:
    path = place(chosen, format, before, mode=0o640)
    ran = chosen.must(f"models export {format} --install --yes")
    assert "hunter2" not in ran.text
    after = path.read_text()
    assert stays in after
    assert all(line in after for line in ("# mine", "# why", "# keep") if line in before)
    (old,) = kept(path)
    assert old.read_text() == before
    assert [stat.S_IMODE(found.stat().st_mode) for found in (path, old)] == [0o640, 0o640]
    assert chosen.must(f"models export {format} --install").out.startswith("Nothing to change")
    assert path.read_text() == after


def test_what_is_installed_is_what_the_programs_formats_say(chosen: Program) -> None:
    path = place(chosen, "codex", TOML)
    chosen.must(f"{CODEX} --yes")
    found = tomllib.loads(path.read_text())
    assert (found["model"], found["model_provider"]) == ("first", "aura-gate")
    path = place(chosen, "aider", YAML)
    chosen.must("models export aider --install --yes")
    assert yaml.safe_load(path.read_text())["alias"] == ["quick:gpt-4", "fast:openai/first"]
    path = place(chosen, "aider", "# model: only comments\n")
    chosen.must("models export aider --install --yes")
    assert path.read_text().startswith("# model: only comments\n")
    assert yaml.safe_load(path.read_text())["model"] == "openai/first"


def test_nothing_is_written_without_a_yes(chosen: Program) -> None:
    path = place(chosen, "codex", TOML)
    for words, code in ((CODEX, 64), (f"{CODEX} --no-input", 64), (f"{CODEX} --dry-run", 0)):
        ran = chosen(words)
        assert ran.code == code
        assert '- model: "gpt-x"\n+ model: "first"\n' in ran.err
        assert "--yes" in ran.err or not code
    assert (path.read_text(), kept(path)) == (TOML, [])


@pytest.mark.parametrize(
    ("format", "content", "says"),
    [
        ("opencode", '{"a": 1, // mine\n}', "comments or spare commas, which would be lost"),
        ("opencode", '{"a": 1, "a": 2}', "in it twice"),
        ("opencode", "[" * 100_000, "cannot be understood"),
        ("opencode", "[]", "no table"),
        ("opencode", '{"provider": "hunter2"}', "provider of the file is no table"),
        ("opencode", '{"x": NaN}', "a number"),
        ("opencode", '"' + "x" * 300_000 + '"', "larger than 256 KiB"),
        ("codex", "model = hunter2", "cannot be understood"),
        ("codex", "model = 'a'\nmodel = 'hunter2'", "cannot be understood"),
        ("aider", "a: 1\na: hunter2", "cannot be understood"),
        ("aider", "&a [*a, hunter2", "cannot be understood"),
        ("aider", "alias:\n- q:r # mine", "a comment of it would be lost"),
    ],
)
def test_a_file_nobody_can_change_safely_is_refused_as_it_is(
    chosen: Program, format: str, content: str, says: str
) -> None:
    path = place(chosen, format, content)
    ran = chosen(f"models export {format} --install --yes")
    assert ran.code == 64, ran
    assert says in ran.err.splitlines()[0]
    assert "hint: " in ran.err
    assert "hunter2" not in ran.text
    assert (path.read_text(), kept(path)) == (content, [])


def test_a_link_or_what_is_no_file_is_refused(chosen: Program, tmp_path: Path) -> None:
    path, real = place(chosen, "codex"), tmp_path / "real.toml"
    real.write_text(TOML)
    path.parent.mkdir()
    path.symlink_to(real)
    assert (chosen(f"{CODEX} --yes").code, real.read_text()) == (69, TOML)
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert chosen(f"{CODEX} --yes").code == 69
    path.unlink()
    os.link(real, path)
    assert "second name" in chosen(f"{CODEX} --yes").err
    path.unlink()
    os.mkfifo(path)
    assert "not a file" in chosen(f"{CODEX} --yes").err
    path.unlink()
    path.mkdir()
    assert chosen(f"{CODEX} --yes").code == 69


def test_the_file_is_where_the_program_looks_for_it(chosen: Program, tmp_path: Path) -> None:
    chosen.environ["CODEX_HOME"] = str(tmp_path / "c")
    chosen.environ["OPENCODE_CONFIG"] = str(tmp_path / "o.x")
    told = chosen.must(f"{CODEX} --yes --json").document
    assert (told["path"], told["changed"], told["kept"]) == (
        str(tmp_path / "c" / "config.toml"),
        True,
        None,
    )
    chosen.must("models export opencode --install --yes")
    assert json.loads((tmp_path / "o.x").read_text())["model"] == "aura-gate/first"


def test_only_agents_have_a_file_to_install_in(chosen: Program) -> None:
    ran = chosen("models export litellm --install")
    assert (ran.code, ran.err.splitlines()[1]) == (
        64,
        "hint: one of: opencode, codex, claude, aider",
    )
    assert chosen("models export codex --yes").code == 64
    chosen.must("models set groq/x")
    chosen.must("models fallbacks clear")
    chosen.must("models aliases remove fast")
    assert chosen(f"{CODEX} --yes").code == 1


def test_a_file_that_was_changed_in_between_is_left_to_who_did(chosen: Program) -> None:
    path = place(chosen, "codex", TOML)
    installer = ToolFileInstaller(chosen.environment(), lambda: NOW)
    plan = installer.planned("codex", {"model": "m"}, "")
    path.write_text("model = 'theirs'\n")
    with pytest.raises(Changed):
        installer.install(plan)
    new = installer.planned("claude", {"model": "m"}, "{}")
    theirs = place(chosen, "claude", "{}")
    with pytest.raises(UnsafeFile):
        installer.install(new)
    assert (path.read_text(), theirs.read_text()) == ("model = 'theirs'\n", "{}")
    assert [file.name for file in path.parent.iterdir()] == ["config.toml"]


def test_an_address_of_somebody_elses_is_not_kept_beside_a_key(chosen: Program) -> None:
    content = '{"provider": {"openai": {"options": {"baseURL": "https://other.test/v1"}}}}'
    path = place(chosen, "opencode", content)
    chosen.must("models set openai/gpt-5.4-mini")
    refused = chosen("models export opencode --install --yes")
    assert (refused.code, "provider.openai.options.baseURL" in refused.err) == (1, True)
    assert path.read_text() == content


def test_an_old_value_that_is_no_list_is_not_shown(chosen: Program) -> None:
    place(chosen, "aider", "alias: fast:hunter2\n")
    assert "hunter2" not in chosen("models export aider --install --dry-run").text


@pytest.mark.parametrize("content", ["null\n", "~\n", "# c\n---\n...\n"])
def test_a_file_of_nothing_stays_readable(chosen: Program, content: str) -> None:
    path = place(chosen, "aider", content)
    assert chosen("models export aider --install --yes").code == 64
    assert path.read_text() == content
