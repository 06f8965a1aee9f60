"""One fresh token for another program, so that it need not own a grant itself."""

from dataclasses import dataclass

from application.opening import Opener
from application.ports.people import Clock
from application.ports.providers import Access
from application.ports.reading import JournalReader
from application.recording import Handouts
from application.survey import Survey
from domain.credentials.expiry import margin_of
from domain.credentials.profile import ProfileSummary, unknown_profile
from domain.errors import AuraError, NotFound, Refused
from domain.instants import HOUR
from domain.journal.records import HistoryQuery
from domain.providers.refs import provider_id
from domain.providers.row import known_provider
from domain.routing.attempt import Attempt
from domain.routing.precedence import Candidate, credentials
from domain.routing.state import State

_LOOKED_AT = 100
"""How many records of a credential are looked at for its last handout."""


@dataclass(frozen=True, slots=True)
class Tokens:
    survey: Survey
    opener: Opener
    handouts: Handouts
    journal: JournalReader
    clock: Clock

    async def fresh(self, name: str, margin: int) -> tuple[Attempt, Access]:
        """The credential `name` (a profile's id, a variable's, or a provider: the one that is used
        now), refreshed where it ends within `margin` ms; written down before it is given.

        Raises NotFound, Refused where it has expired or ends too soon, NeedsLogin, RefreshFailed,
        Unavailable.
        """
        state = self.survey()
        candidate = self._named(name, state)
        credential = candidate.credential
        row = state.providers.get(credential.provider)
        if row is None:
            raise NotFound(f"no provider {credential.provider}", hint="its profile can be removed")
        ((attempt, access),) = await self.opener([Attempt(row, credential, None)], margin=margin)
        if isinstance(access, AuraError):
            raise access
        if access.secret is None:
            raise NotFound(f"{row.id} needs no credential")
        self._refuse_short(attempt, margin)
        if not self._is_recorded(attempt):
            self.handouts.record(attempt)
        return attempt, access

    def _is_recorded(self, attempt: Attempt) -> bool:
        """Whether the same was handed out within the hour: that is one record."""
        query = HistoryQuery(profile=attempt.credential_id, limit=_LOOKED_AT)
        since = self.clock() - HOUR
        return any(
            record.kind == "handout" and record.outcome is None and record.started_at > since
            for record in self.journal.search(query).records
            if (record.fingerprint, record.revision) == (attempt.fingerprint, attempt.revision)
        )

    def _named(self, name: str, state: State) -> Candidate:
        found = credentials(state, self.clock())
        own = {c.credential.id: c for all in found.by_provider.values() for c in all}
        if name in own:
            return own[name]
        if ":" in name:
            raise unknown_profile(name, own)
        provider = known_provider(provider_id(name), state.providers).id
        effective = found.effective(provider)
        if effective is None:
            raise NotFound(
                f"{provider} has no credential",
                hint=f"aura_intelligence models auth login --provider {provider}",
            )
        return effective

    def _refuse_short(self, attempt: Attempt, margin: int) -> None:
        held = attempt.credential
        if not isinstance(held, ProfileSummary) or held.expires_at is None:
            return
        if held.refreshable:
            # What never lives so long is taken as it is: asking again would not get more.
            margin = margin_of(margin, held.expires_at, held.updated_at)
        if held.expires_at - self.clock() < margin:
            words = f"login --provider {attempt.row.id}"
            if held.refreshable:
                # It says why: the provider may only be away.
                words = f"refresh {held.id} --force"
            raise Refused(
                f"{attempt.credential_id} ends too soon, and could not be refreshed",
                hint=f"aura_intelligence models auth {words}",
            )
