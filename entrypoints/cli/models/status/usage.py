"""`models status --usage`: usage endpoints asked, beside what probes told."""

import asyncio
from collections.abc import Mapping

from application.limits import UsageAsker, askable
from domain.answers.usage import Snapshot
from domain.routing.state import State
from domain.routing.status import Status
from entrypoints.cli.show import render
from entrypoints.cli.show.progress import bar

_WHO = "see --usage in: aura_intelligence models status --help"


def asked(asker: UsageAsker, state: State, concurrency: int) -> Mapping[str, Snapshot]:
    """What every provider that can be asked said now, by credential id."""
    targets = askable(state)
    if not targets:
        render.note("no credential here is of a provider that says how much is left", _WHO)
        return {}
    with bar(len(targets)) as advance:
        return asyncio.run(asker.run(targets, concurrency, advance))


def beside(found: Status, told: Mapping[str, Snapshot]) -> Status:
    """`found` with `told`: what a probe told stays where an endpoint told nothing."""
    usage = dict(found.usage)
    for id, new in told.items():
        old = usage.get(id)
        usage[id] = old._replace(problem=new.problem) if old and not new.windows else new
    return found._replace(usage=usage)
