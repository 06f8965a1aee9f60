"""Secrets on their way to a provider: opened at one look, each only for where it may be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports.providers import Access
from application.ports.store import ProfileStore, SelectionStore
from domain.credentials.credential import AuthProfile, bearer_of
from domain.credentials.environment import environment_secret
from domain.errors import AuraError, EndpointMoved, Malformed, NotFound
from domain.providers.row import Provider
from domain.routing.attempt import Target

_UNSENT = {
    "no_credential": "has no usable credential",
    "no_provider": "is no provider any longer",
}


@dataclass(frozen=True, slots=True)
class Opener:
    """What each target may be sent with, or why nothing is sent for it."""

    profiles: ProfileStore
    selection: SelectionStore
    environ: Mapping[str, str]

    def __call__(self, targets: Sequence[Target]) -> list[Access | AuraError]:
        """Every secret opened at one look, before the first request is under way."""
        stored = [t.credential_id for t in targets if t.source == "profile"]
        try:
            profiles = self.profiles.open(stored) if stored else {}
        except AuraError as locked:
            profiles = dict.fromkeys(stored, locked)
        own = {t.provider.id: t.provider for t in targets if t.source != "none"}
        doubts = {id: doubt for id, row in own.items() if (doubt := self._doubt(row))}
        return [self._access(t, profiles, doubts) for t in targets]

    def _doubt(self, row: Provider) -> AuraError | None:
        try:
            vouch(self.selection, row)
        except AuraError as doubt:
            return doubt
        return None

    def _access(
        self,
        target: Target,
        profiles: Mapping[str, AuthProfile | AuraError],
        doubts: Mapping[str, AuraError],
    ) -> Access | AuraError:
        row = target.provider
        if target.problem in _UNSENT:
            return NotFound(f"{row.id} {_UNSENT[target.problem]}; nothing was sent")
        if target.source == "none":
            return Access(target.base_url, row.scheme, None)
        if row.id in doubts:
            return doubts[row.id]
        if target.source == "env":
            return self._access_of_variable(target)
        profile = profiles[target.credential_id]
        if isinstance(profile, AuraError):
            return profile
        if not profile.custom_base_url and profile.base_url != row.base_url:
            return EndpointMoved(
                f"{row.id} points elsewhere than when {profile.id} was saved; nothing was sent",
                hint=f"re-add this credential: auth add --provider {row.id}",
            )
        return Access(profile.base_url, profile.scheme, bearer_of(profile.credential))

    def _access_of_variable(self, target: Target) -> Access | AuraError:
        if target.problem == "bad_base_url":
            return Malformed("its base URL variable is not https or loopback; nothing was sent")
        if not target.base_url:
            variable = target.provider.base_url_env
            return Malformed(
                f"{target.provider.id} has no address of its own; nothing was sent",
                hint=f"set {variable} to yours" if variable else None,
            )
        try:
            secret = environment_secret(target.variable or "", self.environ)
        except AuraError as refusal:
            return refusal
        scheme = target.provider.scheme_of(target.kind or "api_key")
        return Access(target.base_url, scheme, secret)


def vouch(selection: SelectionStore, row: Provider) -> None:
    """Raises ProviderTampered if `row` is a user provider that nobody here signed."""
    if row.source == "user":
        selection.vouch_for(row)
