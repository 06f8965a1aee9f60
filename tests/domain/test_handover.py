"""Which variables a program gets with a credential, and which it must not find."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.table import BY_ID, ROWS
from domain.credentials.profile import Kind
from domain.handover.variables import NO_KEY, Handover, handover, known_secrets
from domain.providers.refs import ModelRef
from domain.providers.row import Dialect, Provider
from tests.domain.values import GATEWAY, LOCAL, PROVIDERS

KEY = "sk-proj-of-the-chosen"
OWN = Provider("my.gw-1", "Mine", "https://gw.example", "openai", source="user")

TOKENS_OF_ANTHROPIC = (
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_OAUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
)


def handed(
    row: Provider | str, kind: Kind | None = "api_key", url: str | None = None, *more: Provider
) -> Handover:
    row = PROVIDERS[row] if isinstance(row, str) else row
    ref = ModelRef(row.id, "m")
    others = {**PROVIDERS, row.id: row, **{other.id: other for other in more}}
    return handover(ref, row, kind, url or row.base_url, others.values())


def plain(found: Handover) -> Mapping[str, str]:
    """The variables that are no secret, without the model's."""
    return {n: v for n, v in found.plain.items() if n != "AURA_INTELLIGENCE_MODEL"}


@pytest.mark.parametrize(
    ("id", "kind", "names"),
    [
        ("openai", "api_key", ("OPENAI_API_KEY",)),
        ("openai", "token", ("OPENAI_API_KEY",)),
        ("google", "api_key", BY_ID["google"].env_names),
        ("anthropic", "api_key", ("ANTHROPIC_API_KEY",)),
        ("anthropic", "token", TOKENS_OF_ANTHROPIC),
        ("anthropic", "oauth", TOKENS_OF_ANTHROPIC),
        ("huggingface", "token", BY_ID["huggingface"].env_names),
        ("azure-openai", "token", ("AZURE_OPENAI_AD_TOKEN",)),
        ("github-copilot", "api_key", ("COPILOT_GITHUB_TOKEN",)),
        ("openai-codex", "token", ("OPENAI_CODEX_API_KEY",)),
        ("vllm", "api_key", ("VLLM_API_KEY",)),
        ("vllm", None, ()),
        ("local", None, ()),
    ],
)
def test_a_credential_comes_under_all_names_of_its_kind(
    id: str, kind: Kind | None, names: tuple[str, ...]
) -> None:
    assert handed(id, kind).secret == names


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
@pytest.mark.parametrize("kind", ["api_key", "token", "oauth"])
def test_every_provider_hands_its_credential_over(row: Provider, kind: Kind) -> None:
    found = handed(row, kind)
    assert found.secret
    assert found.environment({}, KEY)[found.secret[0]] == KEY


@pytest.mark.parametrize(
    "row", [r for r in ROWS if not r.is_loopback and r.base_url], ids=lambda r: r.id
)
def test_a_provider_at_its_own_address_needs_no_base_url(row: Provider) -> None:
    assert plain(handed(row)) == {}


@pytest.mark.parametrize(
    ("id", "url", "given"),
    [
        ("mistral", "https://gw.example/v1", {"MISTRAL_BASE_URL": "https://gw.example/v1"}),
        (
            "openai",
            "https://gw.example/v1",
            {
                "OPENAI_BASE_URL": "https://gw.example/v1",
                "OPENAI_API_BASE": "https://gw.example/v1",
            },
        ),
        ("groq", "https://gw.example/openai/v1", {"GROQ_BASE_URL": "https://gw.example"}),
        ("groq", "https://gw.example/other", {"GROQ_BASE_URL": "https://gw.example/other"}),
        (
            "azure-openai",
            "https://me.openai.azure.com/openai/v1",
            {"AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com"},
        ),
        ("github-copilot", "https://gw.example", {"COPILOT_GITHUB_BASE_URL": "https://gw.example"}),
        ("openai-codex", "https://gw.example", {"OPENAI_CODEX_BASE_URL": "https://gw.example"}),
        (
            "ollama",
            "http://box:11434",
            {"OLLAMA_BASE_URL": "http://box:11434", "OLLAMA_HOST": "http://box:11434"},
        ),
    ],
)
def test_another_address_is_told_as_its_variable_holds_it(
    id: str, url: str, given: Mapping[str, str]
) -> None:
    assert plain(handed(id, "token", url)) == given


@pytest.mark.parametrize("id", ["ollama", "vllm", "lmstudio", "litellm"])
def test_a_server_of_this_machine_is_told_of_and_needs_no_key(id: str) -> None:
    found = handed(id, None)
    assert found.plain[str(PROVIDERS[id].base_url_env)] == PROVIDERS[id].base_url
    assert "OPENAI_BASE_URL" not in found.plain
    assert found.secret == ()
    assert set(PROVIDERS[id].env_names) <= set(found.unset)


@pytest.mark.parametrize(
    ("row", "kind", "secret", "urls"),
    [
        (GATEWAY, "api_key", {"GATE_API_KEY", "OPENAI_API_KEY"}, {"GATE_BASE_URL"}),
        (OWN, "api_key", {"MY_GW_1_API_KEY", "OPENAI_API_KEY"}, {"MY_GW_1_BASE_URL"}),
        (OWN._replace(id="01ai"), "token", {"_01AI_API_KEY", "OPENAI_API_KEY"}, {"_01AI_BASE_URL"}),
        (
            OWN._replace(env_names=("A_KEY", "B_TOKEN"), source="plugin"),
            "api_key",
            {"A_KEY", "B_TOKEN", "OPENAI_API_KEY"},
            {"A_BASE_URL"},
        ),
        (
            OWN._replace(base_url_env="GW_URL", source="plugin"),
            "api_key",
            {"MY_GW_1_API_KEY", "OPENAI_API_KEY"},
            {"GW_URL"},
        ),
    ],
)
def test_a_provider_of_ones_own_is_found_by_the_libraries_of_its_dialect(
    row: Provider, kind: Kind, secret: set[str], urls: set[str]
) -> None:
    found = handed(row, kind)
    assert set(found.secret) == secret
    assert plain(found) == dict.fromkeys(
        (*urls, "OPENAI_BASE_URL", "OPENAI_API_BASE"), row.base_url
    )


@pytest.mark.parametrize(
    ("row", "kind", "names", "urls"),
    [
        (
            OWN._replace(dialect="anthropic", scheme="x-api-key"),
            "api_key",
            ("ANTHROPIC_API_KEY",),
            ("ANTHROPIC_BASE_URL",),
        ),
        (
            OWN._replace(dialect="anthropic", scheme="x-api-key"),
            "token",
            ("ANTHROPIC_AUTH_TOKEN",),
            ("ANTHROPIC_BASE_URL",),
        ),
        (
            OWN._replace(dialect="google", scheme="x-goog-api-key"),
            "api_key",
            ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            ("GOOGLE_GEMINI_BASE_URL",),
        ),
        (
            OWN._replace(dialect="ollama"),
            "api_key",
            ("OLLAMA_API_KEY",),
            ("OLLAMA_HOST", "OLLAMA_BASE_URL"),
        ),
    ],
)
def test_each_dialect_has_variables_of_its_own(
    row: Provider, kind: Kind, names: tuple[str, ...], urls: tuple[str, ...]
) -> None:
    found = handed(row, kind)
    assert found.secret == ("MY_GW_1_API_KEY", *names)
    assert set(plain(found)) == {"MY_GW_1_BASE_URL", *urls}


@pytest.mark.parametrize("kind", ["api_key", "token", None])
@pytest.mark.parametrize("dialect", ["openai", "anthropic", "google", "ollama"])
def test_no_key_of_the_dialects_maker_goes_to_a_provider_of_ones_own(
    dialect: Dialect, kind: Kind | None
) -> None:
    row = OWN._replace(dialect=dialect)
    before = {name: f"of-{name}" for maker in ROWS for name in maker.all_env_names}
    after = handed(row, kind).environment(before, KEY if kind else None)
    for name in (n for n in BY_ID[dialect].all_env_names if n in after):
        assert after[name] == (KEY if kind else NO_KEY)
    assert after["MISTRAL_API_KEY"] == "of-MISTRAL_API_KEY"


@pytest.mark.parametrize(
    ("variable", "derived"),
    [
        ("MISTRAL_KEY", "MISTRAL_BASE_URL"),
        ("ANTHROPIC_KEY", "ANTHROPIC_BASE_URL"),
        ("GOOGLE_GEMINI_KEY", "GOOGLE_GEMINI_BASE_URL"),
    ],
)
def test_a_derived_name_that_is_another_providers_is_left_alone(
    variable: str, derived: str
) -> None:
    found = handed(OWN._replace(env_names=(variable,)))
    assert derived not in found.removed
    assert derived not in found.plain
    assert found.plain["MY_GW_1_BASE_URL"] == OWN.base_url


def test_an_id_whose_names_are_all_another_providers_has_none_of_its_own() -> None:
    found = handed(OWN._replace(id="ai-gateway"))
    assert found.secret == ("OPENAI_API_KEY",)
    assert set(plain(found)) == {"OPENAI_BASE_URL", "OPENAI_API_BASE"}
    assert not found.removed & {"AI_GATEWAY_API_KEY", "AI_GATEWAY_BASE_URL"}


def test_what_a_program_must_not_find_is_gone_and_the_rest_stays() -> None:
    before = {
        "ANTHROPIC_API_KEY": "old",
        "ANTHROPIC_AUTH_TOKEN": "old",
        "ANTHROPIC_BASE_URL": "https://stale.example",
        "ANTHROPIC_API_BASE": "https://stale.example",
        "CLAUDE_CODE_OAUTH_TOKEN": "old",
        "AURA_INTELLIGENCE_VAULT_KEY": "k",
        "AURA_INTELLIGENCE_VAULT_KEY_FILE": "/k",
        "AURA_INTELLIGENCE_MODEL": "openai/old",
        "AURA_INTELLIGENCE_HOME": "/home",
        "OPENAI_API_KEY": "another",
        "PATH": "/bin",
    }
    assert handed("anthropic").environment(before, KEY) == {
        "ANTHROPIC_API_KEY": KEY,
        "AURA_INTELLIGENCE_MODEL": "anthropic/m",
        "AURA_INTELLIGENCE_HOME": "/home",
        "OPENAI_API_KEY": "another",
        "PATH": "/bin",
    }


def test_the_keys_of_the_store_are_not_told_to_be_unset() -> None:
    assert handed("mistral").unset == ("MISTRAL_API_BASE", "MISTRAL_BASE_URL")


ROWS_OF_ALL = st.sampled_from([*ROWS, GATEWAY, LOCAL, OWN, OWN._replace(dialect="anthropic")])
KINDS: st.SearchStrategy[Kind | None] = st.sampled_from(["api_key", "token", "oauth", None])
ALL_NAMES = sorted(
    {n for r in PROVIDERS.values() for n in (*r.all_env_names, r.base_url_env) if n is not None}
)


@given(
    ROWS_OF_ALL,
    KINDS,
    st.sampled_from([None, "https://gw.example/v1"]),
    st.sets(st.sampled_from([*ALL_NAMES, "PATH", "AURA_INTELLIGENCE_VAULT_KEY"])),
)
def test_nothing_old_of_the_provider_survives_and_nothing_else_changes(
    row: Provider, kind: Kind | None, url: str | None, names: set[str]
) -> None:
    found = handed(row, kind, url)
    before = dict.fromkeys(names, "an-old-value")
    after = found.environment(before, KEY if kind else None)
    own = {*row.all_env_names, row.base_url_env or "", "AURA_INTELLIGENCE_VAULT_KEY"}
    assert not [name for name in own if after.get(name) == "an-old-value"]
    assert {n for n, v in after.items() if v == KEY} == set(found.secret)
    untouched = names - found.removed - {"AURA_INTELLIGENCE_VAULT_KEY"}
    assert all(after[name] == "an-old-value" for name in untouched)
    assert set(after) == untouched | set(found.secret) | set(found.plain)
    assert set(found.unset).isdisjoint(after)
    assert found.removed.isdisjoint(
        name
        for other in ROWS
        if other.id != row.id and other.dialect != row.dialect
        for name in other.all_env_names
    )


def test_the_credentials_of_an_environment_are_known_by_their_names() -> None:
    environ = {
        "OPENAI_API_KEY": " sk-openai-0001\n",
        "GATE_API_KEY": "sk-gate-0001",
        "CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-0001",
        "OPENAI_BASE_URL": "https://gw.example/v1",
        "GROQ_API_KEY": "none",
        "MY_PASSWORD": "not-a-providers",
    }
    assert known_secrets(environ, PROVIDERS.values()) == {
        "sk-openai-0001",
        "sk-gate-0001",
        "sk-ant-oat01-0001",
    }


@pytest.mark.parametrize(
    ("id", "names"),
    [
        ("openai", ["OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"]),
        ("anthropic", ["ANTHROPIC_CUSTOM_HEADERS"]),
        ("google", ["GOOGLE_GENAI_USE_VERTEXAI"]),
    ],
)
def test_what_steers_to_another_account_or_service_is_removed(id: str, names: list[str]) -> None:
    assert set(names) <= handed(id, "api_key").removed
    assert not set(names) & handed("mistral", "api_key").removed
