"""The SQL of the read side: a few seeks for each credential, however many records there are.

Every condition is that of a partial index, word for word, as in `adapters.sqlite.trail`. What is
equal or both NULL has two branches: no index of PostgreSQL serves IS NOT DISTINCT FROM. The ids of
records are an array, which is fetched by the key: a join may be planned as a look at all of them.
"""

from adapters.sql.reading import each, models
from adapters.sql.rows import ANSWERED, FAILED
from domain.journal.records import EARLIER_FAILURES, NEWEST_FAILURES

TABLES = """
SELECT obj_description(to_regclass('alembic_version'), 'pg_class'), c.relname,
    array(SELECT a.attname::text FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    current_schema() IS NULL
FROM (SELECT 1) AS once LEFT JOIN pg_class c
ON c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = (
    SELECT oid FROM pg_namespace WHERE nspname = current_schema())
"""
"""A row for each table of the current schema, one without a name where it has none."""
MISSHAPEN = r"SELECT id FROM profiles WHERE length(sealed) < 30 OR get_byte(sealed, 0) <> 1"
_RECORDS = "FROM probe_records WHERE credential_id ="


def _last_success(of: str) -> str:
    newest = f"SELECT max(id) {_RECORDS} {of}.credential_id AND outcome = 'ok'"
    return f"""coalesce(({newest} AND model = {of}.model),
        ({newest} AND model IS NULL AND {of}.model IS NULL))"""


_NEWEST = f"SELECT max(id) {_RECORDS} tried.credential_id AND"
HEADS = f"""
WITH RECURSIVE {each("tried", "true")}
SELECT {{record}} FROM probe_records r WHERE r.id = ANY(ARRAY(
    SELECT unnest(ARRAY[
        ({_NEWEST} outcome IS NOT NULL AND {ANSWERED}),
        ({_NEWEST} credential = 'proven'),
        ({_NEWEST} credential = 'refused'),
        ({_NEWEST} usage IS NOT NULL)
    ]) FROM tried WHERE credential_id IS NOT NULL
)) ORDER BY r.id
"""
_SINCE = f"""SELECT id {_RECORDS} pairs.credential_id AND {FAILED} AND id > pairs.since"""
_LATEST = f"ORDER BY id DESC LIMIT {max(EARLIER_FAILURES)}"
FAILURES = f"""
WITH RECURSIVE {each("failing", FAILED)}, {models("failed", "failing", FAILED)},
pairs (credential_id, model, since) AS MATERIALIZED (
    SELECT credential_id, model, coalesce({_last_success("failed")}, 0) FROM failed
)
SELECT {{record}} FROM pairs CROSS JOIN LATERAL (
    SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM (
        ({_SINCE} AND model = pairs.model {_LATEST})
        UNION ALL
        ({_SINCE} AND model IS NULL AND pairs.model IS NULL {_LATEST})
    ) AS latest
) AS counted JOIN probe_records r ON r.id = counted.id
WHERE place <= {NEWEST_FAILURES} OR place IN {EARLIER_FAILURES}
"""
SUCCESSES = f"""
WITH RECURSIVE {each("failing", FAILED)}, {models("pairs", "failing", "outcome = 'ok'")}
SELECT {{record}} FROM probe_records r
WHERE r.id = ANY(ARRAY(SELECT {_last_success("pairs")} FROM pairs))
"""
CLEARINGS = """
SELECT {record} FROM probe_records r WHERE r.id = ANY(ARRAY(
    SELECT max(id) FROM probe_records WHERE outcome = 'cleared' GROUP BY credential_id
))
"""
LAST_USES = f"""
WITH RECURSIVE {each("used", "kind = 'use'")}
SELECT r.credential_id, r.started_at FROM probe_records r WHERE r.id = ANY(ARRAY(
    SELECT (SELECT max(id) {_RECORDS} used.credential_id AND kind = 'use') FROM used
))
"""
