"""Taking a credential in: checked against its provider where that is asked, sealed, stored."""

from dataclasses import dataclass

from application.calling import Caller
from application.opening import vouch
from application.ports.elsewhere import Confirmed
from application.ports.providers import Access
from application.ports.store import ProfileStore, SelectionStore
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.credential import (
    AuthProfile,
    Credential,
    bearer_of,
    kind_of,
)
from domain.credentials.origins import Command, Origin
from domain.credentials.profile import ProfileSummary
from domain.errors import CredentialRejected, NotFound, RecordDamaged, Refused
from domain.providers.row import Provider

CHECK_TIMEOUT = 8000
"""How long the key check before saving may take, in ms."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What a person wants stored. `base_url` overrides the provider's; `origin` is who keeps or
    prints the credential: a command is let run on this machine by that.

    What is None stays as it was in the profile that is replaced.
    """

    provider: Provider
    profile_id: str
    credential: Credential
    label: str | None = None
    base_url: str | None = None
    verify: bool = True
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The stored profile. `verdict` is None when no check was asked for."""

    summary: ProfileSummary
    verdict: ProbeVerdict | None

    @property
    def not_checked(self) -> str | None:
        """Why it is not known whether the provider takes the credential; None if it does."""
        if self.verdict is None:
            return "no check was asked for"
        if self.verdict.credential == "proven":
            return None
        if self.verdict.outcome is Outcome.OK:
            return "this server may answer any key"
        # Of a page that is not there the detail says where it was sought.
        verdict = self.verdict
        reason = verdict.detail if verdict.outcome is Outcome.FORMAT else verdict.code
        reason = reason or verdict.code or verdict.detail
        return self.verdict.outcome.value + (f" ({reason})" if reason else "")


@dataclass(slots=True)
class Enroller:
    """Checks first, saves second: a refused credential never replaces one that works."""

    profiles: ProfileStore
    selection: SelectionStore
    caller: Caller
    confirmed: Confirmed

    async def enrol(self, new: NewCredential) -> Enrolled:
        """Raises CredentialRejected only if the provider refused it; any doubt is saved and told.

        Raises ProviderTampered, and Unavailable where the store cannot be written.
        """
        row = new.provider
        vouch(self.selection, row)
        before = self._before(new)
        # What a command prints goes where it is said: who confirms it has seen the address.
        stays = before is not None and not isinstance(new.origin, Command)
        kept = before.base_url if before and stays and before.custom_base_url else None
        chosen = new.base_url or kept
        label = new.label if new.label is not None else before.label if before else ""
        profile = AuthProfile(
            id=new.profile_id,
            provider=row.id,
            label=label,
            base_url=row.address(chosen),
            scheme=row.scheme_of(kind_of(new.credential)),
            credential=new.credential,
            custom_base_url=chosen not in (None, row.base_url),
            origin=new.origin,
        )
        verdict = await self._check(row, profile) if new.verify else None
        # A gateway may pass on that its own key was refused further up: ours was not.
        refused = verdict is not None and verdict.credential == "refused"
        if verdict and refused and verdict.outcome in (Outcome.AUTH, Outcome.EXPIRED):
            raise CredentialRejected(
                f"{row.label} refused this credential ({verdict.outcome.value}); nothing was saved",
                hint="check it, or save it unchecked with --no-verify",
            )
        stored = Enrolled(self.profiles.put(profile, self.caller.clock()), verdict)
        if isinstance(new.origin, Command):
            self.confirmed.add(new.origin, profile.base_url)
        return stored

    def _before(self, new: NewCredential) -> AuthProfile | None:
        """The profile that is replaced: opened, for only the sealed address is what it was."""
        try:
            found = self.profiles.open([new.profile_id])[new.profile_id]
        except NotFound:
            return None
        if isinstance(found, AuthProfile):
            return found
        if isinstance(found, NotFound) or None not in (new.base_url, new.label):
            return None
        if isinstance(found, RecordDamaged):
            raise Refused(
                f"{new.profile_id} is damaged: it is not known where its credential may be sent",
                hint="give it: --base-url URL --label TEXT, or remove the profile first",
            )
        raise found

    async def _check(self, row: Provider, profile: AuthProfile) -> ProbeVerdict:
        access = Access(profile.base_url, profile.scheme, bearer_of(profile.credential))
        async with self.caller.wire:
            return await self.caller.learned(row, access, self.caller.checking(row), CHECK_TIMEOUT)
