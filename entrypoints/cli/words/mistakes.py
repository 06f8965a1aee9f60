"""Words that could not be understood, explained without repeating what may be a key."""

from typing import Any

from cyclopts import CycloptsError
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)

from domain.errors import Malformed
from domain.text import did_you_mean, shown


def explained(error: CycloptsError) -> Malformed:
    """Built from the error's fields: its own text repeats every word of the line."""
    match error:
        case UnknownCommandError():
            word = (error.unused_tokens or [""])[0]
            names = _names(error.app)
            commands = ", ".join(name for name in names if not name.startswith("-"))
            return Malformed(
                f"unknown command{shown(word)}",
                hint=did_you_mean(word, names, f"one of: {commands}"),
            )
        case UnknownOptionError():
            option = (error.token.keyword or error.token.value or "").partition("=")[0]
            known = [argument for argument in error.argument_collection if argument.parse]
            options = [name for a in known for name in a.names if name.startswith("--")]
            return Malformed(
                f"unknown option{shown(option)}", hint=did_you_mean(option, options, _help(error))
            )
        case MissingArgumentError():
            return Malformed(f"{_name(error)} is missing", hint=_help(error))
        case RepeatArgumentError():
            return Malformed(f"{_name(error)} is given twice", hint=_help(error))
        case CoercionError():
            word = shown(error.token.value) if error.token else ""
            return Malformed(
                f"{word.strip() or 'that'} is not a value for {_name(error)}",
                hint=_expected(error),
            )
        case ValidationError():
            return Malformed(f"{_name(error)}: {error.exception_message}", hint=_help(error))
        case UnusedCliTokensError():
            return Malformed("there is one word too many", hint=_help(error))
        case _:
            return Malformed("the command line cannot be understood", hint=_help(error))


def _names(app: Any) -> list[str]:
    """What help shows: asking a command for it would import it."""
    return sorted(name for name in app if name != "complete") if app is not None else []


def _name(error: CycloptsError) -> str:
    argument = error.argument
    if argument is None or not argument.names:
        return "a value"
    name = str(argument.names[0])
    return name if name.startswith("--") else name.upper()


def _expected(error: CoercionError) -> str:
    choices = getattr(error.target_type, "__args__", ())
    if int in (error.target_type, *choices):
        return "a whole number is expected"
    if choices and all(isinstance(choice, str) for choice in choices):
        return f"one of: {', '.join(choices)}"
    return _help(error)


def _help(error: CycloptsError) -> str:
    chain = " ".join(error.command_chain or ())
    return f"see: aura_intelligence {chain}{' ' if chain else ''}--help"
