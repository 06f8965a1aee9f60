"""`complete`: what may come next on a line that is being typed; the shells ask at every Tab."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

from cyclopts import Parameter

from application.ports.catalogue import Catalogue
from application.ports.reading import StateReader
from application.ports.registry import ProviderRegistry
from domain.answers.outcome import Outcome
from domain.errors import AuraError
from domain.selection.catalogue import ranked
from entrypoints.cli.app import HIDDEN, build, with_default
from entrypoints.cli.commands import COMMANDS, GROUPS
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import Later

if TYPE_CHECKING:
    from cyclopts.argument import Argument

Words = Iterable[tuple[str, str]]
"""Each with what it is."""

FILES = ":files"
"""Said where the shell knows better: the names of files."""
_HELP = ("--help", "Display this message and exit.")
# What a parameter of that name takes; `id` means another thing in each group.
_KINDS = {
    "provider": "providers",
    "source": "providers",
    "probe_provider": "providers",
    "model": "models",
    "probe_model": "models",
    "profile": "profiles",
    "profile_id": "profiles",
    "probe_profile": "profiles",
    "ids": "profiles",
    "alias": "aliases",
    "outcome": "outcomes",
    "name": "explained",
}
_IDS = {"auth": "profiles", "providers": "own", "plugins": "providers"}
# What names nothing there is: a new alias, a new provider, who made a model.
_NEW = (("aliases", "add", "alias"), ("providers", "add", "id"), ("models", "scan", "provider"))


def complete(
    *words: Annotated[str, Parameter(allow_leading_hyphen=True)],
    reader: Later[StateReader],
    registry: Later[ProviderRegistry],
    catalogue: Later[Catalogue],
) -> int:
    """The words that may come next, one a line, each with what it is after a tab.

    Parameters
    ----------
    words
        The line after the program's name; the last word is the one that is being typed.
    """
    *before, typed = words or ("",)
    # A bare group has the options of its usual command.
    line = with_default([*before, typed if typed.startswith("-") else ""])[:-1]
    told = _Names(reader, registry, catalogue).after(line, typed)
    for word, is_ in told:
        if word == FILES or word.startswith(typed):
            render.plain([(word, " ".join(is_.split())) if is_ else (word,)])
    return 0


@dataclass(frozen=True, slots=True)
class _Names:
    """Reads what is stored only if a name of it may come next. Opens nothing secret."""

    reader: Later[StateReader]
    registry: Later[ProviderRegistry]
    catalogue: Later[Catalogue]

    def after(self, line: Sequence[str], typed: str) -> Words:
        if "--" in line:
            return [(FILES, "")]
        depth = 0
        while depth < len(line) and tuple(line[: depth + 1]) in GROUPS:
            depth += 1
        path, rest = tuple(line[: depth + 1]), line[depth + 1 :]
        if len(path) == depth:
            return _commands(path, typed)
        if path not in COMMANDS:
            return ()
        known = _arguments(path)
        options = {name: a for a in known if not a.is_positional_only() for name in a.names}
        option, equals, begun = typed.partition("=")
        if equals and option in options:
            found = self._values(options[option], path, begun)
            return ((w if w == FILES else f"{option}={w}", text) for w, text in found)
        if rest and _takes_a_value(rest[-1], options):
            return self._values(options[rest[-1]], path, typed)
        if typed.startswith("-"):
            long = ((n, a.parameter.help or "") for n, a in options.items() if n[1] == "-")
            return [*long, _HELP]
        places = [a for a in known if a.is_positional_only()]
        return self._values(_place(places, rest, options), path, typed)

    def _values(self, argument: "Argument | None", path: tuple[str, ...], typed: str) -> Words:
        if argument is None:
            return ()
        name = argument.field_info.name
        if Path in (argument.hint, *get_args(argument.hint)):
            return [(FILES, "")]
        if choices := argument.get_choices(force=True):
            return ((choice, "") for choice in choices)
        if (*path[-2:], name) in _NEW:
            return ()
        return self._named(_KINDS.get(name) if name != "id" else _IDS.get(path[-2]), typed)

    def _named(self, kind: str | None, typed: str) -> Words:
        if kind == "outcomes":
            yield from ((outcome.value, "") for outcome in Outcome)
        if kind in (None, "outcomes"):
            return
        stored = self.reader().read()
        if kind == "profiles":
            yield from ((profile.id, profile.label or profile.kind) for profile in stored.profiles)
        if kind in ("own", "providers", "explained"):
            yield from ((row.id, row.label) for row in stored.selection.providers)
        if kind in ("providers", "explained"):
            registry = self.registry()
            for rows in (registry.builtin(), registry.enabled()):
                yield from ((row.id, row.label) for row in rows.values())
        if kind in ("models", "explained"):
            refs = dict.fromkeys(ref for ref, _ in stored.selection.configured())
            yield from ((str(ref), "") for ref in refs)
            # Of the provider that is begun, else of those that a credential is stored for.
            provider, slash, _ = typed.partition("/")
            stocked = {profile.provider for profile in stored.profiles}
            for id in [provider] if slash else sorted(stocked):
                try:
                    known = ranked(self.catalogue().rows(id))
                except AuraError:
                    # A file of the user's own that cannot be read; who types is not told.
                    return
                yield from ((str(one.ref), one.name) for one in known if one.ref not in refs)
        if kind in ("models", "aliases", "explained"):
            targets = stored.selection.aliases.targets
            yield from ((name, str(ref)) for name, ref in sorted(targets.items()))


def _commands(group: tuple[str, ...], typed: str) -> Words:
    every = {**GROUPS, **{path: text for path, (_, text) in COMMANDS.items()}}
    for path, text in every.items():
        fits = path[-1].startswith("-") == typed.startswith("-")
        if path[:-1] == group and path[-1] not in HIDDEN and fits:
            yield path[-1], text
    if typed.startswith("-"):
        yield _HELP


def _arguments(path: tuple[str, ...]) -> list["Argument"]:
    root = build()
    _, chain, _ = root.parse_commands(path)
    with root.app_stack(chain):
        arguments = chain[-1].assemble_argument_collection(parse_docstring=True)
    return [argument for argument in arguments if argument.parse and not argument.children]


def _takes_a_value(word: str, options: Mapping[str, "Argument"]) -> bool:
    return word in options and not options[word].is_flag()


def _place(
    places: Sequence["Argument"], rest: Sequence[str], options: Mapping[str, "Argument"]
) -> "Argument | None":
    """Whose turn it is among the words that belong to no option."""
    before = ["", *rest]
    taken = sum(
        not word.startswith("-") and not _takes_a_value(last, options)
        for last, word in zip(before, rest, strict=False)
    )
    if taken < len(places):
        return places[taken]
    return places[-1] if places and places[-1].is_var_positional() else None
