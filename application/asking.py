"""A prompt sent down the chain: the first candidate that answers is heard."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from application.failover import CANCELLED, Failover, Trial, Tried, Use, described
from application.guests import Conversations
from application.ports.network import Wire
from application.ports.providers import Prompt, ProviderRegistry
from domain.answers.classification import classify_failure
from domain.answers.verdict import Outcome, ProbeVerdict
from domain.errors import NoAnswer, PluginFailed, WireFailure
from domain.masking import StreamMask
from domain.routing.route import Attempt

_MOST_SHARES = 6
# Who had less time than this (ms) is not blamed for having said nothing in it.
_FAIR = 250


class Listener(Protocol):
    """Who hears the answer."""

    def hear(self, text: str) -> None:
        """A piece of the answer, as it comes; it may be empty."""
        ...

    def takes_back(self) -> bool:
        """Whether all that was heard can be forgotten, and another answer heard; then it is."""
        ...

    def told(self, tried: Tried) -> None:
        """An attempt came to nothing."""
        ...

    def passed(self, attempt: Attempt) -> None:
        """An attempt is not made: an earlier one showed that it would come to nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks each candidate in turn, all of them within one deadline."""

    failover: Failover
    registry: ProviderRegistry
    wire: Wire

    async def ask(self, use: Use, prompt: Prompt, timeout: int, listener: Listener) -> Tried:
        """The attempt that answered. `timeout` in ms is for all attempts together.

        Who is silent for longer than its share of the time left is given up: an equal one, but at
        least a sixth, and all of it for the last. Raises NoAnswer where nobody answered, or the
        answer broke off after a part of it was heard for good; Unavailable where an intent cannot
        be written.
        """
        until = asyncio.get_running_loop().time() + timeout / 1000
        async with self.wire:
            for trial in self.failover.trials(use, listener.passed):
                left = round((until - asyncio.get_running_loop().time()) * 1000)
                if left <= 0:
                    self.failover.end(use, trial, CANCELLED)
                    break
                tried = await self._try(use, trial, prompt, left, listener)
                if tried.verdict.outcome is Outcome.OK:
                    return tried
                listener.told(tried)
                if not listener.takes_back():
                    raise NoAnswer(
                        f"the answer broke off: {described(tried)}",
                        hint="what was shown is not all",
                    )
        raise use.no_answer()

    async def _try(
        self, use: Use, trial: Trial, prompt: Prompt, left: int, listener: Listener
    ) -> Tried:
        verdict = CANCELLED
        try:
            verdict = await self._heard(trial, prompt, left, listener)
        except PluginFailed as failure:
            verdict = ProbeVerdict(Outcome.UNREADABLE, code=failure.type, detail=str(failure))
        except WireFailure as failure:
            is_fair = failure.reason != "timeout" or _share(trial, left) >= _FAIR
            verdict = classify_failure(failure) if is_fair else CANCELLED
        finally:
            # Whatever else ends it, Ctrl-C or a reader that went away, is none of the provider's.
            tried = self.failover.end(use, trial, verdict)
        return tried

    async def _heard(
        self, trial: Trial, prompt: Prompt, left: int, listener: Listener
    ) -> ProbeVerdict:
        row, access, model = trial.attempt.row, trial.access, trial.attempt.ref.model
        assert row is not None
        mask = StreamMask([access.secret.reveal()] if access.secret else [])
        now = self.failover.clock()
        verdict = await Conversations(self.registry, self.wire).stream(
            row,
            access,
            lambda speaker: speaker.ask(row, access, model, prompt, now),
            lambda text: listener.hear(mask.feed(text)),
            left,
            _share(trial, left),
        )
        listener.hear(mask.finish())
        return verdict


def _share(trial: Trial, left: int) -> int:
    """How long it may be silent, of the `left` ms."""
    return max(left // min(1 + trial.others, _MOST_SHARES), 1)
