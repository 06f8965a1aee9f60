"""The programs whose files can be read; the reader of each is imported when it is first asked."""

import importlib
from collections.abc import Mapping, Sequence
from typing import cast

from domain.credentials.origins import Kept
from domain.handover.tools.contents import Contents, Found, ToolFile

ROLES: Mapping[str, tuple[str, ...]] = {
    "openclaw": ("profiles", "state", "config"),
    "codex": ("auth", "config"),
    "claude": ("credentials", "settings", "state"),
    "opencode": ("auth", "config"),
    "llm": ("keys",),
    "gh": ("hosts",),
    "litellm": ("config",),
}
"""Which files each program has; grants that rotate are in the first."""


def contents_of(source: str, files: Sequence[ToolFile]) -> Contents:
    """What `files` of `source`, one of ROLES, hold. Raises Malformed."""
    reader = importlib.import_module(f"{__package__}.{source}")
    return cast("Contents", reader.contents(files))


def grant_of(kept: Kept, files: Sequence[ToolFile]) -> Found | None:
    """The grant `kept` as it is in `files` now; None where it is gone. Raises Malformed."""
    found = contents_of(kept.tool, files).found
    return next((one for one in found if one.kept == kept), None)
