"""Where it runs: Linux and, with the platform's name put in, macOS and Windows."""

import sys
from pathlib import Path

import platformdirs
import pytest
from platformdirs.macos import MacOS

from entrypoints.settings import NAME, Settings
from tests.cli.program import Program

XDG = {
    "XDG_CONFIG_HOME": "/own/config",
    "XDG_DATA_HOME": "/own/data",
    "XDG_CACHE_HOME": "/own/cache",
}


def folders(environ: dict[str, str]) -> tuple[Path, Path, Path]:
    found = Settings.of(environ)
    return found.config, found.data, found.cache


def no_variables(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    for name in XDG:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))


@pytest.mark.skipif(sys.platform != "linux", reason="what platformdirs answers on Linux")
@pytest.mark.parametrize("environ", [{}, XDG], ids=["usual", "xdg"])
def test_on_linux_they_are_where_platformdirs_says(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_variables(monkeypatch, tmp_path)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert folders({"HOME": str(tmp_path), **environ}) == (
        platformdirs.user_config_path(NAME),
        platformdirs.user_data_path(NAME),
        platformdirs.user_cache_path(NAME),
    )


def test_on_macos_platformdirs_decides_unless_xdg_variables_are_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_variables(monkeypatch, tmp_path)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platformdirs, "PlatformDirs", MacOS)
    library = tmp_path / "Library"
    support = library / "Application Support" / NAME
    assert folders({}) == (support, support, library / "Caches" / NAME)
    assert folders(XDG) == tuple(Path(place) / NAME for place in XDG.values())
    one = {"XDG_DATA_HOME": "/own/data", "XDG_CACHE_HOME": "relative"}
    assert folders(one) == (support, Path("/own/data") / NAME, library / "Caches" / NAME)


def test_one_folder_of_your_own_is_followed_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform in ("linux", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        own = Path("/own")
        environ = {"AURA_INTELLIGENCE_HOME": "/own", **XDG}
        assert folders(environ) == (own / "config", own / "data", own / "cache")


def test_on_windows_one_line_says_what_is_needed(
    cli: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "platform", "win32")
        ran, as_json = cli("models status"), cli("models status --json")
    assert (ran.code, ran.out) == (69, "")
    assert ran.err == (
        "aura_intelligence: Windows is not supported; use WSL, the Windows Subsystem for Linux\n"
    )
    assert as_json.code == 69
    assert as_json.error["type"] == "unavailable"
    assert "WSL" in as_json.error["message"]
