"""The application of one's own that signs in at an own provider: what it may be, and travels as."""

from typing import Any

import pytest

from domain.errors import Malformed, Refused
from domain.handover.differences import differences
from domain.handover.portable import selection_document
from domain.handover.sign_ins import sign_in_json, sign_in_of, sign_in_table
from domain.providers.client import Client
from domain.providers.user_defined import own_client
from domain.selection.selection import Selection
from tests.domain.test_portable import own, take
from tests.domain.values import profile

DEVICE = {"device_url": "https://id.test/device", "token_url": "https://id.test/token"}
BROWSER = {"authorize_url": "https://id.test/authorize", "token_url": "https://id.test/token"}
ISSUER = {"issuer": "https://id.test"}


@pytest.mark.parametrize(
    "given",
    [
        ISSUER,
        DEVICE,
        BROWSER,
        DEVICE | BROWSER,
        ISSUER | {"revoke_url": "https://id.test/revoke"},
        DEVICE | {"scope": "openid https://id.test/scope", "secret_file": "/etc/ü/secret"},
        {"issuer": "http://127.0.0.1:8080"},
        {"issuer": "https://id.test/a/"},
    ],
)
def test_what_is_given_is_taken(given: dict[str, Any]) -> None:
    client = own_client(client_id="mine", **given)
    assert client == Client("mine", owner="own", **given)
    assert sign_in_of(sign_in_table(client)) == client


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"issuer": " HTTPS://ID.test:443 "}, "https://id.test"),
        ({"issuer": "https://id.test/"}, "https://id.test/"),
        ({"issuer": "https://id.test/tenant/"}, "https://id.test/tenant/"),
    ],
)
def test_an_issuer_keeps_its_last_slash(given: dict[str, str], expected: str) -> None:
    assert own_client(client_id="mine", **given).issuer == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**ISSUER, "client_id": ""}, "a client id"),
        ({**ISSUER, "client_id": "two words"}, "a client id"),
        ({**ISSUER, "client_id": "ünï"}, "a client id"),
        ({**ISSUER, "client_id": "x\n"}, "a client id"),
        ({**ISSUER, "client_id": "x" * 201}, "a client id"),
        ({}, "an issuer, or a token URL"),
        ({"token_url": "https://id.test/token"}, "an issuer, or a token URL"),
        ({"device_url": "https://id.test/device"}, "an issuer, or a token URL"),
        ({"authorize_url": "https://id.test/a"}, "an issuer, or a token URL"),
        ({"revoke_url": "https://id.test/a"}, "an issuer, or a token URL"),
        (ISSUER | DEVICE, "an issuer says its own"),
        (ISSUER | {"token_url": "https://id.test/token"}, "an issuer says its own"),
        ({"issuer": "http://id.test"}, "the issuer"),
        ({"issuer": "http://10.0.0.1"}, "the issuer"),
        ({"issuer": "ftp://id.test"}, "the issuer"),
        ({"issuer": "https://me:pw@id.test"}, "the issuer"),
        ({"issuer": "https://id.test/?a=b"}, "the issuer"),
        ({"issuer": "https://id.test/#a"}, "the issuer"),
        ({"issuer": "https://169.254.169.254/"}, "the issuer"),
        ({"issuer": "/"}, "the issuer"),
        (DEVICE | {"token_url": "https://id.test/t?x"}, "the token URL"),
        (DEVICE | {"device_url": "id.test"}, "the device URL"),
        (BROWSER | {"authorize_url": "https:///a"}, "the authorize URL"),
        (ISSUER | {"revoke_url": "http://id.lan/a"}, "the revoke URL"),
        (ISSUER | {"scope": "a\x07"}, "a scope"),
        (ISSUER | {"scope": "ü"}, "a scope"),
        (ISSUER | {"scope": 'a"b'}, "a scope"),
        (ISSUER | {"secret_file": "secret"}, "no absolute path"),
        (ISSUER | {"secret_file": "~/secret"}, "no absolute path"),
        (ISSUER | {"secret_file": "/a\x1b[31m"}, "no absolute path"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(given: dict[str, str], said: str) -> None:
    with pytest.raises(Malformed, match=said) as refused:
        own_client(**{"client_id": "mine", **given})
    assert refused.value.hint
    assert str(refused.value).isprintable()


def test_a_scope_has_one_space_between_two_words() -> None:
    assert own_client(client_id="x", **ISSUER, scope="  a   b ").scope == "a b"


def test_it_travels_with_its_provider() -> None:
    row = own()._replace(client=own_client(client_id="mine", **DEVICE, scope="a"))
    document = selection_document(Selection(providers=(row,)))
    assert document["providers"][0]["sign_in"] == {"client_id": "mine", **DEVICE, "scope": "a"}
    (taken,) = take(document, Selection()).providers
    assert taken.client == row.client
    assert take(document, Selection(providers=(row,))).providers == (row,)
    (difference,) = differences(Selection(), Selection(providers=(row,)))
    assert isinstance(difference.after, dict)
    assert difference.after["signIn"] == sign_in_json(row.client)
    assert len(differences(Selection(providers=(own(),)), Selection(providers=(row,)))) == 1


def test_a_provider_whose_client_is_another_is_taken_even_where_profiles_are_stored() -> None:
    row = own()._replace(client=own_client(client_id="mine", **DEVICE))
    document = selection_document(Selection(providers=(row,)))
    (taken,) = take(document, Selection(providers=(own(),)), profile("gate:a")).providers
    assert (taken.client, taken.revision) == (row.client, row.revision + 1)


def test_a_file_names_no_file_of_a_secret_that_was_not_named_here() -> None:
    row = own()._replace(client=own_client(client_id="mine", **DEVICE, secret_file="/a"))
    document = selection_document(Selection(providers=(row,)))
    assert take(document, Selection(providers=(row,))).providers == (row,)
    for before in (Selection(), Selection(providers=(own(),))):
        with pytest.raises(Refused, match="client's secret"):
            take(document, before)


@pytest.mark.parametrize(
    "sign_in", [7, [], {}, {"client_id": 7}, {"client_id": "x", "colour": "red"}, {"issuer": "x"}]
)
def test_a_table_of_something_else_is_refused(sign_in: object) -> None:
    document = selection_document(Selection(providers=(own(),)))
    document["providers"][0]["sign_in"] = sign_in
    with pytest.raises(Malformed, match="providers, entry 1"):
        take(document, Selection())
