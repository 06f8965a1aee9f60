"""`models scan`."""

import asyncio
from dataclasses import replace

from application.ports.lists import KeptScans
from application.ports.people import Clock, Prompter
from application.ports.store import SelectionStore
from application.scan.finding import Finder, Found, attempt_at
from application.scan.proving import Scan, Scanner
from application.survey import Survey
from domain.errors import Malformed, NotFound, Unavailable
from domain.routing.attempt import UNSENT
from domain.routing.state import State
from domain.scan.kept import Kept
from domain.scan.picks import Change, changes, picks, words_of
from domain.scan.wish import Wish
from entrypoints.cli.models.scan import showing
from entrypoints.cli.models.scan.choosing import Manners, concluded
from entrypoints.cli.show import render
from entrypoints.cli.show.progress import bar
from entrypoints.cli.words.changes import changed_by
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Whole
from entrypoints.cli.words.named import named_provider
from entrypoints.codes import EXIT_CODES, INTERRUPTED, UNAVAILABLE


def scan(
    *,
    min_params: float = 0,
    max_age_days: Whole = 0,
    provider: str | None = None,
    max_candidates: Whole = Wish.candidates,
    timeout: Whole = Wish.timeout,
    concurrency: Whole = Wish.concurrency,
    source: str = Wish.source,
    no_probe: Flag = False,
    yes: Flag = False,
    no_input: Flag = False,
    dry_run: Flag = False,
    set_default: Flag = False,
    set_image: Flag = False,
    again: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    finder: Later[Finder],
    scanner: Later[Scanner],
    scans: Later[KeptScans],
    prompter: Later[Prompter],
    selection: Later[SelectionStore],
    clock: Injected[Clock],
) -> int:
    """Find free models that really call tools, and make them the fallbacks.

    Ranks what OpenRouter lists by what is told of it and by your own history, then tries the best.
    Nothing is changed without --yes or your choice at a terminal.

    Parameters
    ----------
    min_params
        Only models of at least so many billion parameters.
    max_age_days
        Only models that are at most so old.
    provider
        Only models of this maker: what stands before the first slash of a model's name.
    max_candidates
        How many models are tried, 1 to 50.
    timeout
        How long one request may take, in ms.
    concurrency
        How many requests are under way at once, 1 to 64.
    source
        The provider whose models are looked at; a server of this machine as well.
    no_probe
        Only list the candidates, best first.
    yes
        Take all that passed, best first, without asking.
    no_input
        Ask nothing, at a terminal either.
    dry_run
        Say what would change, and change nothing.
    set_default
        The best also becomes the default model.
    set_image
        The best that reads images also becomes the image model.
    again
        As the last scan, what it picked first; and say what changed since.
    """
    given = Wish(source, min_params, max_age_days, provider, max_candidates, timeout, concurrency)
    manners = Manners(yes, no_input, dry_run, set_default, set_image)
    if no_probe and (yes or set_default or set_image):
        raise Malformed("nothing is chosen with --no-probe", hint="leave it out, or the others")
    kept = Kept.of(scans().last()) if again else None
    state = survey()
    wish = _meant(given, kept, state, again=again)
    row = state.providers[wish.source]
    probing = not no_probe and attempt_at(state, row, clock()).reason not in UNSENT
    if probing:
        scanner().prover(row)
        manners.refuse_early(prompter)
    picked = (*kept.picked.text, *kept.picked.image) if kept else ()
    found = asyncio.run(finder()(state, wish, picked))
    showing.tell_found(found)
    if not probing or found.is_offline or found.cancelled or not found.tried:
        return _listed(found, probing, json=json)
    showing.announce(found)
    with bar(len(found.tried)) as advance:
        done = asyncio.run(scanner()(found, lambda _: advance(), render.note))
    _keep(scans(), found, done)
    return concluded(
        showing.Shown(found, done, _changes(kept, found, done) if kept else None),
        manners,
        state.selection,
        prompter,
        lambda change: changed_by(state.selection, selection, change, clock()),
        json=json,
    )


def _meant(given: Wish, kept: Kept | None, state: State, *, again: bool) -> Wish:
    """The wish that is followed, its source by its id. `kept` is of the scan to be run again."""
    wish = given.checked()
    if again:
        if given != Wish():
            hint = "give no other limits beside it"
            raise Malformed("--again repeats the last scan as it was", hint=hint)
        if kept is None:
            raise NotFound("no scan is kept here", hint="run one without --again first")
        wish = kept.wish
    return replace(wish, source=named_provider(wish.source, state.providers).id)


def _changes(kept: Kept, found: Found, done: Scan) -> list[Change]:
    listed = [str(candidate.ref) for candidate in found.ranked]
    return changes(kept.words, words_of(done.proved), listed)


def _keep(scans: KeptScans, found: Found, done: Scan) -> None:
    kept = Kept(found.wish, picks(done.proved), words_of(done.proved))
    try:
        scans.keep(kept.document)
    except Unavailable as failure:
        render.note(f"--again will not know of this scan: {failure}", failure.hint)


def _listed(found: Found, probing: bool, *, json: bool) -> int:
    """Without a trial: what is known of the candidates."""
    if json:
        render.json(showing.document(showing.Shown(found)))
    else:
        showing.show_candidates(found)
    if found.cancelled:
        render.note("interrupted; no model was asked, and nothing was changed")
        return INTERRUPTED
    if probing and found.is_offline:
        return UNAVAILABLE
    return EXIT_CODES["Refused"] if probing else 0
