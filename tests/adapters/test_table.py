"""Every provider of the table against answers of its own: what it is sent, what is made of them.

A file in `fixtures/` states the requests in full, and of each answer the outcome and what it shows
of the credential. `source` says whether it was recorded or built from documentation.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.providers.table import BY_ID, ROWS
from adapters.registry import EntryPointRegistry
from application.ports.network import Flow, Request, Response
from application.ports.providers import Access, Dialect
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.providers.row import Provider

FIXTURES = Path(__file__).with_name("fixtures")
FIXED = {path.stem: json.loads(path.read_text("utf-8")) for path in FIXTURES.glob("*.json")}
ANSWERS = [
    pytest.param(provider, answer, id=f"{provider}: {answer['to']}: {answer['name']}")
    for provider, fixture in sorted(FIXED.items())
    for answer in fixture["answers"]
]
MAX_TOKENS = 16


def access(row: Provider, fixture: dict[str, Any]) -> Access:
    secret = fixture["secret"]
    return Access(
        fixture.get("base_url", row.base_url),
        row.scheme_of(fixture["kind"]),
        Secret(secret) if secret else None,
    )


def flow(provider: str, to: str) -> Flow[ProbeVerdict]:
    row, fixture = BY_ID[provider], FIXED[provider]
    dialect = EntryPointRegistry().can(row, Dialect)
    assert dialect is not None
    if to == "check":
        return dialect.check(row, access(row, fixture), 0)
    return dialect.probe(row, access(row, fixture), fixture["model"], MAX_TOKENS, 0)


def body_of(answer: dict[str, Any]) -> bytes:
    if "text" in answer:
        return str(answer["text"]).encode()
    return json.dumps(answer["body"]).encode()


def held(provider: str, answer: dict[str, Any]) -> tuple[list[Request], ProbeVerdict]:
    """The requests of one conversation that ends with `answer`, and what it learned."""
    conversation = flow(provider, answer["to"])
    sent = [next(conversation)]
    exchange = FIXED[provider].get("exchange")
    if exchange and answer["to"] == "probe":
        sent.append(conversation.send(Response(200, {}, json.dumps(exchange["answer"]).encode())))
    with pytest.raises(StopIteration) as stop:
        conversation.send(Response(answer["status"], answer.get("headers", {}), body_of(answer)))
    verdict = stop.value.value
    assert isinstance(verdict, ProbeVerdict)
    return sent, verdict


def test_every_provider_has_its_file_and_every_file_its_provider() -> None:
    assert set(FIXED) == set(BY_ID)
    assert all(fixture["provider"] == provider for provider, fixture in FIXED.items())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_file_has_a_good_answer_to_each_request_and_what_goes_wrong(row: Provider) -> None:
    answers = FIXED[row.id]["answers"]
    outcomes = {answer["outcome"] for answer in answers}
    assert {a["to"] for a in answers if a["outcome"] == "ok"} == {"probe", "check"}
    assert outcomes & {"auth", "expired"}
    assert outcomes - {"ok", "auth", "expired"}
    assert FIXED[row.id]["source"]


@pytest.mark.parametrize("to", ["probe", "check"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_is_sent_is_what_the_file_states(row: Provider, to: str) -> None:
    fixture = FIXED[row.id]
    good = next(a for a in fixture["answers"] if a["to"] == to and a["outcome"] == "ok")
    sent, _ = held(row.id, good)
    exchange = [fixture["exchange"]] if "exchange" in fixture and to == "probe" else []
    stated = [*exchange, fixture[to]]
    assert [(r.method, r.url) for r in sent] == [(s["method"], s["url"]) for s in stated]
    for request, expected in zip(sent, stated, strict=True):
        headers = {k: v.format(secret=fixture["secret"]) for k, v in expected["headers"].items()}
        assert dict(request.headers) == headers
        assert (json.loads(request.body) if request.body else None) == expected.get("body")


@pytest.mark.parametrize(("provider", "answer"), ANSWERS)
def test_an_answer_is_taken_for_what_it_is(provider: str, answer: dict[str, Any]) -> None:
    _, verdict = held(provider, answer)
    assert (verdict.outcome.value, verdict.credential) == (answer["outcome"], answer["credential"])


# Their free check is another page than the list; Cohere's, elsewhere, is the list.
_PAGES = {"redacted_api_key", "balance_infos", "auth", "balance", "token", "requests"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_list_of_models_has_the_shape_its_row_says(row: Provider) -> None:
    listed = next(
        answer["body"]
        for answer in FIXED[row.id]["answers"]
        if answer["to"] == "check" and answer["outcome"] == "ok"
    )
    is_array = isinstance(listed, list)
    if not is_array and (_PAGES & set(listed) or isinstance(listed.get("data"), dict)):
        assert row.check_path or row.check_url
    else:
        assert row.list_shape == (
            "array" if is_array else "models" if "models" in listed else "data"
        )
    assert bool(row.list_pages) == bool(not is_array and _NEXT & set(listed))


_NEXT = {"has_more", "nextPageToken", "next_page_token"}
