"""Secrets on their way to a provider: opened at one look, each only for where it may be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports.keys import KeyProbe
from application.ports.people import Aside, Clock
from application.ports.providers import Access
from application.ports.store import ProfileStore, SelectionStore
from domain.credentials.credential import AuthProfile, bearer_of
from domain.credentials.environment import EnvironmentCredential, Fingerprint, environment_secret
from domain.errors import AuraError, EndpointMoved, Malformed, NotFound
from domain.providers.row import Provider
from domain.routing.attempt import UNSENT, Attempt
from domain.routing.precedence import KEY_PROBLEMS

Profiles = Mapping[str, AuthProfile | AuraError]


@dataclass(frozen=True, slots=True)
class Opener:
    """What each attempt is sent with, or why nothing is sent for it: the one place that opens.

    Asynchronous, for here a grant that is due will be refreshed before it is sent.
    """

    profiles: ProfileStore
    selection: SelectionStore
    environ: Mapping[str, str]
    aside: Aside

    async def __call__(self, attempts: Sequence[Attempt]) -> list[Access | AuraError]:
        """Every secret opened at one look, before the first request is under way."""
        if (doubt := await self.aside(self._doubt_of_selection)) is not None:
            return [doubt] * len(attempts)
        profiles = await self.aside(lambda: self._stored(attempts))
        doubts = await self.aside(lambda: self._doubts(attempts))
        return [self._access(attempt, profiles, doubts) for attempt in attempts]

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
        if not profile.custom_base_url and profile.base_url != row.base_url:
            return EndpointMoved(
                f"{row.id} points elsewhere than when {profile.id} was saved; nothing was sent",
                hint=f"re-add this credential: auth add --provider {row.id}",
            )
        return Access(profile.base_url, profile.scheme, bearer_of(profile.credential))

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
