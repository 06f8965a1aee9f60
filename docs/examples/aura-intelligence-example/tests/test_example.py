"""The whole test a plug-in needs, and two of its own manners."""

import json

from aura_example import PLUGIN, ROW, ExampleDialect

from aura_intelligence import Access, Secret, check


def test_it_keeps_the_promises_of_a_provider() -> None:
    assert check(PLUGIN) == ()


def test_a_probe_is_one_small_request() -> None:
    access = Access("https://models.example.com/v1", "bearer", Secret("k-1"))
    request = next(ExampleDialect().probe(ROW, access, "small", 16, 0))
    assert request.url == "https://models.example.com/v1/generate"
    assert json.loads(request.body)["limit"] == 16


def test_it_goes_where_its_access_says() -> None:
    access = Access("https://gateway.test", "bearer", Secret("k-1"))
    assert next(ExampleDialect().check(ROW, access, 0)).url == "https://gateway.test/account"
