"""`models auth add`: how a secret comes in, never by argv."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from application.enrolment import Enroller, NewCredential
from application.grants.elsewhere import Elsewhere
from application.ports.people import Prompter
from application.survey import Survey
from domain.credentials.credential import ApiKey, BearerToken
from domain.credentials.secret import Secret, secret
from domain.providers.endpoints import base_url as endpoint
from domain.providers.refs import label_of
from domain.providers.row import Provider
from domain.text import SHORTEST
from entrypoints.cli.auth.command import printed, refuse_mixed
from entrypoints.cli.auth.enrolling import chosen_id, enrol
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.named import named_provider
from entrypoints.cli.words.sources import SecretSources, refuse_to_ask

_Kind = Literal["api-key", "token"]


def add(
    *command: Annotated[str, Parameter(show_default=False)],
    provider: str | None = None,
    kind: Literal["api-key", "token", "command"] = "api-key",
    ttl: str = "45m",
    profile_id: str | None = None,
    label: str | None = None,
    base_url: str | None = None,
    from_env: str | None = None,
    from_file: Path | None = None,
    stdin: Flag = False,
    no_verify: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    sources: Injected[SecretSources],
    prompter: Later[Prompter],
    elsewhere: Later[Elsewhere],
    enroller: Later[Enroller],
) -> int:
    """Store an API key or token; it is checked first, without spending anything.

    Of --kind command the program after -- is stored, which prints it on one line; it is run without
    a shell, now and whenever --ttl has passed since, and on this machine only.

    Parameters
    ----------
    command
        After --: the program that prints the credential, and its words.
    provider
        Whose credential it is; asked for on a terminal.
    kind
        An API key, a bearer token, or a command that prints one of them.
    ttl
        How long what the command prints is used before it is run again.
    profile_id
        The profile's id; PROVIDER:default if not given.
    label
        A name for people; a profile that is replaced keeps its own if not given.
    base_url
        An endpoint for this profile alone; if not given, that of the profile that is replaced, else
        the provider's own.
    from_env
        Take the secret from this environment variable.
    from_file
        Take the secret from this file.
    stdin
        Take the secret from standard input.
    no_verify
        Do not ask the provider whether it knows the credential.
    no_input
        Ask nothing, even at a terminal.
    """
    refuse_mixed(kind, command, from_env, from_file, stdin)
    state = survey()
    instead = "aura_intelligence models auth add --provider ID --stdin"
    if provider is None:
        refuse_to_ask(no_input, instead)
        row = prompter().choose(
            "Provider",
            {id: state.providers[id].label for id in sorted(state.providers)},
            lambda text: named_provider(text, state.providers),
            instead=instead,
        )
    else:
        row = named_provider(provider, state.providers)
    id = chosen_id(profile_id, row, "default")
    url = None
    if base_url is not None:
        url = endpoint(base_url, allow_http=row.allow_http)
    if id not in (profile.id for profile in state.profiles):
        row.address(url)
    origin = None
    if kind == "command":
        place = url or row.base_url
        credential, origin = printed(command, ttl, row, place, elsewhere())
    else:
        given = sources.read(
            f"{'API key' if kind == 'api-key' else 'Token'} for {row.label}",
            lambda text: secret(text, row.shortest_key(url or row.base_url)),
            from_env=from_env,
            from_file=from_file,
            stdin=stdin,
            instead=f"aura_intelligence models auth add --provider {row.id} --stdin",
            no_input=no_input,
            docs_url=row.docs_url,
        )
        credential = _recognised(given, kind, row, state.providers.values())
    new = NewCredential(
        provider=row,
        profile_id=id,
        credential=credential,
        label=None if label is None else label_of(label),
        base_url=url,
        verify=not no_verify,
        origin=origin,
    )
    return enrol(new, state, enroller(), json)


def _recognised(
    given: Secret, kind: _Kind, row: Provider, others: Iterable[Provider]
) -> ApiKey | BearerToken:
    """What `given` is taken for, with a word on what about it is odd; never a part of it."""
    text = given.reveal()
    if len(text) < SHORTEST:
        render.note("a value this short cannot be hidden where a server repeats it")
    if kind == "api-key" and row.kind_of(text) == "token":
        render.note(f"that is a token of {row.label}: it is stored as one", row.quirks)
        return BearerToken(given)
    own = max((len(p) for p in row.key_prefixes if text.startswith(p)), default=0)
    theirs = {p: other for other in others for p in other.key_prefixes if text.startswith(p)}
    longest = max(theirs, key=len, default="")
    # `sk-` begins the keys of many.
    if longest != "sk-" and len(longest) > own:
        render.note(f"that looks like a key of {theirs[longest].label}, not of {row.label}")
    elif row.key_prefixes and not own:
        render.note(f"that does not look like a key of {row.label}")
    return ApiKey(given) if kind == "api-key" else BearerToken(given)
