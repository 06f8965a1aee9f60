"""`models auth refresh`."""

import asyncio
from collections.abc import Collection, Sequence
from typing import NamedTuple

from application.grants.refreshing import DUE
from application.opening import Opener
from application.ports.people import Clock
from application.survey import Survey
from domain.credentials.expiry import margin_of
from domain.credentials.profile import ProfileSummary, unknown_profile
from domain.errors import AuraError, Malformed, Refused
from domain.providers.row import known_provider
from domain.routing.attempt import Attempt
from domain.routing.state import State
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.profile import profile_document
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.codes import code_of


class _Done(NamedTuple):
    """What came of one grant: it is another one now, or why not (None: it was good)."""

    before: ProfileSummary
    after: ProfileSummary
    failure: AuraError | None

    @property
    def word(self) -> str:
        if self.failure is not None:
            return "needs login" if self.failure.type == "needs_login" else "failed"
        return "refreshed" if self.after.revision != self.before.revision else "good"


def refresh(
    id: str | None = None,
    /,
    *,
    all: Flag = False,
    force: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    opener: Later[Opener],
    clock: Injected[Clock],
) -> int:
    """Refresh grants that end within five minutes.

    Parameters
    ----------
    id
        Only this profile.
    all
        Every grant that is stored; also what is done without an id.
    force
        Refresh what is good, too.
    """
    if all and id is not None:
        raise Malformed("--all and an id exclude each other", hint="choose one")
    state = survey()
    grants = _grants(state, id)
    wanted = {p.id for p in grants if force or _is_due(p, clock())}
    done = asyncio.run(_refreshed(opener(), grants, state, wanted))
    if json:
        render.json({"profiles": [_document(one) for one in done]})
    else:
        for one in done:
            render.line(f"{one.after.id}  {one.word}")
            if one.failure:
                render.note(str(one.failure), one.failure.hint)
        if not done:
            render.note("there is no grant to refresh", "aura_intelligence models auth login")
    return max((code_of(one.failure) for one in done if one.failure), default=0)


def _grants(state: State, id: str | None) -> list[ProfileSummary]:
    if id is None:
        return [p for p in state.profiles if _is_renewed(p) and p.provider in state.providers]
    for profile in state.profiles:
        if profile.id == id:
            known_provider(profile.provider, state.providers)
            if not _is_renewed(profile):
                raise Refused(f"{id} is no grant: nothing of it can be refreshed")
            return [profile]
    raise unknown_profile(id, [profile.id for profile in state.profiles])


def _is_renewed(profile: ProfileSummary) -> bool:
    return profile.kind == "oauth" or profile.origin is not None


def _is_due(grant: ProfileSummary, now: int) -> bool:
    ends = grant.expires_at
    margin = margin_of(DUE, ends, grant.updated_at) if grant.refreshable else DUE
    return ends is not None and ends - now <= margin


async def _refreshed(
    opener: Opener, grants: Sequence[ProfileSummary], state: State, wanted: Collection[str]
) -> list[_Done]:
    attempts = [Attempt(state.providers[p.provider], p, None) for p in grants]
    # Of what is due, too, it is told where that fails, even if it is good for a while still.
    renewed = await opener([a for a in attempts if a.credential_id in wanted], renew=True)
    kept = await opener([a for a in attempts if a.credential_id not in wanted])
    opened = {one.attempt.credential_id: one for one in (*renewed, *kept)}
    done = []
    for before in grants:
        attempt, access = opened[before.id]
        after = attempt.credential
        assert isinstance(after, ProfileSummary)
        done.append(_Done(before, after, access if isinstance(access, AuraError) else None))
    return done


def _document(one: _Done) -> dict[str, object]:
    return {
        **profile_document(one.after),
        "refresh": one.word,
        "error": render.error(one.failure) if one.failure else None,
    }
