"""What an agent's file says already that would send a key, or a question, where nobody chose."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.handover.agents.files import OURS
from domain.text import visible

# Where an entry of OpenCode's own providers goes, and with what.
_STEERS = (("npm",), ("api",), ("options", "baseURL"), ("options", "headers"))
# Of Claude Code's environment: what comes before its key helper, its address and its model.
_CLAUDE = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_MODEL",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
)
_AIDER_KEYS = ("openai-api-key", "anthropic-api-key", "api-key")
_ADDRESS, _SET = "openai-api-base", "set-env"
_ADDRESSES, _SECRETS = ("_API_BASE", "_BASE_URL"), ("_API_KEY", "_TOKEN")


def obstacles(tool: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in `old` that have to go before `new` means what it says."""
    match tool:
        case "opencode":
            return tuple(_of_opencode(_table(old, "provider"), _table(new, "provider")))
        case "claude":
            was, becomes = _table(old, "env"), _table(new, "env")
            return tuple(f"env.{n}" for n in _CLAUDE if was.get(n) and n not in becomes)
        case "aider":
            return tuple(_of_aider(old, new))
        case _:
            return ()


def _of_opencode(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for id, entry in new.items():
        if not id.startswith(OURS) and isinstance(old.get(id), Mapping):
            for path in _STEERS:
                if (was := _at(old[id], path)) is not None and was != _at(entry, path):
                    yield visible(".".join(("provider", id, *path)))


def _of_aider(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """An address that is not chosen any longer, and keys beside one that is."""
    was, becomes = set(_names(old)), set(_names(new))
    if _ADDRESS in old and _ADDRESS not in new:
        yield _ADDRESS
    yield from (f"{_SET} {n}" for n in sorted(was - becomes) if n.endswith(_ADDRESSES))
    if _ADDRESS in new or any(name.endswith(_ADDRESSES) for name in becomes):
        yield from (name for name in _AIDER_KEYS if old.get(name))
        yield from (f"{_SET} {n}" for n in sorted(was - becomes) if n.endswith(_SECRETS))


def _names(document: Mapping[str, Any]) -> Iterator[str]:
    """The variables that aider sets."""
    told = document.get(_SET)
    for item in told if isinstance(told, list) else [told]:
        yield visible(str(item).partition("=")[0].strip(), 64)


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _at(entry: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        entry = entry.get(name) if isinstance(entry, Mapping) else None
    return entry
