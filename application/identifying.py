"""Fingerprints for credentials of the environment, so that what is learned of one is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from application.ports.keys import KeyProbe
from application.ports.people import Clock
from application.ports.store import ProfileStore
from domain.credentials.environment import Fingerprint, environment_secret
from domain.errors import AuraError
from domain.routing.attempt import Target


@dataclass(frozen=True, slots=True)
class Identifier:
    """A store nothing was sealed in has no key; what is journalled of a variable needs one.

    Raises nothing: without a key that can be made the records hold for nothing, as before.
    """

    profiles: ProfileStore
    keys: KeyProbe
    environ: Mapping[str, str]
    clock: Clock

    def __call__(self, targets: Sequence[Target]) -> list[Target]:
        """`targets`, those of variables with a fingerprint."""
        nameless = [t for t in targets if _is_nameless(t)]
        mark = self._marker() if nameless else None
        if mark is None:
            return list(targets)
        return [self._named(t, mark) if _is_nameless(t) else t for t in targets]

    def _marker(self) -> Fingerprint | None:
        try:
            return self.keys.fingerprint(self.profiles.ensure_key(self.clock()))
        except AuraError:
            return None

    def _named(self, target: Target, mark: Fingerprint) -> Target:
        try:
            secret = environment_secret(target.variable or "", self.environ)
        except AuraError:
            return target
        return replace(target, fingerprint=mark(secret.reveal()))


def _is_nameless(target: Target) -> bool:
    return target.source == "env" and target.fingerprint is None and target.problem is None
