"""The last scan as it is kept: what was wished, what was picked, and what came of each model."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from domain.errors import Malformed
from domain.providers.refs import ModelRef
from domain.scan.picks import Picks
from domain.scan.wish import Wish


class Kept(NamedTuple):
    wish: Wish
    picked: Picks
    words: Mapping[str, str]

    @property
    def document(self) -> dict[str, Any]:
        picked = {name: [*map(str, refs)] for name, refs in self.picked._asdict().items()}
        return {"wish": self.wish.settings, "picked": picked, "words": dict(self.words)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self | None:
        """What that `document` was made of; None where it is none, or damaged."""
        try:
            wish = Wish(**document["wish"]).checked()
            usual = vars(Wish())
            if not all(_is_alike(value, usual[name]) for name, value in vars(wish).items()):
                return None
            if not all(isinstance(word, str) for word in document["words"].values()):
                return None
            named = {
                name: tuple(map(ModelRef.parse, refs)) for name, refs in document["picked"].items()
            }
            kept = cls(wish, Picks(**named), {**document["words"]})
        except (KeyError, TypeError, ValueError, AttributeError, Malformed):
            return None
        return kept if kept.document == document else None


def _is_alike(value: object, usual: object) -> bool:
    """Whether it is of the kind that this setting has: a maker is a name or None."""
    if usual is None:
        return value is None or isinstance(value, str)
    return type(value) is type(usual) or (isinstance(usual, float) and type(value) is int)
