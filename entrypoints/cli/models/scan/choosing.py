"""What of a scan becomes the selection, and who says so."""

from collections.abc import Callable
from typing import NamedTuple

from application.ports.people import Prompter
from application.scan.proving import Scan
from domain.answers.outcome import Outcome
from domain.errors import AuraError, Malformed
from domain.handover.differences import differences
from domain.providers.refs import ModelRef
from domain.scan.picks import Picks, chosen, picks
from domain.selection.selection import Selection
from entrypoints.cli.models.scan import showing
from entrypoints.cli.show import render
from entrypoints.cli.words.changes import told_of
from entrypoints.cli.words.injection import Later
from entrypoints.cli.words.sources import refuse_to_ask
from entrypoints.codes import EXIT_CODES, INTERRUPTED, UNAVAILABLE, code_of

_INSTEAD = "--yes to take the best, --dry-run to change nothing, --no-probe to ask no model"
_PASSES = (Outcome.RATE_LIMIT, Outcome.QUOTA, Outcome.NETWORK, Outcome.UNREADABLE)
Change = Callable[[Selection], Selection]


class Manners(NamedTuple):
    """What is done with what was found."""

    yes: bool
    no_input: bool
    dry_run: bool
    set_default: bool
    set_image: bool

    @property
    def asks(self) -> bool:
        return not (self.yes or self.dry_run)

    def refuse_early(self, prompter: Later[Prompter]) -> None:
        """Raises Malformed where a person has to choose, and cannot: nothing was spent yet."""
        if self.asks:
            refuse_to_ask(self.no_input, _INSTEAD)
            if not prompter().is_terminal:
                raise Malformed("there is no terminal to choose at", hint=f"use: {_INSTEAD}")


def concluded(
    shown: showing.Shown,
    manners: Manners,
    before: Selection,
    prompter: Later[Prompter],
    write: Callable[[Change], tuple[Selection, Selection]],
    *,
    json: bool,
) -> int:
    """Shows what came of it, lets a person choose, and writes that down."""
    if not json:
        showing.show_proved(shown)
    done = shown.scan
    picked = picks(done.proved)
    if manners.asks and not done.cancelled:
        try:
            picked = _chosen(picked, before, prompter)
        except KeyboardInterrupt:
            done = done._replace(cancelled=True)
    shown = shown._replace(done=done)
    showing.tell_done(shown)
    after = before
    if not done.cancelled:

        def change(selection: Selection) -> Selection:
            return chosen(selection, picked, default=manners.set_default, image=manners.set_image)

        before, after = (before, change(before)) if manners.dry_run else write(change)
    told = differences(before, after)
    if json:
        document = showing.document(shown, picked)
        done_so = {"dryRun": manners.dry_run, "changed": bool(told) and not manners.dry_run}
        render.json({**document, **done_so, "differences": [d._asdict() for d in told]})
    elif not told and not done.cancelled:
        render.line("Nothing changes.")
    for difference in () if json else told:
        render.line(("would be: " if manners.dry_run else "") + told_of(difference))
    return _code(done)


def _chosen(picked: Picks, before: Selection, prompter: Later[Prompter]) -> Picks:
    """What a person keeps of `picked`, in the order it is wanted in."""
    return Picks(
        _some("Fallbacks", picked.text, before.fallbacks, prompter),
        _some("Image fallbacks", picked.image, before.image_fallbacks, prompter),
    )


def _some(
    what: str, refs: tuple[ModelRef, ...], now: tuple[ModelRef, ...], prompter: Later[Prompter]
) -> tuple[ModelRef, ...]:
    if not refs:
        return ()
    places = [*now, *[None] * len(refs)]
    options = {
        f"{ref}" + (f", instead of {old}" if old not in (None, ref) else ""): ref
        for ref, old in zip(refs, places, strict=False)
    }
    was = f" (now {', '.join(map(str, now))})" if now else ""
    kept = prompter().choose_some(f"{what}{was}", [*options], instead=_INSTEAD)
    return tuple(options[option] for option in kept)


def _code(done: Scan) -> int:
    if done.cancelled:
        return INTERRUPTED
    for failure in (done.unrecorded, done.stopped):
        if isinstance(failure, AuraError):
            return code_of(failure)
        if failure:
            return UNAVAILABLE if failure.outcome in _PASSES else EXIT_CODES["Refused"]
    return 0 if picks(done.proved).text else EXIT_CODES["Refused"]
