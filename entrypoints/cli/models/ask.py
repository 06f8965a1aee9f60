"""`models ask`: a prompt down the chain, the answer as it comes."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from application.ports.people import Clock, Prompter
from domain.errors import Malformed
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.route import attempt_document
from entrypoints.cli.show.progress import Waiting
from entrypoints.cli.show.reasons import why
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Whole
from entrypoints.codes import UNAVAILABLE

if TYPE_CHECKING:
    from application.calling import Result
    from application.ports.providers import Image
    from application.routing.asking import Asker
    from application.routing.failover import Use
    from domain.routing.attempt import Attempt
else:
    Asker = object

_LARGEST_PROMPT = 1024 * 1024
_LARGEST_IMAGE = 20 * 1024 * 1024
_LONGEST = 3_600_000
_INSTEAD = 'aura_intelligence models ask "your question"'
# How pictures that models take begin.
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}


def ask(
    *text: str,
    model: Annotated[str | None, Parameter(alias="-m")] = None,
    system: str = "",
    image: Path | None = None,
    timeout: Whole = 120_000,
    skip_damaged: Flag = False,
    json: AsJson = False,
    asker: Later[Asker],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Ask the default model, or the first of its fallbacks that answers.

    Parameters
    ----------
    text
        What to ask; what comes through a pipe or from a file follows it, or is asked alone.
    model
        provider/model, an alias, or a model of the default provider, to begin with.
    system
        What the model is told before, as a system prompt.
    image
        A picture (PNG, JPEG, GIF or WebP) to ask about; the image chain is followed then.
    timeout
        How long all of it may take, in ms.
    skip_damaged
        Go on with the next credential where a stored one is damaged.
    """
    if not 1 <= timeout <= _LONGEST:
        raise Malformed(
            f"--timeout {timeout} is out of range", hint=f"a whole number from 1 to {_LONGEST}"
        )
    words = _question(text, prompter)
    pictures = (_picture(image),) if image is not None else ()
    from application.ports.providers import Prompt

    made = asker()
    use = made.failover.plan(model, image=image is not None, skip_damaged=skip_damaged)
    heard = _Buffered(use, clock) if json else _Shown(use, clock)
    prompt = Prompt(words, pictures, system if system.strip() else "")
    try:
        answered = asyncio.run(made.ask(use, prompt, timeout, heard))
    finally:
        heard.waiting.erase()
    heard.ended(answered)
    if use.unrecorded is not None:
        render.note(f"not everything was recorded: {use.unrecorded}", use.unrecorded.hint)
        return UNAVAILABLE
    return 0


def _question(text: tuple[str, ...], prompter: Any) -> str:
    source: Prompter = prompter()
    if not text and source.is_terminal:
        raise Malformed("there is nothing to ask", hint=_INSTEAD)
    piped = ""
    if source.is_piped or not text:
        piped = source.read_all(instead=_INSTEAD, most=_LARGEST_PROMPT)
    parts = [part for part in (" ".join(text), piped) if part.strip()]
    if not parts:
        raise Malformed("there is nothing to ask: the text is empty", hint=_INSTEAD)
    return "\n\n".join(parts)


def _picture(path: Path) -> "Image":
    from application.ports.providers import Image

    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_IMAGE + 1)
    except OSError as failure:
        reason = os.strerror(failure.errno or 0)
        raise Malformed("the file of --image cannot be read", hint=reason) from None
    kind = next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    if kind is None:
        raise Malformed("the file of --image is not a picture", hint="PNG, JPEG, GIF or WebP")
    if len(content) > _LARGEST_IMAGE:
        raise Malformed("the file of --image is too large", hint="at most 20 MiB")
    return Image(kind, content)


class _Shown:
    """Shows the answer as it comes, and on stderr what was passed over for it."""

    def __init__(self, use: "Use", clock: Clock) -> None:
        self._last = ""
        self._clock = clock
        self.waiting = Waiting()
        for attempt in use.route.skipped:
            self.passed(attempt)

    def asks(self, attempt: "Attempt") -> None:
        self.waiting.show(f"waiting for {attempt.ref} with {attempt.who} …")

    def hear(self, text: str) -> None:
        if text:
            self.waiting.erase()
            render.piece(text)
            self._last = text

    def takes_back(self) -> bool:
        return not self._last

    def failed(self, result: "Result") -> None:
        self.waiting.erase()
        self._end_line()
        render.note(f"failed {result}")

    def passed(self, attempt: "Attempt") -> None:
        reason = why(attempt, self._clock())
        render.note(f"skipped {attempt.ref} with {attempt.who}: {reason}")

    def ended(self, answered: "Result") -> None:
        self._end_line()
        attempt, verdict = answered.attempt, answered.verdict
        render.note(f"answered {attempt.ref} with {attempt.who} in {answered.latency} ms")
        if verdict.detail:
            render.note(verdict.detail)

    def _end_line(self) -> None:
        if self._last and not self._last.endswith("\n"):
            render.piece("\n")


@dataclass(slots=True)
class _Buffered:
    """Keeps the answer until it is whole, and tells everything in one document."""

    use: "Use"
    clock: Clock
    waiting: Waiting = field(default_factory=Waiting)
    _pieces: list[str] = field(default_factory=list)

    def asks(self, attempt: "Attempt") -> None:
        """It is in the document."""

    def hear(self, text: str) -> None:
        self._pieces.append(text)

    def takes_back(self) -> bool:
        self._pieces.clear()
        return True

    def failed(self, result: "Result") -> None:
        """It is in the document."""

    def passed(self, attempt: "Attempt") -> None:
        """It is in the document."""

    def ended(self, answered: "Result") -> None:
        render.json(_document(self.use, answered, "".join(self._pieces), self.clock()))


def _document(use: "Use", answered: "Result", text: str, now: int) -> dict[str, Any]:
    return {
        "answer": text,
        "model": str(answered.attempt.ref),
        "provider": answered.attempt.ref.provider,
        "profileId": answered.attempt.profile_id,
        "latencyMs": answered.latency,
        "note": answered.verdict.detail,
        "runId": use.run_id,
        "attempts": [_attempt(result) for result in use.results],
        "skipped": [attempt_document(a, now) for a in (*use.route.skipped, *use.passed)],
    }


def _attempt(result: "Result") -> dict[str, Any]:
    verdict = result.verdict
    return {
        "model": str(result.attempt.ref),
        "profileId": result.attempt.profile_id,
        "status": verdict.outcome.value,
        "scope": verdict.scope,
        "credential": verdict.credential,
        "httpStatus": verdict.http_status,
        "code": verdict.code,
        "requestId": verdict.request_id,
        "latencyMs": result.latency,
        "resetsAt": verdict.resets_at,
        "error": verdict.detail if verdict.outcome.value != "ok" else None,
    }
