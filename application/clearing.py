"""A person takes back what the journal says against a credential; the journal keeps it all."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from application.ports.people import Clock
from application.ports.store import ProbeJournal
from application.recording import finished, intent_of
from application.survey import Survey
from domain.answers.verdict import Outcome, ProbeVerdict
from domain.credentials.expiry import ExpiryPolicy
from domain.credentials.profile import unknown_profile
from domain.journal.standing import Window
from domain.routing.attempt import Target, target_of_credential, target_without_key
from domain.routing.precedence import credentials, keyless_windows
from domain.routing.state import State


class Shut(NamedTuple):
    """A credential, or a server without a key, with the windows its past keeps open."""

    target: Target
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Clearer:
    """Appends a record of kind `cleared` for each credential that something is held against."""

    survey: Survey
    journal: ProbeJournal
    clock: Clock
    host: str

    def find(self, ids: Sequence[str] | None) -> tuple[Shut, ...]:
        """Those that something is held against, of the credentials or providers `ids` (None: all).

        Raises NotFound.
        """
        state, now = self.survey(), self.clock()
        every = tuple(_every(state, now))
        if ids is None:
            return tuple(shut for shut in every if shut.windows)
        named = {shut.target.credential_id for shut in every}
        for id in ids:
            if id not in named and id not in state.providers:
                shown = {shut.target.profile_id or shut.target.provider.id for shut in every}
                raise unknown_profile(id, shown)
        return tuple(
            shut
            for shut in every
            if shut.windows and {shut.target.credential_id, shut.target.provider.id} & {*ids}
        )

    def clear(self, found: Iterable[Shut]) -> None:
        """Raises Unavailable where the journal cannot be written."""
        run_id, now = uuid.uuid4().hex, self.clock()
        records = [
            finished(
                intent_of(shut.target, run_id, "cleared", now, self.host),
                now,
                now,
                ProbeVerdict(Outcome.CLEARED),
                None,
            )
            for shut in found
        ]
        if records:
            self.journal.begin(records)


def _every(state: State, now: int) -> Iterator[Shut]:
    found = credentials(state, ExpiryPolicy(), now)
    for row in state.providers.values():
        for candidate in found.of(row.id):
            yield Shut(target_of_credential(candidate.credential, row, None), candidate.windows)
        if row.is_loopback:
            yield Shut(target_without_key(row, None), keyless_windows(state, row, now))
