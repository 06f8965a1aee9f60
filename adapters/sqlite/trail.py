"""What a standing follows from, read with a few seeks for each credential that ever failed.

Every condition below is that of a partial index, word for word: so few records fail that an index
of failures alone is what a healthy history does not pay for.
"""

import sqlite3
from typing import Any

from adapters.sql.rows import FAILED
from domain.journal.records import EARLIER_FAILURES, NEWEST_FAILURES, ProbeRecord

_SUCCEEDED = "outcome = 'ok'"
_CLEARED = "outcome = 'cleared'"
_USED = "kind = 'use'"
_CREDENTIAL = ProbeRecord._fields.index("credential_id")


def _each(name: str, condition: str) -> str:
    """A recursive table `name` of the credentials that have a record of that condition."""
    least = f"SELECT min(credential_id) FROM probe_records WHERE {condition}"
    return f"""{name} (credential_id) AS (
        {least}
        UNION ALL
        SELECT ({least} AND credential_id > {name}.credential_id)
        FROM {name} WHERE credential_id IS NOT NULL
    )"""


def _models(name: str, of: str, condition: str) -> str:
    """A table of every (credential, model) of `of` with such a record; and the model NULL each."""
    least = f"SELECT min(model) FROM probe_records WHERE {condition} AND credential_id ="
    return f"""{name} (credential_id, model) AS (
        SELECT credential_id, ({least} {of}.credential_id)
        FROM {of} WHERE credential_id IS NOT NULL
        UNION ALL
        SELECT credential_id, ({least} {name}.credential_id AND model > {name}.model)
        FROM {name} WHERE model IS NOT NULL
    )"""


_OF_PAIR = "credential_id = pairs.credential_id AND model IS pairs.model"
_LAST_SUCCESS = f"SELECT max(id) FROM probe_records WHERE {_SUCCEEDED} AND {_OF_PAIR}"
_FAILING = _each("failing", FAILED)


def _failure(number: int) -> str:
    """The id of that failure since the last success, counted back from the newest; else NULL."""
    return f"""(SELECT id FROM probe_records WHERE {FAILED} AND {_OF_PAIR} AND id > since
        ORDER BY id DESC LIMIT 1 OFFSET {number - 1})"""


_EARLIER = ", ".join(map(_failure, EARLIER_FAILURES))
_FAILURES = f"""
WITH RECURSIVE {_FAILING}, {_models("failed", "failing", FAILED)},
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
WITH RECURSIVE {_FAILING}, {_models("pairs", "failing", _SUCCEEDED)}
SELECT {{record}} FROM pairs JOIN probe_records r ON r.id = ({_LAST_SUCCESS})
"""
_CLEARINGS = f"""
SELECT {{record}} FROM probe_records r WHERE r.id IN (
    SELECT max(id) FROM probe_records WHERE {_CLEARED} GROUP BY credential_id
)
"""
_LAST_USES = f"""
WITH RECURSIVE {_each("used", _USED)}
SELECT r.credential_id, r.started_at FROM used JOIN probe_records r ON r.id = (
    SELECT max(id) FROM probe_records WHERE {_USED} AND credential_id = used.credential_id
)
"""


def trail(store: sqlite3.Connection, record: str) -> list[tuple[Any, ...]]:
    """The rows of `Stored.trail`, with the columns `record` of a table called `r`."""
    found = store.execute(_FAILURES.format(record=record)).fetchall()
    if not found:
        return []
    failed = {row[_CREDENTIAL] for row in found}
    for query in (_SUCCESSES, _CLEARINGS):
        rows = store.execute(query.format(record=record))
        found += [row for row in rows if row[_CREDENTIAL] in failed]
    return sorted(found)


def last_used(store: sqlite3.Connection) -> dict[str, int]:
    return dict(store.execute(_LAST_USES).fetchall())
