"""A prompt sent down the chain: the first candidate that answers is heard."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from application.calling import Call, Result
from application.ports.providers import Access, Prompt
from application.routing.failover import CANCELLED, Failover, Use
from domain.answers.classification import classify_failure
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import NoAnswer, WireFailure
from domain.masking import StreamMask
from domain.routing.attempt import Attempt

_MOST_SHARES = 6
# Who had less time than this (ms) is not blamed for having said nothing in it.
_FAIR = 250


class Listener(Protocol):
    """Who hears the answer."""

    def asks(self, attempt: Attempt) -> None:
        """An attempt is made; until something is heard, it is waited for."""
        ...

    def hear(self, text: str) -> None:
        """A piece of the answer, as it comes; it may be empty."""
        ...

    def takes_back(self) -> bool:
        """Whether all that was heard can be forgotten, and another answer heard; then it is."""
        ...

    def failed(self, result: Result) -> None:
        """An attempt came to nothing."""
        ...

    def passed(self, attempt: Attempt) -> None:
        """An attempt is not made: an earlier one showed that it would come to nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks each candidate in turn, all of them within one deadline."""

    failover: Failover

    async def ask(self, use: Use, prompt: Prompt, timeout: int, listener: Listener) -> Result:
        """The attempt that answered. `timeout` in ms is for all attempts together.

        Who is silent for longer than its share of the time left is given up: an equal one, but at
        least a sixth, and all of it for the last. Raises NoAnswer where nobody answered, or the
        answer broke off after a part of it was heard for good; Unavailable where an intent cannot
        be written.
        """
        until = asyncio.get_running_loop().time() + timeout / 1000
        async with self.failover.caller.wire:
            while (call := await self.failover.begin(use, listener.passed)) is not None:
                left = round((until - asyncio.get_running_loop().time()) * 1000)
                if left <= 0:
                    self.failover.end(use, call, CANCELLED)
                    break
                listener.asks(call.attempt)
                result = await self._try(use, call, prompt, left, listener)
                if result.verdict.outcome is Outcome.OK:
                    await self.failover.caller.retain()
                    return result
                if use.is_renewing:
                    continue
                listener.failed(result)
                if not listener.takes_back():
                    raise NoAnswer(
                        f"the answer broke off: {result}", hint="what was shown is not all"
                    )
        raise use.no_answer()

    async def _try(
        self, use: Use, call: Call, prompt: Prompt, left: int, listener: Listener
    ) -> Result:
        verdict, share = CANCELLED, max(left // min(1 + use.left, _MOST_SHARES), 1)
        try:
            verdict = await self._heard(call, prompt, left, share, listener)
        except WireFailure as failure:
            is_fair = failure.reason != "timeout" or share >= _FAIR
            verdict = classify_failure(failure) if is_fair else CANCELLED
        finally:
            # Whatever else ends it, Ctrl-C or a reader that went away, is none of the provider's.
            result = self.failover.end(use, call, verdict)
        return result

    async def _heard(
        self, call: Call, prompt: Prompt, left: int, share: int, listener: Listener
    ) -> ProbeVerdict:
        """`share` is how long it may be silent, of the `left` ms."""
        access = call.access
        assert isinstance(access, Access)
        row, model, now = call.attempt.row, call.attempt.ref.model, self.failover.caller.clock()
        mask = StreamMask([access.secret.reveal()] if access.secret else [])
        verdict = await self.failover.caller.stream(
            call,
            lambda speaker, access: speaker.ask(row, access, model, prompt, now),
            lambda text: listener.hear(mask.feed(text)),
            left,
            share,
        )
        listener.hear(mask.finish())
        return verdict
