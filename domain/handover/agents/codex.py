"""The `config.toml` of Codex: one model, at a server that speaks `/responses`."""

from collections.abc import Iterable
from typing import Any

from domain.credentials.profile import ProfileSummary
from domain.handover.agents.files import OURS, AgentFile, chosen, others, sorted_out
from domain.handover.exporting import Reach
from domain.selection.selection import Selection

_SIGNS_IN = "openai-codex"
_REFRESH = {"timeout_ms": 10_000, "refresh_interval_ms": 300_000}


def codex_config(selection: Selection, reaches: Iterable[Reach]) -> AgentFile:
    kept, left = sorted_out(reaches, _doubt)
    one = chosen(selection, kept)
    left_out = (*left, *others(kept, one, "Codex"))
    if one is None:
        return AgentFile({}, left_out)
    # Its own ids (openai, ollama, …) may not be given again.
    id = f"{OURS}{one.row.id}"
    document = {
        "model": one.ref.model,
        "model_provider": id,
        "model_providers": {id: _provider(one)},
    }
    return AgentFile(document, left_out, tuple(_notes(one)))


def _doubt(reach: Reach) -> str | None:
    row = reach.row
    if row.builtin and row.id == _SIGNS_IN:
        return "Codex signs in to it by itself: codex login"
    if row.builtin and row.id == "github-copilot":
        return "its token has to be exchanged for another one first"
    speaks = row.id == "openai" or row.speaks_responses(reach.ref.model) or not row.builtin
    if row.dialect != "openai" or not speaks:
        return "Codex speaks /responses only"
    return None


def _provider(reach: Reach) -> dict[str, Any]:
    row = reach.row
    headers = dict(row.extra_headers)
    return {
        "name": row.label,
        "base_url": reach.base_url,
        "wire_api": "responses",
        **({"http_headers": headers} if headers else {}),
        **_credential(reach),
    }


def _credential(reach: Reach) -> dict[str, Any]:
    if reach.variable is None:
        return {}
    if not isinstance(reach.credential, ProfileSummary):
        return {"env_key": reach.variable}
    words = ["models", "auth", "token", reach.row.id]
    return {"auth": {"command": "aura_intelligence", "args": words, **_REFRESH}}


def _notes(reach: Reach) -> Iterable[str]:
    if not reach.row.builtin or reach.is_elsewhere:
        yield f"{reach.base_url} has to answer at /responses: Codex speaks nothing else"
    if reach.variable and not isinstance(reach.credential, ProfileSummary):
        yield f"Codex looks for the key in {reach.variable}"
