"""`models status`: what is true now, read at once; with --probe, tried at once."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from domain.journal.records import Mode
from domain.routing.limits import ProbeLimits
from entrypoints.cli.reading.status import judged, show
from entrypoints.cli.reading.status import status as read_status
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import Flag, Injected, Later, Whole, listed
from entrypoints.codes import INTERRUPTED, UNAVAILABLE
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from application.catalogue.first_look import FirstLook
    from application.limits import UsageAsker
    from application.probing import Prober
else:
    # Nothing of probing is loaded by a prompt that only reads.
    Prober = UsageAsker = FirstLook = object


def status(
    *,
    json: Flag = False,
    plain: Flag = False,
    check: Flag = False,
    probe: Flag = False,
    probe_provider: str | None = None,
    probe_profile: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    probe_model: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    probe_mode: Mode = "inference",
    probe_timeout: Whole = ProbeLimits.timeout,
    probe_concurrency: Whole = ProbeLimits.concurrency,
    probe_max_tokens: Whole = ProbeLimits.max_tokens,
    usage: Flag = False,
    survey: Injected[Survey],
    clock: Injected[Clock],
    settings: Injected[Settings],
    catalogue: Later[Catalogue],
    journal_reader: Later[JournalReader],
    prober: Later[Prober],
    usage_asker: Later[UsageAsker],
    first_look: Later[FirstLook],
) -> int:
    """The resolved default, its fallbacks, and every credential. Writes nothing without --probe.

    Parameters
    ----------
    json
        One JSON object.
    plain
        Only the resolved default.
    check
        Exit with 1 if a model in use has no usable credential or nothing can be tried now, with 2
        if its best is expiring.
    probe
        Try every credential with a real request, which may cost tokens.
    probe_provider
        Try only this provider.
    probe_profile
        Try only these profiles (repeat, or separate by commas).
    probe_model
        Try these models, each with the credential it would be called with: refs or aliases (repeat,
        or separate by commas), or chain for the default and every fallback.
    probe_mode
        What a probe is: a small request, or the provider's free check of a key, which spends no
        token.
    probe_timeout
        How long one probe may take, in ms.
    probe_concurrency
        How many probes are under way at once, 1 to 64.
    probe_max_tokens
        How many tokens one probe may be answered with.
    usage
        Ask how much is left, one request for each credential: of anthropic and openai-codex
        (tokens), github-copilot, openrouter, deepseek, zai, minimax.
    """
    limits = ProbeLimits(probe_timeout, probe_concurrency, probe_max_tokens)
    narrowed = probe_provider is not None or probe_profile or probe_model
    chooses = probe or narrowed or probe_mode != "inference"
    if not chooses and not usage:
        given = survey, clock, settings, catalogue, journal_reader, first_look
        return read_status(*given, json=json, plain=plain, check=check)
    render.one_format(json, plain)
    state, probed = survey(), None
    if chooses:
        from domain.routing.probes import ProbeChoice
        from entrypoints.cli.models.status.probe import chosen, document, probed_by
        from entrypoints.cli.models.status.probe import show as show_probes

        models, profiles = listed(probe_model), listed(probe_profile)
        choice = ProbeChoice(probe_provider, profiles, models, probe_mode)
        wish = chosen(state, clock(), choice, limits, probe=probe)
        if probe:
            probed, state = probed_by(prober(), wish, state, clock, survey)
    found = judged(state, now := clock(), catalogue)
    if usage and not plain:
        from entrypoints.cli.models.status.usage import asked, beside

        found = beside(found, asked(usage_asker(), state, probe_concurrency))
    if probed is None:
        show(state, found, now, settings, journal_reader, json=json, plain=plain)
        return found.exit_code if check else 0
    show(
        state, found, now, settings, journal_reader, json=json, plain=plain, probes=document(probed)
    )
    if not (json or plain):
        show_probes(probed)
    if probed.trouble:
        return UNAVAILABLE
    if probed.run.cancelled:
        return INTERRUPTED
    if not check:
        return 0
    return 1 if probed.failed_in_use else found.exit_code
