"""Questions before something changes where a stored secret may go."""

from collections.abc import Callable

from application.ports.people import Prompter
from domain.errors import Refused
from entrypoints.cli.show import render
from entrypoints.cli.words.sources import refuse_to_ask


def agreed(
    prompter: Callable[[], Prompter],
    question: str,
    *,
    details: tuple[str, ...] = (),
    yes: bool,
    no_input: bool,
    instead: str,
) -> None:
    """Returns if a person agrees, or said `--yes`. Raises Refused, and Malformed where nobody can
    be asked; `details` are shown before the question.
    """
    for text in details:
        render.note(text)
    if yes:
        return
    refuse_to_ask(no_input, instead)
    if not prompter().confirm(question, instead=instead):
        raise Refused("nothing was changed", hint="answer y to go on, or give --yes")
