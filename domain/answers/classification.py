"""What an answer means: (status, headers, body) → outcome, by the table in `rules`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from domain.answers.outcome import CredentialFact, Outcome
from domain.answers.reading import Answer, as_error, error_under_success, read
from domain.answers.resets import resets_at
from domain.answers.rules import RULES, TRANSPORT, Rule
from domain.answers.scope import scope_of
from domain.answers.verdict import ProbeVerdict
from domain.errors import WireFailure

CLASSIFIER_VERSION = 3
Shape = Callable[[object], bool]


def classify(
    status: int, headers: Mapping[str, str], body: bytes, shape: Shape, now: int
) -> ProbeVerdict:
    """The verdict on an answer. `headers` have lower-case names; `now` is epoch ms.

    `shape` says whether a document is what the dialect answers when all is well: 2xx alone proves
    nothing. `detail` of the result is raw prose: the caller redacts it.
    """
    answer = read(status, headers, body)
    rule = _first(TRANSPORT, answer)
    if rule is None and 200 <= status < 300:
        is_expected = shape(answer.document)
        error = error_under_success(answer.document, is_expected=is_expected)
        if error is None:
            return _of_success(answer, is_expected=is_expected)
        answer = as_error(answer, error)
    rule = rule or _first(RULES, answer)
    if rule is None:
        return _verdict(answer, status, Outcome.PROVIDER_ERROR, "unknown", "unexpected_answer")
    own_code = rule.name if rule in TRANSPORT else None
    verdict = _verdict(answer, status, rule.outcome, rule.credential, own_code)
    verdict = replace(verdict, scope=scope_of(answer, rule.outcome))
    limited = (Outcome.RATE_LIMIT, Outcome.QUOTA, Outcome.OVERLOADED, Outcome.BILLING)
    if rule.outcome in limited:
        # Z.ai's own codes.
        is_of_china = answer.coded(r"^1[123]\d\d$")
        told = resets_at(headers, answer.document, now, answer.prose, is_of_china=is_of_china)
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
