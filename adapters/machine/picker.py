"""A list that filters as one types, drawn on standard error."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from questionary import Choice, autocomplete, checkbox

from domain.errors import Malformed, Refused
from domain.text import visible

T = TypeVar("T")


def picked(question: str, options: Mapping[str, str], taken: Callable[[str], T]) -> T:
    """What `taken` makes of what was picked or typed; what it refuses is asked for again.

    Ctrl-C raises KeyboardInterrupt, the end of the input Malformed.
    """

    def right(text: str) -> bool | str:
        try:
            taken(text)
        except (Malformed, Refused) as wrong:
            return visible(f"{wrong} ({wrong.hint})" if wrong.hint else str(wrong), 500)
        return True

    asked = autocomplete(
        f"{question} (type to filter, arrows to choose):",
        list(options),
        meta_information={option: visible(told) for option, told in options.items() if told},
        validate=right,
        validate_while_typing=False,
        output=_output(),
    )
    app = asked.application
    app.pre_run_callables.append(lambda: app.current_buffer.start_completion())
    try:
        return taken(asked.unsafe_ask())
    except EOFError:
        raise Malformed("the input ended", hint="nothing was saved") from None


def picked_some(question: str, options: Sequence[str]) -> tuple[str, ...]:
    """Those that stay checked, in the order they were checked in.

    Ctrl-C raises KeyboardInterrupt, the end of the input Malformed.
    """
    order = list(options)

    def followed(checked: list[str]) -> bool:
        # Told after each change: what is checked anew comes last.
        order[:] = [o for o in order if o in checked] + [o for o in checked if o not in order]
        return True

    asked = checkbox(
        question,
        [Choice(option, value=option, checked=True) for option in options],
        validate=followed,
        instruction="(space to choose, again to put it last, Enter to go on)",
        output=_output(),
    )
    try:
        asked.unsafe_ask()
    except EOFError:
        raise Malformed("the input ended", hint="nothing was saved") from None
    return tuple(order)


def _output() -> Vt100_Output:
    output = Vt100_Output.from_pty(
        sys.stderr, term=os.environ.get("TERM"), default_color_depth=ColorDepth.from_env()
    )
    # The terminal's late answer would be taken for the beginning of the secret that is asked next.
    output.enable_cpr = False
    return output
