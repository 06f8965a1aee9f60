"""The journal's rows: what was tried, when, and how it ended."""

from typing import Literal, NamedTuple

from domain.answers.outcome import CredentialFact, Outcome, Scope
from domain.answers.usage import UsageWindow
from domain.journal.blame import BLAME_OF, Blame

Source = Literal["profile", "env", "none"]
Mode = Literal["inference", "free"]


SAYS_NOTHING = (None, Outcome.CANCELLED, Outcome.UNREADABLE, Outcome.CLEARED)
"""Outcomes that were no answer: nothing is known since."""


KINDS = ("probe", "use", "handout", "scan", "login", "vault", "cleared")
"""The kinds of records there are."""


WITHOUT_OUTCOME = {"handout": "handed out", "login": "signed in"}
"""Kinds of records that no request ended, and what a person is told of one."""


class ProbeRecord(NamedTuple):
    """One row of the journal. Times are epoch ms; `outcome` is None while it is only intended.

    `kind` is `probe`, `scan`, `use` (a request that was meant), `cleared`, `login` (a person signed
    in; the code `consent`: as another program, and agreed to that) or `handout` (the credential was
    given to another program, or shown). `usage` is what the answer
    told of the provider's limits; `scope` what it held of, None where the outcome says it.
    """

    id: int
    run_id: str
    kind: str
    started_at: int
    finished_at: int | None
    provider: str
    model: str | None
    credential_id: str
    source: Source
    mode: Mode
    base_url: str
    revision: int | None
    fingerprint: str | None
    outcome: Outcome | None
    credential: CredentialFact
    latency_ms: int | None
    http_status: int | None
    code: str | None
    error_type: str | None
    request_id: str | None
    resets_at: int | None
    classifier_version: int
    host: str
    scope: Scope | None = None
    usage: tuple[UsageWindow, ...] = ()

    @property
    def ended_at(self) -> int:
        return self.started_at if self.finished_at is None else self.finished_at

    @property
    def shown_outcome(self) -> Outcome | None:
        """An intent without a result was cut short; a handout and a login have no outcome."""
        if self.outcome is None and self.kind in WITHOUT_OUTCOME:
            return None
        return self.outcome or Outcome.INTERRUPTED

    @property
    def blame(self) -> Blame | None:
        """Whose fault it was; None where nothing was learned."""
        return BLAME_OF.get(self.outcome.value) if self.outcome else None

    @property
    def outcome_text(self) -> str:
        """The same for a person."""
        if self.shown_outcome:
            return self.shown_outcome.value
        return WITHOUT_OUTCOME[self.kind]

    @property
    def profile_id(self) -> str | None:
        return None if self.source == "none" else self.credential_id


class HistoryQuery(NamedTuple):
    """Which records, newest first; of several `outcomes` or `kinds` any, of none all.

    `since` and `until` (epoch ms, not included) are when they began. `before` is a cursor: records
    with a smaller id.
    """

    provider: str | None = None
    profile: str | None = None
    model: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    limit: int = 50
    before: int | None = None
    kinds: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    run: str | None = None


class Retention(NamedTuple):
    """Records go that are older than `days`, or not among the newest `rows`; None: none do."""

    days: int | None = 180
    rows: int | None = 500_000


def keyless_id(provider: str) -> str:
    """The id under which a provider without a key is journalled; no profile can have it."""
    return f"{provider}:none:"


NEWEST_FAILURES, EARLIER_FAILURES = 8, (24, 64)
"""Which failures of a credential with one model are looked at, counted back from the newest: about
as many as a window has steps, and a few before them, which a burst would hide.
"""
LONGEST_TRAIL = EARLIER_FAILURES[-1]
