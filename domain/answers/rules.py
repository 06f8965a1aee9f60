"""The one ordered table of what answers mean; the first row that fits decides.

Why there is one table, and in this order: docs/adr/0007 and 0017. Rows that read the provider's own
code come before rows that read the status number: a 400 may be a wrong key, a 429 an empty purse.
"""

from collections.abc import Callable
from dataclasses import dataclass

from domain.answers import wording as words
from domain.answers.outcome import CredentialFact, Outcome
from domain.answers.reading import Answer


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `credential` is what the answer shows of the key, whatever it says of the use."""

    name: str
    outcome: Outcome
    credential: CredentialFact
    matches: Callable[[Answer], bool]


# Under which a refusal of whoever asks comes, and a limit in words; 0 is an error under 200.
_REFUSALS = (0, 400, 402, 403, 429)
_LIMITING = (0, 402, 403, 429)

TRANSPORT = (
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
    Rule(
        "edge_block",
        Outcome.NETWORK,
        "unknown",
        lambda a: (
            a.status in (401, 403)
            and (a.names("cloudflare_error") or (a.document is None and a.says(words.EDGE_PROSE)))
        ),
    ),
)

RULES = (
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
    # A gateway took our key and its own was refused further up. Who refuses our key answers 4xx;
    # one that fails of a key (5xx) fails of another.
    Rule("gateways_own_key", Outcome.AUTH, "unknown", lambda a: _is_of_gateway(a)),
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
    # Before "quota": a limit of 0 never resets, even where a retry delay or a day's quota is told
    # (Gemini does; docs/adr/0007).
    Rule(
        "not_in_plan",
        Outcome.PERMISSION,
        "proven",
        lambda a: (
            (a.status != 402 and a.coded(words.NOT_IN_PLAN_CODES))
            or (a.status != 402 and a.says(words.NOT_IN_PLAN_PROSE))
            or a.headers.get("x-ratelimit-limit-req-minute", "").strip() == "0"
        ),
    ),
    # Before "billing": some call a minute's limit insufficient_quota.
    Rule(
        "throttled",
        Outcome.RATE_LIMIT,
        "proven",
        lambda a: (
            a.status in (0, 429)
            and a.says(words.MINUTE_PROSE)
            and (not _is_quota(a) or a.says(r"\bfree-models-per-min\b"))
        ),
    ),
    Rule(
        "shut",
        Outcome.PERMISSION,
        "proven",
        lambda a: (
            a.status in _REFUSALS
            and (a.coded(words.SHUT_CODES) or a.says(words.SHUT_PROSE))
            and not a.coded(words.BILLING_CODES)
            and not a.says(words.BILLING_PROSE)
        ),
    ),
    Rule("billing", Outcome.BILLING, "proven", lambda a: _is_billing(a)),
    Rule("quota", Outcome.QUOTA, "proven", lambda a: _is_quota(a)),
    Rule(
        "no_endpoint_allowed",
        Outcome.PERMISSION,
        "proven",
        lambda a: a.status == 404 and a.says(words.DATA_POLICY_PROSE),
    ),
    Rule(
        "not_loaded",
        Outcome.PROVIDER_ERROR,
        "unknown",
        lambda a: a.status in (0, 400, 404, 422, 424) and a.says(words.NOT_LOADED_PROSE),
    ),
    Rule(
        "no_model",
        Outcome.NO_MODEL,
        "proven",
        lambda a: _is_no_model(a),
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
    Rule(
        "forbidden",
        Outcome.PERMISSION,
        "unknown",
        lambda a: a.status == 403 and not a.says(words.RATE_PROSE),
    ),
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
        "at_capacity",
        Outcome.OVERLOADED,
        "proven",
        lambda a: (
            a.status == 429 and (a.coded(words.CAPACITY_CODES) or a.says(words.CAPACITY_PROSE))
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
            or (a.status >= 500 and a.says(words.WRAPPED_RATE_PROSE))
            or (a.status in (400, 403) and a.says(words.RATE_PROSE))
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


def _is_of_gateway(answer: Answer) -> bool:
    refuses = answer.coded(f"{words.BAD_KEY_CODES}|{words.EXPIRED_CODES}")
    if answer.status >= 500:
        return refuses
    is_behind = (
        answer.names("provider_name")
        or answer.coded(words.UPSTREAM_CODES)
        or answer.says(words.UPSTREAM_PROSE)
    )
    refused = "|".join((words.BAD_KEY_PROSE, words.EXPIRED_PROSE, words.UPSTREAM_AUTH_PROSE))
    is_auth = answer.status == 401 or refuses or answer.coded(r"^authenticationerror$")
    return is_behind and (is_auth or (answer.status in _REFUSALS and answer.says(refused)))


def _is_billing(answer: Answer) -> bool:
    if answer.coded(r"^inflightbudgetexhausted$"):
        return False
    # Gemini's 429 has the words of OpenAI's, and means any limit.
    is_gemini = answer.coded(r"^resourceexhausted$") or answer.says(words.GEMINI_PROSE)
    is_vague = answer.status == 402 or answer.coded(words.VAGUE_BILLING_CODES)
    window = f"{words.QUOTA_PROSE}|{words.PERIOD_USED_PROSE}"
    comes_round = answer.says(window) or answer.coded(words.WINDOW_CODES)
    return (
        answer.coded(words.BILLING_CODES)
        or answer.says(words.BILLING_PROSE)
        or (answer.status != 400 and answer.says(words.BUDGET_PROSE))
        or (is_vague and not comes_round)
        or (answer.says(words.KEY_SPENT_PROSE) and not answer.says(words.PERIOD_PROSE))
        or (answer.says(words.OPENAI_BILLING_PROSE) and not is_gemini)
        or (answer.status == 403 and answer.names("limit_usd"))
    )


def _is_quota(answer: Answer) -> bool:
    return (
        answer.coded(words.QUOTA_CODES)
        or answer.says(words.QUOTA_PROSE)
        or (answer.status in _LIMITING and answer.says(words.PERIOD_USED_PROSE))
        or answer.headers.get("anthropic-ratelimit-unified-status", "").strip() == "rejected"
    )


def _is_no_model(answer: Answer) -> bool:
    if answer.says(words.ABILITY_PROSE):
        return False
    # llama.cpp says the same type of a wrong path, and Anthropic of any.
    is_bare = answer.says(r"^(file )?not found\.?$")
    return (
        answer.coded(words.NO_MODEL_CODES)
        or (answer.coded(r"^notfounderror$") and not is_bare)
        or (answer.status in (404, 410) and answer.says(words.MISSING_PROSE))
        or (answer.status in (0, 400, 404, 422) and answer.says(words.NO_MODEL_PROSE))
    )
