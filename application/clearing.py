"""A person takes back what the journal says against a credential; the journal keeps it all."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from application.ports.people import Clock
from application.ports.store import ProbeJournal
from application.recording import finished, intent_of
from application.survey import Survey
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.profile import unknown_profile
from domain.journal.standing import Window
from domain.routing.attempt import Attempt
from domain.routing.precedence import credentials, keyless_windows
from domain.routing.probed_models import attempt_at
from domain.routing.state import State

Closed = tuple[Attempt, tuple[Window, ...]]
"""A credential, or a server without a key, with the windows its past keeps open."""


@dataclass(frozen=True, slots=True)
class Clearer:
    """Appends a record of kind `cleared` for each credential that something is held against."""

    survey: Survey
    journal: ProbeJournal
    clock: Clock
    host: str

    def find(self, ids: Sequence[str] | None) -> tuple[Closed, ...]:
        """Those that something is held against, of the credentials or providers `ids` (None: all).

        Raises NotFound.
        """
        state, now = self.survey(), self.clock()
        every = tuple(_every(state, now))
        named = {attempt.credential_id for attempt, _ in every}
        for id in ids or ():
            if id not in named and id not in state.providers:
                known = {attempt.profile_id or attempt.row.id for attempt, _ in every}
                raise unknown_profile(id, known)
        return tuple(
            (attempt, windows)
            for attempt, windows in every
            if windows and (ids is None or {attempt.credential_id, attempt.row.id} & {*ids})
        )

    def clear(self, closed: Iterable[Closed]) -> None:
        """Raises Unavailable where the journal cannot be written."""
        run_id, now = uuid.uuid4().hex, self.clock()
        intents = [intent_of(attempt, run_id, "cleared", now, self.host) for attempt, _ in closed]
        cleared = ProbeVerdict(Outcome.CLEARED)
        if intents:
            self.journal.begin([finished(intent, now, now, cleared, None) for intent in intents])


def _every(state: State, now: int) -> Iterator[Closed]:
    found = credentials(state, now)
    for row in state.providers.values():
        for candidate in found.of(row.id):
            yield attempt_at(row, candidate.credential, ()), candidate.windows
        if row.is_loopback:
            yield attempt_at(row, None, ()), keyless_windows(state, row, now)
