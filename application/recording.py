"""Records made of attempts and verdicts, and of what is handed out."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from application.opening import Identifier
from application.ports.people import Clock
from application.ports.providers import Access
from application.ports.store import ProbeJournal
from domain.answers.classification import CLASSIFIER_VERSION
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import RecordDamaged, Unavailable
from domain.journal.records import ProbeRecord
from domain.providers.row import Provider
from domain.routing.attempt import Attempt
from domain.text import LIMIT, foreign


def intent_of(attempt: Attempt, run_id: str, kind: str, at: int, host: str) -> ProbeRecord:
    """What is written before a request is sent, at `at` (epoch ms)."""
    return ProbeRecord(
        id=0,
        run_id=run_id,
        kind=kind,
        started_at=at,
        finished_at=None,
        provider=attempt.row.id,
        model=attempt.model,
        credential_id=attempt.credential_id,
        source=attempt.source,
        mode=attempt.mode,
        base_url=attempt.base_url,
        revision=attempt.revision,
        fingerprint=attempt.fingerprint,
        outcome=None,
        credential="unknown",
        latency_ms=None,
        http_status=None,
        code=None,
        error_type=None,
        request_id=None,
        resets_at=None,
        classifier_version=CLASSIFIER_VERSION,
        host=host,
    )


def finished(
    intent: ProbeRecord, began: int, ended: int, verdict: ProbeVerdict, latency: int | None
) -> ProbeRecord:
    """`intent` with what was learned. Moments are epoch ms, `latency` is ms."""
    return intent._replace(
        started_at=began,
        finished_at=ended,
        outcome=verdict.outcome,
        credential=verdict.credential,
        latency_ms=latency,
        http_status=verdict.http_status,
        code=verdict.code,
        error_type=verdict.error_type,
        request_id=verdict.request_id,
        resets_at=verdict.resets_at,
        scope=verdict.scope,
        usage=verdict.usage,
    )


def scrubbed(verdict: ProbeVerdict, access: Access, row: Provider) -> ProbeVerdict:
    """`verdict` without the secret, whole or in part, and fit for a terminal.

    Of a page that is not there it says where it was sought: the address may be wrong.
    """
    secrets = (access.secret.reveal(),) if access.secret else ()
    if verdict.outcome is Outcome.FORMAT and verdict.http_status == 404:
        lacks = row.dialect == "openai" and not re.search(r"/v\d", access.base_url)
        hint = " (is /v1 missing at its end?)" if lacks else ""
        said = verdict.detail or "not found"
        verdict = replace(verdict, detail=f"at {access.base_url}{hint}: {said}")

    def clean(text: str | None, limit: int = 64) -> str | None:
        return foreign(text, secrets, limit) if text else None

    return replace(
        verdict,
        code=clean(verdict.code),
        error_type=clean(verdict.error_type),
        request_id=clean(verdict.request_id),
        detail=clean(verdict.detail, LIMIT),
    )


@dataclass(frozen=True, slots=True)
class Handouts:
    """Records of what no request ended: who got which credential, and who signed in, and when."""

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

    def signed_in(self, attempt: Attempt, *, consented: bool) -> None:
        """Writes down that a person signed in, and agreed to be another program. Raises
        Unavailable.
        """
        self._write(attempt, code="consent" if consented else None, kind="login")

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
        self,
        attempt: Attempt,
        outcome: Outcome | None = None,
        code: str | None = None,
        kind: str = "handout",
    ) -> None:
        (named,) = self.identifier([attempt])
        at = self.clock()
        intent = intent_of(named, uuid.uuid4().hex, kind, at, self.host)
        self.journal.begin([intent._replace(finished_at=at, outcome=outcome, code=code)])
