"""Sign-ins as conversations: what is sent, by oauthlib too, and what any reply comes to."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth2 import (  # type: ignore[import-untyped]
    DeviceClient,
    WebApplicationClient,
)

from adapters.providers.sign_in.clients import CLIENTS, client_of
from adapters.providers.sign_in.loading import sign_in_at
from adapters.providers.sign_in.oauth2 import OAuth2
from adapters.providers.sign_in.openrouter import OpenRouterKeys
from adapters.providers.table import BY_ID
from application.ports.network import Flow, Request, Response
from application.ports.sign_in import DeviceCode, Pending, Redirect, Signed, SignsIn
from domain.credentials.credential import ApiKey, OAuthToken
from domain.credentials.secret import Secret
from domain.errors import AuraError, NeedsLogin, SignInFailed, WireFailure
from domain.instants import HOUR, SECOND
from domain.providers.client import Client
from domain.providers.row import Provider

T = TypeVar("T")
NOW = 1_795_000_000_000
OAUTH, OPENROUTER = OAuth2(), OpenRouterKeys()
ISSUER = "https://issuer.test"
CLIENT = Client(
    "our id&1",
    token_url=f"{ISSUER}/token",
    authorize_url=f"{ISSUER}/authorize?tenant=a%20b",
    device_url=f"{ISSUER}/device",
    revoke_url=f"{ISSUER}/revoke",
    scope="openid profile",
    parameters=(("prompt", "select_account"), ("state", "theirs")),
)
# Alike in nothing, so that what is left of one was not taken out with another.
ACCESS, REFRESH, CODE = "at-5f2b9c7e1d", "rt-Kq0ZtWm3Xy8", "c/=&+hG4vBn6Lp1"
SECRET, DEVICE = "sEcr%t uJ7oD2aR", "dEv.iCe~Yw5iQs9"
VERIFIER = "verifier_0a1b2c3d4e5f6g7h8i9jA0B1C2D3E4F5G6H7I8J9"
CHALLENGE = WebApplicationClient("").create_code_challenge(VERIFIER, "S256")
REDIRECT = Redirect("http://127.0.0.1:8976/callback", "state-0123", VERIFIER, CHALLENGE)
DEVICE_CODE = DeviceCode(DEVICE, "ABCD-EFGH", f"{ISSUER}/go", "", NOW + 900 * SECOND, 5)
TOKEN = OAuthToken(Secret("old-access-0123"), Secret(REFRESH), NOW, CLIENT, "acc-1")
GOOD = {"access_token": ACCESS, "token_type": "bearer", "expires_in": 3600}
CANARIES = (ACCESS, REFRESH, CODE, SECRET, DEVICE, VERIFIER)


def answer(reply: object, status: int = 200) -> Response:
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return Response(status, {"content-type": "application/json"}, body)


def held(flow: Flow[T], *answers: Response | WireFailure) -> tuple[list[Request], T]:
    """The requests, and what was made of these answers; each of them has to be wanted."""
    requests, coming = [], list(answers)
    try:
        request = next(flow)
        while True:
            requests.append(request)
            said = coming.pop(0)
            request = flow.throw(said) if isinstance(said, WireFailure) else flow.send(said)
    except StopIteration as stop:
        assert coming == []
        return requests, stop.value


def form(request: Request) -> dict[str, str]:
    """The fields of a form, each of which is there once."""
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["accept"] == "application/json"
    return fields(request.body.decode())


def fields(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def exchange(secret: str = SECRET, client: Client = CLIENT) -> Flow[Signed]:
    return OAUTH.exchange(client, CODE, REDIRECT, secret, NOW)


def refresh(secret: str = SECRET, client: Client = CLIENT) -> Flow[OAuthToken]:
    return OAUTH.refresh(client, TOKEN, secret, NOW)


def poll(secret: str = SECRET, client: Client = CLIENT) -> Flow[Signed | Pending]:
    return OAUTH.poll(client, DEVICE_CODE, secret, NOW)


def device(secret: str = SECRET, client: Client = CLIENT) -> Flow[DeviceCode]:
    return OAUTH.device(client, secret, NOW)


def revoke(secret: str = SECRET, client: Client = CLIENT) -> Flow[None]:
    return OAUTH.revoke(client, TOKEN, secret)


def openrouter() -> Flow[Signed]:
    return OPENROUTER.exchange(CLIENTS["openrouter"], CODE, REDIRECT, "", NOW)


FLOWS: dict[str, Callable[[], Flow[Any]]] = {
    "exchange": exchange,
    "refresh": refresh,
    "device": device,
    "revoke": revoke,
    "openrouter": openrouter,
}


# What is sent, by the standards: oauthlib builds the same from the same.


def test_the_challenge_of_the_standard_is_that_of_oauthlib() -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == CHALLENGE


def test_the_address_of_the_browser_is_as_oauthlib_builds_it() -> None:
    url = OAUTH.address(CLIENT, REDIRECT, "me@b.test")
    oracle = WebApplicationClient(CLIENT.client_id).prepare_request_uri(
        CLIENT.authorize_url,
        redirect_uri=REDIRECT.redirect_uri,
        scope=CLIENT.scope,
        state=REDIRECT.state,
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
        prompt="select_account",
        login_hint="me@b.test",
    )
    assert urlsplit(url)[:3] == urlsplit(oracle)[:3]
    assert fields(urlsplit(url).query) == fields(urlsplit(oracle).query)
    assert fields(urlsplit(url).query)["tenant"] == "a b"
    assert VERIFIER not in url


def test_the_address_has_no_empty_parameter() -> None:
    url = OAUTH.address(CLIENT._replace(scope="", parameters=()), REDIRECT)
    assert set(fields(urlsplit(url).query)) == {
        "tenant",
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "code_challenge",
        "code_challenge_method",
    }


def test_the_address_keeps_its_query_and_says_nothing_twice() -> None:
    page = f"{ISSUER}/authorize?scope=theirs&blank=&tenant=a%26b#fragment"
    url = urlsplit(OAUTH.address(CLIENT._replace(authorize_url=page), REDIRECT))
    told = fields(url.query)
    assert url.fragment == ""
    assert (told["scope"], told["blank"], told["tenant"]) == (CLIENT.scope, "", "a&b")


@pytest.mark.parametrize("secret", ["", SECRET])
def test_the_exchange_is_as_oauthlib_builds_it(secret: str) -> None:
    [request], _ = held(exchange(secret), answer(GOOD))
    oracle = WebApplicationClient(CLIENT.client_id).prepare_request_body(
        code=CODE,
        redirect_uri=REDIRECT.redirect_uri,
        code_verifier=VERIFIER,
        **({"client_secret": secret} if secret else {}),
    )
    assert request.url == CLIENT.token_url
    assert form(request) == fields(oracle)


@pytest.mark.parametrize("secret", ["", SECRET])
def test_the_refresh_is_as_oauthlib_builds_it(secret: str) -> None:
    [request], _ = held(refresh(secret), answer(GOOD))
    oracle = WebApplicationClient(CLIENT.client_id).prepare_refresh_body(
        refresh_token=REFRESH,
        client_id=CLIENT.client_id,
        **({"client_secret": secret} if secret else {}),
    )
    assert request.url == CLIENT.token_url
    assert form(request) == fields(oracle)


@pytest.mark.parametrize("secret", ["", SECRET])
def test_a_device_code_is_asked_for_as_oauthlib_builds_it(secret: str) -> None:
    [request], _ = held(device(secret), answer(DEVICE_REPLY))
    oracle = DeviceClient(CLIENT.client_id, **({"client_secret": secret} if secret else {}))
    built = fields(
        urlsplit(oracle.prepare_request_uri(CLIENT.device_url, scope=CLIENT.scope)).query
    )
    # RFC 8628, 3.1 has no grant type there; oauthlib's is one too many.
    assert built.pop("grant_type").endswith(":device_code")
    assert request.url == CLIENT.device_url
    assert form(request) == built


@pytest.mark.parametrize("secret", ["", SECRET])
def test_a_device_code_is_polled_as_oauthlib_builds_it(secret: str) -> None:
    [request], _ = held(poll(secret), answer(GOOD))
    oracle = DeviceClient(CLIENT.client_id).prepare_request_body(
        DEVICE, include_client_id=True, **({"client_secret": secret} if secret else {})
    )
    assert request.url == CLIENT.token_url
    assert form(request) == fields(oracle)


@pytest.mark.parametrize("token", [TOKEN, OAuthToken(Secret(ACCESS), None, NOW, CLIENT)])
def test_a_grant_is_revoked_as_oauthlib_builds_it(token: OAuthToken) -> None:
    [request], _ = held(OAUTH.revoke(CLIENT, token, SECRET), answer(b""))
    url, headers, oracle = WebApplicationClient(CLIENT.client_id).prepare_token_revocation_request(
        CLIENT.revoke_url,
        (token.refresh or token.access).reveal(),
        "refresh_token" if token.refresh else "access_token",
        client_id=CLIENT.client_id,
        client_secret=SECRET,
    )
    assert request.url == url
    assert request.headers["content-type"] == headers["Content-Type"]
    assert form(request) == fields(oracle)


# What is made of good replies.


def test_an_exchange_ends_in_a_grant_with_its_labels() -> None:
    claims = {"aud": CLIENT.client_id, "sub": "sub-1", "email": "me@b.test"}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    reply = {**GOOD, "refresh_token": REFRESH, "id_token": f"e30.{payload}.c2ln"}
    _, signed = held(exchange(), answer(reply))
    grant = OAuthToken(Secret(ACCESS), Secret(REFRESH), NOW + HOUR, CLIENT, "sub-1")
    assert signed == Signed(grant, "sub-1", "me@b.test", "")


def test_a_refresh_keeps_what_the_reply_does_not_say() -> None:
    _, kept = held(refresh(), answer(GOOD))
    assert kept == OAuthToken(Secret(ACCESS), Secret(REFRESH), NOW + HOUR, CLIENT, "acc-1")
    _, rotated = held(refresh(), answer({**GOOD, "refresh_token": "rt-2"}))
    assert rotated.refresh == Secret("rt-2")


def test_a_date_of_the_server_changes_no_expiry() -> None:
    wrong = {"date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    _, got = held(refresh(), Response(200, wrong, json.dumps(GOOD).encode()))
    assert got.expires_at == NOW + HOUR


# Device codes.

DEVICE_REPLY: dict[str, Any] = {
    "device_code": DEVICE,
    "user_code": "ABCD-EFGH",
    "verification_uri": f"{ISSUER}/go",
    "verification_uri_complete": f"{ISSUER}/go?user_code=ABCD-EFGH",
    "expires_in": 600,
    "interval": 7,
}


def test_a_device_code_is_what_a_person_types() -> None:
    _, code = held(device(), answer(DEVICE_REPLY))
    page = f"{ISSUER}/go"
    complete = f"{page}?user_code=ABCD-EFGH"
    assert code == DeviceCode(DEVICE, "ABCD-EFGH", page, complete, NOW + 600 * SECOND, 7)


def test_a_page_may_be_called_url_and_the_rest_left_out() -> None:
    reply = {"device_code": DEVICE, "user_code": "A", "verification_url": f"{ISSUER}/go"}
    _, code = held(device(), answer(reply))
    assert code == DeviceCode(DEVICE, "A", f"{ISSUER}/go", "", NOW + 900 * SECOND, 5)


@pytest.mark.parametrize(
    ("told", "interval", "life"),
    [
        ("8", 8, 8),
        (0, 1, 900),
        (-3, 1, 900),
        (1e9, 60, 1800),
        (10**4000, 60, 1800),
        (float("inf"), 60, 1800),
        (float("nan"), 5, 900),
        (None, 5, 900),
        (True, 5, 900),
        ("soon", 5, 900),
        ([], 5, 900),
        (2.5, 2.5, 2.5),
    ],
)
def test_numbers_of_a_device_reply_are_taken_as_they_can_be(
    told: object, interval: float, life: float
) -> None:
    _, code = held(device(), answer({**DEVICE_REPLY, "expires_in": told, "interval": told}))
    assert (code.interval, code.expires_at) == (interval, NOW + int(life * SECOND))


@pytest.mark.parametrize(
    "page",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//issuer.test/go",
        "https://",
        "https:///go",
        "https://issuer.test/\x1b[2J",
        "https://issuer.test/a b",
        "https://issuer.test/\n",
        "https://me@issuer.test/",
        "https://issüer.test/",
        "https://issuer.test/" + "a" * 3000,
        7,
        None,
        ["https://issuer.test"],
    ],
    ids=lambda page: ascii(page)[:24],
)
def test_a_page_nobody_can_be_sent_to_is_refused(page: object) -> None:
    with pytest.raises(SignInFailed, match="no code that a person can type"):
        held(device(), answer({**DEVICE_REPLY, "verification_uri": page}))
    _, code = held(device(), answer({**DEVICE_REPLY, "verification_uri_complete": page}))
    assert code.page_with_code == ""


@pytest.mark.parametrize(
    "code", ["", "  ", "A\x1b[2J", "A\nB", "\u202eA", "A" * 65, 7, None, ["A"]], ids=ascii
)
def test_a_user_code_nobody_can_type_is_refused(code: object) -> None:
    with pytest.raises(SignInFailed, match="no code that a person can type"):
        held(device(), answer({**DEVICE_REPLY, "user_code": code}))


@pytest.mark.parametrize("code", ["", "a b", 7, None, "a" * 16385], ids=lambda c: str(c)[:8])
def test_a_device_code_that_is_none_is_refused(code: object) -> None:
    with pytest.raises(SignInFailed, match="no usable device code"):
        held(device(), answer({**DEVICE_REPLY, "device_code": code}))


PAGE = b"<!doctype html><html><body>Bad gateway</body></html>"


@pytest.mark.parametrize(
    ("reply", "status", "expected"),
    [
        ({"error": "authorization_pending"}, 400, Pending()),
        ({"error": "authorization_pending"}, 200, Pending()),
        ({"error": "authorization_pending"}, 403, Pending()),
        ({"error": {"code": "authorization_pending"}}, 400, Pending()),
        ({"error": "slow_down"}, 400, Pending(5)),
        ({"error": "slow_down"}, 429, Pending(5)),
        ({"error": "rate_limited"}, 429, Pending()),
        ({}, 500, Pending()),
        ({"error": "server_error"}, 503, Pending()),
        ({"error": "invalid_grant"}, 502, Pending()),
        (GOOD, 500, Pending()),
        (PAGE, 502, Pending()),
        (PAGE, 200, Pending()),
        (PAGE, 404, Pending()),
        (b"", 302, Pending()),
        (b"", 200, Pending()),
        (b'{"access_token": "at-can', 200, Pending()),
        (b"\xff\xfe\x00", 200, Pending()),
        (b"[" * 200_000, 200, Pending()),
        ([], 200, Pending()),
        ("authorization_pending", 400, Pending()),
    ],
    ids=str,
)
def test_polling_goes_on(reply: object, status: int, expected: Pending) -> None:
    _, told = held(poll(), answer(reply, status))
    assert told == expected
    assert isinstance(told, Pending)


@pytest.mark.parametrize(
    ("reply", "status", "message"),
    [
        ({"error": "access_denied"}, 400, "the sign-in was declined at issuer.test"),
        ({"error": "access_denied"}, 200, "the sign-in was declined at issuer.test"),
        ({"error": "expired_token"}, 400, "the code has expired"),
        ({"error": "invalid_client"}, 401, "issuer.test refused: invalid_client"),
        ({"error": "invalid_grant"}, 400, "issuer.test refused: invalid_grant"),
        ({"message": "x"}, 400, "issuer.test answered with HTTP 400"),
        ({}, 200, "the reply has no usable access token"),
        ({**GOOD, "access_token": 7}, 200, "the reply has no usable access token"),
        ({**GOOD, "token_type": "mac"}, 200, "the token that was granted is of a type other"),
    ],
    ids=str,
)
def test_polling_ends(reply: object, status: int, message: str) -> None:
    with pytest.raises(SignInFailed) as refusal:
        held(poll(), answer(reply, status))
    assert str(refusal.value).startswith(message)


def test_polling_ends_in_a_grant() -> None:
    _, signed = held(poll(), answer({**GOOD, "refresh_token": REFRESH}))
    assert isinstance(signed, Signed)
    assert signed.credential == OAuthToken(Secret(ACCESS), Secret(REFRESH), NOW + HOUR, CLIENT)


# Refusals.


@pytest.mark.parametrize(
    "error",
    [
        "invalid_grant",
        "refresh_token_reused",
        "refresh_token_expired",
        "refresh_token_invalidated",
        "invalid_refresh_token",
        "bad_refresh_token",
        {"code": "refresh_token_reused", "type": "invalid_request_error", "message": "used"},
        {"type": "invalid_grant", "message": "used"},
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_refused_refresh_token_needs_a_person(error: object, status: int) -> None:
    with pytest.raises(NeedsLogin, match=r"^issuer\.test takes the refresh token no longer: "):
        held(refresh(), answer({"error": error}, status))


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ({"error": "invalid_client"}, 401),
        ({"error": "invalid_request"}, 400),
        ({"error": "not_invalid_grant"}, 400),
        ({"error": "other", "error_description": "invalid_grant"}, 400),
        ({"error": "invalid_grant"}, 500),
        ({"error": "invalid_grant"}, 429),
        ({"error": "slow_down"}, 429),
        ({}, 401),
        (PAGE, 400),
        (GOOD, 302),
    ],
    ids=str,
)
def test_any_other_refusal_says_nothing_of_the_grant(reply: object, status: int) -> None:
    with pytest.raises(SignInFailed):
        held(refresh(), answer(reply, status))


def test_a_grant_without_a_refresh_token_needs_a_person_and_asks_nobody() -> None:
    with pytest.raises(NeedsLogin):
        held(OAUTH.refresh(CLIENT, OAuthToken(Secret(ACCESS)), "", NOW))


@pytest.mark.parametrize(("reply", "status"), [(b"", 200), (PAGE, 200), ({}, 204)])
def test_a_good_status_revokes(reply: object, status: int) -> None:
    assert held(revoke(), answer(reply, status))[1] is None


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ({"error": "unsupported_token_type"}, 400),
        ({"error": "unsupported_token_type"}, 200),
        (b"", 503),
        (PAGE, 404),
        (b"", 302),
    ],
    ids=str,
)
def test_a_refusal_to_revoke_is_one(reply: object, status: int) -> None:
    with pytest.raises(SignInFailed, match=r"^issuer\.test "):
        held(revoke(), answer(reply, status))


HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\n\u202e" + " ".join(CANARIES) + "x" * 400
BAD: list[tuple[object, int]] = [
    (PAGE, 200),
    (PAGE, 502),
    (b"", 200),
    (b'{"access_token": "' + b"a" * (256 * 1024), 200),
    (b"[" * 100_000, 200),
    (b"\x1b[2J", 400),
    ([], 200),
    ("text", 200),
    ({}, 200),
    ({}, 302),
    ({"access_token": [ACCESS], "key": {"a": 1}, "device_code": 1, "user_code": HOSTILE}, 200),
    ({"access_token": HOSTILE, "key": HOSTILE, "device_code": HOSTILE}, 200),
    ({**GOOD, "key": "k", "token_type": HOSTILE, "error": HOSTILE}, 200),
    ({**GOOD, **DEVICE_REPLY, "key": "k"}, 400),
    ({"error": HOSTILE, "error_description": HOSTILE}, 400),
    ({"error": {"code": HOSTILE, "message": HOSTILE, "type": HOSTILE}}, 400),
    ({"error": {"code": [1], "message": {"a": HOSTILE}}}, 403),
    ({"error": [HOSTILE]}, 400),
]


SENT = {
    "exchange": (CODE, VERIFIER, SECRET),
    "refresh": (REFRESH, SECRET),
    "device": (SECRET,),
    "revoke": (REFRESH, SECRET),
    "openrouter": (CODE, VERIFIER),
}


def refuses(name: str, reply: object, status: int) -> bool:
    """Whether it is a bad one there: to revoke takes a good status alone."""
    is_error = isinstance(reply, dict) and "error" in reply
    return name != "revoke" or status != 200 or is_error


@pytest.mark.parametrize(
    ("name", "reply", "status"),
    [(name, *told) for name in FLOWS for told in BAD if refuses(name, *told)],
    ids=lambda value: ascii(value)[:24],
)
def test_a_bad_reply_is_refused_in_one_harmless_line(name: str, reply: object, status: int) -> None:
    with pytest.raises(SignInFailed) as refusal:
        held(FLOWS[name](), answer(reply, status))
    text = f"{refusal.value} {refusal.value.hint or ''}"
    assert text.isprintable()
    assert len(text) < 500
    assert "doctype" not in text
    for secret in SENT[name]:
        assert secret not in text
        assert secret[:8] not in text
        assert secret[-8:] not in text


def test_a_device_code_is_not_in_a_refusal() -> None:
    with pytest.raises(SignInFailed) as refusal:
        held(poll(), answer({"error": "x", "error_description": f"{DEVICE} {SECRET}"}, 400))
    assert str(refusal.value) == "issuer.test refused: x ([redacted] [redacted])"


@pytest.mark.parametrize("make", [*FLOWS.values(), poll])
def test_a_failure_of_the_wire_is_let_pass(make: Callable[[], Flow[Any]]) -> None:
    with pytest.raises(WireFailure):
        held(make(), WireFailure("dns", "no such host"))


@given(
    st.binary(max_size=80)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*GOOD, *DEVICE_REPLY, "error", "code", "key"]), inner
            )
        ),
        max_leaves=9,
    ).map(lambda document: json.dumps(document).encode()),
    st.sampled_from([200, 204, 301, 400, 401, 429, 500]),
)
def test_any_reply_ends_well_or_as_an_error_of_ours(body: bytes, status: int) -> None:
    for flow in (*(make() for make in FLOWS.values()), poll(), OAUTH.discovered(FOUND)):
        said = ""
        try:
            held(flow, answer(body, status))
        except AuraError as refusal:
            said = str(refusal)
        assert said.isprintable()


def without(name: str) -> Client:
    return Client(**{**CLIENT._asdict(), name: ""})


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("token_url", exchange),
        ("token_url", refresh),
        ("token_url", poll),
        ("device_url", device),
        ("revoke_url", revoke),
        ("client_id", exchange),
        ("client_id", refresh),
        ("client_id", poll),
        ("client_id", device),
        ("client_id", revoke),
    ],
)
def test_nobody_is_asked_who_is_not_known(name: str, make: Callable[..., Flow[Any]]) -> None:
    with pytest.raises(SignInFailed):
        held(make(client=without(name)))


@pytest.mark.parametrize("name", ["authorize_url", "client_id"])
def test_there_is_no_address_without_a_page_or_a_client(name: str) -> None:
    with pytest.raises(SignInFailed):
        OAUTH.address(without(name), REDIRECT)


# Discovery.

FOUND = Client("our-id", issuer=ISSUER)
METADATA: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/a?p=1",
    "token_endpoint": f"{ISSUER}/t/",
    "device_authorization_endpoint": f"{ISSUER}/d",
    "revocation_endpoint": f"{ISSUER}/r",
}


def found(client: Client, reply: object, status: int = 200) -> tuple[list[Request], Client]:
    return held(OAUTH.discovered(client), answer(reply, status))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("other", ["", "/"])
def test_an_issuer_says_its_endpoints(slash: str, other: str) -> None:
    asked = FOUND._replace(issuer=ISSUER + slash)
    [request], client = found(asked, {**METADATA, "issuer": ISSUER + other})
    assert (request.method, request.url, request.body) == (
        "GET",
        f"{ISSUER}/.well-known/openid-configuration",
        b"",
    )
    assert client == asked._replace(
        authorize_url=f"{ISSUER}/a?p=1",
        token_url=f"{ISSUER}/t/",
        device_url=f"{ISSUER}/d",
        revoke_url=f"{ISSUER}/r",
    )


def test_nobody_is_asked_where_nothing_is_missing_or_nobody_is_named() -> None:
    for client in (CLIENT, CLIENT._replace(issuer=ISSUER), Client("our-id")):
        assert held(OAUTH.discovered(client)) == ([], client)


def test_what_is_given_stays_and_what_there_is_not_stays_empty() -> None:
    given_url = "https://elsewhere.test/token"
    asked = FOUND._replace(token_url=given_url)
    _, client = found(asked, {"issuer": ISSUER, "token_endpoint": "http://evil.test/t"})
    assert client == asked


@pytest.mark.parametrize("issuer", ["https://evil.test", f"{ISSUER}/realm", "", None, 7, [ISSUER]])
def test_metadata_of_another_issuer_is_refused(issuer: object) -> None:
    with pytest.raises(SignInFailed, match=r"at issuer\.test is that of another issuer"):
        found(FOUND, {**METADATA, "issuer": issuer})


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://evil.test/t", "on another host, evil.test"),
        ("https://issuer.test.evil.test/t", "on another host, issuer.test.evil.test"),
        ("https://sub.issuer.test/t", "on another host, sub.issuer.test"),
        ("http://127.0.0.1:9/t", "on another host, 127.0.0.1"),
        ("https://issuer.test:8443/t", "on another host, issuer.test:8443"),
        ("http://issuer.test/t", "no https address"),
        ("https://issuer.test@evil.test/t", "no https address"),
        ("https://evil.test\\@issuer.test/t", "no https address"),
        ("https://issuer.test/t#x", "no https address"),
        ("https://issuer.test/a b", "no https address"),
        ("https://issuer.test/\x1b[2J", "no https address"),
        ("ftp://issuer.test/t", "no https address"),
        ("https://169.254.169.254/t", "no https address"),
        ("/t", "no https address"),
        (7, "no https address"),
        ([f"{ISSUER}/t"], "no https address"),
    ],
)
@pytest.mark.parametrize("name", [name for name in METADATA if name != "issuer"])
def test_an_endpoint_elsewhere_or_readable_for_others_is_refused(
    name: str, url: object, message: str
) -> None:
    with pytest.raises(SignInFailed, match=message) as refusal:
        found(FOUND, {**METADATA, name: url})
    assert name.replace("_", " ") in str(refusal.value)
    assert str(refusal.value).isprintable()


def test_an_issuer_of_this_machine_may_be_plain() -> None:
    here = "http://127.0.0.1:8080/realm"
    asked = FOUND._replace(issuer=here)
    _, client = found(asked, {"issuer": here, "token_endpoint": f"{here}/t"})
    assert client.token_url == f"{here}/t"
    with pytest.raises(SignInFailed, match="the issuer is no https address"):
        held(OAUTH.discovered(FOUND._replace(issuer="http://issuer.test")))


@pytest.mark.parametrize(("reply", "status"), [(PAGE, 200), ([], 200), ({}, 404), (METADATA, 500)])
def test_what_is_no_metadata_is_refused(reply: object, status: int) -> None:
    with pytest.raises(SignInFailed, match=r"^(issuer\.test|the metadata at issuer\.test) "):
        found(FOUND, reply, status)


# OpenRouter.


def test_openrouter_is_begun_with_the_state_in_its_callback() -> None:
    url = OPENROUTER.address(CLIENTS["openrouter"], REDIRECT, "me@b.test")
    assert url.startswith("https://openrouter.ai/auth?")
    told = fields(urlsplit(url).query)
    callback = urlsplit(told.pop("callback_url"))
    assert told == {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert callback._replace(query="").geturl() == REDIRECT.redirect_uri
    assert fields(callback.query) == {"state": REDIRECT.state}


def test_openrouter_issues_a_key() -> None:
    [request], signed = held(openrouter(), answer({"key": "sk-or-v1-0123", "user_id": "user_1"}))
    assert (request.method, request.url) == ("POST", "https://openrouter.ai/api/v1/auth/keys")
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "code": CODE,
        "code_verifier": VERIFIER,
        "code_challenge_method": "S256",
    }
    assert signed == Signed(ApiKey(Secret("sk-or-v1-0123")), "user_1")


@pytest.mark.parametrize("user", [None, 7, "sk-or-v1-0123"])
def test_openrouter_need_not_say_whose_it_is(user: object) -> None:
    _, signed = held(openrouter(), answer({"key": "sk-or-v1-0123", "user_id": user}))
    assert signed == Signed(ApiKey(Secret("sk-or-v1-0123")))


def test_openrouter_has_keys_and_nothing_else() -> None:
    client = CLIENTS["openrouter"]
    assert held(OPENROUTER.discovered(client)) == ([], client)
    with pytest.raises(SignInFailed):
        held(OPENROUTER.device(client, "", NOW))
    with pytest.raises(SignInFailed):
        held(OPENROUTER.poll(client, DEVICE_CODE, "", NOW))
    with pytest.raises(NeedsLogin):
        held(OPENROUTER.refresh(client, TOKEN, "", NOW))
    with pytest.raises(SignInFailed) as refusal:
        held(OPENROUTER.revoke(client, TOKEN, ""))
    assert refusal.value.hint == "see https://openrouter.ai/settings/keys"


# Who signs in where.


def test_the_table_is_of_providers_that_there_are() -> None:
    assert set(CLIENTS) == {"openrouter", "huggingface", "xai", "openai-codex"}
    assert set(CLIENTS) <= set(BY_ID)
    for client in CLIENTS.values():
        urls = (client.token_url, client.authorize_url, client.device_url, client.revoke_url)
        assert all(url.startswith("https://") for url in urls if url)
        assert client.token_url
        assert bool(client.notice) == (client.owner == "borrowed")
        assert held(OAUTH.discovered(client)) == ([], client)


def test_xai_is_signed_in_at_by_a_device_code_only() -> None:
    assert not CLIENTS["xai"].authorize_url
    [request], _ = held(OAUTH.device(CLIENTS["xai"], "", NOW), answer(DEVICE_REPLY))
    assert request.url == "https://auth.x.ai/oauth2/device/code"


def test_codex_begins_with_the_parameters_it_wants() -> None:
    client = CLIENTS["openai-codex"]
    told = fields(urlsplit(OAUTH.address(client, REDIRECT)).query)
    assert told["id_token_add_organizations"] == told["codex_cli_simplified_flow"] == "true"
    assert told["originator"] == "aura_intelligence"
    assert client.redirect_uri == "http://localhost:1455/auth/callback"


def test_huggingface_takes_an_application_of_ones_own() -> None:
    client = CLIENTS["huggingface"]
    with pytest.raises(SignInFailed) as refusal:
        held(OAUTH.device(client, "", NOW))
    assert "--client-id" in (refusal.value.hint or "")
    held(OAUTH.device(client._replace(client_id="mine"), "", NOW), answer(DEVICE_REPLY))


def test_a_row_has_the_client_of_the_table_or_of_its_owner() -> None:
    own = Provider("openrouter", "Own", "https://gate.test/v1", "openai", source="user")
    plugin = own._replace(id="xai", source="plugin", client=CLIENT)
    assert client_of(BY_ID["xai"]) is CLIENTS["xai"]
    assert client_of(BY_ID["groq"]) is None
    assert client_of(own) is None
    assert client_of(own._replace(client=CLIENT)) is CLIENT
    assert client_of(plugin) is CLIENT
    assert isinstance(sign_in_at(plugin), OAuth2)
    assert sign_in_at(BY_ID["groq"]) is None
    assert isinstance(sign_in_at(BY_ID["openrouter"]), OpenRouterKeys)
    for row in (own._replace(client=CLIENT), BY_ID["xai"]):
        signs = sign_in_at(row)
        assert type(signs) is OAuth2
        assert isinstance(signs, SignsIn)
        assert signs.client(row) is client_of(row)
