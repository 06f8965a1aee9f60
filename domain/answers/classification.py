"""What an answer means: (status, headers, body) → outcome, by one ordered table; first row wins.

Why there is one table, and in this order: docs/adr/0007. Rows that read the provider's own code
come before rows that read the status number: a 400 may be a wrong key, and a 429 an empty purse.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from domain.answers import wording as words
from domain.answers.outcome import CredentialFact, Outcome
from domain.answers.reading import Answer, as_error, error_under_success, read
from domain.answers.resets import resets_at
from domain.answers.verdict import ProbeVerdict
from domain.errors import WireFailure

CLASSIFIER_VERSION = 2
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
        lambda a: (
            a.is_html
            and (200 <= a.status < 300 or a.status in (401, 403))
            and not _asks_for_a_password(a)
        ),
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
    # A gateway took our key and its own was refused further up; LiteLLM says it in these words. Who
    # refuses our key answers 4xx; one that fails of a key (5xx) fails of another.
    Rule(
        "gateways_own_key",
        Outcome.AUTH,
        "unknown",
        lambda a: (
            a.says(r"litellm\.authenticationerror: .{0,60}exception\b")
            or (a.status >= 500 and a.coded(f"{words.BAD_KEY_CODES}|{words.EXPIRED_CODES}"))
        ),
    ),
    Rule(
        "bad_key",
        Outcome.AUTH,
        "refused",
        lambda a: (
            a.coded(words.BAD_KEY_CODES)
            or (a.status in (0, 400, 403) and a.says(words.BAD_KEY_PROSE))
            # LiteLLM without a database: it is not the master key, and there are no others.
            or (a.status == 400 and a.coded(r"^nodbconnection$"))
        ),
    ),
    Rule(
        "expired",
        Outcome.EXPIRED,
        "refused",
        lambda a: (
            a.coded(words.EXPIRED_CODES)
            or (
                (
                    (a.status in (0, 400, 401, 403) and a.says(words.EXPIRED_PROSE))
                    or (a.status == 401 and a.says(words.EXPIRED_PROSE_OF_401))
                )
                and not a.says(words.EITHER_PROSE)
            )
        ),
    ),
    Rule(
        "reserved_credential",
        Outcome.PERMISSION,
        "proven",
        lambda a: a.says(r"only authorized for use with claude code"),
    ),
    Rule("billing", Outcome.BILLING, "proven", lambda a: _is_billing(a)),
    # Before "quota": a limit of 0 never resets, even where a retry delay or a day's quota is told
    # (Gemini does; docs/adr/0007).
    Rule(
        "not_in_plan",
        Outcome.PERMISSION,
        "proven",
        lambda a: (
            a.coded(words.NOT_IN_PLAN_CODES)
            or a.says(words.NOT_IN_PLAN_PROSE)
            or a.headers.get("x-ratelimit-limit-req-minute", "").strip() == "0"
        ),
    ),
    Rule(
        "quota",
        Outcome.QUOTA,
        "proven",
        lambda a: (
            a.coded(words.QUOTA_CODES)
            or a.says(words.QUOTA_PROSE)
            or a.headers.get("anthropic-ratelimit-unified-status", "").strip() == "rejected"
        ),
    ),
    Rule(
        "no_model",
        Outcome.NO_MODEL,
        "proven",
        lambda a: (
            a.coded(words.NO_MODEL_CODES)
            # llama.cpp says the same type of a wrong path.
            or (a.coded(r"^notfounderror$") and not a.says(r"^file not found$"))
            or (a.status in (404, 410) and a.says(words.MISSING_PROSE))
            or (a.status in (0, 400, 422) and a.says(words.NO_MODEL_PROSE))
        ),
    ),
    Rule(
        "permission",
        Outcome.PERMISSION,
        "proven",
        lambda a: (
            a.coded(words.PERMISSION_CODES)
            or (a.status in (401, 403) and a.says(words.PERMISSION_PROSE))
        ),
    ),
    Rule("forbidden", Outcome.PERMISSION, "unknown", lambda a: a.status == 403),
    Rule(
        "not_from_here",
        Outcome.PERMISSION,
        "proven",
        lambda a: a.status == 401 and a.says(words.NOT_FROM_HERE_PROSE),
    ),
    # No API asks for keys by Basic: a web server in front (nginx, Caddy) wants a password of its
    # own, and whoever would judge the key has not seen it.
    Rule("password_asked", Outcome.AUTH, "unknown", lambda a: _asks_for_a_password(a)),
    Rule(
        "unauthorized",
        Outcome.AUTH,
        "refused",
        lambda a: (
            a.status == 401
            or (a.status == 0 and a.coded(r"^authenticationerror$"))
            or (a.status == 0 and a.says(words.UNNUMBERED_AUTH))
        ),
    ),
    Rule(
        "rate_limit",
        Outcome.RATE_LIMIT,
        "proven",
        lambda a: (
            a.status == 429
            or a.coded(words.RATE_CODES)
            or (a.status < 500 and a.coded(words.RATE_CODES_BELOW_500))
            or (a.status == 0 and a.says(words.UNNUMBERED_RATE))
        ),
    ),
    Rule(
        "overloaded",
        Outcome.OVERLOADED,
        "unknown",
        lambda a: (
            a.status in (498, 503, 529)
            or a.coded(words.OVERLOADED_CODES)
            or (a.status == 0 and a.says(words.UNNUMBERED_OVERLOAD))
        ),
    ),
    Rule(
        "gateway_timeout",
        Outcome.TIMEOUT,
        "unknown",
        lambda a: a.status in (408, 504) or a.coded(words.TIMEOUT_CODES),
    ),
    Rule(
        "refused_request",
        Outcome.FORMAT,
        "unknown",
        lambda a: (
            400 <= a.status < 500
            or a.status == 501
            # Under 200; the second is LM Studio's answer to a wrong path.
            or (a.status == 0 and a.coded(r"^invalidrequesterror$"))
            or (a.status == 0 and a.says(r"unexpected endpoint"))
        ),
    ),
    Rule("server_error", Outcome.PROVIDER_ERROR, "unknown", lambda a: a.status >= 500),
)


def _asks_for_a_password(answer: Answer) -> bool:
    asked = answer.headers.get("www-authenticate", "").strip().lower()
    # A server that takes bearer tokens as well has seen ours.
    return answer.status == 401 and asked.startswith("basic") and "bearer" not in asked


def _is_billing(answer: Answer) -> bool:
    if answer.coded(r"^inflightbudgetexhausted$"):
        return False
    # Gemini's 429 has the words of OpenAI's, and means any limit.
    is_gemini = answer.coded(r"^resourceexhausted$") or answer.says(words.GEMINI_PROSE)
    return (
        answer.status == 402
        or answer.coded(words.BILLING_CODES)
        or answer.says(words.BILLING_PROSE)
        or (answer.says(words.OPENAI_BILLING_PROSE) and not is_gemini)
        or (answer.status == 403 and answer.names("limit_usd"))
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
        is_expected = shape(answer.document)
        error = error_under_success(answer.document, is_expected=is_expected)
        if error is None:
            return _of_success(answer, is_expected=is_expected)
        answer = as_error(answer, error)
    rule = rule or _first(_RULES, answer)
    if rule is None:
        return _verdict(answer, status, Outcome.PROVIDER_ERROR, "unknown", "unexpected_answer")
    own_code = rule.name if rule in _TRANSPORT else None
    verdict = _verdict(answer, status, rule.outcome, rule.credential, own_code)
    limited = (Outcome.RATE_LIMIT, Outcome.QUOTA, Outcome.OVERLOADED, Outcome.BILLING)
    if rule.outcome in limited:
        told = resets_at(headers, answer.document, now, answer.prose)
        verdict = replace(verdict, resets_at=told)
    return verdict


def classify_failure(failure: WireFailure) -> ProbeVerdict:
    """The verdict when no answer came: never anything about the key."""
    own = {"timeout": Outcome.TIMEOUT, "too_large": Outcome.PROVIDER_ERROR}
    own["encoding"] = Outcome.PROVIDER_ERROR
    outcome = own.get(failure.reason, Outcome.NETWORK)
    return ProbeVerdict(outcome, code=failure.reason, detail=str(failure))


def _first(rules: Iterable[Rule], answer: Answer) -> Rule | None:
    return next((rule for rule in rules if rule.matches(answer)), None)


def _of_success(answer: Answer, *, is_expected: bool) -> ProbeVerdict:
    if is_expected:
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
