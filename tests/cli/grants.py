"""Grants of an own provider, `own`, put into a store without a sign-in."""

import dataclasses
import json
import time
import urllib.request
from typing import Any
from urllib.parse import urlencode

from domain.credentials.credential import AuthProfile, Credential, OAuthToken
from domain.credentials.secret import Secret
from domain.instants import HOUR
from domain.providers.client import Client
from tests.adapters.homes import Home
from tests.cli.issuers import DEVICE_GRANT, Issuer
from tests.cli.program import Program

ID = "own:a"


def home_of(program: Program) -> Home:
    """Its store, whichever it has."""
    return Home(program.home, url=program.environ.get("AURA_INTELLIGENCE_DATABASE_URL"))


def now() -> int:
    return round(time.time() * 1000)


def has_own(program: Program, site: Issuer, base_url: str) -> Program:
    """The program with the provider `own` at `base_url`, whose grants `site` issues."""
    program.must(
        f"models providers add own --base-url {base_url} --dialect openai --client-id aura "
        f"--token-url {site.url}/token --device-url {site.url}/device/auth"
    )
    program.must("models set own/ok")
    return program


def granted(site: Issuer, ends: int = HOUR, **given: Any) -> OAuthToken:
    """A grant of `site` that is said to end in `ends` ms."""
    code = _posted(site, "/device/auth")["device_code"]
    site.device = "approved"
    reply = _posted(site, "/token", grant_type=DEVICE_GRANT, device_code=code)
    site.requests.clear()
    usual: dict[str, Any] = {
        "access": Secret(reply["access_token"]),
        "refresh": Secret(reply["refresh_token"]),
        "expires_at": now() + ends,
        "client": Client("aura", f"{site.url}/token"),
        "account": site.account,
    }
    return OAuthToken(**{**usual, **given})


def _posted(site: Issuer, path: str, **fields: str) -> dict[str, Any]:
    body = urlencode({"client_id": site.client_id, **fields}).encode()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(site.url + path, body, timeout=10) as reply:
        found: dict[str, Any] = json.loads(reply.read())
    return found


def put(program: Program, credential: Credential, base_url: str, id: str = ID) -> None:
    """Stores it as of an hour ago: what lives for minutes only is refreshed later."""
    profile = AuthProfile(id, "own", "", base_url, "bearer", credential)
    home_of(program).profiles.put(profile, now() - HOUR)


def held(program: Program, id: str = ID) -> OAuthToken:
    token = home_of(program).profiles.get(id).credential
    assert isinstance(token, OAuthToken)
    return token


def access_of(program: Program, id: str = ID) -> str:
    return held(program, id).access.reveal()


def end(program: Program, id: str = ID) -> None:
    """Says of the stored grant that it has ended; its tokens stay."""
    store = home_of(program).profiles
    profile, summary = store.current(id)
    ended = dataclasses.replace(held(program, id), expires_at=now() - 1)
    store.replace(dataclasses.replace(profile, credential=ended), summary.revision, now() - HOUR)
