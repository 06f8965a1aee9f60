"""Files of other programs: which credentials they hold, whose, and what of them is left."""

import base64
import json
from typing import Any

import pytest

from domain.credentials.credential import ApiKey, BearerToken, OAuthToken
from domain.credentials.grants import ends_at
from domain.credentials.origins import Kept
from domain.credentials.secret import Secret
from domain.errors import Malformed
from domain.handover.tools.contents import Contents, Found, ToolFile
from domain.handover.tools.sources import ROLES, contents_of, grant_of

ACCOUNT, EMAIL = "11111111-2222-4333-8444-fake55555555", "fake.user@example.com"
OPENAI = "https://api.openai.com/auth"
ENDS = 1_796_706_000


def jwt(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


ACCESS = jwt(exp=ENDS, **{OPENAI: {"chatgpt_account_id": ACCOUNT}})
IDENTITY = jwt(aud=["app_EMoamEEZ73f0CkXaXp7hrann"], email=EMAIL)
CODEX: dict[str, Any] = {
    "auth_mode": "chatgpt",
    "OPENAI_API_KEY": None,
    "tokens": {
        "id_token": IDENTITY,
        "access_token": ACCESS,
        "refresh_token": "rt_FAKE_refresh",
        "account_id": ACCOUNT,
    },
    "last_refresh": "2026-11-28T05:00:00.000000000Z",
}
CLAUDE = {
    "claudeAiOauth": {
        "accessToken": "sk-ant-oat01-FAKE",
        "refreshToken": "sk-ant-ort01-FAKE",
        "expiresAt": 1795872410000,
        "scopes": ["user:inference"],
        "subscriptionType": "max",
    }
}
PATHS = {
    "auth": "/h/auth.json",
    "config": "/h/config.json",
    "credentials": "/h/.credentials.json",
    "state": "/h/.claude.json",
    "settings": "/h/settings.json",
    "profiles": "/h/auth-profiles.json",
    "keys": "/h/keys.json",
    "hosts": "/h/hosts.yml",
}


def files(**documents: object) -> list[ToolFile]:
    return [ToolFile(role, PATHS[role], document) for role, document in documents.items()]


def read(source: str, **documents: object) -> Contents:
    return contents_of(source, files(**documents))


def only(contents: Contents) -> Found:
    (found,) = contents.found
    return found


def test_codex_keeps_the_grant_of_a_plan() -> None:
    assert read("codex", auth=CODEX) == Contents(
        found=(
            Found(
                "openai-codex",
                OAuthToken(Secret(ACCESS), Secret("rt_FAKE_refresh"), ENDS * 1000, None, ACCOUNT),
                "auth.json: tokens",
                EMAIL,
                kept=Kept("codex", "/h/auth.json"),
            ),
        ),
        selection={},
    )


def test_codex_names_a_grant_after_its_account_where_nobody_says_an_address() -> None:
    tokens = {"access_token": ACCESS, "refresh_token": "rt"}
    assert only(read("codex", auth={"tokens": tokens})).name == ACCOUNT


def test_a_key_codex_was_given_is_one_of_openai() -> None:
    found = only(read("codex", auth={"auth_mode": "apikey", "OPENAI_API_KEY": "sk-FAKE"}))
    assert found == Found("openai", ApiKey(Secret("sk-FAKE")), "auth.json: OPENAI_API_KEY")


def test_a_sign_in_codex_learned_later_is_told_and_left() -> None:
    (left,) = read("codex", auth={"agent_identity": {"k": "sk-FAKE-000000"}, "other": None}).left
    assert left == ("auth.json: agent_identity", "it is a kind of sign-in that is not known here")


@pytest.mark.parametrize("exp", [None, "soon", -1, 0, 1e300, True, float("inf")])
def test_a_token_that_says_no_moment_has_no_end(exp: object) -> None:
    assert ends_at(jwt(exp=exp)) is None


def test_claude_keeps_its_sign_in_under_the_address_of_its_owner() -> None:
    state = {"oauthAccount": {"emailAddress": EMAIL}}
    found = only(read("claude", credentials=CLAUDE, state=state))
    assert (found.provider, found.name) == ("anthropic", EMAIL)
    assert found.kept == Kept("claude", "/h/.credentials.json")
    assert found.credential == OAuthToken(
        Secret("sk-ant-oat01-FAKE"), Secret("sk-ant-ort01-FAKE"), 1795872410000, account=EMAIL
    )


def test_without_a_refresh_token_it_is_a_token_and_nobody_keeps_it() -> None:
    document = {"claudeAiOauth": {"accessToken": "sk-ant-oat01-FAKE", "expiresAt": 5}}
    found = only(read("claude", credentials=document))
    assert (found.credential, found.kept) == (BearerToken(Secret("sk-ant-oat01-FAKE"), 5), None)


def test_a_grant_of_nobody_in_particular_is_called_as_its_owner() -> None:
    assert only(read("claude", credentials=CLAUDE)).name == "claude"


def test_a_key_of_claudes_settings_goes_to_the_address_beside_it_or_nowhere() -> None:
    env = {"ANTHROPIC_AUTH_TOKEN": "FAKE-bearer", "ANTHROPIC_BASE_URL": "https://gw.test/v1/"}
    found = only(read("claude", settings={"env": env}))
    assert (found.credential, found.base_url) == (
        BearerToken(Secret("FAKE-bearer")),
        "https://gw.test",
    )
    assert not read("claude", settings={"env": {**env, "ANTHROPIC_BASE_URL": "gw"}}).found


def test_a_program_that_prints_claudes_key_is_not_run() -> None:
    told = read("claude", settings={"apiKeyHelper": "echo sk-ant-FAKE"}, state={"userID": "u"})
    assert told.found == ()
    assert "auth add --kind command" in told.left[0].reason


def test_opencode_has_keys_grants_and_a_token_of_github() -> None:
    auth = {
        "gateway": {"type": "api", "key": "FAKE-gateway", "metadata": {"note": "FAKE"}},
        "openai": {
            "type": "oauth",
            "refresh": "r",
            "access": ACCESS,
            "expires": 7,
            "accountId": "a",
        },
        "github-copilot": {"type": "oauth", "refresh": "ghu_F", "access": "tid=F", "expires": 0},
        "https://x.test": {"type": "wellknown", "key": "X_TOKEN", "token": "FAKE"},
    }
    told = read("opencode", auth=auth)
    assert [(f.provider, f.credential, f.name) for f in told.found] == [
        ("gateway", ApiKey(Secret("FAKE-gateway")), ""),
        ("openai-codex", OAuthToken(Secret(ACCESS), Secret("r"), 7, account="a"), "a"),
        ("github-copilot", BearerToken(Secret("ghu_F")), ""),
    ]
    assert told.found[1].kept == Kept("opencode", "/h/auth.json", "openai")
    assert [left.place for left in told.left] == ["auth.json: https://x.test"]


def test_a_copilot_of_a_company_is_left() -> None:
    entry = {"type": "oauth", "refresh": "ghu_F", "access": "tid=F", "enterpriseUrl": "ghe.test"}
    assert read("opencode", auth={"github-copilot": entry}).found == ()


def test_openclaw_names_its_profiles_itself() -> None:
    profiles = {
        "anthropic:manual": {"type": "token", "provider": "anthropic", "token": "t1", "expires": 9},
        "openai:default": {"type": "api_key", "provider": "openai", "key": "k1"},
        "openai:a@x.test": {"type": "oauth", "access": "a", "refresh": "r", "email": "a@x.test"},
        "openai:ref": {"type": "api_key", "keyRef": {"source": "file", "id": "/x"}},
        "openai:odd": {"type": "aws-sdk"},
    }
    order = {"openai": ["openai:a@x.test", "openai:default"], "groq": ["groq:default"]}
    told = read("openclaw", profiles={"version": 1, "profiles": profiles, "order": order})
    assert [(f.provider, f.name, f.credential) for f in told.found] == [
        ("anthropic", "manual", BearerToken(Secret("t1"), 9)),
        ("openai", "default", ApiKey(Secret("k1"))),
        ("openai-codex", "a@x.test", OAuthToken(Secret("a"), Secret("r"), account="a@x.test")),
    ]
    assert [left.reason for left in told.left] == [
        "it refers to another file, which was not read",
        "it is a kind of credential that is not known here",
    ]
    assert told.selection["auth_order"] == {
        "openai-codex": ["openai-codex:a@x.test"],
        "openai": ["openai:default"],
        "groq": ["groq:default"],
    }


def test_a_version_of_openclaw_nobody_knows_is_not_read() -> None:
    profiles = {"openai:default": {"type": "api_key", "key": "k1"}}
    told = read("openclaw", profiles={"version": 2, "profiles": profiles})
    assert (told.found, [left.place for left in told.left]) == (
        (),
        ["auth-profiles.json: version"],
    )


def test_what_openclaw_keeps_in_its_database_is_told() -> None:
    told = read("openclaw", config={"auth": {"profiles": {"anthropic:manual": {}}}})
    assert told.left[0].place == "config.json: auth.profiles.anthropic:manual"


def test_llm_calls_keys_as_its_plugins_do() -> None:
    told = read("llm", keys={"// Note": "secret", "openai": "k1", "claude": "k2", "gw": "k3"})
    assert [f.provider for f in told.found] == ["openai", "anthropic", "gw"]
    assert told.left == ()


def test_gh_has_a_token_for_each_user_once() -> None:
    users = {"octo-cat": {"oauth_token": "gho_1"}, "other": {"oauth_token": "gho_2"}, "third": None}
    host = {"users": users, "oauth_token": "gho_1", "user": "octo-cat", "git_protocol": "https"}
    told = read("gh", hosts={"github.com": host, "ghe.test": {"oauth_token": "gho_3"}})
    assert [(f.name, f.credential) for f in told.found] == [
        ("octo-cat", BearerToken(Secret("gho_1"))),
        ("other", BearerToken(Secret("gho_2"))),
    ]
    assert [left.place for left in told.left] == [
        "hosts.yml: github.com.third",
        "hosts.yml: ghe.test",
    ]
    assert "gh auth token" in told.left[0].reason


def test_an_old_gh_has_one_user() -> None:
    found = only(read("gh", hosts={"github.com": {"user": "fake-user", "oauth_token": "gho_1"}}))
    assert found.name == "fake-user"


def test_a_key_that_stands_there_twice_is_found_once() -> None:
    told = read("llm", keys={"gemini": "k1", "google": "k1", "openai": "k1"})
    assert [(f.provider, f.place) for f in told.found] == [
        ("google", "keys.json: gemini"),
        ("openai", "keys.json: openai"),
    ]


def test_a_grant_is_read_again_after_its_owner_renewed_it() -> None:
    kept = only(read("codex", auth=CODEX)).kept
    assert kept is not None
    tokens = {**CODEX["tokens"], "access_token": jwt(exp=ENDS + 9), "refresh_token": "rt2"}
    again = grant_of(kept, files(auth={**CODEX, "tokens": tokens}))
    assert again is not None
    assert again.credential == OAuthToken(
        Secret(jwt(exp=ENDS + 9)), Secret("rt2"), (ENDS + 9) * 1000, None, ACCOUNT
    )
    assert grant_of(kept, files(auth={"OPENAI_API_KEY": "sk-FAKE"})) is None


@pytest.mark.parametrize("source", ROLES)
@pytest.mark.parametrize("document", [None, [], "sk-canary-0123456789", 5])
def test_a_file_of_another_shape_is_not_what_the_program_writes(
    source: str, document: object
) -> None:
    with pytest.raises(Malformed, match="is not what") as caught:
        read(source, **{ROLES[source][0]: document})
    assert "canary" not in f"{caught.value} {caught.value.hint}"
