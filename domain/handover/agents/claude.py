"""The `settings.json` of Claude Code: one model, at a server that speaks like Anthropic's."""

import shlex
from collections.abc import Iterable

from domain.credentials.environment import EnvironmentCredential
from domain.handover.agents.files import AgentFile, chosen, others, sorted_out
from domain.handover.exporting import Reach
from domain.handover.variables import NO_KEY
from domain.selection.selection import Selection

_REFRESH_MS = "300000"
_FIRST = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def claude_settings(selection: Selection, reaches: Iterable[Reach]) -> AgentFile:
    kept, left = sorted_out(reaches, _doubt)
    one = chosen(selection, kept)
    left_out = (*left, *others(kept, one, "Claude Code"))
    if one is None:
        return AgentFile({}, left_out)
    # The helper and the address are told in any case, and together: those of another model that
    # were there would send the credential of one server to another. So would variables that are
    # Anthropic's, which Claude Code takes before the helper's word.
    is_named = isinstance(one.credential, EnvironmentCredential) and one.variable in _FIRST
    of_others = dict.fromkeys(_FIRST, "") if one.is_elsewhere and not is_named else {}
    document = {
        "model": one.ref.model,
        "apiKeyHelper": _helper(one),
        "env": {
            "ANTHROPIC_BASE_URL": one.base_url,
            "CLAUDE_CODE_API_KEY_HELPER_TTL_MS": _REFRESH_MS,
            **of_others,
        },
    }
    return AgentFile(document, left_out, _notes(one))


def _helper(reach: Reach) -> str:
    if reach.variable is None:
        return f"echo {NO_KEY}"
    return f"aura_intelligence models auth token {shlex.quote(reach.row.id)}"


def _doubt(reach: Reach) -> str | None:
    if reach.row.dialect != "anthropic":
        return "Claude Code speaks Anthropic's dialect only"
    if reach.row.builtin and reach.is_token:
        return "Claude Code signs in with such a token by itself"
    if reach.row.extra_headers:
        return "it needs headers of its own"
    return None


def _notes(reach: Reach) -> tuple[str, ...]:
    if reach.variable is None or reach.credential is not None:
        return ()
    return (f"no credential yet: aura_intelligence models auth add --provider {reach.row.id}",)
