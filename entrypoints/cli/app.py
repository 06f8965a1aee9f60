"""The tree of commands, by name: a module is imported when its command is called."""

from typing import TYPE_CHECKING

from cyclopts import App, Parameter

from domain.errors import Malformed
from entrypoints.cli.commands import COMMANDS, DEFAULTS, GROUPS
from entrypoints.cli.help.pages import PlainPages

if TYPE_CHECKING:
    from cyclopts.field_info import FieldInfo

_HELP = "Find, configure and probe language models; credentials are kept encrypted."

# What people try, by the words of this program: the first that makes a command there.
_SYNONYMS = {
    "ls": (("list",),),
    "rm": (("remove",),),
    "show": (("info",), ("explain",), ("get",), ("status",)),
    "test": (("status", "--probe"),),
}

HIDDEN = ("complete",)
# Wherever the long one is, and nothing else.
SHORT = {"model": "-m", "provider": "-p", "search": "-q"}
ALSO = {"--version": "-V"}
_HELP_FLAGS = ("--help", "-h")

_RUNS_ANOTHER = ("models", "exec")
_KEEPS_ANOTHER = ("models", "auth", "add")

# Where the one that is made of the parameters would leave out what matters.
_USAGES: dict[tuple[str, ...], str] = {
    ("models", "exec"): "aura_intelligence models exec [OPTIONS] -- PROGRAM [WORDS...]",
    (
        "models",
        "auth",
        "add",
    ): "aura_intelligence models auth add [OPTIONS] [-- PROGRAM [WORDS...]]",
}


def _short(field: "FieldInfo", _: frozenset[str]) -> str | None:
    return SHORT.get(field.name)


def build(*, helpful: bool = False) -> App:
    """A new tree. No command's module is imported, nor, unless it is to be `helpful`, what help
    pages end with.
    """
    app = App(
        name="aura_intelligence",
        help=_HELP,
        version_flags=[],
        help_format="plaintext",
        help_formatter=PlainPages(),
        result_action="return_value",
        default_parameter=Parameter(short_alias=_short),
    )
    if helpful:
        from entrypoints.cli.help.examples import ending
    groups: dict[tuple[str, ...], App] = {(): app}
    for path, text in GROUPS.items():
        groups[path] = App(name=path[-1], help=text, version_flags=[])
        groups[path[:-1]].command(groups[path])
    for path, (target, text) in COMMANDS.items():
        names = [path[-1], *filter(None, [ALSO.get(path[-1])])]
        own = {"usage": _USAGES.get(path), "help_epilogue": ending(path) if helpful else None}
        shown = path[-1] not in HIDDEN
        parent = groups[path[:-1]]
        parent.command(f"entrypoints.cli.{target}", name=names, help=text, show=shown, **own)
    return app


def asks_for_help(argv: list[str]) -> bool:
    return not set(_HELP_FLAGS).isdisjoint(argv)


def with_default(argv: list[str]) -> list[str]:
    """`argv` with a synonym in this program's own words, and with the command inserted that a bare
    group stands for; `--help` stays the group's.
    """
    depth = 0
    while tuple(argv[: depth + 1]) in GROUPS and depth < len(argv):
        depth += 1
    group = tuple(argv[:depth])
    following = argv[depth] if depth < len(argv) else None
    if following in _SYNONYMS:
        return [*_meant(group, following), *argv[depth + 1 :]]
    if group not in DEFAULTS or following in _HELP_FLAGS:
        return argv
    if following is None or following.startswith("-"):
        return [*argv[:depth], DEFAULTS[group], *argv[depth:]]
    return argv


def _meant(group: tuple[str, ...], word: str) -> tuple[str, ...]:
    if (*group, word) in COMMANDS:
        return (*group, word)
    if (group, word) == (("models", "providers"), "show"):
        return ("plugins", "info")
    known = (own for own in _SYNONYMS[word] if (*group, own[0]) in COMMANDS)
    return (*group, *next(known, (word,)))


def divided(argv: list[str]) -> list[str]:
    """`argv` with a second `--` before the words of another program, so that the command that runs
    it can tell them from its own. Raises Malformed where there is no first one.
    """
    runs = tuple(argv[:2]) == _RUNS_ANOTHER
    if not runs and tuple(argv[:3]) != _KEEPS_ANOTHER:
        return argv
    if "--" in argv:
        at = argv.index("--")
        return [*argv[:at], "--", *argv[at:]]
    if not runs or asks_for_help(argv):
        return argv
    raise Malformed(
        "the program to run comes after --",
        hint="aura_intelligence models exec -- PROGRAM WORDS …",
    )
