"""What the commands that store a credential share."""

import asyncio
from typing import Any

from application.enrolment import Enrolled, Enroller, NewCredential
from domain.credentials.profile import ProfileSummary, profile_id
from domain.providers.row import Provider
from domain.routing.state import State
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.profile import profile_document


def chosen_id(chosen: str | None, row: Provider, usual: str) -> str:
    """The profile's id that was given, or the usual one. Raises Malformed."""
    return profile_id(chosen, row.id) if chosen is not None else f"{row.id}:{usual}"


def enrol(new: NewCredential, state: State, enroller: Enroller, json: bool) -> int:
    """Stores `new` and says so; `state` is what was read before."""
    done = asyncio.run(enroller.enrol(new))
    others = [p for p in state.profiles if p.id != done.summary.id]
    replaced = len(others) < len(state.profiles)
    if json:
        render.json(_document(done, others, replaced))
    else:
        _say(done, replaced)
    _remark_order(done.summary, state.selection.auth_order.get(done.summary.provider))
    return 0


def _document(done: Enrolled, others: list[ProfileSummary], replaced: bool) -> dict[str, Any]:
    return {
        "profiles": [profile_document(p) for p in sorted([*others, done.summary])],
        "profile": profile_document(done.summary),
        "changed": True,
        "replaced": replaced,
        "notChecked": done.not_checked,
    }


def _say(done: Enrolled, replaced: bool) -> None:
    profile, word = done.summary, "Replaced" if replaced else "Saved"
    render.line(f"{word} {profile.id} ({profile.kind}, fingerprint {profile.fingerprint})")
    render.line(f"It is sent to {profile.base_url}.")
    if done.verdict is not None and done.not_checked:
        render.note(f"not checked: {done.not_checked}")


def _remark_order(profile: ProfileSummary, order: tuple[str, ...] | None) -> None:
    if order and profile.id not in order:
        render.note(
            f"{profile.id} is not in the auth order of {profile.provider} and will not be used",
            f"aura_intelligence models auth order set --provider {profile.provider} "
            + " ".join((*order, profile.id)),
        )
