"""The words of another program, after `--`."""

from domain.errors import Malformed


def another(command: tuple[str, ...], instead: str) -> tuple[str, ...]:
    """`command` without the mark of `app.divided`. Raises Malformed where no program is in it."""
    # The mark comes first, unless a word stands before it.
    if command[:1] != ("--",):
        raise Malformed(
            "there is one word too many before --", hint="the program to run comes after --"
        )
    if len(command) == 1:
        raise Malformed("there is no program after --", hint=instead)
    return command[1:]
