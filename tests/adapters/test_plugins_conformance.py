"""The conformance suite: ours keep it, and each way of breaking it is found and readable."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from adapters.providers.conformance import CANARY, Finding, check
from adapters.providers.dialects.openai import OpenAIDialect
from adapters.providers.dialects.requests import concluded
from adapters.providers.table import BY_ID, ROWS
from application.ports.network import Flow, Request
from application.ports.providers import Access, ProviderPlugin
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import WireFailure
from domain.providers.client import Client
from domain.providers.row import DIALECTS, Provider
from domain.providers.row import Dialect as DialectName

ROW = Provider("acme", "Acme", "https://acme.test/v1", "openai", source="plugin")


# A free check on another host of a provider's is not for plug-ins.
OWN_HOST = [r for r in ROWS if r.check_url is None or r.check_url.startswith(r.base_url)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_dialects_of_ours_keep_it(dialect: DialectName) -> None:
    row = BY_ID["openai"]._replace(dialect=dialect)
    assert check(ProviderPlugin(row, dialect)) == ()


@pytest.mark.parametrize("row", OWN_HOST, ids=lambda row: row.id)
def test_every_row_of_ours_keeps_it(row: Provider) -> None:
    assert check(ProviderPlugin(row, row.dialect)) == ()


class Broken(OpenAIDialect):
    """Does one thing wrong in `probe`, the one it is made for."""

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        return getattr(self, self.fault)(access, now)  # type: ignore[no-any-return]  # by its name

    def asks_twice(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        yield _request(access)
        response = yield _request(access)
        return concluded(response, access, bool, now)

    def tells_the_url(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        url = f"{access.base_url}/x?key={CANARY}"
        response = yield replace(_request(access), url=url)
        return concluded(response, access, bool, now)

    def tells_the_body(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        response = yield replace(_request(access), body=CANARY.encode())
        return concluded(response, access, bool, now)

    def goes_elsewhere(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        response = yield replace(_request(access), url="https://acme.test.evil.test/v1/x")
        return concluded(response, access, bool, now)

    def sends_no_key(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        response = yield replace(_request(access), headers={})
        return concluded(response, access, bool, now)

    def believes_everything(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        yield _request(access)
        return ProbeVerdict(Outcome.OK, "proven")

    def raises(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        yield _request(access)
        raise LookupError("secret words")

    def exits(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        raise SystemExit(1)

    def prints(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        response = yield _request(access)
        print("hello")
        return concluded(response, access, bool, now)

    def answers_nonsense(self, access: Access, now: int) -> Generator[Any, Any, Any]:
        yield _request(access)
        return {"outcome": "ok"}

    def asks_nonsense(self, access: Access, now: int) -> Generator[Any, Any, Any]:
        yield "https://acme.test"

    def swallows(self, access: Access, now: int) -> Flow[ProbeVerdict]:
        try:
            response = yield _request(access)
        except WireFailure:
            return ProbeVerdict(Outcome.TIMEOUT)
        return concluded(response, access, bool, now)


def _request(access: Access) -> Request:
    assert access.secret
    key = {"authorization": f"Bearer {access.secret.reveal()}"}
    return Request("GET", f"{access.base_url}/x", key)


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        ("asks_twice", "probe, 500: it asks more than once"),
        ("tells_the_url", "probe, 500: the secret is in the URL"),
        ("tells_the_body", "probe, 500: the secret is in the body"),
        ("goes_elsewhere", "probe, 500: it asks another host than that of its access"),
        ("sends_no_key", "probe, 500: no header carries the secret"),
        ("believes_everything", "probe, 401 wrong key: the outcome is ok, not auth"),
        ("believes_everything", "probe, 200 in HTML: the outcome is ok"),
        ("believes_everything", "probe, 200 and nothing: the outcome is ok"),
        ("raises", "probe, 500: it raised LookupError"),
        ("exits", "probe, 500: it raised SystemExit"),
        ("prints", "probe, 500: it printed something"),
        ("answers_nonsense", "probe, 500: it returns what is no ProbeVerdict"),
        ("asks_nonsense", "probe, 500: it yields what is no Request"),
        ("swallows", "probe, no answer: it swallows the WireFailure"),
    ],
)
def test_what_is_wrong_is_found_and_said(
    fault: str, finding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = check(ProviderPlugin(ROW, Broken(fault)))
    assert finding in [str(one) for one in found]
    assert {one.case.partition(",")[0] for one in found} == {"probe"}
    assert not any("secret words" in str(one) or CANARY in str(one) for one in found)
    assert capsys.readouterr() == ("", "")


def test_a_good_answer_of_its_own_has_to_be_taken_for_one() -> None:
    plugin = ProviderPlugin(ROW, OpenAIDialect(), completion=b'{"text": "OK"}')
    (finding, of_the_key) = check(plugin)
    assert finding == Finding("probe, a good answer", "the outcome is provider_error, not ok")
    assert of_the_key.problem == "the credential is unknown, not proven"


ISSUER, TOKEN = "https://id.test/realm/", "https://id.test/token"
DEVICE, PAGE = "https://id.test/device", "https://id.test/page"


@pytest.mark.parametrize(
    ("client", "problem"),
    [
        (Client("app", issuer=ISSUER), None),
        (Client("app", TOKEN, device_url=DEVICE), None),
        (Client("app", TOKEN, authorize_url=PAGE), None),
        (Client("", TOKEN, device_url=DEVICE), "no application of this program is registered"),
        (Client("", TOKEN, authorize_url=PAGE), "no application of this program is registered"),
        (Client("", issuer=ISSUER), "no application of this program is registered"),
        (Client("app", issuer="http://id.test"), "the issuer is no https address"),
        (Client("app", TOKEN), "it has no issuer, and no token URL with a page"),
        (Client("app", authorize_url=PAGE), "it has no issuer, and no token URL with a page"),
    ],
)
def test_a_sign_in_can_be_begun_or_is_a_finding(client: Client, problem: str | None) -> None:
    found = check(ProviderPlugin(ROW._replace(client=client), "openai"))
    assert [one.case for one in found] == ["sign-in"] * (problem is not None)
    assert all(problem and problem in one.problem for one in found)


def test_a_dialect_nobody_knows_is_the_only_finding() -> None:
    assert [f.problem for f in check(ProviderPlugin(ROW, "klingon"))] == [
        "there is no dialect 'klingon'"
    ]


def test_the_author_s_name_for_it_is_the_same_thing() -> None:
    import aura_intelligence

    assert aura_intelligence.check is check
