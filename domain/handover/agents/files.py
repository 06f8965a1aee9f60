"""What an agent's own file is to say, and how that differs from what it says now."""

import json
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from domain.errors import Malformed
from domain.handover.exporting import LeftOut, Reach, Variable
from domain.providers.refs import ModelRef
from domain.selection.selection import Selection
from domain.text import readable, redact

OURS = "aura-"
"""How entries begin that no tool and no person has: they are replaced whole."""
ADDED_TO = ("alias", "set-env")
"""Lists of aider's of NAME:VALUE or NAME=VALUE, to which others than we add as well."""
# What stands there before us may be anybody's secret, but for these.
_SHOWN = frozenset({"model", "model_provider", "npm", "name", "wire_api"})
_HIDDEN = "(what was there)"
_ABSENT = object()


class AgentFile(NamedTuple):
    """What is to be in the file, what cannot be, and `notes` for who starts the program."""

    document: dict[str, Any]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()


def sorted_out(
    reaches: Iterable[Reach], doubt: Callable[[Reach], str | None]
) -> tuple[dict[ModelRef, Reach], list[LeftOut]]:
    """Those that raise no `doubt`, and the others with theirs."""
    told = [(reach, doubt(reach)) for reach in reaches]
    kept = {reach.ref: reach for reach, why in told if why is None}
    return kept, [LeftOut(reach.ref, why) for reach, why in told if why is not None]


def chosen(selection: Selection, kept: Mapping[ModelRef, Reach]) -> Reach | None:
    """The default model, else the first of the chain that is `kept`."""
    chain = (selection.default, *selection.fallbacks)
    return next((kept[ref] for ref in chain if ref is not None and ref in kept), None)


def others(kept: Iterable[ModelRef], one: Reach | None, program: str) -> tuple[LeftOut, ...]:
    """Whom a program with one model does without."""
    which = f"which is {one.ref}" if one else "and these are in no chain of texts"
    reason = f"{program} has one model, {which}"
    return tuple(LeftOut(ref, reason) for ref in kept if one is None or ref != one.ref)


def started(used: Iterable[Variable], program: str, renamed: bool = False) -> tuple[str, ...]:
    """How `program` is started with the keys that are stored, or that it knows by another name
    (`renamed`, for one's own providers).
    """
    used = tuple(told for told in used if told.name)
    handed = [t for t in used if t.is_stored or (renamed and not t.provider.builtin)]
    if not handed:
        return ()
    # One's own come first: they are handed over under the names of the libraries as well, which
    # the built-in ones after them set right.
    own_first = sorted(handed, key=lambda told: told.provider.builtin)
    models = (shlex.quote(str(told.ref)) for told in own_first)
    lines = (f"  aura_intelligence models exec --model {model} -- \\" for model in models)
    lost = {t.name for t in used if t not in handed and any(t.name in h.touched for h in handed)}
    gone = (f"set {name} anew there: exec takes it away" for name in sorted(filter(None, lost)))
    return ("start it by:", *lines, f"  {program}", *gone)


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`old` with what `new` says. Raises Malformed where a table would take another value's place.

    An entry that is ours is replaced whole, a list that others add to is added to.
    """
    found = dict(old)
    for name, value in new.items():
        before = found.get(name)
        if name in ADDED_TO:
            found[name] = added(before, value)
        elif isinstance(value, dict) and not name.startswith(OURS) and name in found:
            if not isinstance(before, Mapping):
                raise Malformed(f"{name} of the file is no table", hint="see what is in it")
            found[name] = merged(before, value)
        else:
            found[name] = value
    return found


def added(before: Any, ours: list[str]) -> list[Any]:
    """What is in `before`, a list or one text, but for the names that are in `ours`, and those."""
    named = {_name(item) for item in ours}
    there = before if isinstance(before, list) else [before] if before else []
    return [item for item in there if _name(item) not in named] + ours


def _name(item: Any) -> str:
    return str(item).partition("=")[0].partition(":")[0]


def difference(old: Any, new: Any, path: str = "") -> list[str]:
    """The values that differ, as lines of a difference; none that may be a secret."""
    if old is new or old == new:
        return []
    if isinstance(new, Mapping) and (isinstance(old, Mapping) or old is _ABSENT):
        was = old if isinstance(old, Mapping) else {}
        lines = []
        for name in dict.fromkeys([*was, *new]):
            below = f"{path} {name}".lstrip()
            lines += difference(was.get(name, _ABSENT), new.get(name, _ABSENT), below)
        return lines or [f"+ {path}: {{}}"]
    if isinstance(new, list) and path in ADDED_TO and old is not _ABSENT:
        old = old if isinstance(old, list) else [old]
    if isinstance(old, list) and isinstance(new, list):
        gone = [f"- {path}: {_HIDDEN}" for item in old if item not in new]
        return gone + [_line("+", path, item) for item in new if item not in old]
    is_shown = path.rpartition(" ")[2] in _SHOWN and isinstance(old, str)
    before = _line("-", path, old) if is_shown else f"- {path}: {_HIDDEN}"
    lines = [] if old is _ABSENT else [before]
    return lines if new is _ABSENT else [*lines, _line("+", path, new)]


def _line(sign: str, path: str, value: Any) -> str:
    return readable(redact(f"{sign} {path}: {json.dumps(value, ensure_ascii=False)}"))
