"""`models auth set`, `models auth rename`: a profile changed without its secret."""

from dataclasses import replace

from application.opening import vouch
from application.ports.elsewhere import Confirmed
from application.ports.people import Clock, Prompter
from application.ports.store import ProfileStore, SelectionStore
from application.survey import Survey
from domain.credentials.origins import Command
from domain.credentials.profile import ProfileSummary, profile_id, unknown_profile
from domain.errors import Malformed
from domain.providers.endpoints import base_url as endpoint
from domain.providers.refs import label_of
from domain.providers.row import Provider, known_provider
from domain.routing.state import State
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.profile import profile_document
from entrypoints.cli.words.asking import agreed
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later


def set_profile(
    id: str,
    /,
    *,
    label: str | None = None,
    base_url: str | None = None,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    profiles: Later[ProfileStore],
    selection: Later[SelectionStore],
    prompter: Later[Prompter],
    confirmed: Later[Confirmed],
    clock: Injected[Clock],
) -> int:
    """Change a profile's label or address; its secret stays what it is.

    Parameters
    ----------
    id
        The profile's id, as `auth list` shows it.
    label
        A name for people; empty for none.
    base_url
        Where its credential is sent from now on.
    yes
        Do not ask before its credential goes elsewhere.
    no_input
        Ask nothing, at a terminal either.
    """
    state = survey()
    summary = _known(id, state)
    if label is None and base_url is None:
        raise Malformed("there is nothing to change", hint="give --label TEXT or --base-url URL")
    if label is not None:
        label = label_of(label)
    if base_url is not None:
        row = known_provider(summary.provider, state.providers)
        url = endpoint(base_url, allow_http=row.allow_http)
        agreed(
            prompter,
            "Send its credential there from now on?",
            details=(f"{visible(id)} goes to {url} (until now: {summary.base_url})",),
            yes=yes,
            no_input=no_input,
            instead=f"aura_intelligence models auth set {id} --base-url URL --yes",
        )
        vouch(selection(), row)
        changed = _moved(profiles(), summary, row, url, label, clock(), confirmed)
    else:
        changed = profiles().relabel(id, label or "", clock())
    _say(changed, survey().profiles, json, "Changed")
    return 0


def _moved(
    profiles: ProfileStore,
    summary: ProfileSummary,
    row: Provider,
    url: str,
    label: str | None,
    now: int,
    confirmed: Later[Confirmed],
) -> ProfileSummary:
    profile = profiles.get(summary.id)
    if isinstance(profile.origin, Command):
        # What it prints may go there: whoever moves it says so.
        confirmed().add(profile.origin, url)
    changed = replace(
        profile,
        base_url=url,
        custom_base_url=url != row.base_url,
        label=profile.label if label is None else label,
    )
    return profiles.replace(changed, summary.revision, now)


def rename(
    id: str,
    new: str,
    /,
    *,
    json: AsJson = False,
    survey: Injected[Survey],
    profiles: Later[ProfileStore],
    clock: Injected[Clock],
) -> int:
    """Give a profile another id; its place in the auth order goes with it.

    Parameters
    ----------
    id
        The profile's id, as `auth list` shows it.
    new
        The new id: PROVIDER:NAME, or NAME alone.
    """
    summary = _known(id, survey())
    changed = profiles().rename(id, profile_id(new, summary.provider), clock())
    _say(changed, survey().profiles, json, f"Renamed {visible(id)}: it is now")
    return 0


def _known(id: str, state: State) -> ProfileSummary:
    found = next((profile for profile in state.profiles if profile.id == id), None)
    if found is None:
        raise unknown_profile(id, [profile.id for profile in state.profiles])
    return found


def _say(
    changed: ProfileSummary, all_profiles: tuple[ProfileSummary, ...], json: bool, word: str
) -> None:
    if json:
        documents = [profile_document(profile) for profile in all_profiles]
        profile = profile_document(changed)
        render.json({"profiles": documents, "profile": profile, "changed": True})
        return
    label = f", label {visible(changed.label)}" if changed.label else ""
    render.line(f"{word} {visible(changed.id)}{label}. It is sent to {changed.base_url}.")
