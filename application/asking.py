"""A prompt sent down the chain: the first candidate that answers is heard."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from application.exchange import Prompt
from application.failover import CANCELLED, Failover, Trial, Tried, Use, described
from application.guests import Conversations
from application.ports import ProviderRegistry, Wire
from domain.classification import classify_failure
from domain.errors import NoAnswer, PluginFailed, WireFailure
from domain.instants import millis
from domain.masking import StreamMask
from domain.probing import Outcome, ProbeVerdict


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


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks each candidate in turn, all of them within one deadline."""

    failover: Failover
    registry: ProviderRegistry
    wire: Wire

    async def ask(self, use: Use, prompt: Prompt, timeout: int, listener: Listener) -> Tried:
        """The attempt that answered. `timeout` in ms is for all attempts together.

        Who has not begun to answer when half of the time left is over is given up, unless it is
        the last. Raises NoAnswer where nobody answered, or the answer broke off after a part of it
        was heard for good; Unavailable where an intent cannot be written.
        """
        until = asyncio.get_running_loop().time() + timeout / 1000
        async with self.wire:
            for trial in self.failover.trials(use):
                left = round((until - asyncio.get_running_loop().time()) * 1000)
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
            verdict = classify_failure(failure)
        finally:
            # Whatever else ends it, Ctrl-C or a reader that went away, is none of the provider's.
            tried = self.failover.end(use, trial, verdict)
        return tried

    async def _heard(
        self, trial: Trial, prompt: Prompt, left: int, listener: Listener
    ) -> ProbeVerdict:
        if left <= 0:
            raise WireFailure("timeout", "the time was over before it could be asked")
        row, access, model = trial.attempt.row, trial.access, trial.attempt.ref.model
        assert row is not None
        mask = StreamMask([access.secret.reveal()] if access.secret else [])
        now = millis(self.failover.clock())
        verdict = await Conversations(self.registry, self.wire).stream(
            row,
            access,
            lambda speaker: speaker.ask(row, access, model, prompt, now),
            lambda text: listener.hear(mask.feed(text)),
            left,
            left if trial.is_last else left // 2,
        )
        listener.hear(mask.finish())
        return verdict
