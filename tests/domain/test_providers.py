"""Rows of providers, and the variables a person's own provider may read."""

import re

import pytest

from adapters.providers.table import ROWS
from domain.errors import Malformed, NotFound, Refused
from domain.providers.endpoints import base_url
from domain.providers.refs import provider_id
from domain.providers.row import Provider, env_name, known_provider, scheme_for
from tests.domain.values import PROVIDERS


@pytest.mark.parametrize("name", ["MY_GATEWAY_API_KEY", "A_TOKEN", "LITELLM_MASTER_KEY", " B2KEY "])
def test_a_variable_of_ones_own_ends_in_key_or_token(name: str) -> None:
    assert env_name(name, PROVIDERS.values()) == name.strip()


@pytest.mark.parametrize(
    "name",
    [
        *("", "PATH", "HOME", "my_key", "My_KEY", "1_KEY", "_KEY", "A-KEY", "A KEY", "A_KEY\nX"),
        *("KEYS", "A_KEY=x", "AWS_SECRET", "\u00c4_KEY", "A_KEY_", "LD_PRELOAD"),
    ],
)
def test_other_variables_are_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        env_name(name, PROVIDERS.values())


@pytest.mark.parametrize("name", ["AURA_INTELLIGENCE_VAULT_KEY", "AURA_INTELLIGENCE_X_TOKEN"])
def test_a_variable_of_this_program_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="belongs to this program"):
        env_name(name, ())


@pytest.mark.parametrize(
    "name", [n for row in PROVIDERS.values() for n in row.all_env_names], ids=str
)
def test_a_variable_of_another_provider_cannot_be_had(name: str) -> None:
    # One of Amazon's does not end as a person's own must.
    with pytest.raises((Refused, Malformed), match=r"belongs to the provider|ends in KEY"):
        env_name(name, PROVIDERS.values())


_MAY_BE_EMPTY = ("check_path", "check_proves")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_is_in_the_form_everything_else_expects(row: Provider) -> None:
    assert provider_id(row.id) == row.id
    assert row.base_url == "" or base_url(row.base_url) == row.base_url
    assert row.base_url == "" or row.base_url.endswith(row.extra_path)
    assert row.check_url is None or row.check_url.startswith("https://")
    assert row.check_path is None or row.check_path.startswith("/")
    assert row.all_env_names or row.login_methods == ("token",)
    assert row.builtin
    assert row.docs_url
    assert row.quirks
    assert row.is_loopback == ("none" in row.login_methods)
    assert set(row.login_methods) <= {"api_key", "token", "setup_token", "none"}
    assert all(re.compile(pattern) for pattern in row.responses_models)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_is_uncertain_in_a_row_is_a_field_of_it_that_says_something(row: Provider) -> None:
    assert set(row.uncertain) <= {*Provider._fields}
    assert len(set(row.uncertain)) == len(row.uncertain)
    # A free check that is the dialect's own list has no path to show.
    assert all(getattr(row, name) for name in row.uncertain if name not in _MAY_BE_EMPTY)


@pytest.mark.parametrize("row", [r for r in ROWS if r.base_url], ids=lambda row: row.id)
def test_a_key_goes_in_the_dialects_header_and_a_token_as_a_bearer(row: Provider) -> None:
    assert row.scheme_of("api_key") == scheme_for(row.dialect, "api_key")
    assert row.scheme_of("token") == row.scheme_of("oauth") == "bearer"


def test_azure_has_a_header_of_its_own_and_no_address() -> None:
    row = PROVIDERS["azure-openai"]
    assert (row.base_url, row.scheme_of("api_key"), row.scheme_of("token")) == (
        "",
        "api-key",
        "bearer",
    )
    assert not row.is_loopback
    assert not row.is_plain_http


def test_no_variable_belongs_to_two_providers() -> None:
    names = [name for row in ROWS for name in row.all_env_names]
    assert len(set(names)) == len(names)


def test_an_unknown_provider_is_told_with_the_nearest() -> None:
    assert known_provider("openai", PROVIDERS).id == "openai"
    with pytest.raises(NotFound, match="unknown provider opnai") as absent:
        known_provider("opnai", PROVIDERS)
    assert absent.value.hint == "did you mean openai?"
    with pytest.raises(Malformed):
        known_provider("opnai", PROVIDERS, Malformed)


def test_a_long_unknown_provider_is_not_repeated() -> None:
    with pytest.raises(NotFound) as absent:
        known_provider("sk-canary-0123456789abc", PROVIDERS)
    assert "canary" not in f"{absent.value} {absent.value.hint}"
    assert "providers list" in (absent.value.hint or "")


def test_the_signature_of_a_row_is_not_shown() -> None:
    assert "mac" not in repr(ROWS[0])
