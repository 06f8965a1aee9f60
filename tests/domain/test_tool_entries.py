"""Values of a stranger's file: no text of it raises, and no secret of it is told."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.providers.table import ROWS
from domain.credentials.credential import ApiKey, BearerToken, expiry_of
from domain.credentials.profile import profile_id
from domain.credentials.secret import Secret
from domain.errors import Malformed
from domain.handover.tools.contents import Found, Left, ToolFile
from domain.handover.tools.entries import address, key, named, reference, variable
from domain.handover.tools.sources import ROLES, contents_of
from domain.handover.tools.variables import contents
from domain.providers.refs import provider_id
from domain.providers.row import Dialect

CANARY = "SK-CANARY-ZQ81" + "X7" * 20
ODD = (CANARY, f"${{{CANARY}}}", f"openai/{CANARY}", f"{CANARY}/m", f"openai:{CANARY}", "", "\x1b")
NUMBERS = (0, -1, 10**400, float("inf"), float("nan"))
VALUES: tuple[Any, ...] = (*ODD, *NUMBERS, None, True, [], {}, [CANARY], {"": 1})
# A document of each file as its program writes it, with all that its reader looks for.
REAL: dict[str, dict[str, Any]] = {
    "codex": {
        "auth": {
            "OPENAI_API_KEY": "sk-F",
            "tokens": {"id_token": "a.b.c", "access_token": "a.b.c", "refresh_token": "r"}
            | {"account_id": "acc"},
            "agent_identity": {"x": "y"},
        },
        "config": {"model_providers": {"gw": {"env_key": "X_KEY"}}},
    },
    "claude": {
        "credentials": {
            "claudeAiOauth": {"accessToken": "a", "refreshToken": "r", "expiresAt": 1},
            "mcpOAuth": {"x": "y"},
        },
        "settings": {
            "env": {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "https://gw.test"},
            "apiKeyHelper": "echo",
        },
        "state": {"primaryApiKey": "k", "oauthAccount": {"emailAddress": "a@x.test"}},
    },
    "opencode": {
        "auth": {
            "groq": {"type": "api", "key": "k"},
            "github-copilot": {"type": "oauth", "refresh": "ghu_F", "enterpriseUrl": ""},
            "openai": {"type": "oauth", "access": "a.b.c", "refresh": "r", "expires": 1}
            | {"accountId": "acc"},
        },
        "config": {
            "model": "gw/m",
            "provider": {
                "gw": {
                    "npm": "@ai-sdk/openai",
                    "name": "GW",
                    "options": {"baseURL": "https://gw.test", "apiKey": "k", "headers": {"a": "b"}},
                }
            },
        },
    },
    "openclaw": {
        "profiles": {
            "version": 1,
            "profiles": {
                "openai:a": {"type": "api_key", "provider": "openai", "key": "k"},
                "openai:b": {"type": "token", "token": "t", "expires": 1},
                "openai:c": {"type": "oauth", "access": "a", "refresh": "r", "expires": 1}
                | {"email": "a@x.test", "accountId": ""},
            },
        },
        "state": {"version": 1, "order": {"openai": ["openai:a", "openai:c"]}},
        "config": {
            "agent": {"modelAliases": {"old": "openai/x"}, "imageModelFallbacks": ["openai/y"]},
            "agents": {
                "defaults": {
                    "model": {"primary": "fast", "fallbacks": ["openai/b"]},
                    "imageModel": "openai/b",
                    "models": {"openai/a": {"alias": "fast"}},
                }
            },
            "auth": {"order": {"openai": ["openai:b"]}, "profiles": {"openai:d": {}}},
            "models": {
                "providers": {
                    "gw": {"baseUrl": "https://gw.test", "apiKey": {"source": "env", "id": "X_KEY"}}
                    | {"api": "ollama", "headers": {"a": "b"}}
                }
            },
            "env": {"vars": {"X": "y"}},
        },
    },
    "llm": {"keys": {"// Note": "n", "openai": "k", "gateway": "k2"}},
    "gh": {"hosts": {"github.com": {"user": "u", "oauth_token": "t", "users": {"u": {}}}}},
    "litellm": {
        "config": {
            "model_list": [
                {"model_name": "a", "litellm_params": {"model": "openai/a", "api_key": "k"}},
                {
                    "model_name": "b/c",
                    "litellm_params": {
                        "model": "c",
                        "custom_llm_provider": "openai",
                        "litellm_credential_name": "s",
                    },
                },
            ],
            "credential_list": [
                {
                    "credential_name": "s",
                    "credential_values": {"api_base": "https://gw.test", "api_key": "$X_KEY"},
                }
            ],
            "router_settings": {
                "fallbacks": [{"a": ["b/c", "z"]}],
                "model_group_alias": {"z": "a", "h": {"model": "b/c"}},
            },
            "litellm_settings": {"default_fallbacks": ["b/c"], "fallbacks": [{"z": ["a"]}]},
            "general_settings": {"master_key": "k"},
            "environment_variables": {"X": "y"},
        }
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def changed(document: Any) -> Iterator[Any]:
    """`document` with each value, and each key, replaced by each of what is odd."""
    yield from VALUES
    match document:
        case dict():
            for name, value in document.items():
                rest = {key: kept for key, kept in document.items() if key != name}
                yield rest
                yield from ({**rest, odd: value} for odd in ODD)
                yield from ({**document, name: one} for one in changed(value))
        case list():
            for place, value in enumerate(document):
                yield [*document, value]
                yield from (
                    [*document[:place], one, *document[place + 1 :]] for one in changed(value)
                )


def refuse_leaks(source: str, documents: dict[str, Any]) -> None:
    files = [ToolFile(role, f"/h/{role}.json", found) for role, found in documents.items()]
    told = contents_of(source, files)
    said = repr([*told.left, *(one._replace(kept=None) for one in told.found)])
    assert CANARY not in f"{said}{json.dumps(told.selection)}".upper()
    assert "\x1b" not in "".join(f"{left.place}{left.reason}" for left in told.left)
    for found in told.found:
        ends = expiry_of(found.credential)
        assert provider_id(found.provider) == found.provider
        assert not found.name or profile_id(found.name, found.provider)
        assert ends is None or 0 < ends < 253_402_300_800_000


@pytest.mark.parametrize("source", ROLES)
def test_whatever_is_odd_in_a_real_file_raises_nothing_and_no_secret_is_told(source: str) -> None:
    real = REAL[source]
    assert real.keys() == set(ROLES[source])
    refuse_leaks(source, real)
    for role, document in real.items():
        for odd in changed(document):
            if isinstance(odd, dict):
                refuse_leaks(source, {**real, role: odd})


@pytest.mark.parametrize("source", ROLES)
@settings(max_examples=30)
@given(st.data())
def test_any_document_is_read_or_is_not_what_the_program_writes(source: str, data: Any) -> None:
    with contextlib.suppress(Malformed):
        refuse_leaks(source, {role: data.draw(JSON) for role in ROLES[source]})


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("os.environ/X_KEY", "X_KEY"),
        ("{env:X_KEY}", "X_KEY"),
        ("${x_key}", "x_key"),
        ("$X_KEY", "X_KEY"),
        ("X_API_KEY", "X_API_KEY"),
        ({"source": "env", "provider": "default", "id": "X"}, "X"),
        ("sk-X_KEY", None),
        ("", None),
        (5, None),
    ],
)
def test_what_stands_for_a_variable_says_which(value: object, name: str | None) -> None:
    assert variable(value) == name
    assert (reference(value) is not None) is (name is not None)


@pytest.mark.parametrize(
    "value",
    [
        "{file:./key.txt}",
        "op://vault/item/field",
        "keychain:openai",
        "!pass show openai",
        "$(cat key)",
        "Bearer ${X}",
        "prefix-${X}",
        {"source": "exec", "id": "x"},
        {"source": "file", "id": "/key"},
    ],
)
def test_a_reference_is_said_and_not_followed(value: object) -> None:
    assert variable(value) is None
    assert isinstance(key("openai", value, "here"), Left)


@pytest.mark.parametrize("value", [None, 5, True, [], {}, "", "  ", "two words", "x" * 20000])
def test_what_is_no_credential_is_left(value: object) -> None:
    assert isinstance(key("openai", value, "here"), Left)


def test_a_placeholder_is_a_credential_as_any_text_is() -> None:
    assert key("OpenAI", " sk-1 ", "here") == Found("openai", ApiKey(Secret("sk-1")), "here")


@pytest.mark.parametrize("word", [CANARY, "a" * 21, "AIza0123456789", "x" * 300])
def test_a_name_that_may_be_a_pasted_key_is_not_shown(word: str) -> None:
    assert named(word) == "…"


def test_a_name_is_harmless_on_a_terminal() -> None:
    assert named("a\x1b[2J") == r"a\x1b[2J"
    assert named("openai-codex:somebody@example.com") == "openai-codex:somebody@example.com"


@pytest.mark.parametrize(
    ("dialect", "told", "url"),
    [
        ("openai", "https://gw.test/v1/", "https://gw.test/v1"),
        ("anthropic", "https://api.anthropic.com/v1", "https://api.anthropic.com"),
        ("google", "https://g.test/v1beta", "https://g.test"),
        ("ollama", "http://localhost:11434/v1", "http://localhost:11434"),
        ("openai", "http://192.168.1.5:8000/v1", "http://192.168.1.5:8000/v1"),
    ],
)
def test_what_a_client_adds_is_no_part_of_an_address(dialect: Dialect, told: str, url: str) -> None:
    assert address(told, dialect) == url


@pytest.mark.parametrize("told", ["{env:URL}", "gw.test", 5, "http://example.com", "file:///x"])
def test_what_is_no_address_here_is_refused(told: object) -> None:
    with pytest.raises(Malformed):
        address(told, "openai")


def test_variables_are_those_of_known_providers_with_the_address_beside_them() -> None:
    values = {
        "ANTHROPIC_API_KEY": "sk-ant-oat01-FAKE",
        "ANTHROPIC_AUTH_TOKEN": " t ",
        "GROQ_API_KEY": "gsk_FAKE",
        "GROQ_BASE_URL": "https://gw.test",
        "GEMINI_API_KEY": "",
        "OPENAI_API_KEY": "op://vault/openai",
        "OTHER_API_KEY": "k",
    }
    told = contents(values, ROWS, ".env")
    assert [(f.provider, f.credential, f.place, f.base_url) for f in told.found] == [
        (
            "anthropic",
            BearerToken(Secret("sk-ant-oat01-FAKE")),
            "ANTHROPIC_API_KEY in .env",
            "",
        ),
        ("anthropic", BearerToken(Secret("t")), "ANTHROPIC_AUTH_TOKEN in .env", ""),
        (
            "groq",
            ApiKey(Secret("gsk_FAKE")),
            "GROQ_API_KEY in .env",
            "https://gw.test/openai/v1",
        ),
    ]
    assert [left.place for left in told.left] == ["OPENAI_API_KEY in .env"]


def test_a_key_whose_address_cannot_be_read_goes_nowhere() -> None:
    told = contents({"GROQ_API_KEY": "gsk_FAKE", "GROQ_BASE_URL": "gw"}, ROWS, ".env")
    assert (told.found, len(told.left)) == ((), 1)
