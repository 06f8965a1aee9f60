"""Secrets on their way to a provider: opened at one look, each only for where it may be sent."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from application.grants.refreshing import DUE, Refresher
from application.ports.keys import KeyProbe
from application.ports.people import Aside, Clock
from application.ports.providers import Access
from application.ports.store import ProfileStore, SelectionStore
from domain.credentials.credential import AuthProfile, bearer_of, expiry_of
from domain.credentials.environment import EnvironmentCredential, Fingerprint, environment_secret
from domain.credentials.expiry import margin_of
from domain.credentials.profile import ProfileSummary
from domain.errors import AuraError, EndpointMoved, Malformed, NotFound
from domain.providers.row import Provider
from domain.routing.attempt import UNSENT, Attempt
from domain.routing.precedence import KEY_PROBLEMS

Profiles = Mapping[str, AuthProfile | AuraError]


class Opened(NamedTuple):
    """An attempt, and what it is sent with, or why nothing is. Its credential is as it is stored
    now: a refresh may have changed that.
    """

    attempt: Attempt
    access: Access | AuraError


@dataclass(frozen=True, slots=True)
class Opener:
    """What each attempt is sent with, or why nothing is sent for it: the one place that opens.

    A grant that is due is refreshed here, before it is sent.
    """

    profiles: ProfileStore
    selection: SelectionStore
    refresher: Refresher
    environ: Mapping[str, str]
    aside: Aside

    async def __call__(
        self, attempts: Sequence[Attempt], *, margin: int = DUE, renew: bool = False
    ) -> list[Opened]:
        """Every secret opened at one look, before the first request is under way.

        Grants that end within `margin` ms are refreshed; with `renew` all that can be.
        """
        if (doubt := await self.aside(self._doubt_of_selection)) is not None:
            return [Opened(attempt, doubt) for attempt in attempts]
        profiles = await self.aside(lambda: self._stored(attempts))
        doubts = await self.aside(lambda: self._doubts(attempts))
        opened = [Opened(a, self._access(a, profiles, doubts)) for a in attempts]
        return await asyncio.gather(*(self._fresh(o, profiles, margin, renew) for o in opened))

    async def _fresh(self, opened: Opened, profiles: Profiles, margin: int, renew: bool) -> Opened:
        attempt, access = opened
        profile = profiles.get(attempt.credential_id)
        if isinstance(access, AuraError) or not isinstance(profile, AuthProfile):
            return opened
        known = attempt.credential
        if isinstance(known, ProfileSummary):
            margin = margin_of(margin, known.expires_at, known.updated_at)
        try:
            # What was put in its place since is not refreshed over: it is tried first.
            force = renew and not _is_later(profile, attempt)
            held = await self.refresher(attempt.row, profile, margin=margin, force=force)
            if held is None and _is_later(profile, attempt):
                held = await self.aside(lambda: self.profiles.current(profile.id))
        except AuraError as failure:
            return Opened(attempt, failure)
        if held is None:
            return opened
        attempt = attempt._replace(credential=held.summary)
        return Opened(attempt, _access_of_profile(attempt.row, held.profile))

    def _doubt_of_selection(self) -> AuraError | None:
        try:
            self.selection.verify()
        except AuraError as doubt:
            # A key that is not there costs only what it would open; `status` says that it is not.
            return None if doubt.type in KEY_PROBLEMS else doubt
        return None

    def _stored(self, attempts: Sequence[Attempt]) -> Profiles:
        stored = [a.credential_id for a in attempts if a.source == "profile"]
        try:
            return self.profiles.open(stored) if stored else {}
        except AuraError as locked:
            return dict.fromkeys(stored, locked)

    def _doubts(self, attempts: Sequence[Attempt]) -> Mapping[str, AuraError]:
        own = {a.row.id: a.row for a in attempts}
        return {id: doubt for id, row in own.items() if (doubt := self._doubt(row))}

    def _doubt(self, row: Provider) -> AuraError | None:
        try:
            vouch(self.selection, row)
        except AuraError as doubt:
            return doubt
        return None

    def _access(
        self, attempt: Attempt, profiles: Profiles, doubts: Mapping[str, AuraError]
    ) -> Access | AuraError:
        row, credential = attempt.row, attempt.credential
        if attempt.reason in UNSENT:
            return NotFound(f"{row.id} {UNSENT[attempt.reason]}; nothing was sent")
        if row.id in doubts:
            return doubts[row.id]
        if credential is None:
            return Access(attempt.base_url, row.scheme, None)
        if isinstance(credential, EnvironmentCredential):
            return self._access_of_variable(row, credential)
        profile = profiles[credential.id]
        if isinstance(profile, AuraError):
            return profile
        return _access_of_profile(row, profile)

    def _access_of_variable(
        self, row: Provider, variable: EnvironmentCredential
    ) -> Access | AuraError:
        if variable.problem == "bad_base_url":
            return Malformed("its base URL variable is not https or loopback; nothing was sent")
        if not variable.base_url:
            return Malformed(
                f"{row.id} has no address of its own; nothing was sent",
                hint=f"set {row.base_url_env} to yours" if row.base_url_env else None,
            )
        try:
            shortest = row.shortest_key(variable.base_url)
            secret = environment_secret(variable.name, self.environ, shortest)
        except AuraError as refusal:
            return refusal
        return Access(variable.base_url, row.scheme_of(variable.kind), secret)


def _access_of_profile(row: Provider, profile: AuthProfile) -> Access | AuraError:
    if not profile.custom_base_url and profile.base_url != row.base_url:
        return EndpointMoved(
            f"{row.id} points elsewhere than when {profile.id} was saved; nothing was sent",
            hint=f"re-add this credential: auth add --provider {row.id}",
        )
    return Access(profile.base_url, profile.scheme, bearer_of(profile.credential))


def _is_later(profile: AuthProfile, attempt: Attempt) -> bool:
    """Whether it was stored after `attempt` was made: another process may have refreshed it."""
    known = attempt.credential
    return isinstance(known, ProfileSummary) and expiry_of(profile.credential) != known.expires_at


def vouch(selection: SelectionStore, row: Provider) -> None:
    """Raises ProviderTampered if `row` is a user provider that nobody here signed."""
    if row.source == "user":
        selection.vouch_for(row)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A store nothing was sealed in has no key; what is journalled of a variable needs one.

    Raises nothing: without a key that can be made the records hold for nothing, as before.
    """

    profiles: ProfileStore
    keys: KeyProbe
    environ: Mapping[str, str]
    clock: Clock

    def __call__(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """`attempts`, those with variables with a fingerprint."""
        mark = self._marker() if any(map(_nameless, attempts)) else None
        return [self._named(attempt, mark) if mark else attempt for attempt in attempts]

    def _marker(self) -> Fingerprint | None:
        try:
            return self.keys.fingerprint(self.profiles.ensure_key(self.clock()))
        except AuraError:
            return None

    def _named(self, attempt: Attempt, mark: Fingerprint) -> Attempt:
        variable = _nameless(attempt)
        if variable is None:
            return attempt
        try:
            shortest = attempt.row.shortest_key(variable.base_url)
            secret = environment_secret(variable.name, self.environ, shortest)
        except AuraError:
            return attempt
        return attempt._replace(credential=variable._replace(fingerprint=mark(secret.reveal())))


def _nameless(attempt: Attempt) -> EnvironmentCredential | None:
    credential = attempt.credential
    if not isinstance(credential, EnvironmentCredential):
        return None
    return credential if (credential.fingerprint, credential.problem) == (None, None) else None
