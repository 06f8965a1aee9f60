"""What a listing shows of the past, and what a standing follows from, out of all records.

Oldest first, each. A store that holds many finds them in another way; what it finds is the same.
"""

from collections.abc import Iterable

from domain.answers.outcome import Outcome
from domain.journal.records import (
    EARLIER_FAILURES,
    NEWEST_FAILURES,
    SAYS_NOTHING,
    ProbeRecord,
)


def heads_of(records: Iterable[ProbeRecord]) -> tuple[ProbeRecord, ...]:
    """Of each credential the newest that says something, and the newest of each fact."""
    heads: dict[tuple[str, str], ProbeRecord] = {}
    for record in records:
        if record.outcome not in SAYS_NOTHING:
            heads[record.credential_id, "newest"] = record
        if record.usage:
            heads[record.credential_id, "usage"] = record
        if record.credential != "unknown":
            heads[record.credential_id, record.credential] = record
    return tuple(sorted(set(heads.values()), key=lambda record: record.id))


def trail_of(records: Iterable[ProbeRecord]) -> tuple[ProbeRecord, ...]:
    """Of each credential and model the failures since its last success, and what ends them."""
    failures: dict[tuple[str, str | None], list[ProbeRecord]] = {}
    single: dict[tuple[str, str | None, Outcome], ProbeRecord] = {}
    for record in records:
        pair = record.credential_id, record.model
        if record.outcome is Outcome.OK:
            failures.pop(pair, None)
            single[*pair, Outcome.OK] = record
        elif record.outcome is Outcome.CLEARED:
            single[record.credential_id, None, Outcome.CLEARED] = record
        elif record.outcome not in SAYS_NOTHING:
            failures.setdefault(pair, []).append(record)
    failed = {credential_id for credential_id, _ in failures}
    found = [record for records in failures.values() for record in _seen(records)]
    found += [record for record in single.values() if record.credential_id in failed]
    return tuple(sorted(found, key=lambda record: record.id))


def _seen(failures: list[ProbeRecord]) -> list[ProbeRecord]:
    """Those that are looked at, of one credential and model, oldest first."""
    earlier = [failures[-number] for number in EARLIER_FAILURES if number <= len(failures)]
    return earlier + failures[-NEWEST_FAILURES:]
