"""Views of the journal, for people who come with SQL (docs/history.md): what they have stays."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BLAMES = {
    "good": ("ok",),
    "provider": ("overloaded", "provider_error", "timeout"),
    "mine": ("auth", "expired", "billing", "quota", "permission", "no_model"),
    "throttled": ("rate_limit",),
    "here": ("network", "cancelled", "unreadable", "format"),
}
_COUNTERS = (
    *("ok", "auth", "expired", "permission", "billing", "quota", "rate_limit", "overloaded"),
    *("no_model", "format", "provider_error", "timeout", "network", "cancelled", "interrupted"),
    *("unreadable", "cleared", "other"),
)
_DAY = 86_400_000


def _strings(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


_WHENS = " ".join(f"WHEN outcome IN ({_strings(o)}) THEN '{b}'" for b, o in _BLAMES.items())
_BLAME = f"CASE {_WHENS} END"
_MODEL = "CASE WHEN model <> '' THEN provider || '/' || model END"
# What has no name that both take.
_SQLITE = {
    "date": "strftime('%Y-%m-%d', {ms} / 1000, 'unixepoch')",
    "instant": "strftime('%Y-%m-%dT%H:%M:%S', {ms} / 1000, 'unixepoch') "
    "|| printf('.%03dZ', {ms} % 1000)",
    "joined": "group_concat(DISTINCT outcome)",
    "lesser": "min(coalesce(back, o.good_id), coalesce(o.good_id, back))",
}
_UTC = "to_char(timestamp 'epoch' + {ms} * interval '1 millisecond', "
_POSTGRESQL = {
    "date": _UTC + "'YYYY-MM-DD')",
    "instant": _UTC + """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""",
    "joined": "string_agg(DISTINCT outcome, ',')",
    "lesser": "least(back, o.good_id)",
}

_PROBES = f"""
CREATE VIEW v_probes AS
SELECT id, run_id, kind, started_at, {{instant}} AS started_at_iso, {{date}} AS day,
    provider, {_MODEL} AS model, credential_id,
    CASE WHEN source <> 'none' THEN credential_id END AS profile_id, source, mode,
    CASE WHEN outcome IS NULL AND kind NOT IN ('handout', 'login') THEN 'interrupted'
        ELSE outcome END AS outcome,
    {_BLAME} AS blame, credential, latency_ms, http_status, code, error_type AS type, request_id,
    scope, resets_at, fingerprint, classifier_version, host
FROM probe_records
"""

# Behind the rows of days what is not counted yet, of a store from before there were any.
_OUTCOME = "coalesce(outcome, 'interrupted')"
_KNOWN = _strings(_COUNTERS[:-1])
_SUMS = [f"count(CASE WHEN {_OUTCOME} = '{name}' THEN 1 END)" for name in _COUNTERS[:-1]]
_SUMS.append(f"count(CASE WHEN {_OUTCOME} NOT IN ({_KNOWN}) THEN 1 END)")
_LEARNED = f"{_BLAME} <> 'here'"
_FAILED = f"{_BLAME} NOT IN ('good', 'here')"
_DAYS = f"""
CREATE VIEW v_days AS
WITH counted AS (
    SELECT day, credential_id, provider, model, kind, records, {", ".join(_COUNTERS)}, hours,
        nullif(good_at, 0) AS good_at, nullif(failed_at, 0) AS failed_at
    FROM journal_days WHERE records > 0
    UNION ALL
    SELECT started_at / {_DAY}, credential_id, provider, coalesce(model, ''), kind, count(*),
        {", ".join(_SUMS)},
        coalesce(sum(DISTINCT CASE WHEN {_LEARNED}
            THEN 1 << CAST(started_at % {_DAY} / 3600000 AS integer) END), 0),
        max(CASE WHEN outcome = 'ok' THEN started_at END),
        max(CASE WHEN {_FAILED} THEN started_at END)
    FROM probe_records
    WHERE id < coalesce((SELECT filled_from FROM journal_state), 9223372036854775807)
    GROUP BY 1, 2, 3, 4, 5
)
SELECT {{date}} AS day, credential_id, provider, {_MODEL} AS model,
    kind, records, ok AS good, {" + ".join(_BLAMES["provider"])} AS by_provider,
    {" + ".join(_BLAMES["mine"])} AS mine, rate_limit AS throttled,
    {" + ".join(_BLAMES["here"])} AS here, {", ".join(_COUNTERS)}, hours,
    good_at AS last_ok_at, failed_at AS last_failure_at
FROM counted
"""

# An incident of ours lasts until one of the credentials that were out of reach is good: which
# those are depends on where it began, so that they are walked through in their order.
_INCIDENTS = f"""
CREATE VIEW v_incidents AS
WITH RECURSIVE failed AS MATERIALIZED (
    SELECT id, run_id, started_at, provider, credential_id, outcome, {_BLAME} AS blame,
        (SELECT g.id FROM probe_records g WHERE g.credential_id = r.credential_id
            AND g.outcome || '' = 'ok' AND g.id > r.id ORDER BY g.id LIMIT 1) AS good_id
    FROM probe_records r WHERE outcome NOT IN ('ok', 'cancelled', 'unreadable', 'cleared')
),
offline AS MATERIALIZED (
    SELECT run_id FROM failed f WHERE outcome = 'network' AND NOT EXISTS (
        SELECT 1 FROM probe_records o WHERE o.run_id = f.run_id
            AND o.outcome NOT IN ('network', 'cancelled', 'unreadable', 'cleared'))
    GROUP BY run_id HAVING count(DISTINCT provider) > 1
),
ours AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY id) AS n, id, good_id FROM failed
    WHERE run_id IN (SELECT run_id FROM offline)
),
walked (n, number, back) AS (
    SELECT n, n, good_id FROM ours WHERE n = 1
    UNION ALL
    SELECT o.n, CASE WHEN o.id > back THEN o.n ELSE number END,
        CASE WHEN o.id > back THEN o.good_id
            ELSE {{lesser}} END
    FROM walked w JOIN ours o ON o.n = w.n + 1
),
numbered AS (
    SELECT f.*, w.number FROM failed f LEFT JOIN ours o ON o.id = f.id
    LEFT JOIN walked w ON w.n = o.n
),
grouped AS (
    SELECT min(id) AS first_id, number IS NOT NULL AS offline,
        coalesce(CASE WHEN number IS NULL THEN numbered.blame END, 'here') AS blame,
        CASE WHEN number IS NULL THEN credential_id END AS credential_id,
        count(*) AS records, {{joined}} AS outcomes, min(good_id) AS good_id
    FROM numbered
    GROUP BY number, CASE WHEN number IS NULL THEN credential_id END,
        CASE WHEN number IS NULL THEN numbered.blame END,
        CASE WHEN number IS NULL THEN good_id END
)
SELECT i.first_id, i.blame, i.offline, i.credential_id,
    CASE WHEN i.credential_id IS NOT NULL THEN b.provider END AS provider, b.started_at,
    g.started_at AS ended_at, i.records, i.outcomes
FROM grouped i JOIN probe_records b ON b.id = i.first_id
LEFT JOIN probe_records g ON g.id = i.good_id
"""


def upgrade() -> None:
    words = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for name, view, ms in (
        ("v_probes", _PROBES, "started_at"),
        ("v_days", _DAYS, f"day * {_DAY}"),
        ("v_incidents", _INCIDENTS, ""),
    ):
        # Somebody's own of that name would be in the way; a copy of the store was made.
        op.execute(f"DROP VIEW IF EXISTS {name}")
        told = {word: text.format(ms=ms) for word, text in words.items()}
        op.execute(view.format(**told).replace(":", "\\:"))
