"""Which models are tried after the first one."""

from typing import Self

from domain.errors import AlreadyExists, Malformed, NotFound
from domain.providers.refs import ModelRef
from domain.text import did_you_mean, shown


class FallbackChain(tuple[ModelRef, ...]):
    """Models to try in order when the first does not answer; none of them twice."""

    __slots__ = ()

    def add(self, ref: ModelRef, position: int | None = None) -> Self:
        """`position` counts from 1; None is the end. Raises AlreadyExists or Malformed."""
        if ref in self:
            raise AlreadyExists(f"{ref} is a fallback already", hint="nothing was changed")
        at = len(self) if position is None else position - 1
        if not 0 <= at <= len(self):
            raise Malformed("there is no such position", hint=f"positions are 1 to {len(self) + 1}")
        return type(self)((*self[:at], ref, *self[at:]))

    def remove(self, ref: ModelRef) -> Self:
        """Raises NotFound."""
        if ref not in self:
            raise NotFound(
                f"no fallback{shown(str(ref))}",
                hint=did_you_mean(str(ref), map(str, self), "see: aura_intelligence models status"),
            )
        return self.without(ref)

    def without(self, ref: ModelRef) -> Self:
        return type(self)(kept for kept in self if kept != ref)
