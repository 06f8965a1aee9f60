"""`models auth setup-token`."""

from application.enrolment import Enroller, NewCredential
from application.ports.people import Clock, Prompter
from application.survey import Survey
from domain.credentials.credential import BearerToken
from domain.credentials.secret import Secret, secret
from domain.errors import Malformed, Refused
from domain.instants import span
from entrypoints.cli.auth.enrolling import chosen_id, enrol
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.named import named_provider
from entrypoints.cli.words.sources import SecretSources, refuse_to_ask

_PREFIX = "sk-ant-oat01-"
_SHORTEST = 80
TERMS = (
    "Anthropic's terms allow a subscription's token in its own programs only; elsewhere it is "
    "refused, or may cost you the account. It is stored because you supply it."
)


def setup_token(
    *,
    provider: str = "anthropic",
    profile_id: str | None = None,
    expires_in: str | None = None,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    sources: Injected[SecretSources],
    prompter: Later[Prompter],
    enroller: Later[Enroller],
    clock: Injected[Clock],
) -> int:
    """Store the token that `claude setup-token` made, on this or any machine.

    Parameters
    ----------
    provider
        Only anthropic has setup-tokens.
    profile_id
        The profile's id; anthropic:manual if not given.
    expires_in
        How long it is valid: 365d, for example. Not known if not given.
    yes
        Do not ask whether to go on.
    no_input
        Ask nothing, even at a terminal.
    """
    state = survey()
    row = named_provider(provider, state.providers)
    if row.id != "anthropic":
        raise Malformed(
            f"{row.id} has no setup-tokens",
            hint=f"aura_intelligence models auth paste-token --provider {row.id}",
        )
    id = chosen_id(profile_id, row, "manual")
    expires_at = clock() + span(expires_in) if expires_in is not None else None
    instead = "… | aura_intelligence models auth setup-token --yes"
    if not yes:
        refuse_to_ask(no_input, instead)
        _accept_terms(prompter(), instead)
    token = sources.read_any("Setup-token", _joined, instead=instead, no_input=no_input)
    if yes:
        render.note(TERMS)
    new = NewCredential(row, id, BearerToken(token, expires_at), verify=False)
    return enrol(new, state, enroller(), json)


def _accept_terms(prompter: Prompter, instead: str) -> None:
    # Without a terminal the question is refused, and its preamble would only be noise.
    if prompter.is_terminal:
        render.note(TERMS)
    if not prompter.confirm("Go on?", instead=instead):
        raise Refused("nothing was saved", hint="answer y to go on")


def _joined(text: str) -> Secret:
    # The token is longer than a line: a terminal's copy breaks it into pieces.
    pieces = text.split()
    if len(pieces) > 1:
        render.note("the pasted token was wrapped; its pieces were joined")
    joined = secret("".join(pieces))
    if not joined.reveal().startswith(_PREFIX) or len(joined.reveal()) < _SHORTEST:
        raise Malformed(
            "that is not a setup-token",
            hint=f"it starts with {_PREFIX} and has at least {_SHORTEST} characters; "
            "run: claude setup-token",
        )
    return joined
