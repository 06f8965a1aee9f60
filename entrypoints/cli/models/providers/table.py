"""`models providers …`: endpoints, built-in and one's own."""

from collections.abc import Callable
from typing import Annotated, Any

from cyclopts import Parameter

from application.ports.lists import KeptLists
from application.ports.people import Clock, Prompter
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.errors import AlreadyExists, InUse, NotFound, Refused
from domain.handover.sign_ins import sign_in_json
from domain.providers.refs import provider_id
from domain.providers.row import Dialect, Provider, known_provider
from domain.providers.user_defined import own_provider
from domain.selection.selection import Selection
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.asking import agreed, of_others
from entrypoints.cli.words.changes import changed_by
from entrypoints.cli.words.injection import AsJson, Flag, Group, Injected, Later, listed
from entrypoints.cli.words.sign_in import SignIn


def list_providers(*, json: AsJson = False, plain: Flag = False, survey: Injected[Survey]) -> int:
    """Where models are served: the built-in providers and your own.

    Parameters
    ----------
    plain
        One provider a line.
    """
    rows = sorted(survey().providers.values(), key=lambda row: (row.builtin, row.id))
    listing = Listing(
        {"providers": [document(row) for row in rows]},
        [(row.id, row.dialect, row.base_url, source(row)) for row in rows],
        ("Id", "Label", "Dialect", "Base URL", "Variables", "Source"),
        rows=[
            (r.id, r.label, r.dialect, r.base_url, ", ".join(r.all_env_names), source(r))
            for r in rows
        ],
    )
    show_listing(listing, json=json, plain=plain)
    return 0


def source(row: Provider) -> str:
    if row.source == "plugin":
        return "plug-in"
    return "built-in" if row.builtin else "own, plain http" if row.is_plain_http else "own"


def document(row: Provider) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "dialect": row.dialect,
        "baseUrl": row.base_url,
        "envNames": list(row.all_env_names),
        "source": row.source,
        "local": row.is_loopback,
        "plainHttp": row.is_plain_http,
        "allowHttp": row.allow_http,
        "signIn": sign_in_json(row.client),
    }


def add(
    id: str,
    /,
    *,
    base_url: str,
    dialect: Dialect,
    env: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    label: str | None = None,
    allow_http: Flag = False,
    sign_in: Group[SignIn | None] = None,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    kept_lists: Injected[KeptLists],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Add an endpoint of your own: a gateway, an inference server.

    Parameters
    ----------
    id
        A new name: letters, digits, dots and dashes.
    base_url
        What the dialect's own variable would hold: openai …/v1, anthropic without /v1.
    dialect
        The API it speaks.
    env
        A variable that may hold its credential; upper case, ending in KEY or TOKEN.
    label
        A name for people.
    allow_http
        Plain http to a private address or a name of your own network: the credential can be read
        there.
    yes
        Do not ask about a variable that is somebody else's.
    no_input
        Ask nothing, at a terminal either.
    """
    state = survey()
    name = provider_id(id)
    if name in state.providers:
        kind = "a built-in" if state.providers[name].builtin else "already a"
        raise AlreadyExists(f"{name} is {kind} provider", hint="choose another id")
    row = own_provider(
        name,
        label=label,
        base_url=base_url,
        dialect=dialect,
        env=listed(env),
        allow_http=allow_http,
        client=sign_in.client() if sign_in else None,
    )
    if shared := of_others(row.env_names, state.providers.values()):
        agreed(
            prompter,
            f"Send them to {row.base_url} all the same?",
            details=shared,
            yes=yes,
            no_input=no_input,
            instead=f"aura_intelligence models providers add {name} … --yes",
        )
    _, after = changed_by(state.selection, selection, _adding(row), clock())
    kept_lists.forget(name)
    if json:
        render.json({"providers": [document(own) for own in after.providers], "changed": True})
    else:
        render.line(f"Added {name}: {row.dialect} at {row.base_url}")
    _remark(row, json)
    return 0


def _adding(row: Provider) -> Callable[[Selection], Selection]:
    """The change that adds `row`; what was true when it was read is asked again inside it."""

    def change(before: Selection) -> Selection:
        if any(own.id == row.id for own in before.providers):
            raise AlreadyExists(f"{row.id} is already a provider", hint="choose another id")
        return before._replace(providers=(*before.providers, row))

    return change


def _remark(row: Provider, json: bool) -> None:
    if row.is_plain_http and not json:
        render.note("its credential is sent unencrypted over the network")
    if row.dialect == "anthropic" and row.base_url.endswith("/v1"):
        render.note(
            "an anthropic base URL is written without /v1, which is added to it",
            f"aura_intelligence models providers remove {row.id}, then add it without",
        )


def remove(
    id: str,
    /,
    *,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    kept_lists: Injected[KeptLists],
    clock: Injected[Clock],
) -> int:
    """Remove an endpoint of your own; refused while a profile or a model refers to it.

    Parameters
    ----------
    id
        Its name.
    """
    state = survey()
    name = provider_id(id)
    source = known_provider(name, state.providers).source
    if source == "builtin":
        raise Refused(f"{name} is built in", hint="only your own providers can be removed")
    if source == "plugin":
        raise Refused(f"{name} is a plug-in", hint=f"aura_intelligence plugins disable {name}")
    profiles = [profile.id for profile in state.profiles if profile.provider == name]

    def change(before: Selection) -> Selection:
        removals = {id: f"auth remove {id}" for id in profiles}
        uses = {**before.uses_of(name), **removals}
        if uses:
            first = next(iter(uses.values()))
            raise InUse(
                f"{name} is in use: {visible(', '.join(uses))}",
                hint=visible(f"first: aura_intelligence models {first}"),
            )
        kept = tuple(own for own in before.providers if own.id != name)
        if len(kept) == len(before.providers):
            raise NotFound(f"no provider {name} of your own")
        return before._replace(providers=kept)

    _, after = changed_by(state.selection, selection, change, clock())
    kept_lists.forget(name)
    if json:
        render.json({"providers": [document(own) for own in after.providers], "changed": True})
    else:
        render.line(f"Removed {name}.")
    return 0
