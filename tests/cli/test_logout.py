"""Signing out: the provider is told where it can be, and the profile goes either way."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.credentials.credential import ApiKey, BearerToken
from domain.credentials.secret import Secret
from domain.providers.client import Client
from tests.cli.grants import granted, has_own, held, put
from tests.cli.issuers import BROKEN, ESCAPES, HTML, Issuer, error, issuer
from tests.cli.program import Program
from tests.cli.servers import Answer
from tests.cli.test_tampering import edited
from tests.cli.visits import profiles

LOGOUT = "models auth logout own:a --yes"
NOT_REVOKED = "Removed own:a. It is not revoked: do that at the provider.\n"
HINT = "hint: do that at the provider\n"


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def own(cli: Program, site: Issuer) -> Program:
    """The program with a grant of `site`, `own:a`, that can be revoked."""
    has_own(cli, site, site.api)
    put(cli, granted(site, client=client(site)), site.api)
    return cli


def client(site: Issuer, **given: str) -> Client:
    known = {"token_url": f"{site.url}/token", "revoke_url": f"{site.url}/revoke"}
    return Client("aura", **{**known, **given})  # type: ignore[arg-type]  # no owner among them


def test_a_grant_is_revoked_and_removed(own: Program, site: Issuer) -> None:
    before = held(own)
    assert site.is_good(before.access.reveal())
    assert before.refresh
    ran = own.must(LOGOUT)
    assert (ran.out, ran.err) == ("Removed own:a. It is revoked at the provider.\n", "")
    assert profiles(own) == []
    assert not site.is_good(before.access.reveal())
    assert site.requests == [
        (
            "/revoke",
            {
                "token": before.refresh.reveal(),
                "token_type_hint": "refresh_token",
                "client_id": "aura",
            },
        )
    ]


def test_remove_does_the_same_and_says_so_in_json(own: Program, site: Issuer) -> None:
    told = own.must("models auth remove own:a --yes --json").document
    assert told == {
        "schemaVersion": 1,
        "profiles": [],
        "changed": True,
        "revoked": True,
        "revocationError": None,
    }
    assert site.revoked == 1


def test_local_only_asks_nobody(own: Program, site: Issuer) -> None:
    before = held(own)
    ran = own.must(f"{LOGOUT} --local-only")
    assert (ran.out, ran.err) == (NOT_REVOKED, "")
    assert (profiles(own), site.requests) == ([], [])
    put(own, before, site.api)
    told = own.must(f"{LOGOUT} --local-only --json").document
    assert (told["revoked"], told["revocationError"], site.requests) == (None, None, [])
    assert site.is_good(before.access.reveal())


def test_what_has_no_address_for_it_is_removed_as_before(own: Program, site: Issuer) -> None:
    grant = held(own)
    secret = Secret("a-secret-of-some-length")
    bare = replace(grant, client=client(site, revoke_url=""))
    for credential in (bare, replace(grant, client=None), ApiKey(secret), BearerToken(secret)):
        put(own, credential, site.api)
        assert own.must(LOGOUT).text == NOT_REVOKED
        put(own, credential, site.api)
        told = own.must(f"{LOGOUT} --json").document
        assert (told["revoked"], told["revocationError"]) == (None, None)
    assert site.requests == []


def failed(own: Program, again: Any, type: str) -> str:
    """What is said of a revocation that failed, in words; the profile is gone each time."""
    ran = own.must(LOGOUT)
    assert (ran.out, profiles(own)) == ("Removed own:a.\n", [])
    first, hint = ran.err.splitlines(keepends=True)
    assert first.startswith("it is not revoked: ")
    assert first.strip().isprintable()
    assert hint == HINT
    again()
    ran = own.must(f"{LOGOUT} --json")
    assert (ran.err, profiles(own)) == ("", [])
    said = ran.document["revocationError"]
    assert (ran.document["revoked"], said["type"]) == (False, type)
    assert set(said) == {"type", "message", "hint"}
    assert first == f"it is not revoked: {said['message']}\n"
    return first


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (error(400, "unsupported_token_type", "not that one"), "unsupported_token_type (not that"),
        (error(401, "invalid_client"), "127.0.0.1 refused: invalid_client"),
        (BROKEN, "127.0.0.1 answered with HTTP 500"),
        (ESCAPES, "127.0.0.1 refused: "),
        (Answer(302, b"", (("location", "/elsewhere"),)), "answered with HTTP 302"),
    ],
)
def test_a_refusal_is_told_and_keeps_nothing(
    own: Program, site: Issuer, answer: Answer, told: str
) -> None:
    before = held(own)
    site.answers("/revoke", answer, answer)
    assert told in failed(own, lambda: put(own, before, site.api), "sign_in_failed")
    assert [path for path, _ in site.requests] == ["/revoke"] * 2
    assert before.refresh
    assert site.is_good(before.access.reveal())


def test_any_good_status_is_a_yes(own: Program, site: Issuer) -> None:
    site.answers("/revoke", HTML)
    assert "It is revoked at the provider." in own.must(LOGOUT).out


def test_where_nobody_listens_it_is_removed(own: Program, site: Issuer) -> None:
    lost = client(site, revoke_url="http://127.0.0.1:9/revoke")
    grant = replace(held(own), client=lost)
    put(own, grant, site.api)
    failed(own, lambda: put(own, grant, site.api), "network")
    assert site.requests == []


def test_a_client_whose_secret_is_gone_is_not_asked_for(own: Program, site: Issuer) -> None:
    grant = replace(held(own), client=client(site, secret_file="/nowhere/secret"))
    put(own, grant, site.api)
    assert "/nowhere/secret" in failed(own, lambda: put(own, grant, site.api), "unavailable")
    assert site.requests == []


def test_nothing_is_sent_for_a_provider_that_was_edited(own: Program, site: Issuer) -> None:
    edited(own, "UPDATE user_providers SET base_url = 'https://elsewhere.example/v1'")
    ran = own.must(f"{LOGOUT} --json")
    assert ran.document["revocationError"]["type"] == "provider_tampered"
    assert (profiles(own), site.requests) == ([], [])


def test_a_record_nobody_can_open_is_removed_too(own: Program, site: Issuer) -> None:
    edited(own, "UPDATE profiles SET sealed = zeroblob(100)")
    ran = own.must(LOGOUT)
    assert ran.out == "Removed own:a.\n"
    assert "it is not revoked: an encrypted record cannot be opened" in ran.err
    assert (profiles(own), site.requests) == ([], [])


def test_so_it_is_where_the_key_is_lost(own: Program, site: Issuer) -> None:
    keys = [path for path in own.home.rglob("*.key") if path.is_file()]
    assert keys
    for path in keys:
        path.unlink()
    ran = own.must(f"{LOGOUT} --json")
    assert (ran.document["revoked"], ran.err) == (False, "")
    assert ran.document["revocationError"]["type"] == "key_missing"
    assert (profiles(own), site.requests) == ([], [])


def test_who_says_no_to_the_question_revokes_nothing(own: Program, site: Issuer) -> None:
    ran = own("models auth logout own:a")
    assert ran.code == 64
    assert (profiles(own), site.requests) == (["own:a"], [])
