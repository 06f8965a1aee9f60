"""What a scan says: before it spends, after, and in JSON."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from application.scan.finding import Found
from application.scan.proving import Scan
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError
from domain.instants import iso
from domain.scan.candidates import Candidate
from domain.scan.picks import Change, Picks, Proof, Proved
from entrypoints.cli.show import render
from entrypoints.cli.show.reasons import outcome_mark
from entrypoints.cli.show.screen import Mark


class Shown(NamedTuple):
    """What is shown: what was found, what came of trying it, and what changed since the last scan,
    as far as there is that.
    """

    found: Found
    done: Scan | None = None
    changed: list[Change] | None = None

    @property
    def scan(self) -> Scan:
        assert self.done is not None, "only what was tried is told of"
        return self.done


_NOT_ASKED = Proof(skipped="no model was asked")


def tell_found(found: Found) -> None:
    """Where the list is from, what was left out, and what is strange about it."""
    source, sift = found.wish.source, found.sifted
    if found.failure:
        day = f"; what is known of {found.as_of} is used" if found.as_of else ""
        offline = "no model can be asked now" if found.is_offline else None
        render.note(f"the list of {source}: {found.failure}{day}", found.failure.hint or offline)
    if sift.future:
        render.note(f"{sift.future} models say they were made in the future: taken as of today")
    if sift.all_cost and found.ranked:
        render.note(f"no model of {source} is known to be free: the cheapest come first")
    if not found.ranked:
        reasons = ", ".join(f"{count} {why}" for why, count in _left_out(found))
        hint = f"left out: {reasons}" if reasons else None
        render.note(f"no model of {source} is a candidate", hint)
    if not found.has_credential:
        add = f"aura_intelligence models auth add --provider {source}"
        render.note(f"without a credential of {source} no model is asked", add)


def announce(found: Found) -> None:
    """How much of what is allowed will be used; to be said before."""
    allowed, count = found.allowance, len(found.tried)
    images = f" and {found.images} of an image" if found.images else ""
    more = f"; {allowed.more}" if allowed.more else ""
    rate = f" of {allowed.per_minute} a minute" if allowed.per_minute else ""
    least = count + found.images
    if allowed.per_minute and least > allowed.per_minute:
        rate += f", which takes {(least - 1) // allowed.per_minute} minutes"
    render.note(
        f"{least} to {found.most} requests to {found.wish.source}{rate}: {count} "
        f"calls of a tool (each once more if need be){images}{more}"
    )


def tell_done(shown: Shown) -> None:
    """Why not everything was tried or written, if so."""
    done = shown.scan
    asked = sum(proved.tool.latency is not None for proved in done.proved)
    count = f"{asked} of {len(shown.found.tried)} models were tried"
    if done.cancelled:
        render.note(
            f"interrupted: {count}; nothing was changed", "what was learned is in the history"
        )
    elif done.stopped:
        hint = done.stopped.hint if isinstance(done.stopped, AuraError) else _remedy(done.stopped)
        why = done.stopped.detail if isinstance(done.stopped, ProbeVerdict) else None
        render.note(f"{count}, then: {done.stopped}" + (f": {why}" if why else ""), hint)
    if done.unrecorded:
        render.note(f"not everything was recorded: {done.unrecorded}", done.unrecorded.hint)


def _remedy(verdict: ProbeVerdict) -> str:
    if verdict.outcome is Outcome.UNREADABLE:
        return "see: aura_intelligence models auth list"
    if verdict.credential == "refused":
        return "add a key that is good: aura_intelligence models auth add"
    when = f"it ends at {iso(verdict.resets_at)}: " if verdict.resets_at else ""
    return f"{when}try later, with --again"


def show_candidates(found: Found) -> None:
    if found.ranked:
        headers = ("Model", "Billions", "Context", "Created", "Images", "Uptime", "Days")
        render.table(headers, [_cells(candidate) for candidate in found.ranked])


def _cells(candidate: Candidate) -> tuple[object, ...]:
    row, served = candidate.row, candidate.serving
    return (
        candidate.ref,
        f"{candidate.params:g}" if candidate.params else "",
        row.context or "",
        iso(candidate.created)[:10] if candidate.created is not None else "",
        "yes" if candidate.reads_images else "no",
        f"{served.uptime:.1f} %" if served and served.uptime is not None else "",
        f"{candidate.days.good} good, {candidate.days.bad} bad" if any(candidate.days) else "",
    )


def show_proved(shown: Shown) -> None:
    done, changed = shown.scan, shown.changed
    rows = [_proved(proved) for proved in done.proved]
    marks = [_mark(proved.tool) for proved in done.proved]
    if rows:
        render.table(("Model", "Tools", "Images", "Uptime", "Days", "Detail"), rows, marks=marks)
    for change in changed or ():
        render.line(f"{change.model}: {change.before} -> {change.after}")
    if changed is not None and not changed:
        render.line("Nothing changed since the last scan.")
    seconds = (done.finished_at - done.started_at) / 1000
    render.line(f"{done.sent} requests in {seconds:.1f} s.")


def _proved(proved: Proved) -> tuple[object, ...]:
    key, _, _, _, _, uptime, days = _cells(proved.candidate)
    verdict = proved.tool.verdict
    detail = (verdict.detail if verdict else None) or ""
    return key, _told(proved.tool), _told(proved.image), uptime, days, detail


def _told(proof: Proof) -> str:
    if proof.verdict is None:
        return proof.word
    return f"{proof.word} {proof.latency} ms" if proof.ok else proof.word


def _mark(proof: Proof) -> Mark | None:
    return None if proof.verdict is None else outcome_mark(proof.word)


def _left_out(found: Found) -> list[tuple[str, int]]:
    told = [*found.sifted.left_out.items(), ("served by nobody with tools", found.unserved)]
    return [(reason, count) for reason, count in told if count]


def document(shown: Shown, picked: Picks | None = None) -> dict[str, Any]:
    """The whole of it. Times are epoch ms."""
    found, done, changed = shown
    picked = picked or Picks()
    unasked = (Proved(candidate, _NOT_ASKED, _NOT_ASKED) for candidate in found.ranked)
    proved: Iterable[Proved] = done.proved if done else unasked
    stopped = done.stopped if done else None
    return {
        "source": found.wish.source,
        "list": {
            "asOf": found.as_of or None,
            "error": render.error(found.failure) if found.failure else None,
        },
        "candidates": len(found.ranked),
        "leftOut": [{"reason": why, "count": count} for why, count in _left_out(found)],
        "requests": {
            "most": found.most if done else 0,
            "sent": done.sent if done else 0,
            "perMinute": found.allowance.per_minute,
            "endpoints": found.pages,
        },
        "runId": done.id if done else None,
        "startedAt": done.started_at if done else None,
        "finishedAt": done.finished_at if done else None,
        "cancelled": done.cancelled if done else found.cancelled,
        "stopped": str(stopped) if stopped else None,
        "resetsAt": stopped.resets_at if isinstance(stopped, ProbeVerdict) else None,
        "results": [_result(one) for one in proved],
        "selected": [str(ref) for ref in picked.text],
        "selectedImages": [str(ref) for ref in picked.image],
        "sinceLast": None if changed is None else [change._asdict() for change in changed],
        "unrecorded": render.error(done.unrecorded) if done and done.unrecorded else None,
    }


def _result(proved: Proved) -> dict[str, Any]:
    candidate, row, served = proved.candidate, proved.candidate.row, proved.candidate.serving
    return {
        "key": str(candidate.ref),
        "name": row.name or row.model,
        "free": candidate.free,
        "input": "+".join(row.inputs) or None,
        "contextWindow": row.context,
        "maxOutputTokens": row.output,
        "billionParams": candidate.params,
        "createdAt": candidate.created,
        "retires": row.retires or None,
        "tools": row.tools,
        "uptimePercent": served.uptime if served else None,
        "latencyMs": served.latency if served else None,
        "daysGood": candidate.days.good,
        "daysBad": candidate.days.bad,
        "tool": _proof(proved.tool),
        "image": _proof(proved.image),
    }


def _proof(proof: Proof) -> dict[str, Any]:
    verdict = proof.verdict
    return {
        "ok": proof.ok if verdict else None,
        "status": proof.word,
        "latencyMs": proof.latency,
        "error": verdict.detail if verdict else None,
        "skipped": proof.skipped or None,
    }
