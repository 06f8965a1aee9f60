"""What a server may say instead of what was asked: told in one line, and nothing is stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.issuers import ALICE, BROKEN, ESCAPES, HTML, HUGE, Issuer, error, issuer, said
from tests.cli.program import Program
from tests.cli.servers import Answer
from tests.cli.visits import LOGIN, browser, profiles, refused, signs_in

BY_BROWSER, BY_CODE = f"{LOGIN} --method browser", f"{LOGIN} --device-code"
GRANT = {"access_token": "access-given-1", "token_type": "bearer"}


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def gate(cli: Program, site: Issuer) -> Program:
    return signs_in(cli, site)


@pytest.fixture
def desk(gate: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a machine with a screen, no container, and a browser; 20 s are enough."""
    monkeypatch.setattr("adapters.machine.browser._CONTAINERS", ())
    monkeypatch.setattr("application.grants.signing_in.PATIENCE", 20.0)
    gate.environ.update(DISPLAY=":0", BROWSER=str(browser(tmp_path)))
    return gate


# What a token endpoint may say instead of a grant.


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (HTML, "127.0.0.1 answered with HTTP 200, and no JSON object\n"),
        (BROKEN, "127.0.0.1 answered with HTTP 500, and no JSON object\n"),
        (ESCAPES, "127.0.0.1 refused: "),
        (said([GRANT]), "and no JSON object\n"),
        (said({}), "the reply has no usable access token\n"),
        (said({**GRANT, "access_token": ["a"]}), "the reply has no usable access token\n"),
        (said({**GRANT, "access_token": "a b"}), "the reply has no usable access token\n"),
        (said({**GRANT, "refresh_token": 5}), "the reply has no usable refresh token\n"),
        (said({**GRANT, "token_type": "mac"}), "of a type other than bearer\n"),
        (Answer(302, b"", (("location", "/elsewhere"),)), "answered with HTTP 302"),
    ],
)
def test_what_is_no_grant_stores_nothing(
    desk: Program, site: Issuer, answer: Answer, told: str
) -> None:
    site.answers("/token", answer)
    assert told in refused(desk, LOGIN)


def test_an_answer_without_end_is_not_read(desk: Program, site: Issuer) -> None:
    for path in ("/token", "/.well-known/openid-configuration"):
        site.answers(path, HUGE)
        assert "aura_intelligence: " in refused(desk, LOGIN, by=69)


@pytest.mark.parametrize("expires_in", ["NaN", "3600", None, True, {}, -5, 1e300, 3600.5])
def test_a_length_that_is_none_does_not_undo_a_sign_in(
    desk: Program, site: Issuer, expires_in: object
) -> None:
    site.expires_in = expires_in
    desk.must(LOGIN)
    assert profiles(desk) == [f"gate:{ALICE}"]


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        BROKEN,
        ESCAPES,
        said({}),
        said({"device_code": 5, "user_code": "A", "verification_uri": "https://a.example"}),
        said(
            {"device_code": "d", "user_code": "A\x1b[2J", "verification_uri": "https://a.example"}
        ),
        said({"device_code": "d", "user_code": "A", "verification_uri": "file:///etc/passwd"}),
        said({"device_code": "d", "user_code": "A", "verification_uri": "https://a.e/\x1b[2J"}),
        error(401, "invalid_client"),
    ],
)
def test_what_is_no_code_is_not_shown(gate: Program, site: Issuer, answer: Answer) -> None:
    site.answers("/device/auth", answer)
    assert "127.0.0.1" in (told := refused(gate, BY_CODE)) or "device code" in told
    assert site.polls == []


# Whom its issuer names.


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"issuer": "https://other.example"}, "that of another issuer"),
        ({"issuer": None}, "that of another issuer"),
        ({"issuer": ["x"]}, "that of another issuer"),
        ({"token_endpoint": "https://other.example/t"}, "is on another host, other.example"),
        ({"token_endpoint": "http://other.example/t"}, "the token endpoint is no https address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "is no https address"),
        ({"device_authorization_endpoint": "https://127.0.0.1@o.example/"}, "is no https address"),
        ({"revocation_endpoint": {"a": 1}}, "is no https address"),
        ({"token_endpoint": "https://o\x1b[2J.example/"}, "is no https address"),
    ],
)
def test_metadata_that_leads_elsewhere_is_refused(
    gate: Program, site: Issuer, metadata: dict[str, object], told: str
) -> None:
    site.metadata, site.code_life = metadata, 1
    assert told in refused(gate, LOGIN)
    assert [path for path, _ in site.requests] == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize("answer", [HTML, BROKEN, ESCAPES, said([]), error(404, "not_found")])
def test_metadata_that_is_none_is_refused(gate: Program, site: Issuer, answer: Answer) -> None:
    site.answers("/.well-known/openid-configuration", answer)
    assert "127.0.0.1" in refused(gate, LOGIN)


def test_a_way_that_the_issuer_does_not_have_is_refused(gate: Program, site: Issuer) -> None:
    site.metadata = {"device_authorization_endpoint": None}
    assert "no sign-in by a code" in refused(gate, BY_CODE)
    site.metadata = {"authorization_endpoint": None}
    assert "no sign-in by a browser" in refused(gate, BY_BROWSER)
