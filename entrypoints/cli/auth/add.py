"""`models auth add`, `paste-token`, `setup-token`: how a secret comes in, never by argv."""

import asyncio
from pathlib import Path
from typing import Literal

from application.enrolment import Enroller, NewCredential
from application.ports.people import Clock, Prompter
from application.survey import Survey
from domain.credentials.profile import profile_id
from domain.credentials.secret import Secret, secret
from domain.errors import Malformed, Refused
from domain.instants import span
from domain.providers.endpoints import base_url as endpoint
from domain.providers.refs import provider_id
from domain.providers.row import Provider, known_provider
from domain.routing.state import State
from entrypoints.cli.show import render
from entrypoints.cli.show.profile_json import profile_document
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.sources import SecretSources, refuse_to_ask

_SETUP_PREFIX = "sk-ant-oat01-"
_SETUP_SHORTEST = 80
_TERMS = (
    "Anthropic's terms allow a setup-token in its own programs only; elsewhere it is refused, or "
    "may cost you the account. It is stored because you supply it."
)


def add(
    *,
    provider: str | None = None,
    kind: Literal["api-key", "token"] = "api-key",
    profile_id: str | None = None,
    label: str = "",
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
    enroller: Later[Enroller],
) -> int:
    """Store an API key or token; it is checked first, without spending anything.

    Parameters
    ----------
    provider
        Whose credential it is; asked for on a terminal.
    kind
        An API key, or a bearer token.
    profile_id
        The profile's id; PROVIDER:default if not given.
    label
        A name for people.
    base_url
        An endpoint for this profile alone; the provider's own if not given.
    from_env
        Take the secret from this environment variable.
    from_file
        Take the secret from this file.
    stdin
        Take the secret from standard input.
    no_verify
        Do not ask the provider whether it knows the credential.
    no_input
        Ask nothing, at a terminal either.
    """
    state = survey()
    instead = "aura_intelligence models auth add --provider ID --stdin"
    if provider is None:
        refuse_to_ask(no_input, instead)
        provider = prompter().choose("Provider", sorted(state.providers), instead=instead)
    row = known_provider(provider_id(provider), state.providers, Malformed)
    id = _chosen_id(profile_id, row, "default")
    url = None
    if base_url is not None:
        url = endpoint(base_url, allow_http=row.allow_http)
    row.address(url)
    text = sources.read(
        f"{'API key' if kind == 'api-key' else 'Token'} for {row.label}",
        from_env=from_env,
        from_file=from_file,
        stdin=stdin,
        instead=f"aura_intelligence models auth add --provider {row.id} --stdin",
        no_input=no_input,
    )
    new = NewCredential(
        provider=row,
        profile_id=id,
        kind="api_key" if kind == "api-key" else "token",
        secret=_recognised(secret(text), row),
        label=_label(label),
        base_url=url,
        verify=not no_verify,
    )
    return _enrol(new, state, enroller(), json)


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
        Ask nothing, at a terminal either.
    """
    state = survey()
    row = known_provider(provider_id(provider), state.providers, Malformed)
    row.address(None)
    id = _chosen_id(profile_id, row, "manual")
    expires_at = clock() + span(expires_in) if expires_in is not None else None
    text = sources.read_any(
        f"Token for {row.label}",
        instead=f"… | aura_intelligence models auth paste-token --provider {row.id}",
        no_input=no_input,
    )
    return _enrol(_token(row, id, secret(text), expires_at), state, enroller(), json)


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
        Ask nothing, at a terminal either.
    """
    state = survey()
    row = known_provider(provider_id(provider), state.providers, Malformed)
    if row.id != "anthropic":
        raise Malformed(
            f"{row.id} has no setup-tokens",
            hint=f"aura_intelligence models auth paste-token --provider {row.id}",
        )
    id = _chosen_id(profile_id, row, "manual")
    expires_at = clock() + span(expires_in) if expires_in is not None else None
    instead = "… | aura_intelligence models auth setup-token --yes"
    if not yes:
        refuse_to_ask(no_input, instead)
        _accept_terms(prompter(), instead)
    text = sources.read_any("Setup-token", instead=instead, no_input=no_input)
    token = _setup_secret(text)
    if yes:
        render.note(_TERMS)
    return _enrol(_token(row, id, token, expires_at), state, enroller(), json)


def _accept_terms(prompter: Prompter, instead: str) -> None:
    # Without a terminal the question is refused, and its preamble would only be noise.
    if prompter.is_terminal:
        render.note(_TERMS)
    if not prompter.confirm("Go on?", instead=instead):
        raise Refused("nothing was saved", hint="answer y to go on")


def _setup_secret(text: str) -> Secret:
    # The token is longer than a line: a terminal's copy breaks it into pieces.
    pieces = text.split()
    if len(pieces) > 1:
        render.note("the pasted token was wrapped; its pieces were joined")
    joined = secret("".join(pieces))
    if not joined.reveal().startswith(_SETUP_PREFIX) or len(joined.reveal()) < _SETUP_SHORTEST:
        raise Malformed(
            "that is not a setup-token",
            hint=f"it starts with {_SETUP_PREFIX} and has at least {_SETUP_SHORTEST} characters; "
            "run: claude setup-token",
        )
    return joined


def _token(row: Provider, id: str, token: Secret, expires_at: int | None) -> NewCredential:
    return NewCredential(
        provider=row,
        profile_id=id,
        kind="token",
        secret=token,
        expires_at=expires_at,
        verify=False,
    )


def _chosen_id(chosen: str | None, row: Provider, usual: str) -> str:
    return profile_id(chosen, row.id) if chosen is not None else f"{row.id}:{usual}"


def _label(text: str) -> str:
    label = text.strip()
    if not label.isprintable() or len(label) > 100:
        raise Malformed("a label is one line of at most 100 characters", hint="shorten it")
    return label


def _recognised(given: Secret, row: Provider) -> Secret:
    if row.key_prefixes and not given.reveal().startswith(row.key_prefixes):
        render.note(f"that does not look like a key of {row.label}")
    return given


def _enrol(new: NewCredential, state: State, enroller: Enroller, json: bool) -> int:
    old = next((p for p in state.profiles if p.id == new.profile_id), None)
    done = asyncio.run(enroller.enrol(new))
    profile = done.summary
    rest = [p for p in state.profiles if p.id != profile.id]
    if json:
        render.json(
            {
                "profiles": [profile_document(p) for p in sorted([*rest, profile])],
                "profile": profile_document(profile),
                "changed": True,
                "replaced": old is not None,
                "notChecked": done.not_checked,
            }
        )
    else:
        word = "Replaced" if old else "Saved"
        render.line(f"{word} {profile.id} ({profile.kind}, fingerprint {profile.fingerprint})")
        if done.verdict is not None and done.not_checked:
            render.note(f"not checked: {done.not_checked}")
    order = state.selection.auth_order.get(profile.provider)
    if order and profile.id not in order:
        render.note(
            f"{profile.id} is not in the auth order of {profile.provider} and will not be used",
            f"aura_intelligence models auth order set --provider {profile.provider} "
            + " ".join((*order, profile.id)),
        )
    return 0
