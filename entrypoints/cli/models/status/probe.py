"""`models status --probe`: every credential tried, while a person watches."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from application.calling import Result
from application.ports.people import Clock
from application.probing import Prober, ProbeRun
from application.survey import Survey
from domain.answers.outcome import Outcome
from domain.answers.usage import Snapshot
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError, Malformed, Unavailable
from domain.instants import precise
from domain.providers.refs import ModelRef
from domain.routing.attempt import Attempt
from domain.routing.limits import ProbeLimits
from domain.routing.probes import ProbeChoice, models, probes
from domain.routing.state import State
from domain.routing.status import status
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.usage import document as usage_document
from entrypoints.cli.show.progress import bar
from entrypoints.cli.show.reasons import outcome_mark


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked to try, and within which limits. `models` are those named, if any."""

    choice: ProbeChoice
    limits: ProbeLimits
    attempts: tuple[Attempt, ...]
    models: tuple[ModelRef, ...]


@dataclass(frozen=True, slots=True)
class Probed:
    """A run. `failed_in_use`: the credential some model in use would be sent was refused, or
    cannot be opened. `trouble`: why the results could not be written, or the store read again.
    """

    wish: Wish
    run: ProbeRun
    failed_in_use: bool
    trouble: AuraError | None


def chosen(
    state: State, now: int, choice: ProbeChoice, limits: ProbeLimits, *, probe: bool
) -> Wish:
    """Raises Malformed for unknown names, and for names without --probe."""
    wish = Wish(choice, limits, probes(state, choice, now), models(state, choice))
    if choice != ProbeChoice() and not probe:
        raise Malformed(
            "--probe-provider, --probe-profile, --probe-model and --probe-mode go with --probe",
            hint="add --probe",
        )
    return wish


def probed_by(
    prober: Prober, wish: Wish, state: State, clock: Clock, survey: Survey
) -> tuple[Probed, State]:
    """Runs the probes; the state after them, or the old one where it cannot be read again.

    What was in use before decides `failed_in_use`. Results that were paid for are always shown.
    """
    before = status(state, clock())
    in_use = {p.effective.credential.id for p in before.providers if p.in_use and p.effective}
    with bar(len(wish.attempts)) as advance:
        run = asyncio.run(prober.run(wish.attempts, wish.limits, lambda _: advance()))
    failed = {r.attempt.credential_id for r in run.results if _shows_unusable(r.verdict)}
    trouble = run.unrecorded
    try:
        state = survey()
    except Unavailable as unread:
        trouble = trouble or unread
    return Probed(wish, run, bool(failed & in_use), trouble), state


def _shows_unusable(verdict: ProbeVerdict) -> bool:
    return verdict.credential == "refused" or verdict.outcome is Outcome.UNREADABLE


def document(probed: Probed) -> dict[str, Any]:
    """`auth.probes`. Times are epoch ms."""
    run, choice, limits = probed.run, probed.wish.choice, probed.wish.limits
    return {
        "runId": run.id,
        "startedAt": run.started_at,
        "finishedAt": run.finished_at,
        "durationMs": run.finished_at - run.started_at,
        "totalTargets": len(run.results),
        "cancelled": run.cancelled,
        "options": {
            "provider": choice.provider,
            "profileIds": list(choice.profiles),
            "models": [str(ref) for ref in probed.wish.models],
            "mode": choice.mode,
            "timeoutMs": limits.timeout,
            "concurrency": limits.concurrency,
            "maxTokens": limits.max_tokens,
        },
        "results": list(_results(run.results, run.finished_at)),
        "unrecorded": render.error(probed.trouble) if probed.trouble else None,
    }


def _results(results: Iterable[Result], at: int) -> Iterable[dict[str, Any]]:
    for result in results:
        attempt, verdict = result.attempt, result.verdict
        yield {
            "provider": attempt.row.id,
            "model": f"{attempt.ref}" if attempt.model else None,
            "profileId": attempt.profile_id,
            "label": attempt.label,
            "source": attempt.source,
            "kind": attempt.kind,
            "mode": attempt.mode,
            "status": verdict.outcome.value,
            "scope": verdict.scope,
            "credential": verdict.credential,
            "httpStatus": verdict.http_status,
            "code": verdict.code,
            "type": verdict.error_type,
            "requestId": verdict.request_id,
            "latencyMs": result.latency,
            "resetsAt": verdict.resets_at,
            "usage": usage_document(Snapshot(verdict.usage, at, "probe")),
            "error": verdict.detail,
        }


def show(probed: Probed) -> None:
    run = probed.run
    render.line()
    render.line("Auth probes")
    rows = []
    for result in run.results:
        attempt, verdict = result.attempt, result.verdict
        rows.append(
            (
                attempt.model or "(key check)",
                visible(attempt.label) if attempt.source != "profile" else attempt.credential_id,
                attempt.row.id,
                verdict,
                verdict.credential,
                f"{result.latency} ms" if result.latency is not None else "",
                _reason(verdict, run.finished_at),
            )
        )
    columns = ("Model", "Credential", "Provider", "Status", "Key", "Time", "Detail")
    marks = [outcome_mark(result.verdict.outcome) for result in run.results]
    render.table(columns, rows, indent="  ", marks=marks)
    seconds = (run.finished_at - run.started_at) / 1000
    cut = ", interrupted" if run.cancelled else ""
    count = len(run.results)
    render.line(f"Probed {count} target{'' if count == 1 else 's'} in {seconds:.1f} s{cut}")
    if not count and probed.wish.choice.models:
        render.note("there is no model to try", "aura_intelligence models set provider/model")
    elif not count:
        render.note("there is no credential to try", "aura_intelligence models auth add")
    if probed.trouble:
        render.note(f"not everything was recorded: {probed.trouble}", probed.trouble.hint)


def _reason(verdict: ProbeVerdict, now: int) -> str:
    """What the provider said, after the time its limit ends."""
    parts = [verdict.detail] if verdict.detail else []
    if verdict.resets_at is not None and verdict.resets_at > now:
        parts.insert(0, f"ends in {precise(verdict.resets_at - now)}")
    return " · ".join(parts)
