"""Fingerprints for credentials of the environment, so that what is learned of one is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from application.ports.keys import KeyProbe
from application.ports.people import Clock
from application.ports.store import ProfileStore
from domain.credentials.environment import EnvironmentCredential, Fingerprint, environment_secret
from domain.errors import AuraError
from domain.routing.attempt import Attempt


@dataclass(frozen=True, slots=True)
class Identifier:
    """A store nothing was sealed in has no key; what is journalled of a variable needs one.

    Raises nothing: without a key that can be made the records hold for nothing, as before.
    """

    profiles: ProfileStore
    keys: KeyProbe
    environ: Mapping[str, str]
    clock: Clock

    def __call__(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """`attempts`, those with variables with a fingerprint."""
        mark = self._marker() if any(map(_nameless, attempts)) else None
        return [self._named(attempt, mark) if mark else attempt for attempt in attempts]

    def _marker(self) -> Fingerprint | None:
        try:
            return self.keys.fingerprint(self.profiles.ensure_key(self.clock()))
        except AuraError:
            return None

    def _named(self, attempt: Attempt, mark: Fingerprint) -> Attempt:
        variable = _nameless(attempt)
        if variable is None:
            return attempt
        try:
            secret = environment_secret(variable.name, self.environ)
        except AuraError:
            return attempt
        return attempt._replace(credential=replace(variable, fingerprint=mark(secret.reveal())))


def _nameless(attempt: Attempt) -> EnvironmentCredential | None:
    credential = attempt.credential
    if not isinstance(credential, EnvironmentCredential):
        return None
    return credential if (credential.fingerprint, credential.problem) == (None, None) else None
