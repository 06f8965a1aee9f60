"""Which models are tried after the first one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from domain.errors import AlreadyExists, Malformed, NotFound
from domain.providers.refs import ModelRef
from domain.text import did_you_mean, shown


@dataclass(frozen=True, slots=True)
class FallbackChain:
    """Models to try in order when the first does not answer; none of them twice."""

    refs: tuple[ModelRef, ...] = ()

    def __iter__(self) -> Iterator[ModelRef]:
        return iter(self.refs)

    def __len__(self) -> int:
        return len(self.refs)

    def add(self, ref: ModelRef, position: int | None = None) -> Self:
        """`position` counts from 1; None is the end. Raises AlreadyExists or Malformed."""
        if ref in self.refs:
            raise AlreadyExists(f"{ref} is a fallback already", hint="nothing was changed")
        at = len(self.refs) if position is None else position - 1
        if not 0 <= at <= len(self.refs):
            raise Malformed(
                "there is no such position", hint=f"positions are 1 to {len(self.refs) + 1}"
            )
        return replace(self, refs=(*self.refs[:at], ref, *self.refs[at:]))

    def remove(self, ref: ModelRef) -> Self:
        """Raises NotFound."""
        if ref not in self.refs:
            raise NotFound(
                f"no fallback{shown(str(ref))}",
                hint=did_you_mean(
                    str(ref), map(str, self.refs), "see: aura_intelligence models status"
                ),
            )
        return self.without(ref)

    def without(self, ref: ModelRef) -> Self:
        return replace(self, refs=tuple(kept for kept in self.refs if kept != ref))
