"""What a credential's past forbids now: a pure function of the journal and the moment.

Nothing of it is stored (docs/adr/0013). Each rule is a row of one table; moments are epoch ms.
"""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Literal, NamedTuple

from domain.answers.outcome import Outcome, Scope
from domain.instants import DAY, HOUR, MINUTE, SECOND
from domain.journal.records import ProbeRecord

FORGOTTEN_AFTER = DAY
"""How long after a window its failure still counts when the next one's length is chosen, in ms."""
LOOPBACK_MOST = 30 * SECOND
"""A server of this machine is asked again after this, in ms: its owner may have mended it."""
# A record from further ahead than this (ms) has no moment that a window could be counted from.
_SKEW = 5 * MINUTE
_TRANSIENT = (30 * SECOND, MINUTE, 5 * MINUTE)
_PURSE = tuple(min(10 * MINUTE << n, DAY) for n in range(9))


class Rule(NamedTuple):
    """One row: which outcomes keep a credential (or only one model of it) from being used.

    `scope` holds where the record says none. Nothing follows from the refusal of one prompt.

    `steps` are the lengths in ms of the first window, the second, …; the last one repeats. Without
    steps the credential is out until it changes. `until_reset`: a reset the provider told wins.
    `free`: a free check of the key, which asks no model, counts as well.
    """

    name: str
    outcomes: tuple[Outcome, ...]
    scope: Scope
    steps: tuple[int, ...] = ()
    until_reset: bool = False
    free: bool = False


RULES = (
    Rule(
        "rate_limit",
        (Outcome.RATE_LIMIT,),
        "model",
        tuple(min(30 * SECOND << n, HOUR) for n in range(8)),
        until_reset=True,
    ),
    Rule(
        "transient",
        (Outcome.OVERLOADED, Outcome.TIMEOUT, Outcome.NETWORK, Outcome.PROVIDER_ERROR),
        "credential",
        _TRANSIENT,
    ),
    Rule("refused", (Outcome.AUTH, Outcome.EXPIRED), "credential", free=True),
    Rule("permission", (Outcome.PERMISSION,), "credential"),
    Rule("billing", (Outcome.BILLING,), "credential", _PURSE, free=True),
    Rule("quota", (Outcome.QUOTA,), "credential", _PURSE, until_reset=True),
    # A model that is not there does not come in minutes.
    Rule("no_model", (Outcome.NO_MODEL,), "model", (HOUR,)),
    Rule("format", (Outcome.FORMAT,), "model", _TRANSIENT),
)
_BY_OUTCOME = {outcome: rule for rule in RULES for outcome in rule.outcomes}
_BY_NAME = {rule.name: rule for rule in RULES}
# Who shut a model may open it, or a larger plan, with nothing changed here; a bare 403 passes.
_OF_A_MODEL = (Outcome.PERMISSION, "model")
_MODEL_NOT_ALLOWED = Rule("permission of a model", (Outcome.PERMISSION,), "model", _PURSE)


class Window(NamedTuple):
    """A time in which something is shut (`domain.answers.usage` has those of a provider's limits).

    From `since` on, and before `until` (epoch ms; None: until the credential changes), nothing
    is to be sent with it, or with it to `model`. `failures` led to its length.
    """

    outcome: Outcome
    model: str | None
    since: int
    until: int | None
    failures: int

    @property
    def scope(self) -> Scope:
        return "credential" if self.model is None else "model"

    @property
    def is_out(self) -> bool:
        return self.until is None

    @property
    def kind(self) -> Literal["cooldown", "disabled"]:
        """`disabled` where a person has to do something about it."""
        needs_a_person = self.until is None or self.outcome is Outcome.BILLING
        return "disabled" if needs_a_person else "cooldown"


def standing(
    records: Iterable[ProbeRecord], now: int, *, loopback: bool = False
) -> tuple[Window, ...]:
    """The windows open at `now`, of one credential; those of all its models, then of single ones.

    `records` are that credential's, in any order. `loopback`: it goes to this machine.
    """
    ladders: dict[tuple[str, str | None], Window] = {}
    # What came later has the higher id: clocks of several hosts, or one that was set, say less.
    for record in sorted(records, key=attrgetter("id")):
        _close(ladders, record)
        rule = _rule_of(record)
        if rule is not None and not (rule.steps and record.ended_at > now + _SKEW):
            place = rule.name, _model(record, rule)
            ladders[place] = _after(ladders.get(place), rule, record, now, loopback)
    return tuple(sorted(_open(ladders.values(), now), key=_widest_first))


def _rule_of(record: ProbeRecord) -> Rule | None:
    rule = _BY_OUTCOME.get(record.outcome) if record.outcome else None
    if rule is None or (record.mode == "free" and not rule.free):
        return None
    if rule.name == "refused" and record.credential != "refused":
        # A gateway's own key was refused further up: as passing as any trouble of a server.
        return None if record.mode == "free" else _BY_NAME["transient"]
    if record.scope == "prompt":
        return None
    return _MODEL_NOT_ALLOWED if (record.outcome, record.scope) == _OF_A_MODEL else rule


def _model(record: ProbeRecord, rule: Rule) -> str | None:
    """The model that is shut, None where all those of the credential are."""
    return record.model if (record.scope or rule.scope) == "model" else None


def _close(ladders: dict[tuple[str, str | None], Window], record: ProbeRecord) -> None:
    """One success clears: what is said of the credential, and of the model that answered."""
    if record.kind == "cleared":
        ladders.clear()
        return
    if record.credential == "proven":
        ladders.pop(("refused", None), None)
    if record.outcome is Outcome.OK and record.mode != "free":
        for place in [p for p in ladders if p[1] in (None, record.model)]:
            del ladders[place]


def _after(
    before: Window | None, rule: Rule, record: ProbeRecord, now: int, loopback: bool
) -> Window:
    """The window `record` opens; `before`, never lengthened, where it fell into that one."""
    # A clock that was ahead keeps nothing closed for longer than ours says.
    at = min(record.ended_at, now)
    if before is not None and (before.until is None or at < before.until):
        return before
    failures = 1
    if before is not None and before.until is not None and at - before.until <= FORGOTTEN_AFTER:
        failures = before.failures + 1
    assert record.outcome is not None
    until = _until(rule, record, at, failures)
    model = _model(record, rule)
    if loopback and (until is not None or record.source == "none" or model is not None):
        until = at + LOOPBACK_MOST if until is None else min(until, at + LOOPBACK_MOST)
    return Window(record.outcome, model, at, until, failures)


def _until(rule: Rule, record: ProbeRecord, at: int, failures: int) -> int | None:
    told = record.resets_at
    if rule.until_reset and told is not None and told > at:
        return told
    return at + rule.steps[min(failures, len(rule.steps)) - 1] if rule.steps else None


def _open(windows: Iterable[Window], now: int) -> Iterator[Window]:
    return (window for window in windows if window.until is None or now < window.until)


def _widest_first(window: Window) -> tuple[bool, str, bool, int]:
    """Those of the whole credential first, and the ones that end last before others."""
    ends = -(window.until or 0)
    return window.model is not None, window.model or "", window.until is not None, ends
