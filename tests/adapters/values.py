"""Profiles, providers and records that tests start from; the secrets open nothing anywhere."""

from domain.answers.outcome import CredentialFact, Outcome
from domain.credentials.credential import ApiKey, AuthProfile
from domain.credentials.secret import Secret
from domain.journal.records import ProbeRecord
from domain.providers.row import Provider

NOW = 1_790_000_000_000
SECRET = "sk-canary-7f3a91c05e2d48b6"
_FACTS: dict[Outcome, CredentialFact] = {
    Outcome.OK: "proven",
    Outcome.RATE_LIMIT: "proven",
    Outcome.AUTH: "refused",
}


def profile(id: str = "openai:default", secret: str = SECRET) -> AuthProfile:
    return AuthProfile(
        id=id,
        provider=id.partition(":")[0],
        label="Work",
        base_url="https://api.openai.com/v1",
        scheme="bearer",
        credential=ApiKey(Secret(secret)),
    )


def own_provider(id: str = "gateway", base_url: str = "https://gateway.test/v1") -> Provider:
    return Provider(
        id=id,
        label="Gateway",
        base_url=base_url,
        dialect="openai",
        env_names=("GATEWAY_API_KEY",),
        check_proves=False,
        source="user",
        revision=1,
    )


def intent(
    credential_id: str = "openai:default",
    *,
    run: str = "run-1",
    provider: str = "openai",
    model: str | None = "gpt-5",
) -> ProbeRecord:
    return ProbeRecord(
        id=0,
        run_id=run,
        kind="probe",
        started_at=NOW,
        finished_at=None,
        provider=provider,
        model=model,
        credential_id=credential_id,
        source="profile",
        mode="inference",
        base_url="https://api.openai.com/v1",
        revision=1,
        fingerprint="0a1b2c3d",
        outcome=None,
        credential="unknown",
        latency_ms=None,
        http_status=None,
        code=None,
        error_type=None,
        request_id=None,
        resets_at=None,
        classifier_version=1,
        host="somewhere",
    )


def ended(begun: ProbeRecord, outcome: Outcome) -> ProbeRecord:
    """`begun` with a result; what it says of the credential follows from the outcome."""
    return begun._replace(
        finished_at=NOW + 250,
        outcome=outcome,
        credential=_FACTS.get(outcome, "unknown"),
        latency_ms=250,
        http_status=200,
        request_id="req_1",
    )
