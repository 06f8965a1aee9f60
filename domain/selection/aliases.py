"""Short names of models."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Self

from domain.errors import AlreadyExists, Malformed, NotFound
from domain.providers.refs import ModelRef
from domain.text import did_you_mean, shown

_ALIAS = r"[A-Za-z0-9_.:-]{1,64}"


class AliasTable(NamedTuple):
    """Short names of models: kept as written, looked up without regard to case."""

    targets: Mapping[str, ModelRef] = MappingProxyType({})

    def find(self, name: str) -> tuple[str, ModelRef] | None:
        """The alias as it was written, and what it stands for."""
        folded = name.strip().casefold()
        return next((kept for kept in self.targets.items() if kept[0].casefold() == folded), None)

    def add(self, name: str, target: ModelRef) -> Self:
        """Raises Malformed for a bad name, AlreadyExists if it is taken (in any case)."""
        if not re.fullmatch(_ALIAS, name):
            raise Malformed(
                "an alias has letters, digits and _ . : - only", hint="for example: fast"
            )
        taken = self.find(name)
        if taken and taken != (name, target):
            raise AlreadyExists(
                f"alias {taken[0]} already stands for {taken[1]}",
                hint=f"remove it first: aura_intelligence models aliases remove {taken[0]}",
            )
        return self._replace(targets=MappingProxyType({**self.targets, name: target}))

    def remove(self, name: str) -> Self:
        """Raises NotFound."""
        kept = self.find(name)
        if kept is None:
            raise NotFound(
                f"no alias{shown(name)}",
                hint=did_you_mean(name, self.targets, "see: aura_intelligence models aliases list"),
            )
        rest = {alias: ref for alias, ref in self.targets.items() if alias != kept[0]}
        return self._replace(targets=MappingProxyType(rest))
