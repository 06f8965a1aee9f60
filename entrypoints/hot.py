"""The hot lane: what prompts and scripts read all day, without the weight of the command line.

Only the exact words of a row are taken, followed by switches of that row, each at most once.
Whatever else is said is left to Cyclopts, so that every message about words is its own. Both call
the same functions of `entrypoints.cli.reading`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from entrypoints import parts
from entrypoints.frame import framed
from entrypoints.lazy import attribute

if TYPE_CHECKING:
    from application.ports.people import Clock

Row = tuple[str, str, frozenset[str]]
PASSES = -1
"""What a command answers that leaves the words to the whole program; it has said nothing."""
_URL = "AURA_INTELLIGENCE_DATABASE_URL"
_JSON = frozenset({"--json"})
_FORMATS = _JSON | {"--plain"}
_STATUS = (
    "status",
    "survey clock settings later:catalogue later:journal_reader first_look",
    _FORMATS | {"--check"},
)
_HISTORY = ("journal.history", "journal_reader survey clock", _FORMATS)
_SUMMARY = ("journal.summary", "journal_reader clock", _FORMATS)
_CREDENTIALS = ("credentials", "survey clock", _FORMATS)
_ALIASES = ("aliases", "reader", _FORMATS)
_CHAIN = ("chain", "reader", _FORMATS)
WORD = "WORD"
"""Stands for one word of any kind that is no switch."""
ROWS: dict[tuple[str, ...], Row] = {
    ("models",): _STATUS,
    ("models", "status"): _STATUS,
    ("models", "list"): ("models", "survey catalogue clock", _FORMATS | {"--local", "--all"}),
    ("models", "outlook"): ("outlook", "survey catalogue journal_reader clock", _FORMATS),
    ("models", "resolve"): ("route", "survey clock", _FORMATS | {"--image"}),
    ("models", "history"): _HISTORY,
    ("models", "history", "list"): _HISTORY,
    ("models", "history", "summary"): _SUMMARY,
    ("models", "auth"): _CREDENTIALS,
    ("models", "auth", "list"): _CREDENTIALS,
    ("models", "aliases"): _ALIASES,
    ("models", "aliases", "list"): _ALIASES,
    ("models", "fallbacks"): _CHAIN,
    ("models", "fallbacks", "list"): _CHAIN,
    ("models", "auth", "token", WORD): ("token", "served", _JSON),
    ("paths",): ("paths", "settings", _FORMATS),
    ("--version",): ("version", "", _JSON),
}
"""By the words of a command: its module and function, what that is given, and its switches."""


def run(
    argv: Sequence[str],
    environ: Mapping[str, str],
    clock: "Clock" = parts.now,
    ready: Callable[[], object] = lambda: None,
) -> int | None:
    """The exit code of `argv`, everything flushed; None where it is no row's, and nothing is done.

    `ready` is called before its first step, when everything it needs is loaded.
    """
    found = _row(list(argv))
    if found is None:
        return None
    (name, needs, switches), free, said = found
    if not switches.issuperset(said) or len({*said}) < len(said):
        return None

    def work(*_: int) -> int:
        if needs and _URL in environ and _exposes(environ):
            return PASSES
        function = name.rpartition(".")[2]
        command: Callable[..., int] = attribute(f"entrypoints.cli.reading.{name}:{function}")
        given = [_made(need, environ, clock) for need in needs.split()]
        ready()
        return command(*given, *free, **{word.removeprefix("--"): True for word in said})

    code = framed(argv, work)
    return None if code == PASSES else code


def _row(words: list[str]) -> tuple[Row, list[str], list[str]] | None:
    """The row of `words`, its free word, if it has one, and what follows."""
    for length in range(len(words), 0, -1):
        known, last = tuple(words[:length]), words[length - 1]
        with_word = (*known[:-1], WORD)
        if with_word in ROWS:
            if last and not last.startswith("-"):
                return ROWS[with_word], [last], words[length:]
        elif known in ROWS:
            return ROWS[known], [], words[length:]
    return None


def _exposes(environ: Mapping[str, str]) -> bool:
    """Whether there is a word to say of a password, which the whole program says."""
    from entrypoints.settings import Settings

    return Settings.of(environ).exposes_password


def _made(need: str, environ: Mapping[str, str], clock: "Clock") -> object:
    if need == "clock":
        return clock
    if need.startswith("later:"):
        return lambda: _made(need.removeprefix("later:"), environ, clock)
    if need == "first_look":
        return lambda: parts.first_look(environ)
    from entrypoints.settings import Settings

    settings = Settings.of(environ)
    if need == "settings":
        return settings
    if need == "catalogue":
        return parts.catalogue(settings)
    store = parts.store(settings, parts.key_source(settings))
    if need == "served":
        return parts.served(store, settings, environ, clock)
    if need == "survey":
        return parts.survey(store, parts.registry(settings), environ)
    return getattr(store, need)
