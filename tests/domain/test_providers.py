"""Rows of providers, and the variables a person's own provider may read."""

import pytest

from adapters.providers.table import ROWS
from domain.endpoints import base_url
from domain.errors import Malformed, NotFound, Refused
from domain.providers import Provider, env_name, known_provider, scheme_for
from domain.refs import provider_id
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
def test_a_variable_of_another_provider_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="belongs to the provider"):
        env_name(name, PROVIDERS.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_is_in_the_form_everything_else_expects(row: Provider) -> None:
    assert provider_id(row.id) == row.id
    assert base_url(row.base_url) == row.base_url
    assert row.base_url.endswith(row.extra_path)
    assert row.env_names
    assert scheme_for(row.dialect, "api_key") == row.scheme
    assert row.builtin
    assert not row.is_loopback


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
