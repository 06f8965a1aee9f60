"""What is tried, and what was learned: limits, targets, verdicts. A failed probe is a value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from domain.credentials.environment import EnvironmentCredential, Problem
from domain.credentials.profile import Kind, ProfileSummary
from domain.errors import Malformed
from domain.journal.records import Mode, Source, keyless_id
from domain.providers.refs import ModelRef
from domain.providers.row import Provider

# Why nothing is sent for a target. `no_credential` and `no_provider` are of a model's route.
Unsent = Problem | Literal["no_credential", "no_provider"]


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """`timeout` is the wall time of one probe in ms; `concurrency` of a run; `max_tokens` asked."""

    timeout: int = 8000
    concurrency: int = 4
    max_tokens: int = 16

    def __post_init__(self) -> None:
        for name, value, most in (
            ("timeout", self.timeout, 3_600_000),
            ("concurrency", self.concurrency, 64),
            ("max-tokens", self.max_tokens, 100_000),
        ):
            if not 1 <= value <= most:
                raise Malformed(
                    f"--probe-{name} is out of range", hint=f"a whole number from 1 to {most}"
                )


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to try: a credential (or none) of a provider, with a model, or a free key check.

    `credential_id` is the profile's id, `<provider>:env:<NAME>`, or `<provider>:none:` when a
    provider on this machine is tried without a key. `revision` and `fingerprint` say which
    secret it was, so that a later one does not inherit the verdict. `problem` is why nothing must
    be sent, or None.
    """

    provider: Provider
    source: Source
    credential_id: str
    label: str
    kind: Kind | None
    base_url: str
    model: str | None
    mode: Mode
    revision: int | None = None
    fingerprint: str | None = None
    variable: str | None = None
    problem: Unsent | None = None

    @property
    def profile_id(self) -> str | None:
        """What is shown and filtered by; a probe without a credential has none."""
        return None if self.source == "none" else self.credential_id


def target_of_profile(
    profile: ProfileSummary, provider: Provider, model: ModelRef | None
) -> Target:
    tried, mode = _tried(provider, model)
    return Target(
        provider=provider,
        source="profile",
        credential_id=profile.id,
        label=profile.label or profile.id,
        kind=profile.kind,
        base_url=profile.base_url,
        revision=profile.revision,
        fingerprint=profile.fingerprint,
        model=tried,
        mode=mode,
    )


def target_of_variable(
    found: EnvironmentCredential, provider: Provider, model: ModelRef | None
) -> Target:
    tried, mode = _tried(provider, model)
    return Target(
        provider=provider,
        source="env",
        credential_id=found.id,
        label=found.name,
        kind=found.kind,
        base_url=found.base_url,
        fingerprint=found.fingerprint,
        variable=found.name,
        problem=found.problem,
        model=tried,
        mode=mode,
    )


def target_of_credential(
    credential: ProfileSummary | EnvironmentCredential, row: Provider, model: ModelRef | None
) -> Target:
    if isinstance(credential, ProfileSummary):
        return target_of_profile(credential, row, model)
    return target_of_variable(credential, row, model)


def target_without_key(provider: Provider, model: ModelRef | None) -> Target:
    tried, mode = _tried(provider, model)
    return Target(
        provider=provider,
        source="none",
        credential_id=keyless_id(provider.id),
        label="no key",
        kind=None,
        base_url=provider.base_url,
        model=tried,
        mode=mode,
    )


def target_unsent(provider: Provider, model: ModelRef, problem: Unsent) -> Target:
    """A model that cannot be tried, reported rather than left out."""
    without = target_without_key(provider, model)
    return replace(without, label="no credential", problem=problem)


def of_model(target: Target, model: ModelRef) -> Target:
    return replace(target, model=model.model, mode="inference")


def _tried(provider: Provider, configured: ModelRef | None) -> tuple[str | None, Mode]:
    model = configured.model if configured else provider.probe_model
    return model, "inference" if model else "free"


def first_configured(refs: Sequence[ModelRef], provider: str) -> ModelRef | None:
    return next((ref for ref in refs if ref.provider == provider), None)
