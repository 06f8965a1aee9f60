"""Credentials in environment variables."""

import pytest

from adapters.providers.table import BY_ID, ROWS
from domain.credentials.environment import (
    EnvironmentCredential,
    environment_credentials,
    environment_secret,
)
from domain.errors import Malformed
from domain.providers.row import Provider
from tests.domain.values import GATEWAY

KEY = "sk-canary-0123456789"


def found(environ: dict[str, str]) -> tuple[EnvironmentCredential, ...]:
    return environment_credentials((*ROWS, GATEWAY), environ, lambda text: f"mark:{len(text)}")


def only(environ: dict[str, str]) -> EnvironmentCredential:
    (credential,) = found(environ)
    return credential


def test_a_credential_is_known_by_its_variable_and_holds_no_secret() -> None:
    credential = only({"OPENAI_API_KEY": KEY, "HOME": "/root"})
    assert credential.id == "openai:env:OPENAI_API_KEY"
    assert (credential.provider, credential.kind, credential.scheme) == (
        "openai",
        "api_key",
        "bearer",
    )
    assert credential.base_url == "https://api.openai.com/v1"
    assert credential.fingerprint == f"mark:{len(KEY)}"
    assert KEY not in repr(credential)


@pytest.mark.parametrize("value", ["", " ", "\t", "\n"])
def test_a_blank_variable_is_unset(value: str) -> None:
    assert found({"OPENAI_API_KEY": value, "GATE_API_KEY": value}) == ()


def test_white_space_around_the_value_is_no_part_of_it() -> None:
    padded = only({"OPENAI_API_KEY": f" {KEY}\n"})
    assert (padded.problem, padded.fingerprint) == (None, f"mark:{len(KEY)}")
    assert environment_secret("K", {"K": f" {KEY}\n"}).reveal() == KEY


@pytest.mark.parametrize(
    "value", ["short", "has inner space", "new\nline-inside", "k\u00e9y-12345"]
)
def test_a_value_that_is_no_credential_is_a_problem_not_a_crash(value: str) -> None:
    credential = only({"OPENAI_API_KEY": value})
    assert (credential.problem, credential.fingerprint) == ("malformed", None)
    with pytest.raises(Malformed):
        environment_secret("OPENAI_API_KEY", {"OPENAI_API_KEY": value})


def test_without_a_key_of_the_store_there_is_no_fingerprint() -> None:
    (credential,) = environment_credentials(ROWS, {"GROQ_API_KEY": KEY}, lambda _: None)
    assert (credential.fingerprint, credential.problem) == (None, None)


def test_tokens_and_keys_of_anthropic_go_in_different_headers() -> None:
    key, bearer = found({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": KEY})
    assert (key.kind, key.scheme) == ("api_key", "x-api-key")
    assert (bearer.kind, bearer.scheme) == ("token", "bearer")


@pytest.mark.parametrize(
    ("variable", "value", "base_url"),
    [
        ("OPENAI_BASE_URL", "https://proxy.example/v1/", "https://proxy.example/v1"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("GROQ_BASE_URL", "https://api.groq.com", "https://api.groq.com/openai/v1"),
        ("GROQ_BASE_URL", "https://api.groq.com/", "https://api.groq.com/openai/v1"),
        ("GROQ_BASE_URL", "https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1"),
        ("ANTHROPIC_BASE_URL", "https://proxy.example/a", "https://proxy.example/a"),
    ],
)
def test_it_goes_where_its_providers_own_variable_points(
    variable: str, value: str, base_url: str
) -> None:
    name = variable.replace("BASE_URL", "API_KEY")
    credential = only({name: KEY, variable: value})
    assert (credential.base_url, credential.base_url_from) == (base_url, variable)
    assert credential.problem is None


@pytest.mark.parametrize("value", ["", "  "])
def test_a_blank_base_url_variable_is_unset(value: str) -> None:
    credential = only({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": value})
    assert credential.base_url == BY_ID["openai"].base_url
    assert credential.base_url_from is None


@pytest.mark.parametrize(
    "value",
    ["http://10.0.0.5/v1", "http://proxy.example", "not a url", "https://u:p@x", "https://[", "x"],
)
def test_a_base_url_no_credential_may_go_to_is_a_problem_not_a_crash(value: str) -> None:
    credential = only({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": value})
    assert (credential.problem, credential.base_url_from) == ("bad_base_url", "OPENAI_BASE_URL")
    assert credential.base_url == ""


def test_a_provider_without_an_address_needs_its_variable_for_one() -> None:
    nowhere = only({"AZURE_OPENAI_API_KEY": KEY})
    assert (nowhere.problem, nowhere.base_url, nowhere.base_url_from) == ("no_base_url", "", None)
    host = {"AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/"}
    key, token = found({"AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_AD_TOKEN": KEY, **host})
    assert key.base_url == token.base_url == "https://mine.openai.azure.com/openai/v1"
    assert (key.problem, key.scheme, token.scheme) == (None, "api-key", "bearer")
    moved = only({"AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_ENDPOINT": "http://example"})
    assert moved.problem == "bad_base_url"


@pytest.mark.parametrize("row", [r for r in ROWS if len(r.all_env_names) > 1], ids=lambda r: r.id)
def test_two_variables_of_one_provider_are_two_credentials_in_a_fixed_order(row: Provider) -> None:
    environ = dict.fromkeys(reversed(row.all_env_names), KEY)
    assert [c.name for c in found(environ)] == list(row.all_env_names)


def test_another_providers_base_url_moves_nothing() -> None:
    credential = only({"OPENAI_API_KEY": KEY, "GROQ_BASE_URL": "https://proxy.example"})
    assert credential.base_url == BY_ID["openai"].base_url


def test_credentials_come_in_the_order_of_the_providers_and_their_names() -> None:
    names = ("GATE_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY")
    environ = dict.fromkeys(names, KEY)
    assert [c.name for c in found(environ)] == [
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "OPENAI_API_KEY",
        "GATE_API_KEY",
    ]
