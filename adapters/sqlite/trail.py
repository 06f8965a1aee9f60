"""What a standing follows from, read with a few seeks for each credential that ever failed.

Every condition below is that of a partial index, word for word: so few records fail that an index
of failures alone is what a healthy history does not pay for.
"""

import sqlite3
from typing import Any

from adapters.sql.reading import CREDENTIAL, each, models
from adapters.sql.rows import FAILED
from domain.journal.records import EARLIER_FAILURES, NEWEST_FAILURES

_SUCCEEDED = "outcome = 'ok'"
_CLEARED = "outcome = 'cleared'"
_USED = "kind = 'use'"
_OF_PAIR = "credential_id = pairs.credential_id AND model IS pairs.model"
_LAST_SUCCESS = f"SELECT max(id) FROM probe_records WHERE {_SUCCEEDED} AND {_OF_PAIR}"
_FAILING = each("failing", FAILED)


def _failure(number: int) -> str:
    """The id of that failure since the last success, counted back from the newest; else NULL."""
    return f"""(SELECT id FROM probe_records WHERE {FAILED} AND {_OF_PAIR} AND id > since
        ORDER BY id DESC LIMIT 1 OFFSET {number - 1})"""


_EARLIER = ", ".join(map(_failure, EARLIER_FAILURES))
_FAILURES = f"""
WITH RECURSIVE {_FAILING}, {models("failed", "failing", FAILED)},
pairs (credential_id, model, since) AS (
    SELECT credential_id, model, coalesce(({_LAST_SUCCESS.replace("pairs.", "failed.")}), 0)
    FROM failed
)
SELECT {{record}} FROM pairs JOIN probe_records r
ON r.credential_id = pairs.credential_id AND r.model IS pairs.model AND r.{FAILED}
    AND r.id >= coalesce({_failure(NEWEST_FAILURES)}, since + 1)
UNION ALL
SELECT {{record}} FROM pairs JOIN probe_records r ON r.id IN ({_EARLIER})
"""
_SUCCESSES = f"""
WITH RECURSIVE {_FAILING}, {models("pairs", "failing", _SUCCEEDED)}
SELECT {{record}} FROM pairs JOIN probe_records r ON r.id = ({_LAST_SUCCESS})
"""
_CLEARINGS = f"""
SELECT {{record}} FROM probe_records r WHERE r.id IN (
    SELECT max(id) FROM probe_records WHERE {_CLEARED} GROUP BY credential_id
)
"""
_LAST_USES = f"""
WITH RECURSIVE {each("used", _USED)}
SELECT r.credential_id, r.started_at FROM used JOIN probe_records r ON r.id = (
    SELECT max(id) FROM probe_records WHERE {_USED} AND credential_id = used.credential_id
)
"""


def trail(store: sqlite3.Connection, record: str) -> list[tuple[Any, ...]]:
    """The rows of `Stored.trail`, with the columns `record` of a table called `r`."""
    found = store.execute(_FAILURES.format(record=record)).fetchall()
    if not found:
        return []
    failed = {row[CREDENTIAL] for row in found}
    for query in (_SUCCESSES, _CLEARINGS):
        rows = store.execute(query.format(record=record))
        found += [row for row in rows if row[CREDENTIAL] in failed]
    return sorted(found)


def last_used(store: sqlite3.Connection) -> dict[str, int]:
    return dict(store.execute(_LAST_USES).fetchall())
