"""`models status` for a person."""

from collections.abc import Iterable, Mapping

from domain.answers.outcome import Outcome
from domain.answers.usage import phrase
from domain.credentials.profile import ProfileSummary
from domain.instants import DAY, ago, brief
from domain.journal.records import ProbeRecord
from domain.routing.precedence import Candidate
from domain.routing.state import State
from domain.routing.status import ProviderStatus, Status
from domain.text import visible
from entrypoints.cli.show import render, screen
from entrypoints.cli.show.layout import breadth
from entrypoints.cli.show.reasons import (
    REMEDIES,
    candidate_mark,
    cooling,
    kept,
    named,
    note_unreadable,
)
from entrypoints.cli.show.screen import Mark
from entrypoints.settings import Settings

# How much stands before a line, its mark with it.
_MARGIN = 5
# How many windows a line holds.
_WINDOWS = 4
# How long before (ms) a model is retired that is said.
_SOON = 30 * DAY
_KINDS = {"api_key": "API key", "token": "token", "oauth": "OAuth"}


def show(
    state: State, found: Status, now: int, settings: Settings, drawn: Mapping[str, str]
) -> None:
    """`drawn` has by credential id its last days, one sign each, if any of them is known."""
    _models(state)
    _outlook(found, now)
    if found.problem and state.selection.default:
        render.note(str(found.problem), found.problem.hint)
    _overview(found, now, drawn)
    _missing(found, state)
    _section(
        "Unusable auth profiles",
        (
            ("bad", f"{named(c.credential)}: {c.skip} - {REMEDIES[c.skip or '']}")
            for c in found.unusable
        ),
    )
    _section("Cooling down", (("cooling", cooling(c, now)) for c in found.cooling))
    _section("OAuth/token status", _tokens(found, now))
    if state.profiles and not state.signed:
        render.note(
            "your choice of models is not signed: it was changed without the store's key, or the "
            "keys were made anew",
            "look at it, then choose the default again: aura_intelligence models set",
        )
    for id in sorted(state.damaged):
        render.note(f"{visible(id)} is damaged and cannot be opened", "remove it and add it again")
    note_unreadable(state.unreadable)
    if state.key_problem:
        render.note(
            f"the secrets of {settings.place} cannot be opened: {state.key_problem}",
            state.key_problem.hint,
        )


def _models(state: State) -> None:
    selection = state.selection
    chain, images = selection.fallbacks, selection.image_fallbacks
    aliases = [f"{n} -> {ref}" for n, ref in sorted(selection.aliases.targets.items())]
    lines: list[tuple[str, Iterable[object]]] = [
        ("Default", [selection.default or "-"]),
        (f"Fallbacks ({len(chain)})", chain),
        ("Image model", [selection.image or "-"]),
        (f"Image fallbacks ({len(images)})", images),
        (f"Aliases ({len(aliases)})", aliases),
    ]
    for name, values in lines:
        *others, last = [*values] or ["-"]
        render.flow(f"{name:<20} ", [*(f"{value}," for value in others), str(last)])


def _outlook(found: Status, now: int) -> None:
    end = found.retirement
    if end is None or end.at > now + _SOON:
        return
    from entrypoints.cli.show.outlook import sentence

    render.flow(f"{'Outlook':<20} ", sentence(end, now).split(" "))


def _overview(found: Status, now: int, drawn: Mapping[str, str]) -> None:
    room = (screen.width() or 0) - _MARGIN
    lines = []
    for p in found.providers:
        line = _provider(p, found, now)
        days = drawn.get(p.effective.credential.id, "") if p.effective else ""
        wider = f"{line} · {len(days)} days {days}"
        lines.append((_mark(p), wider if days and breadth(wider) <= room else line))
    _section("Auth overview", lines)


def _mark(p: ProviderStatus) -> Mark:
    if p.effective is None or not p.usable:
        return "good" if p.usable else "bad"
    return candidate_mark(p.effective)


def _provider(p: ProviderStatus, found: Status, now: int) -> str:
    parts = [_effective(p)]
    if p.effective and not _has_section(p.effective):
        parts += filter(None, [kept(p.effective.credential, now)])
    if len(p.stored) > 1:
        parts.append(f"{len(p.stored)} profiles")
    if p.shadowed:
        names = ", ".join(c.credential.id.rpartition(":")[2] for c in p.shadowed)
        parts.append(f"shadows {names}")
    for candidate in p.environment:
        if candidate.skip and candidate != p.effective:
            name = candidate.credential.id.rpartition(":")[2]
            parts.append(f"{name} not used: {REMEDIES[candidate.skip]}")
    if p.row and p.row.is_plain_http:
        parts.append(f"plain http to {p.row.base_url}")
    credential = p.effective.credential.id if p.effective else None
    for last in found.last_probes:
        held = last.candidate.credential.id if last.candidate else None
        if last.provider == p.id and held == credential:
            if held is None and last.record.outcome is Outcome.AUTH:
                parts[0] = "asks for a key"
            parts.append(_last(last.record, now))
    if p.effective and not _has_section(p.effective):
        parts += _usage(p.effective, found, now)
    return f"{p.id:<16} {' · '.join(parts)}"


def _effective(p: ProviderStatus) -> str:
    match p.kind:
        case "missing":
            return "no credential"
        case "none":
            return "asked without a key" if p.usable else "not asked"
    assert p.effective is not None
    credential = p.effective.credential
    mark = f", {credential.fingerprint}" if credential.fingerprint else ""
    source = "stored" if isinstance(credential, ProfileSummary) else "environment"
    text = f"{named(credential)} ({source} {_KINDS.get(credential.kind, 'unknown')}{mark})"
    if not isinstance(credential, ProfileSummary) and credential.base_url_from:
        text += f" -> {credential.base_url or 'nowhere'} ({credential.base_url_from})"
    return text if p.usable else f"{text} NOT USABLE: {REMEDIES[p.effective.skip or '']}"


def _last(record: ProbeRecord, now: int) -> str:
    age = now - (record.finished_at or record.started_at)
    free = " (free check)" if record.mode == "free" else ""
    what = "last use" if record.kind == "use" else "last probe"
    return f"{what} {record.outcome_text}{free} {ago(age)}"


def _missing(found: Status, state: State) -> None:
    def hints() -> Iterable[str]:
        for id in found.missing:
            row = state.providers.get(id)
            if row is None:
                yield f"{id}: no such provider; aura_intelligence models providers add {id} …"
                continue
            variable = f"set {row.env_names[0]}, or run: " if row.env_names else ""
            yield f"{id}: {variable}aura_intelligence models auth add --provider {id}"

    # What is to be copied is not folded.
    _section("Missing auth", (("bad", hint) for hint in hints()), folded=False)


def _tokens(found: Status, now: int) -> Iterable[tuple[Mark | None, str]]:
    for p in found.providers:
        tokens = [c for c in p.stored if c.credential.kind != "api_key"]
        if not tokens:
            continue
        used = p.effective if p.effective in tokens else tokens[0]
        yield None, " · ".join([p.id, *_usage(used, found, now)])
        for candidate in tokens:
            health = kept(candidate.credential, now)
            health = health or f"{candidate.health}{_left(candidate, now)}"
            line = f"  {named(candidate.credential)}  {health}"
            spare = () if candidate == used else _usage(candidate, found, now)
            yield candidate_mark(candidate), " · ".join([line, *spare])


def _has_section(candidate: Candidate) -> bool:
    """Whether it stands in the section of tokens, its usage with it."""
    return candidate.is_stored and candidate.credential.kind != "api_key"


def _usage(candidate: Candidate, found: Status, now: int) -> tuple[str, ...]:
    """What is left of its limits, if that is known, or why nobody could be asked."""
    told = found.usage.get(candidate.credential.id)
    if told is None:
        return ()
    parts = [phrase(told.windows[:_WINDOWS], now)]
    parts += [f"unavailable: {told.problem}"] if told.problem else []
    return (visible(f"usage: {' · '.join(filter(None, parts))}", 400),)


def _left(candidate: Candidate, now: int) -> str:
    profile = candidate.credential
    if not isinstance(profile, ProfileSummary) or profile.expires_at is None:
        return ""
    rest = profile.expires_at - now
    left = f", expires in {brief(rest)}" if rest > 0 else f" {brief(-rest)} ago"
    if profile.kind != "oauth":
        return left
    # What becomes of a grant is the other half of the truth about its end.
    return left + (", refreshed when it is used" if profile.refreshable else ", then needs login")


def _section(title: str, lines: Iterable[tuple[Mark | None, str]], *, folded: bool = True) -> None:
    shown = list(lines)
    if shown:
        render.line()
        render.line(title)
    for mark, text in shown:
        bare = text.lstrip(" ")
        head = "  " + " " * (len(text) - len(bare))
        render.flow(head, bare.split(" ") if folded else [bare], mark=mark, hang=2)
