"""`models import`: a selection taken from a file, all of it or nothing."""

import re
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from application.ports.people import Clock, Prompter
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.errors import Malformed
from domain.handover.differences import Difference, differences
from domain.handover.portable import taken
from domain.selection.selection import Selection
from domain.text import did_you_mean, shown
from entrypoints.cli.show import render
from entrypoints.cli.words.asking import agreed, what_goes_there
from entrypoints.cli.words.changes import changed_by, told_of
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.pasted import looks_like_a_key
from entrypoints.cli.words.sources import whole_text

# A thousand aliases are 50 KiB.
_LARGEST_FILE = 256 * 1024
_LONGEST_LINE = 8 * 1024
# The parser keeps every beginning of a key of many parts; ours have two at most.
_QUOTED = r"\"[^\"]*\"|'[^']*'"
_MOST_DOTS = 3
# What stands between the words of such a file, and how much of one is looked at.
_BETWEEN = r"[\s\"'=,#\[\]{}]+"
_LOOKED_AT = 2048


def import_file(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    dry_run: Flag = False,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Replace what you chose (models, chains, aliases, orders, own providers) by a file's.

    Providers of the file are shown, and taken only if you agree.

    Parameters
    ----------
    file
        What `models export toml` wrote; - is standard input.
    dry_run
        Only say what would change.
    yes
        Do not ask whether the providers of the file are to be trusted.
    no_input
        Ask nothing, at a terminal either.
    """
    _refuse_option(str(file))
    document = document_of(whole_text(file, _LARGEST_FILE))
    state = survey()

    def change(before: Selection) -> Selection:
        return taken(document, before, state).selection

    told = taken(document, state.selection, state)
    before, after = state.selection, told.selection
    if not dry_run:
        _agree_on(before, after, prompter, yes=yes, no_input=no_input)
        before, after = changed_by(state.selection, selection, change, clock(), anew=True)
    _show(differences(before, after), told.notes, dry_run=dry_run, json=json)
    return 0


def _agree_on(
    before: Selection, after: Selection, prompter: Later[Prompter], *, yes: bool, no_input: bool
) -> None:
    """Asks about providers that are not here as they are in the file: prompts and keys go there."""
    others = [row for row in after.providers if row not in before.providers]
    if others:
        agreed(
            prompter,
            "Trust these providers of the file?",
            details=tuple(line for row in others for line in what_goes_there(row)),
            yes=yes,
            no_input=no_input,
            instead="aura_intelligence models import FILE --yes",
        )


def _refuse_option(word: str) -> None:
    """Raises Malformed: to let - be a file, every word with a dash in front was let through."""
    if word != "-" and word.startswith("-"):
        raise Malformed(
            f"unknown option{shown(word.partition('=')[0])}",
            hint=did_you_mean(
                word,
                ("--dry-run", "--json", "--yes", "--no-input"),
                "a file of that name is ./-NAME",
            ),
        )


def document_of(text: str) -> dict[str, Any]:
    """The table `text` is. Raises Malformed, never with what is in it."""
    if any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        raise Malformed(
            "the file has a line that is too long", hint="write a long list on several lines"
        )
    if any(re.sub(_QUOTED, "", line).count(".") > _MOST_DOTS for line in text.splitlines()):
        raise Malformed(
            "the file has a name of too many parts",
            hint="see: aura_intelligence models export toml",
        )
    words = [word[:_LOOKED_AT] for word in re.split(_BETWEEN, text)]
    if any(map(looks_like_a_key, words, ["", *words])):
        raise Malformed(
            "something in the file looks like a credential; it was not used",
            hint="such a file names variables only; take it out, and store it with auth add",
        )
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as failure:
        # Its own words may hold a piece of the line.
        place = re.search(r"\(at (line \d+, column \d+|end of document)\)$", str(failure))
        where = f" ({place[1]})" if place else ""
        raise Malformed(
            f"the file is not TOML{where}", hint="see: aura_intelligence models export toml"
        ) from None


def _show(
    found: tuple[Difference, ...], notes: tuple[str, ...], *, dry_run: bool, json: bool
) -> None:
    if json:
        changes = [difference._asdict() for difference in found]
        document = {"changed": bool(found), "dryRun": dry_run, "changes": changes}
        render.json({**document, "notes": list(notes)})
        return
    for difference in found:
        render.line(told_of(difference))
    if not found:
        render.line("Nothing would change." if dry_run else "Nothing changed.")
    elif dry_run:
        render.line("Nothing was written.")
    for note in notes:
        render.note(note)
