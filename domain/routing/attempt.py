"""A model asked with a credential: what is tried, and why something is not."""

from typing import Literal, NamedTuple

from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import Kind, ProfileSummary
from domain.journal.records import Mode, Source, keyless_id
from domain.journal.standing import Window
from domain.providers.refs import ModelRef
from domain.providers.row import Provider

# Why a credential is not used. `refused` (the key) and `permission` (its use): the provider said
# so when it was last tried.
Skip = Literal[
    "expired",
    "missing",
    "needs_login",
    "refused",
    "permission",
    "endpoint_moved",
    "not_in_order",
    "malformed",
    "bad_base_url",
    "no_base_url",
    "no_provider",
    "plugin_gone",
    "provider_unconfirmed",
    "key_missing",
    "key_malformed",
    "wrong_key",
    "unsafe_file",
]
# Beside what is wrong with a credential: its past (`cooldown` passes by itself, `disabled` wants a
# person), and a model nobody can be asked for.
# `damaged`: its secret does not open.
Reason = Skip | Literal["cooldown", "disabled", "no_credential", "damaged"]
UNSENT: dict[Reason | None, str] = {
    "no_credential": "has no usable credential",
    "no_provider": "is no longer a provider",
}
"""Reasons for which there is nothing to send, in words."""


class Attempt(NamedTuple):
    """A provider asked for one of its models with one credential.

    `credential` is None for a server of this machine that needs no key, and where there is none;
    `model` is None for a free check of the credential. `reason` is None where it is to be tried,
    else why it is not; `window` is the part of its past that forbids it.
    """

    row: Provider
    credential: ProfileSummary | EnvironmentCredential | None
    model: str | None
    reason: Reason | None = None
    window: Window | None = None

    @property
    def usable(self) -> bool:
        return self.reason is None

    @property
    def ref(self) -> ModelRef:
        """The model that is asked. A free check has none."""
        assert self.model is not None, "a free check asks no model"
        return ModelRef(self.row.id, self.model)

    @property
    def mode(self) -> Mode:
        return "free" if self.model is None else "inference"

    @property
    def source(self) -> Source:
        if self.credential is None:
            return "none"
        return "profile" if isinstance(self.credential, ProfileSummary) else "env"

    @property
    def profile_id(self) -> str | None:
        """What is shown and filtered by; an attempt without a credential has none."""
        return self.credential.id if self.credential else None

    @property
    def credential_id(self) -> str:
        """What it is journalled under."""
        return self.credential.id if self.credential else keyless_id(self.row.id)

    @property
    def kind(self) -> Kind | None:
        return self.credential.kind if self.credential else None

    @property
    def base_url(self) -> str:
        return self.credential.base_url if self.credential else self.row.base_url

    @property
    def revision(self) -> int | None:
        """Which secret of the profile it was, so that a later one does not inherit the verdict."""
        return self.credential.revision if isinstance(self.credential, ProfileSummary) else None

    @property
    def fingerprint(self) -> str | None:
        return self.credential.fingerprint if self.credential else None

    @property
    def who(self) -> str:
        """The credential, or that there is none, for a person."""
        if self.credential is not None:
            return self.credential.id
        return "no key" if self.row.is_loopback else "no credential"

    @property
    def label(self) -> str:
        """The same by the name a person gave it."""
        match self.credential:
            case None:
                return "no credential" if self.reason in UNSENT else "no key"
            case ProfileSummary() as profile:
                return profile.label or profile.id
            case variable:
                return variable.name


def unknown_provider_of(ref: ModelRef) -> Attempt:
    """A chain may outlive a provider: its model is told of rather than left out."""
    return Attempt(
        Provider(ref.provider, ref.provider, "", "openai"), None, ref.model, "no_provider"
    )
