"""Other tools that keep credentials here, told by the names of their files."""

from pathlib import Path
from typing import get_args

from adapters.tools.here import NamedKeyFiles
from adapters.tools.places import places
from entrypoints.cli.auth.importing import importing

# What `auth import` finds without the name of a file.
FOUND = [tool for tool in get_args(importing.Source) if tool not in (*importing._NAMED, "env")]


def test_each_tool_that_can_be_imported_from_is_found_by_its_file(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    for tool in FOUND:
        first = places(tool, environ)[0].path
        assert tool not in NamedKeyFiles(environ)()
        first.parent.mkdir(parents=True, exist_ok=True)
        first.symlink_to("/nowhere")
        assert tool in NamedKeyFiles(environ)()
    assert sorted(NamedKeyFiles(environ)()) == sorted(FOUND)


def test_a_configuration_alone_is_no_credential(tmp_path: Path) -> None:
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "config.toml").touch()
    (tmp_path / ".claude.json").touch()
    assert NamedKeyFiles({"HOME": str(tmp_path)})() == ()
