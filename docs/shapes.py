"""What JSON documents are made of: for every place in them, the types seen there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

FREE = {"aliases": "ALIAS", "orders": "PROVIDER", "outcomes": "OUTCOME", "variables": "NAME"}
"""Objects whose keys are names people chose, and what stands for such a name."""
_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object"}


@dataclass(slots=True)
class Shape:
    """One place: its types, what is in it, and whether it is missing from some documents."""

    types: set[str] = field(default_factory=set)
    keys: dict[str, "Shape"] = field(default_factory=dict)
    seen: int = 0
    optional: bool = False

    def add(self, value: Any, name: str = "") -> None:
        match value:
            case None:
                self.types.add("null")
            case dict() if name in FREE:
                self.types.add("object")
                for inner in value.values():
                    self._child(FREE[name]).add(inner)
            case dict():
                self._add_object(value)
            case list():
                self.types.add("list")
                for inner in value:
                    self._child("[]").add(inner)
            case _:
                self.types.add(_NAMES[type(value)])

    def _add_object(self, value: dict[str, Any]) -> None:
        self.types.add("object")
        for key, inner in value.items():
            if self.seen and key not in self.keys:
                self._child(key).optional = True
            self._child(key).add(inner, key)
        for key, child in self.keys.items():
            child.optional = child.optional or key not in value
        self.seen += 1

    def _child(self, key: str) -> "Shape":
        return self.keys.setdefault(key, Shape())

    @property
    def type(self) -> str:
        """`string or null`, `list of objects`: null comes last."""
        types = self.types - ({"integer"} if "number" in self.types else set())
        words = sorted(types, key=lambda word: (word == "null", word))
        return " or ".join(self._list() if word == "list" else word for word in words)

    def _list(self) -> str:
        inner = self.keys.get("[]")
        return f"list of {inner.type}s" if inner else "empty list"


def shape_of(documents: Iterable[dict[str, Any]]) -> Shape:
    whole = Shape()
    for document in documents:
        whole.add(document)
    return whole


def places(shape: Shape, path: str = "") -> Iterator[tuple[str, Shape]]:
    """Every key below `shape` with its path, `auth.providers[].status`; a list's own is its key."""
    for key, inner in shape.keys.items():
        below = f"{path}[]" if key == "[]" else f"{path}.{key}".lstrip(".")
        if key != "[]":
            yield below, inner
        yield from places(inner, below)
