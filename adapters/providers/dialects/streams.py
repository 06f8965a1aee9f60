"""An answer as it comes: what its events say, when it is at its end, and the verdict on it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from adapters.providers.dialects.events import LARGEST_EVENT, Event, Events
from adapters.providers.dialects.requests import concluded
from application.ports.network import Head, Request, Response, Stream, begun, more, rest
from application.ports.providers import Access
from domain.answers.classification import Shape, classify_failure
from domain.answers.outcome import Outcome
from domain.answers.reading import error_under_success
from domain.answers.verdict import ProbeVerdict
from domain.errors import WireFailure

Limit = Literal["length", "content_filter"]
_WHY = {
    "length": "the answer was cut at its token limit",
    "content_filter": "the provider's filter cut the answer",
}


@dataclass(slots=True)
class Heard:
    """What a dialect has heard so far.

    `document` is what the answer would be whole, as far as its shape matters; None while nothing of
    the dialect's came. `is_whole`: its end mark came. `is_over`: and nothing follows. `error` is
    what was said instead, where that is not under the name of one. `limit` is what cut it,
    `has_gap`: a part of it could not be read.
    """

    document: dict[str, Any] | None = None
    is_whole: bool = False
    is_over: bool = False
    error: object = None
    limit: Limit | None = None
    has_text: bool = False
    has_gap: bool = False
    odd: dict[str, Any] | None = field(default=None, repr=False)

    def text(self, told: object) -> Iterator[str]:
        if isinstance(told, str) and told:
            self.has_text = True
            yield told

    def content(self, told: object) -> Iterator[str]:
        """Text, or a list of parts of which some are text."""
        if isinstance(told, str):
            yield from self.text(told)
        for one in objects(told):
            if one.get("type") in ("thinking", "reasoning"):
                yield ""
            else:
                yield from self.text(one.get("text"))
                yield from self.text(one.get("refusal"))


Listen = Callable[[Heard, Event], Iterator[str]]
"""How a dialect hears one event: it changes what was heard and yields the text in it."""


def objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def part(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def streamed(
    request: Request, access: Access, listen: Listen, shape: Shape, now: int
) -> Stream[ProbeVerdict]:
    """Sends `request`, says the answer as `listen` hears it, and concludes."""
    head = yield from begun(request)
    if not 200 <= head.status < 300:
        return concluded((yield from _refusal(head)), access, shape, now)
    heard, events = Heard(), Events()
    try:
        yield from _listened(heard, events, listen)
    except WireFailure:
        # Where the answer was whole, nothing that came after it takes it back.
        if not heard.is_whole:
            raise
    return _verdict(head, heard, events, access, shape, now)


def _refusal(head: Head) -> Stream[Response]:
    """The answer, whole; its head alone where the rest does not come: that says the most of it."""
    try:
        return (yield from rest(head))
    except WireFailure:
        return Response(head.status, head.headers, b"")


def _listened(heard: Heard, events: Events, listen: Listen) -> Stream[None]:
    while not (events.is_done or events.is_too_large):
        piece = yield from more()
        for event in events.feed(piece) if piece else events.end():
            heard.has_gap = heard.has_gap or (events.is_broken and not heard.is_whole)
            yield from listen(heard, event)
            _look_for_error(heard, event)
            if heard.is_over or heard.error is not None:
                return
        if not piece:
            return


def _look_for_error(heard: Heard, event: Event) -> None:
    is_known = heard.document is not None
    if heard.error is None:
        heard.error = error_under_success(event.document, is_expected=is_known)
    if not is_known and heard.odd is None:
        heard.odd = event.document


def _verdict(
    head: Head, heard: Heard, events: Events, access: Access, shape: Shape, now: int
) -> ProbeVerdict:
    def of(body: bytes) -> ProbeVerdict:
        return concluded(Response(head.status, head.headers, body), access, shape, now)

    if heard.error is not None:
        return of(_packed({"error": heard.error}))
    if events.is_too_large:
        most = f"a part of the answer is larger than {LARGEST_EVENT >> 20} MiB"
        return replace(classify_failure(WireFailure("too_large", most)), http_status=head.status)
    if heard.document is None:
        return of(_packed(heard.odd) if heard.odd else events.loose)
    verdict = of(_packed(heard.document))
    if verdict.outcome is not Outcome.OK:
        return verdict
    if not (heard.is_whole or events.is_done):
        why = "the answer broke off before its end"
        return replace(verdict, outcome=Outcome.PROVIDER_ERROR, code="cut_short", detail=why)
    if heard.has_gap or (events.is_broken and not heard.is_whole):
        why = "a part of the answer could not be read"
        return replace(verdict, outcome=Outcome.PROVIDER_ERROR, code="broken_event", detail=why)
    return replace(verdict, code=heard.limit, detail=_WHY.get(heard.limit or ""))


def _packed(document: dict[str, Any]) -> bytes:
    try:
        return json.dumps(document).encode()
    except RecursionError:
        # As deep as could just be read.
        return b""
