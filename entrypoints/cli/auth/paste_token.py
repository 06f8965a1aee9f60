"""`models auth paste-token`."""

from application.enrolment import Enroller, NewCredential
from application.ports.people import Clock
from application.survey import Survey
from domain.credentials.credential import BearerToken
from domain.credentials.secret import secret
from domain.instants import span
from entrypoints.cli.auth.enrolling import chosen_id, enrol
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.named import named_provider
from entrypoints.cli.words.sources import SecretSources


def paste_token(
    *,
    provider: str,
    profile_id: str | None = None,
    expires_in: str | None = None,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    sources: Injected[SecretSources],
    enroller: Later[Enroller],
    clock: Injected[Clock],
) -> int:
    """Store a token made elsewhere, from a pipe or a hidden prompt.

    Parameters
    ----------
    provider
        Whose token it is.
    profile_id
        The profile's id; PROVIDER:manual if not given.
    expires_in
        How long it is valid: 30d, 12h, 90m, 45s; a bare number is days. Never expires if not given.
    no_input
        Ask nothing, even at a terminal.
    """
    state = survey()
    row = named_provider(provider, state.providers)
    row.address(None)
    id = chosen_id(profile_id, row, "manual")
    expires_at = clock() + span(expires_in) if expires_in is not None else None
    token = sources.read_any(
        f"Token for {row.label}",
        lambda text: secret(text, row.shortest_key(row.base_url)),
        instead=f"… | aura_intelligence models auth paste-token --provider {row.id}",
        no_input=no_input,
    )
    new = NewCredential(row, id, BearerToken(token, expires_at), verify=False)
    return enrol(new, state, enroller(), json)
