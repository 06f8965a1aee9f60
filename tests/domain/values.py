"""Values the domain's tests are arranged from: every field has a usual value."""

from collections.abc import Mapping
from typing import Any

from adapters.providers.table import BY_ID
from domain.answers.outcome import Outcome
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.errors import AuraError, Unavailable
from domain.instants import DAY
from domain.journal.records import ProbeRecord
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.routing.state import State, by_credential
from domain.selection.selection import Selection

NOW = 1_800_000_000_000
LOCAL = Provider(
    "local", "Local", "http://127.0.0.1:8080/v1", "openai", source="user", check_proves=False
)
GATEWAY = Provider(
    "gate",
    "Gateway",
    "https://gate.example/v1",
    "openai",
    env_names=("GATE_API_KEY",),
    source="user",
    check_proves=False,
)
PROVIDERS: Mapping[str, Provider] = {**BY_ID, LOCAL.id: LOCAL, GATEWAY.id: GATEWAY}


def lacking(problem: str | None) -> AuraError | None:
    """An error of that type, or None."""
    kind = type("Lacking", (Unavailable,), {"type": problem})
    return kind("the key is lacking") if problem else None


def profile(id: str = "openai:default", **given: Any) -> ProfileSummary:
    provider = id.partition(":")[0]
    usual: dict[str, Any] = {
        "id": id,
        "provider": provider,
        "kind": "api_key",
        "label": "",
        "base_url": PROVIDERS[provider].base_url if provider in PROVIDERS else "https://gone",
        "custom_base_url": False,
        "scheme": "bearer",
        "expires_at": None,
        "refreshable": False,
        "created_at": NOW - DAY,
        "updated_at": NOW - DAY,
        "revision": 1,
        "fingerprint": "0badf00d",
    }
    return ProfileSummary(**{**usual, **given})


def token(id: str, expires_in: int | None, **given: Any) -> ProfileSummary:
    expires_at = None if expires_in is None else NOW + expires_in
    return profile(id, kind="token", expires_at=expires_at, **given)


def variable(
    provider: str = "openai", name: str = "OPENAI_API_KEY", **given: Any
) -> EnvironmentCredential:
    usual: dict[str, Any] = {
        "id": f"{provider}:env:{name}",
        "provider": provider,
        "name": name,
        "kind": "api_key",
        "scheme": "bearer",
        "base_url": PROVIDERS[provider].base_url,
        "base_url_from": None,
        "fingerprint": "feedbeef",
        "problem": None,
    }
    return EnvironmentCredential(**{**usual, **given})


def record(credential_id: str = "openai:default", **given: Any) -> ProbeRecord:
    """The record of a probe that succeeded a minute ago."""
    provider = credential_id.partition(":")[0]
    of_variable = ":env:" in credential_id
    usual: dict[str, Any] = {
        "id": 1,
        "run_id": "run",
        "kind": "probe",
        "started_at": NOW - 60_000,
        "finished_at": NOW - 59_000,
        "provider": provider,
        "model": "m",
        "credential_id": credential_id,
        "source": "env" if of_variable else "profile",
        "mode": "inference",
        "base_url": PROVIDERS[provider].base_url,
        "revision": None if of_variable else 1,
        "fingerprint": "feedbeef" if of_variable else "0badf00d",
        "outcome": "ok",
        "credential": "proven",
        "latency_ms": 1000,
        "http_status": 200,
        "code": None,
        "error_type": None,
        "request_id": None,
        "resets_at": None,
        "classifier_version": 1,
        "host": "here",
    }
    values = {**usual, **given}
    return ProbeRecord(**{**values, "outcome": Outcome(values["outcome"])})


def refusal(credential_id: str = "openai:default", **given: Any) -> ProbeRecord:
    usual: dict[str, Any] = {"outcome": "auth", "credential": "refused", "http_status": 401}
    return record(credential_id, **{**usual, **given})


def using(*refs: str, **given: Any) -> Selection:
    """A selection whose default is the first of `refs`, the rest its fallbacks."""
    selection = Selection(**given)
    for at, text in enumerate(refs):
        ref = ModelRef.parse(text)
        selection = selection.with_default(ref) if at == 0 else selection.with_fallback(ref)
    return selection


def state(
    *credentials: ProfileSummary | EnvironmentCredential,
    selection: Selection | None = None,
    records: tuple[ProbeRecord, ...] = (),
    key_problem: str | None = None,
    last_used: Mapping[str, int] | None = None,
) -> State:
    """What the survey would make of these. `records`, oldest first, are all the store has."""
    return State(
        selection=selection or Selection(),
        providers=PROVIDERS,
        profiles=tuple(c for c in credentials if isinstance(c, ProfileSummary)),
        environment=tuple(c for c in credentials if isinstance(c, EnvironmentCredential)),
        heads={r.credential_id: r for r in records},
        usage={r.credential_id: r for r in records if r.usage},
        trail=by_credential(records),
        last_used=last_used or {},
        key_problem=lacking(key_problem),
    )
