"""`models exec` and `models env`: the chosen credential for another program."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal

from cyclopts import Parameter

from application.ports.people import Launcher
from application.recording import Handouts
from application.routing.choosing import Chooser, Chosen
from domain.errors import Malformed
from domain.handover.variables import Handover, handover, known_secrets
from entrypoints.cli.show import render
from entrypoints.cli.show.variables import ASSIGNMENTS, Format, remarks
from entrypoints.cli.words.another import another
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.settings import Settings


def execute(
    *command: Annotated[str, Parameter(show_default=False)],
    model: str | None = None,
    profile: str | None = None,
    mask: Flag = False,
    skip_damaged: Flag = False,
    unrecorded: Flag = False,
    json: Flag = False,  # noqa: ARG001 - failures are told by it
    chooser: Later[Chooser],
    handouts: Later[Handouts],
    settings: Injected[Settings],
    launcher: Later[Launcher],
    environ: Injected[Mapping[str, str]],
) -> int:
    """Run a program with the chosen credential in its environment, and nowhere else.

    Parameters
    ----------
    command
        After --: the program and its words, which are its own whatever they are.
    model
        This model (provider/model or an alias) and no other; if not given, the first of
        the default's chain that can be used now.
    profile
        This credential, as `auth list` calls it, even while it cools down.
    mask
        Take the chosen credential, and those of other providers in the environment, out of what the
        program writes; its output is a pipe then, no terminal.
    skip_damaged
        Go on with the next credential where a stored one is damaged.
    unrecorded
        Hand the credential out even where the history cannot be written.
    json
        Print a failure before the program runs as one JSON object.
    """
    argv = another(command, "aura_intelligence models exec -- PROGRAM WORDS …")
    chosen = _chosen(chooser(), model, profile, skip_damaged)
    secret = chosen.access.secret
    if secret and not unrecorded:
        _recorded(handouts(), chosen, settings)
    given = _handover(chosen).environment(environ, secret.reveal() if secret else None)
    known = known_secrets(given, chosen.state.providers.values()) if mask else set()
    if mask and secret:
        known.add(secret.reveal())
    return launcher().run(argv, given, known)


def _recorded(handouts: Handouts, chosen: Chosen, settings: Settings) -> None:
    """Written down before it happens. Raises Unavailable."""
    is_first = settings.address() is None and not settings.store.exists()
    handouts.record(chosen.attempt)
    if is_first:
        render.note(f"made the store {settings.store}, for the record of it")


def _chosen(chooser: Chooser, model: str | None, profile: str | None, skip_damaged: bool) -> Chosen:
    chosen = asyncio.run(
        chooser.choose(model, profile=profile, skip_damaged=skip_damaged, tell=render.note)
    )
    default = chosen.state.selection.default
    if model is None and profile is None and chosen.attempt.ref != default:
        render.note(f"{default} cannot be used now: this is for {chosen.attempt.ref}")
    return chosen


def _handover(chosen: Chosen) -> Handover:
    attempt, access = chosen.attempt, chosen.access
    kind = attempt.credential.kind if attempt.credential and access.secret else None
    providers = chosen.state.providers.values()
    return handover(attempt.ref, attempt.row, kind, access.base_url, providers)


def env(
    *,
    model: str | None = None,
    profile: str | None = None,
    format: Literal["shell", "dotenv", "json", "powershell"] | None = None,
    reveal: Flag = False,
    skip_damaged: Flag = False,
    unrecorded: Flag = False,
    json: AsJson = False,
    chooser: Injected[Chooser],
    handouts: Later[Handouts],
    settings: Injected[Settings],
) -> int:
    """The variables a program would get, to be read by a shell or kept in a file.

    Parameters
    ----------
    model
        This model (provider/model or an alias) and no other; if not given, the first of
        the default's chain that can be used now.
    profile
        This credential, as `auth list` calls it, even while it cools down.
    format
        How they are written; json is the same as --json.
    reveal
        Print the credential itself. Without, nothing secret is shown.
    skip_damaged
        Go on with the next credential where a stored one is damaged.
    unrecorded
        Print the credential even where the history cannot be written.
    """
    if json and format not in (None, "json"):
        raise Malformed("--json and --format exclude each other", hint="choose one")
    chosen = _chosen(chooser, model, profile, skip_damaged)
    if reveal and chosen.access.secret and not unrecorded:
        _recorded(handouts(), chosen, settings)
    found = _handover(chosen)
    secret = chosen.access.secret.reveal() if reveal and chosen.access.secret else None
    if json or format == "json":
        render.json(_document(chosen, found, secret, reveal))
    else:
        _show(chosen, found, secret, format or "shell", reveal)
    if not reveal:
        render.note("nothing secret is shown", "--reveal prints the credential itself")
    return 0


def _document(
    chosen: Chosen, found: Handover, secret: str | None, reveal: bool
) -> dict[str, object]:
    return {
        "model": str(chosen.attempt.ref),
        "profileId": chosen.attempt.profile_id,
        "revealed": reveal,
        "variables": {**dict.fromkeys(found.secret, secret), **found.plain},
        "unset": list(found.unset),
    }


def _show(
    chosen: Chosen, found: Handover, secret: str | None, format: Format, reveal: bool
) -> None:
    if reveal:
        lines = ASSIGNMENTS[format](found.given(secret), found.unset)
    else:
        lines = remarks(found, chosen.attempt.credential)
    for line in lines:
        render.whole(line)
