"""Where other programs keep their files (each as its own documentation or source has it)."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """A file of a program: which one it is (domain/handover/tools), and where."""

    role: str
    path: Path


def places(source: str, environ: Mapping[str, str]) -> tuple[Place, ...]:
    """Every file that `source` may have, most telling first; none where only a person knows."""
    home = Path(environ.get("HOME") or Path("~").expanduser()).absolute()

    def moved(variable: str, *usual: str) -> Path:
        chosen = environ.get(variable, "").strip()
        return Path(chosen).absolute() if chosen else home.joinpath(*usual)

    config = moved("XDG_CONFIG_HOME", ".config")
    match source:
        case "codex":
            folder = moved("CODEX_HOME", ".codex")
            return _in(folder, auth="auth.json", config="config.toml")
        case "claude":
            folder = moved("CLAUDE_CONFIG_DIR", ".claude")
            state = folder if environ.get("CLAUDE_CONFIG_DIR", "").strip() else home
            found = _in(folder, credentials=".credentials.json", settings="settings.json")
            return (*found, Place("state", state / ".claude.json"))
        case "opencode":
            config = config / "opencode"
            chosen = environ.get("OPENCODE_CONFIG", "").strip()
            files = [config / "opencode.json", config / "opencode.jsonc"]
            files = [Path(chosen).absolute()] if chosen else files
            data = moved("XDG_DATA_HOME", ".local", "share") / "opencode"
            return (*_in(data, auth="auth.json"), *(Place("config", file) for file in files))
        case "openclaw":
            folder = moved("OPENCLAW_STATE_DIR", ".openclaw")
            chosen = environ.get("OPENCLAW_CONFIG_PATH", "").strip()
            return (
                Place("profiles", folder / "agents/main/agent/auth-profiles.json"),
                Place("state", folder / "agents/main/agent/auth-state.json"),
                Place("profiles", folder / "state/openclaw.sqlite"),
                Place("config", Path(chosen).absolute() if chosen else folder / "openclaw.json"),
            )
        case "llm":
            usual = home / "Library/Application Support" if sys.platform == "darwin" else config
            chosen = environ.get("LLM_USER_PATH", "").strip()
            folder = Path(chosen).absolute() if chosen else usual / "io.datasette.llm"
            return _in(folder, keys="keys.json")
        case "gh":
            chosen = environ.get("GH_CONFIG_DIR", "").strip()
            return _in(Path(chosen).absolute() if chosen else config / "gh", hosts="hosts.yml")
        case "litellm":
            return (Place("config", Path("config.yaml").absolute()),)
        case _:
            return (Place("variables", Path(".env").absolute()),)


_HOMES = {
    "codex": "CODEX_HOME",
    "claude": "CLAUDE_CONFIG_DIR",
    "openclaw": "OPENCLAW_STATE_DIR",
    "llm": "LLM_USER_PATH",
    "gh": "GH_CONFIG_DIR",
}


def moved_to(source: str, folder: Path) -> tuple[Place, ...]:
    """Every file that `source` may have where `folder` is its home; none where it has no such."""
    return places(source, {_HOMES[source]: str(folder)}) if source in _HOMES else ()


def _in(folder: Path, **names: str) -> tuple[Place, ...]:
    return tuple(Place(role, folder / name) for role, name in names.items())
