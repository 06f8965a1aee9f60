"""What an answer means: (status, headers, body) → outcome, by one ordered table; first row wins.

Source of the rows: reference/providers.md 6.4. Rows that read the provider's own code come before
rows that read the status number: a 400 may be a wrong key, and a 429 an empty purse.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from domain.answers import Answer, as_error, error_under_success, read
from domain.errors import WireFailure
from domain.probing import CredentialFact, Outcome, ProbeVerdict
from domain.usage import resets_at

CLASSIFIER_VERSION = 1
Shape = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `credential` is what the answer shows of the key, whatever it says of the use."""

    name: str
    outcome: Outcome
    credential: CredentialFact
    matches: Callable[[Answer], bool]


_TRANSPORT = (
    Rule("redirect", Outcome.NETWORK, "unknown", lambda a: 300 <= a.status < 400),
    Rule("proxy", Outcome.NETWORK, "unknown", lambda a: a.status in (407, 511)),
    Rule(
        "captive_portal",
        Outcome.NETWORK,
        "unknown",
        lambda a: a.is_html and (200 <= a.status < 300 or a.status in (401, 403)),
    ),
)

_RULES = (
    # A reasoning model of OpenAI that thought until our small limit: an answer cut by length, which
    # comes as a 400 there.
    Rule(
        "cut_by_length",
        Outcome.OK,
        "proven",
        lambda a: (
            a.status in (0, 400)
            and a.says(r"could not finish the message because max_tokens or model output limit")
        ),
    ),
    # A gateway took our key and its own was refused further up; LiteLLM says it in these words.
    Rule(
        "gateways_own_key",
        Outcome.AUTH,
        "unknown",
        lambda a: a.says(r"litellm\.authenticationerror: .{0,60}exception\b"),
    ),
    Rule(
        "bad_key",
        Outcome.AUTH,
        "refused",
        lambda a: (
            a.coded("invalid_api_key", "wrong_api_key", "api_key_invalid")
            or (a.status == 400 and a.says(r"incorrect api key"))
            # LiteLLM without a database: it is not the master key, and there are no others.
            or (a.status == 400 and a.coded("no_db_connection"))
        ),
    ),
    Rule(
        "expired",
        Outcome.EXPIRED,
        "refused",
        lambda a: (
            a.coded("invalid_grant", "expired_key", "token_expired", "expired_token")
            or a.coded_like(r"^refresh_token_(expired|reused|invalidated)$")
            or (
                a.status in (0, 400, 401, 403)
                and a.says(
                    r"\b(token|key|credential)s?\b.{0,24}\bexpired\b|\bexpired\b.{0,12}\b(token|key)\b"
                )
            )
        ),
    ),
    Rule(
        "reserved_credential",
        Outcome.PERMISSION,
        "proven",
        lambda a: a.says(r"only authorized for use with claude code"),
    ),
    Rule(
        "billing",
        Outcome.BILLING,
        "proven",
        lambda a: (
            a.coded_like(
                r"^(insufficient_(quota|credits|balance)|credit_balance_exhausted|billing_error"
                r"|organization_usage_limit_exceeded|payment_required|budget_exceeded"
                r"|billing_(not_active|hard_limit_reached))$|_spend_limit_"
            )
            or a.says(
                r"credit balance is too low|insufficient balance|specified api usage limits"
                r"|used all available credits or reached its monthly spending limit"
                r"|\binsufficient_quota\b|budget has been exceeded|key limit exceeded"
            )
            # OpenAI's words where a gateway dropped its code; Gemini says them of any limit.
            or (
                a.says(r"exceeded your current quota, please check your plan") and not _is_gemini(a)
            )
            or (a.status == 402 and not a.coded("in_flight_budget_exhausted"))
            or (a.status == 403 and a.names("limit_usd"))
        ),
    ),
    # Before "quota": a limit of 0 never resets, even where a retry delay or a day's quota is told
    # (providers.md 6.3, Gemini).
    Rule(
        "not_in_plan",
        Outcome.PERMISSION,
        "proven",
        lambda a: (
            a.says(r"\blimit:? 0(?!\d|\.\d)")
            or a.coded("usage_not_included")
            or a.headers.get("x-ratelimit-limit-req-minute", "").strip() == "0"
        ),
    ),
    Rule(
        "quota",
        Outcome.QUOTA,
        "proven",
        lambda a: (
            a.coded("usage_limit_reached")
            or a.headers.get("anthropic-ratelimit-unified-status", "").strip() == "rejected"
            or a.says(r"free-models-per-day")
            or a.coded_like(r"perday")
        ),
    ),
    Rule(
        "no_model",
        Outcome.NO_MODEL,
        "proven",
        lambda a: (
            a.coded_like(r"^(invalid_model|unknown_model|model_not_\w+|deploymentnotfound)$")
            # llama.cpp says the same type of a wrong path.
            or (a.coded("not_found_error") and not a.says(r"^file not found$"))
            or (a.status == 404 and a.says(r"(?<![/\w])models?\b|no endpoints found"))
            or (
                a.status in (0, 400)
                and a.says(
                    r"invalid model name|not a valid model|unknown model"
                    r"|\bmodel\b.{0,100}\b(does not exist|not exist|not found)\b"
                )
            )
        ),
    ),
    Rule(
        "permission",
        Outcome.PERMISSION,
        "proven",
        lambda a: (
            a.coded("permission_error", "permission_denied")
            or a.coded_like(r"^unsupported_country|_model_access_denied$")
            or (a.status in (401, 403) and a.says(r"missing scopes|insufficient permissions"))
        ),
    ),
    Rule("forbidden", Outcome.PERMISSION, "unknown", lambda a: a.status == 403),
    Rule(
        "not_from_here",
        Outcome.PERMISSION,
        "proven",
        lambda a: (
            a.status == 401
            and a.says(
                r"\bcors\b|\bip\b.{0,40}\b(not|allow)|\bnot\b.{0,40}\bip\b"
                r"|member of (an|the|this) organization"
            )
        ),
    ),
    Rule(
        "unauthorized",
        Outcome.AUTH,
        "refused",
        lambda a: a.status == 401 or (a.status == 0 and a.coded("authentication_error")),
    ),
    Rule(
        "rate_limit",
        Outcome.RATE_LIMIT,
        "proven",
        lambda a: (
            a.status == 429
            or a.coded("in_flight_budget_exhausted", "slow_down")
            or a.coded("rate_limit_error", "rate_limit_exceeded")
        ),
    ),
    Rule(
        "overloaded",
        Outcome.OVERLOADED,
        "unknown",
        lambda a: (
            a.status in (498, 503, 529)
            or a.coded(
                "overloaded_error", "unavailable", "server_is_overloaded", "provider_overloaded"
            )
            or a.coded_like(r"_capacity_exceeded$")
        ),
    ),
    Rule(
        "gateway_timeout",
        Outcome.TIMEOUT,
        "unknown",
        lambda a: a.status in (408, 504) or a.coded("timeout_error", "deadline_exceeded"),
    ),
    Rule(
        "refused_request",
        Outcome.FORMAT,
        "unknown",
        lambda a: (
            400 <= a.status < 500
            or a.status == 501
            # Under 200; the second is LM Studio's answer to a wrong path.
            or (a.status == 0 and a.coded("invalid_request_error"))
            or (a.status == 0 and a.says(r"unexpected endpoint"))
        ),
    ),
    Rule("server_error", Outcome.PROVIDER_ERROR, "unknown", lambda a: a.status >= 500),
)


def classify(
    status: int, headers: Mapping[str, str], body: bytes, shape: Shape, now: int
) -> ProbeVerdict:
    """The verdict on an answer. `headers` have lower-case names; `now` is epoch ms.

    `shape` says whether a document is what the dialect answers when all is well: 2xx alone proves
    nothing. `detail` of the result is raw prose: the caller redacts it.
    """
    answer = read(status, headers, body)
    rule = _first(_TRANSPORT, answer)
    if rule is None and 200 <= status < 300:
        error = error_under_success(answer.document)
        if error is None:
            return _of_success(answer, shape)
        answer = as_error(answer, error)
    rule = rule or _first(_RULES, answer)
    if rule is None:
        return _verdict(answer, status, Outcome.PROVIDER_ERROR, "unknown", "unexpected_answer")
    own_code = rule.name if rule in _TRANSPORT else None
    verdict = _verdict(answer, status, rule.outcome, rule.credential, own_code)
    limited = (Outcome.RATE_LIMIT, Outcome.QUOTA, Outcome.OVERLOADED, Outcome.BILLING)
    if rule.outcome in limited:
        verdict = replace(verdict, resets_at=resets_at(headers, answer.document, now))
    return verdict


def classify_failure(failure: WireFailure) -> ProbeVerdict:
    """The verdict when no answer came: never anything about the key."""
    own = {"timeout": Outcome.TIMEOUT, "too_large": Outcome.PROVIDER_ERROR}
    own["encoding"] = Outcome.PROVIDER_ERROR
    outcome = own.get(failure.reason, Outcome.NETWORK)
    return ProbeVerdict(outcome, code=failure.reason, detail=str(failure))


def _is_gemini(answer: Answer) -> bool:
    return answer.coded("resource_exhausted") or answer.says(r"gemini|google|vertex")


def _first(rules: Iterable[Rule], answer: Answer) -> Rule | None:
    return next((rule for rule in rules if rule.matches(answer)), None)


def _of_success(answer: Answer, shape: Shape) -> ProbeVerdict:
    if shape(answer.document):
        return _verdict(answer, answer.status, Outcome.OK, "proven", None)
    return _verdict(answer, answer.status, Outcome.PROVIDER_ERROR, "unknown", "unexpected_answer")


def _verdict(
    answer: Answer, status: int, outcome: Outcome, credential: CredentialFact, own_code: str | None
) -> ProbeVerdict:
    if outcome is Outcome.OK:
        return ProbeVerdict(outcome, credential, status, request_id=answer.request_id)
    return ProbeVerdict(
        outcome=outcome,
        credential=credential,
        http_status=status,
        code=answer.code(status) or own_code,
        error_type=answer.type,
        request_id=answer.request_id,
        detail=answer.detail,
    )
