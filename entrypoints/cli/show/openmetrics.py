"""A summary of the history as OpenMetrics, which Prometheus' older text format reads as well."""

from collections.abc import Iterable, Iterator, Mapping

from application.journal.summaries import Row
from domain.answers.outcome import Outcome
from domain.journal.summary import Group, Tally
from domain.text import visible

_ME = "aura_intelligence"
_RATIOS = {
    "availability": "Good among good ones and failures of the provider",
    "usable": "Good among all that were answered",
    "coverage": "Hours in which something was learned",
}
_QUANTILES = (("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99"))
_MOMENTS = ("last_ok", "last_failure")
Sample = tuple[str, Mapping[str, str], float]


def exposition(rows: Iterable[Row], ever: Mapping[Group, Tally], days: int) -> str:
    """Figures of the last `days` by profile, and requests since ever."""
    known, span = list(rows), f"last {days} days"
    lines = [*_family("requests", "counter", "Requests by outcome, ever.", _requests(ever))]
    for name, what in _RATIOS.items():
        told = ((row.group, getattr(row.figures, name)) for row in known)
        ratios = [("", {"profile": p or ""}, share) for p, share in told if share is not None]
        lines += _family(f"{name}_ratio", "gauge", f"{what}, 0 to 1, {span}.", ratios)
    lines += _family("latency_seconds", "summary", f"Of good requests, {span}.", _latencies(known))
    for name in _MOMENTS:
        moments = ((row.group, getattr(row, f"{name}_at")) for row in known)
        at = [("", {"profile": p or ""}, m / 1000) for p, m in moments if m is not None]
        lines += _family(f"{name}_timestamp_seconds", "gauge", f"When it began, {span}.", at)
    return "\n".join([*lines, "# EOF", ""])


def _requests(ever: Mapping[Group, Tally]) -> Iterator[Sample]:
    for profile, tally in sorted(ever.items()):
        for outcome, count in sorted(tally.counts.items()):
            # What is under way is none yet: a counter only grows.
            if count and outcome != Outcome.INTERRUPTED:
                yield "_total", {"profile": str(profile), "outcome": outcome}, count


def _latencies(rows: Iterable[Row]) -> Iterator[Sample]:
    for row in rows:
        for quantile, name in _QUANTILES:
            if (latency := getattr(row.figures, name)) is not None:
                yield (
                    "",
                    {"profile": row.group or "", "quantile": quantile},
                    round(latency / 1000, 6),
                )


def _family(name: str, type: str, help: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {_ME}_{name} {help}"
    yield f"# TYPE {_ME}_{name} {type}"
    for suffix, labels, value in samples:
        said = ",".join(f'{key}="{_label(text)}"' for key, text in labels.items())
        yield f"{_ME}_{name}{suffix}{{{said}}} {value!r}"


def _label(text: str) -> str:
    return visible(text, 500).replace("\\", "\\\\").replace('"', '\\"')
