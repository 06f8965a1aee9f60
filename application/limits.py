"""How much is left, asked of every provider that says so: at once, and nothing of it stored."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from application.calling import Caller
from application.ports.providers import Access, TellsUsage
from domain.answers.usage import Snapshot
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.errors import AuraError, WireFailure
from domain.providers.row import Provider
from domain.routing.attempt import Attempt
from domain.routing.probed_models import attempt_at
from domain.routing.state import State

TIMEOUT = 3500
"""How long one provider may take to say how much is left, in ms."""
# Their pages are about a subscription: an API key has none.
_SUBSCRIPTIONS = ("anthropic", "openai-codex")


@dataclass(frozen=True, slots=True)
class UsageAsker:
    """Asks the usage endpoint of each credential's provider, one request each.

    Whatever goes wrong is the `problem` of a snapshot. Raises nothing of its own.
    """

    caller: Caller

    async def run(
        self,
        attempts: Sequence[Attempt],
        concurrency: int,
        on_result: Callable[[], object] = lambda: None,
    ) -> Mapping[str, Snapshot]:
        """What was told, by credential id."""
        turn = asyncio.Semaphore(concurrency)
        found: dict[str, Snapshot] = {}

        async def one(attempt: Attempt, access: Access | AuraError) -> None:
            async with turn:
                found[attempt.credential_id] = await self._one(attempt, access)
                on_result()

        opened = await self.caller.opener(attempts)
        async with self.caller.wire, asyncio.TaskGroup() as group:
            for attempt, access in opened:
                group.create_task(one(attempt, access))
        return found

    async def _one(self, attempt: Attempt, access: Access | AuraError) -> Snapshot:
        now = self.caller.clock()
        if isinstance(access, AuraError):
            return Snapshot((), now, "endpoint", f"{access.type}: nothing was sent")
        try:
            teller = self.caller.registry.can(attempt.row, TellsUsage)
            assert teller is not None, "only who tells of usage is asked"
            return await self.caller.wire.hold(teller.usage(attempt.row, access, now), TIMEOUT)
        except WireFailure as failure:
            slow = failure.reason == "timeout"
            return Snapshot(
                (), now, "endpoint", "timeout" if slow else f"network ({failure.reason})"
            )


def askable(state: State) -> tuple[Attempt, ...]:
    """Every credential whose provider says how much is left of it."""
    usable = [found for found in state.environment if found.problem is None]
    credentials: tuple[ProfileSummary | EnvironmentCredential, ...] = (*state.profiles, *usable)
    return tuple(
        attempt_at(row, credential, ())
        for credential in credentials
        if (row := state.providers.get(credential.provider)) and _answers(row, credential.kind)
    )


def _answers(row: Provider, kind: str) -> bool:
    return row.usage is not None and not (kind == "api_key" and row.usage in _SUBSCRIPTIONS)
