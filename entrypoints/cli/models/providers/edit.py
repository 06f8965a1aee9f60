"""`models providers set`, `models providers show`."""

from typing import Annotated

from cyclopts import Parameter

from application.ports.lists import KeptLists
from application.ports.people import Clock, Prompter
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.errors import Malformed, NotFound, ProviderTampered, Refused
from domain.providers.client import Client
from domain.providers.refs import provider_id
from domain.providers.row import Provider, known_provider
from domain.providers.user_defined import own_provider
from domain.routing.state import State
from domain.selection.selection import Selection
from domain.text import visible
from entrypoints.cli.models.providers.table import document, source
from entrypoints.cli.show import render
from entrypoints.cli.words.asking import agreed, how_it_signs_in, of_others
from entrypoints.cli.words.injection import AsJson, Flag, Group, Injected, Later, listed
from entrypoints.cli.words.sign_in import SignIn, sign_in_lines


def set_provider(
    id: str,
    /,
    *,
    base_url: str | None = None,
    label: str | None = None,
    env: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    allow_http: Flag = False,
    sign_in: Group[SignIn | None] = None,
    no_sign_in: Flag = False,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    kept_lists: Injected[KeptLists],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Change an endpoint of your own, or confirm one that nobody vouches for.

    Parameters
    ----------
    id
        Its name.
    base_url
        Another address; the profiles of this provider go there with it.
    label
        A name for people.
    env
        The variables that may hold its credential, instead of those it has.
    allow_http
        Plain http to a private address or a name of your own network.
    no_sign_in
        Nobody signs in there any longer; the options above say all of it anew.
    yes
        Do not ask before credentials go elsewhere.
    no_input
        Ask nothing, at a terminal either.
    """
    state, store = survey(), selection()
    row = _own(id, state)
    wanted = own_provider(
        row.id,
        label=row.label if label is None else label,
        base_url=base_url or row.base_url,
        dialect=row.dialect,
        env=listed(env) if env else row.env_names,
        allow_http=allow_http or row.allow_http,
        client=_client(row, sign_in, none=no_sign_in),
    )._replace(revision=row.revision + 1)
    is_vouched = _is_vouched(store, row)
    same = wanted._replace(revision=row.revision, mac=row.mac) == row
    if same and is_vouched:
        raise Malformed(
            "there is nothing to change", hint="give --base-url, --label, --env or a sign-in"
        )
    if not is_vouched or _moves(row, wanted, state):
        agreed(
            prompter,
            "Send these credentials there from now on?",
            details=_what_moves(row, wanted, state, is_vouched=is_vouched),
            yes=yes,
            no_input=no_input,
            instead=f"aura_intelligence models providers set {row.id} … --yes",
        )

    def change(before: Selection) -> Selection:
        if row not in before.providers:
            raise NotFound(f"{row.id} was changed meanwhile", hint="look at it, and try again")
        return before._replace(
            providers=tuple(wanted if own == row else own for own in before.providers)
        )

    after = store.update(change, clock(), moving=[row.id])
    kept_lists.forget(row.id)
    if json:
        render.json({"providers": [document(own) for own in after.providers], "changed": True})
    else:
        render.line(f"Changed {row.id}: {wanted.dialect} at {wanted.base_url}")
    return 0


def _own(id: str, state: State) -> Provider:
    row = known_provider(provider_id(id), state.providers)
    if row.source != "user":
        raise Refused(f"{row.id} is not one of your own", hint="only those can be changed")
    return row


def _client(row: Provider, sign_in: SignIn | None, *, none: bool) -> Client | None:
    """Who signs in there from now on; what is given replaces all of what was. Raises Malformed."""
    if sign_in and none:
        raise Malformed("--no-sign-in excludes what says how to sign in", hint="choose one")
    return sign_in.client() if sign_in else None if none else row.client


def _moves(row: Provider, wanted: Provider, state: State) -> bool:
    """Whether a credential may go elsewhere than until now."""
    signs_in = row.client != wanted.client and any(p.provider == row.id for p in state.profiles)
    before, after = (row.base_url, row.env_names), (wanted.base_url, wanted.env_names)
    return signs_in or before != after


def _is_vouched(store: SelectionStore, row: Provider) -> bool:
    try:
        store.vouch_for(row)
    except ProviderTampered:
        return False
    return True


def _what_moves(
    row: Provider, wanted: Provider, state: State, *, is_vouched: bool
) -> tuple[str, ...]:
    """What goes where, for a person who is asked about it."""
    lines = [] if is_vouched else [f"nobody vouches for {row.id}: look at every line of it"]
    until = f" (until now: {row.base_url})" if wanted.base_url != row.base_url else ""
    lines.append(f"{row.id} is at {wanted.base_url}{until}")
    if not is_vouched:
        allowed = ", plain http allowed" if wanted.allow_http else ""
        lines.append(f"it speaks {wanted.dialect}, with the key as {wanted.scheme}{allowed}")
    if row.client != wanted.client and wanted.client is None:
        lines.append(f"nobody signs in at {row.id} any longer")
    elif row.client != wanted.client or not is_vouched:
        lines += how_it_signs_in(wanted.client)
    own = [p.id for p in state.profiles if p.provider == row.id and not p.custom_base_url]
    lines += [visible(f"the profile {id} goes there") for id in own]
    lines += [f"the variable {name} goes there" for name in wanted.env_names]
    others = [other for other in state.providers.values() if other.id != row.id]
    return (*lines, *of_others(wanted.env_names, others))


def show(id: str, /, *, json: AsJson = False, survey: Injected[Survey]) -> int:
    """All that is known of a provider, and what uses it.

    Parameters
    ----------
    id
        Its name.
    """
    state = survey()
    row = known_provider(provider_id(id), state.providers)
    profiles = [profile.id for profile in state.profiles if profile.provider == row.id]
    uses = list(state.selection.uses_of(row.id))
    if json:
        render.json({"provider": document(row), "profiles": profiles, "uses": uses})
        return 0
    for name, value in (
        ("Id", row.id),
        ("Label", row.label),
        ("Source", source(row)),
        ("Dialect", row.dialect),
        ("Base URL", row.base_url or "each customer's own"),
        ("Variables", ", ".join(row.all_env_names) or "-"),
        *sign_in_lines(row.client),
        ("Profiles", ", ".join(profiles) or "-"),
        ("Used by", ", ".join(uses) or "-"),
    ):
        render.line(f"{name:<10} {visible(value)}")
    return 0
