"""Taking a credential in: checked against its provider where that is asked, sealed, stored."""

from dataclasses import dataclass

from application.calling import Caller
from application.opening import vouch
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
from domain.credentials.profile import ProfileSummary
from domain.errors import CredentialRejected
from domain.providers.row import Provider

CHECK_TIMEOUT = 8000
"""How long the key check before saving may take, in ms."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What a person wants stored. `base_url` overrides the provider's."""

    provider: Provider
    profile_id: str
    credential: Credential
    label: str = ""
    base_url: str | None = None
    verify: bool = True


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
            return "it answered, but might answer anybody"
        reason = self.verdict.code or self.verdict.detail
        return self.verdict.outcome.value + (f" ({reason})" if reason else "")


@dataclass(slots=True)
class Enroller:
    """Checks first, saves second: a refused credential never replaces one that works."""

    profiles: ProfileStore
    selection: SelectionStore
    caller: Caller

    async def enrol(self, new: NewCredential) -> Enrolled:
        """Raises CredentialRejected only if the provider refused it; any doubt is saved and told.

        Raises ProviderTampered, and Unavailable where the store cannot be written.
        """
        row = new.provider
        vouch(self.selection, row)
        profile = AuthProfile(
            id=new.profile_id,
            provider=row.id,
            label=new.label,
            base_url=row.address(new.base_url),
            scheme=row.scheme_of(kind_of(new.credential)),
            credential=new.credential,
            custom_base_url=new.base_url not in (None, row.base_url),
        )
        verdict = await self._check(row, profile) if new.verify else None
        # A gateway may pass on that its own key was refused further up: ours was not.
        refused = verdict is not None and verdict.credential == "refused"
        if verdict and refused and verdict.outcome in (Outcome.AUTH, Outcome.EXPIRED):
            raise CredentialRejected(
                f"{row.label} refused this credential ({verdict.outcome.value}); nothing was saved",
                hint="check it, or save it unchecked with --no-verify",
            )
        return Enrolled(self.profiles.put(profile, self.caller.clock()), verdict)

    async def _check(self, row: Provider, profile: AuthProfile) -> ProbeVerdict:
        access = Access(profile.base_url, profile.scheme, bearer_of(profile.credential))
        now = self.caller.clock()
        async with self.caller.wire:
            return await self.caller.learned(
                row, access, lambda dialect, access: dialect.check(row, access, now), CHECK_TIMEOUT
            )
