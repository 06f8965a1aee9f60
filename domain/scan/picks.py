"""What came of the probes, and what of it a person may choose."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.providers.refs import ModelRef
from domain.scan.candidates import Candidate
from domain.scan.ranking import NO_CALL
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection


class Proof(NamedTuple):
    """What one question showed. `verdict` is None where it was not asked, for the reason
    `skipped`; `latency` is in ms.
    """

    verdict: ProbeVerdict | None = None
    latency: int | None = None
    skipped: str = ""

    @property
    def ok(self) -> bool:
        told = self.verdict
        return told is not None and told.outcome is Outcome.OK and told.code != NO_CALL

    @property
    def word(self) -> str:
        """`ok`, an outcome, `no_tool_call`, or `skipped`."""
        if self.verdict is None:
            return "skipped"
        return NO_CALL if self.verdict.code == NO_CALL else self.verdict.outcome.value


class Proved(NamedTuple):
    """A candidate, and whether it calls a tool and reads an image."""

    candidate: Candidate
    tool: Proof
    image: Proof


class Picks(NamedTuple):
    """Models that did what was asked of them, best first."""

    text: tuple[ModelRef, ...] = ()
    image: tuple[ModelRef, ...] = ()


def picks(found: Iterable[Proved]) -> Picks:
    """Steady ones first, and of those the quick."""
    tried = list(found)
    text = sorted((p for p in tried if p.tool.ok), key=lambda p: _order(p, p.tool))
    image = sorted((p for p in tried if p.image.ok), key=lambda p: _order(p, p.image))
    return Picks(*(tuple(p.candidate.ref for p in part) for part in (text, image)))


def _order(proved: Proved, proof: Proof) -> tuple[float, ...]:
    serving, days = proved.candidate.serving, proved.candidate.days
    return (days.share_bad, serving.uptime_class if serving else 2, proof.latency or 0)


def chosen(selection: Selection, picks: Picks, *, default: bool, image: bool) -> Selection:
    """`selection` with `picks` in the place of its fallbacks; the first of them as `default`, or as
    the `image` model, where that is wanted. Nothing is replaced by nothing.
    """
    head, chain = _headed(selection.default, selection.fallbacks, picks.text, default)
    seeing, images = _headed(selection.image, selection.image_fallbacks, picks.image, image)
    return selection._replace(default=head, fallbacks=chain, image=seeing, image_fallbacks=images)


def _headed(
    head: ModelRef | None, chain: FallbackChain, picked: tuple[ModelRef, ...], leads: bool
) -> tuple[ModelRef | None, FallbackChain]:
    head = picked[0] if picked and leads else head
    rest = FallbackChain(ref for ref in picked if ref != head)
    return head, rest or (chain.without(head) if head else chain)


class Change(NamedTuple):
    """What a model was in the last scan, and what it is now: `calls tools`, `not listed`, …"""

    model: str
    before: str
    after: str


NOT_TRIED, GONE = "not tried", "not a candidate any longer"


def words_of(found: Iterable[Proved]) -> dict[str, str]:
    """What is kept of each: the word of its tool call, and of its image."""
    return {str(p.candidate.ref): f"tools {p.tool.word}, image {p.image.word}" for p in found}


def changes(
    before: Mapping[str, str], now: Mapping[str, str], listed: Iterable[str]
) -> list[Change]:
    """What differs from the words kept `before`. `listed` are all candidates there are."""
    there = {*listed}
    found = [
        Change(model, was, now.get(model, GONE))
        for model, was in before.items()
        if model in now or model not in there
    ]
    found += [
        Change(model, NOT_TRIED, is_now) for model, is_now in now.items() if model not in before
    ]
    return [change for change in found if change.before != change.after]
