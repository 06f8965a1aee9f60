"""The tree of refusals is the one drawn at the top of its module."""

from collections.abc import Iterable

import pytest

from domain import errors
from domain.errors import AuraError, WireFailure


def below(kind: type[AuraError]) -> Iterable[type[AuraError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def depth(line: str) -> int:
    return len(line[: line.index("─")]) // 4 if "─" in line else -1


@pytest.mark.parametrize("kind", list(below(AuraError)), ids=lambda kind: kind.__name__)
def test_every_refusal_is_drawn_under_its_parent(kind: type[AuraError]) -> None:
    lines = (errors.__doc__ or "").splitlines()
    (own,) = (at for at, line in enumerate(lines) if f"── {kind.__name__} " in f"{line} ")
    above = [line for line in lines[:own] if depth(line) < depth(lines[own]) and line.strip()]
    assert above[-1].split("── ")[-1].split()[0] == kind.__mro__[1].__name__


def test_no_two_refusals_have_one_type() -> None:
    kinds: list[type[AuraError]] = [AuraError, *below(AuraError)]
    types = [kind.type for kind in kinds]
    assert len(set(types)) == len(types)


def test_a_refusal_is_its_message_with_a_hint_apart() -> None:
    refusal = WireFailure("dns", "the host was not found", hint="check the name")
    assert (str(refusal), refusal.hint, refusal.reason) == (
        "the host was not found",
        "check the name",
        "dns",
    )
