"""`models status`: what is true now, read at once; with --probe, tried at once."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from application.ports import Clock
from application.probing import Prober, ProbeRun
from application.survey import Survey
from domain.errors import Malformed
from domain.expiry import ExpiryPolicy
from domain.instants import millis
from domain.probing import ProbeLimits
from domain.state import State
from domain.status import Status
from domain.status import status as status_of
from domain.targets import ProbeChoice, targets
from entrypoints.cli import render
from entrypoints.cli.injection import Deferred, Flag, Injected, listed
from entrypoints.settings import Settings


def status(
    *,
    json: Flag = False,
    plain: Flag = False,
    check: Flag = False,
    probe: Flag = False,
    probe_provider: str | None = None,
    probe_profile: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    probe_timeout: int = 8000,
    probe_concurrency: int = 4,
    probe_max_tokens: int = 16,
    survey: Injected[Survey],
    clock: Injected[Clock],
    settings: Injected[Settings],
    prober: Deferred[Prober],
) -> int:
    """The resolved default, its fallbacks, and every credential. Writes nothing without --probe.

    Parameters
    ----------
    json
        One JSON object.
    plain
        Only the resolved default.
    check
        Exit with 1 if a model in use has no usable credential, with 2 if its best is expiring.
    probe
        Try every credential with a real request, which may cost tokens.
    probe_provider
        Try only this provider.
    probe_profile
        Try only these profiles (repeat, or separate by commas).
    probe_timeout
        How long one probe may take, in ms.
    probe_concurrency
        How many probes are under way at once, 1 to 64.
    probe_max_tokens
        How many tokens one probe may be answered with.
    """
    render.one_format(json, plain)
    limits = ProbeLimits(probe_timeout, probe_concurrency, probe_max_tokens)
    choice = ProbeChoice(probe_provider, listed(probe_profile))
    state = survey()
    chosen = targets(state, choice)
    if choice != ProbeChoice() and not probe:
        raise Malformed("--probe-provider and --probe-profile go with --probe", hint="add --probe")
    before = status_of(state, ExpiryPolicy(), millis(clock()))
    run = None
    if probe:
        from entrypoints.cli.progress import bar

        with bar(len(chosen)) as advance:
            run = asyncio.run(prober().run(chosen, limits, lambda _: advance()))
        state = survey()
    now = millis(clock())
    found = status_of(state, ExpiryPolicy(), now)
    _show(state, found, run, choice, limits, now, settings, json, plain)
    if run and run.unrecorded:
        raise run.unrecorded
    if run and run.cancelled:
        return 130
    return _checked(before, found, run) if check else 0


def _show(
    state: State,
    found: Status,
    run: ProbeRun | None,
    choice: ProbeChoice,
    limits: ProbeLimits,
    now: int,
    settings: Settings,
    json: bool,
    plain: bool,
) -> None:
    default = state.selection.default
    if plain:
        if default:
            render.plain([(default,)])
        else:
            render.note("no default model", "aura_intelligence models set provider/model")
    elif json:
        from entrypoints.cli.status_json import document

        render.json(document(state, found, run, choice, limits, now, settings))
    else:
        from entrypoints.cli.status_text import show

        show(state, found, run, now, settings)


def _checked(before: Status, found: Status, run: ProbeRun | None) -> int:
    """A refused credential in use is 1, whatever spares there are."""
    refused = (
        {r.target.credential_id for r in run.results if r.verdict.credential == "refused"}
        if run
        else set()
    )
    in_use = {p.effective.credential.id for p in before.providers if p.in_use and p.effective}
    return 1 if refused & in_use else found.exit_code
