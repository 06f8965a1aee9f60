"""What becomes of a credential outside of this program, written down before it happens."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from application.opening import Identifier
from application.ports.people import Clock
from application.ports.store import ProbeJournal
from application.recording import intent_of
from domain.answers.outcome import Outcome
from domain.errors import RecordDamaged, Unavailable
from domain.routing.attempt import Attempt


@dataclass(frozen=True, slots=True)
class Handouts:
    """Records of kind `handout`: who got which credential, and when."""

    identifier: Identifier
    journal: ProbeJournal
    clock: Clock
    host: str

    def record(self, attempt: Attempt) -> None:
        """Raises Unavailable, naming the way without, where it cannot be written."""
        try:
            self._write(attempt)
        except Unavailable as failure:
            failure.hint = "to hand it out without a record: --unrecorded"
            raise

    def damaged(
        self, attempt: Attempt, damage: RecordDamaged, tell: Callable[[str], object]
    ) -> None:
        """Writes down, and tells, that its secret does not open."""
        tell(f"the credential {attempt.credential_id} does not open: {damage}")
        try:
            self._write(attempt, Outcome.UNREADABLE, damage.type)
        except Unavailable as failure:
            tell(f"that is not recorded: {failure}")

    def _write(
        self, attempt: Attempt, outcome: Outcome | None = None, code: str | None = None
    ) -> None:
        (named,) = self.identifier([attempt])
        at = self.clock()
        intent = intent_of(named, uuid.uuid4().hex, "handout", at, self.host)
        self.journal.begin([intent._replace(finished_at=at, outcome=outcome, code=code)])
