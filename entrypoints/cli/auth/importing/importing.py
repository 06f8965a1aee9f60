"""`models auth import`."""

import asyncio
from pathlib import Path
from typing import Literal

from application.importing import Importer
from application.ports.people import Clock, Prompter
from application.survey import Survey
from domain.errors import Malformed
from domain.handover.tools.admission import Admission
from entrypoints.cli.auth.importing import showing
from entrypoints.cli.show import render
from entrypoints.cli.words.asking import agreed, what_goes_there
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later

Source = Literal["env", "dotenv", "openclaw", "codex", "claude", "opencode", "llm", "gh", "litellm"]
_NAMED = ("dotenv", "litellm")


def import_credentials(
    source: Source,
    file: Path | None = None,
    /,
    *,
    dry_run: Flag = False,
    overwrite: Flag = False,
    move: Flag = False,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    importer: Injected[Importer],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Bring the credentials, and the models, that other tools were given; their files stay as they
    are.

    What is found is shown, and stored once you agree; what is here already is skipped. A grant that
    its tool refreshes stays that tool's: it is read again before each use.

    Parameters
    ----------
    source
        The tool; or env for the variables of this shell, dotenv for a file of variables.
    file
        Its file, or the folder it is in; where the tool keeps it, if not given. dotenv and litellm
        need one.
    dry_run
        Only say what would be stored.
    overwrite
        Replace what is here.
    move
        Take its grants over: they are refreshed here, and the tool must not use them any longer.
    yes
        Do not ask.
    no_input
        Ask nothing, even at a terminal.
    """
    instead = f"aura_intelligence models auth import {source}{' FILE' if file else ''}"
    if source in _NAMED and file is None:
        raise Malformed(f"{source} needs the name of a file", hint=f"{instead} FILE")
    state = survey()
    found = importer.found(source, file, state, move=move)
    told = importer.admitted(found, state, overwrite=overwrite)
    is_new = showing.is_new(told)
    if not json:
        showing.findings(source, found, told, clock())
    if is_new and not dry_run:
        agreed(
            prompter,
            "Store what is new?",
            details=_details(told),
            yes=yes,
            no_input=no_input,
            instead=f"{instead} --yes",
        )
        # Somebody may have stored something while a person thought.
        state = survey()
        told = importer.admitted(found, state, overwrite=overwrite)
        asyncio.run(importer.stored(told, found, state, overwrite=overwrite))
    if json:
        render.json(showing.document(source, found, told, survey(), dry_run=dry_run))
    else:
        showing.done(told, dry_run=dry_run, changed=is_new)
    return 0


def _details(told: Admission) -> tuple[str, ...]:
    """What is agreed to by a yes beside the credentials that were shown."""
    others = [row for row in told.after.providers if row not in told.before.providers]
    return tuple(line for row in others for line in what_goes_there(row))
