"""What a LiteLLM proxy is told: each model in its words, each key by its name, what comes after."""

import json
from typing import Any

import pytest

from adapters.providers.table import ROWS
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.handover.exporting import LeftOut, reached
from domain.handover.litellm import litellm_config
from domain.handover.variables import NO_KEY
from domain.instants import DAY
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from domain.selection.selection import Selection
from tests.domain.values import NOW, profile, state, token, using, variable

CLAUDE = Provider(
    "claude", "Claude", "https://c.example", "anthropic", scheme="x-api-key", source="user"
)
GEM = Provider("gem", "Gem", "https://g.example", "google", scheme="x-goog-api-key", source="user")


def config(found: State) -> tuple[dict[str, Any], tuple[LeftOut, ...]]:
    known = {**found.providers, CLAUDE.id: CLAUDE, GEM.id: GEM}
    found = found._replace(providers=known)
    document, _, left = litellm_config(found, reached(found, NOW)[0])
    return document, left


def params(ref: str, *credentials: ProfileSummary | EnvironmentCredential) -> dict[str, str]:
    document, left = config(state(*credentials, selection=using(ref)))
    assert left == ()
    (entry,) = document["model_list"]
    assert entry["model_name"] == ref
    told: dict[str, str] = entry["litellm_params"]
    return told


def elsewhere(id: str, base_url: str, **given: Any) -> ProfileSummary:
    return profile(id, base_url=base_url, custom_base_url=True, **given)


@pytest.mark.parametrize(
    ("ref", "model", "api_base", "key"),
    [
        ("openai/gpt-5", "openai/gpt-5", "https://api.openai.com/v1", "OPENAI_API_KEY"),
        (
            "openai/gpt-5-codex",
            "openai/responses/gpt-5-codex",
            "https://api.openai.com/v1",
            "OPENAI_API_KEY",
        ),
        (
            "anthropic/claude-haiku-4-5",
            "anthropic/claude-haiku-4-5",
            "https://api.anthropic.com",
            "ANTHROPIC_API_KEY",
        ),
        ("google/gemini-2.5-flash", "gemini/gemini-2.5-flash", None, "GOOGLE_API_KEY"),
        (
            "groq/openai/gpt-oss-20b",
            "openai/openai/gpt-oss-20b",
            "https://api.groq.com/openai/v1",
            "GROQ_API_KEY",
        ),
        (
            "amazon-bedrock/openai.gpt-oss-20b",
            "openai/openai.gpt-oss-20b",
            "https://bedrock-mantle.us-east-1.api.aws/v1",
            "AWS_BEARER_TOKEN_BEDROCK",
        ),
        ("gate/m:free", "openai/m:free", "https://gate.example/v1", "GATE_API_KEY"),
        ("claude/m", "anthropic/m", "https://c.example", "CLAUDE_API_KEY"),
        ("ollama/llama3:8b", "ollama_chat/llama3:8b", "http://localhost:11434", None),
        ("local/m", "openai/m", "http://127.0.0.1:8080/v1", None),
        ("lmstudio/m", "openai/m", "http://localhost:1234/v1", None),
    ],
)
def test_a_model_is_named_in_litellms_words(
    ref: str, model: str, api_base: str | None, key: str | None
) -> None:
    place = {"api_base": api_base} if api_base else {}
    key_told = f"os.environ/{key}" if key else NO_KEY
    assert params(ref) == {"model": model, **place, "api_key": key_told}


@pytest.mark.parametrize(
    ("ref", "credential", "api_base"),
    [
        ("google/m", elsewhere("google:a", "https://p.example"), "https://p.example/v1beta"),
        ("openai/m", variable(base_url="https://p.example/v1"), "https://p.example/v1"),
        ("anthropic/m", elsewhere("anthropic:a", "https://p.example"), "https://p.example"),
        (
            "azure-openai/m",
            elsewhere("azure-openai:a", "https://r.example/openai/v1"),
            "https://r.example/openai/v1",
        ),
    ],
)
def test_a_custom_address_is_where_litellm_sends_it(
    ref: str, credential: ProfileSummary | EnvironmentCredential, api_base: str
) -> None:
    assert params(ref, credential)["api_base"] == api_base


def test_anthropics_own_token_is_named_by_its_own_variable() -> None:
    told = params("anthropic/m", token("anthropic:t", DAY))
    assert told["api_key"] == "os.environ/ANTHROPIC_AUTH_TOKEN"


@pytest.mark.parametrize(
    ("ref", "credentials", "says"),
    [
        ("openai-codex/m", (), "signs in to it by itself, as chatgpt/"),
        ("github-copilot/m", (), "signs in to it by itself, as github_copilot/"),
        ("groq/any*thing", (), "reads the *"),
        ("groq/模型", (), "in a header"),
        ("gem/m", (), "where GEM_API_KEY is not set, LiteLLM would send it GOOGLE_API_KEY"),
        ("claude/m", (token("claude:t", DAY),), "as if it were an API key"),
        (
            "anthropic/m",
            (elsewhere("anthropic:t", "https://p.example", kind="token"),),
            "as if it were an API key",
        ),
    ],
)
def test_what_litellm_cannot_do_or_would_do_wrong_is_left_out(
    ref: str, credentials: tuple[ProfileSummary, ...], says: str
) -> None:
    chosen = using("groq/first", ref)
    chosen = chosen._replace(aliases=AliasTable().add("x", ModelRef.parse(ref)))
    document, (left,) = config(state(*credentials, selection=chosen))
    assert str(left.ref) == ref
    assert says in left.reason
    assert [entry["model_name"] for entry in document["model_list"]] == ["groq/first"]
    assert document["router_settings"] == {"model_group_alias": {}, "fallbacks": []}


def test_after_each_model_comes_what_resolve_would_try_next() -> None:
    chosen = using("groq/a", "openai/b", "gate/c")
    chosen = chosen.with_image(ModelRef("google", "i")).with_image_fallback(ModelRef("openai", "b"))
    aliases = AliasTable().add("Big.1:x", ModelRef("openai", "b")).add("else", ModelRef("xai", "z"))
    document, _ = config(state(selection=chosen._replace(aliases=aliases)))
    routing = document["router_settings"]
    assert routing["model_group_alias"] == {"Big.1:x": "openai/b", "else": "xai/z"}
    after = {name: names for entry in routing["fallbacks"] for name, names in entry.items()}
    assert after == {
        # After any other, itself left out; `else` is an alias of one that is not among them.
        "*": ["openai/b", "gate/c", "groq/a"],
        # Of both chains: the one of texts first.
        "openai/b": ["gate/c", "groq/a", "google/i"],
        "google/i": ["openai/b"],
        # LiteLLM looks for the fallbacks of the name it was asked for.
        "Big.1:x": ["gate/c", "groq/a", "google/i"],
    }


def test_the_only_model_for_images_is_followed_by_none_for_texts() -> None:
    document, _ = config(state(selection=using("groq/a").with_image(ModelRef("google", "i"))))
    assert document["router_settings"]["fallbacks"] == [{"*": ["groq/a"]}, {"google/i": []}]


def test_its_size_grows_with_the_models() -> None:
    def size(models: int) -> int:
        names = [f"groq/model-{n:04}" for n in range(models)]
        return len(json.dumps(config(state(selection=using(*names)))[0]))

    assert size(800) < 2.1 * size(400)


def test_a_variable_that_is_not_set_does_not_let_litellm_take_another_key() -> None:
    assert config(state(selection=using("groq/a")))[0]["litellm_settings"] == {"api_key": NO_KEY}
    settings = config(state(selection=using("groq/a", "ollama/b")))[0]["litellm_settings"]
    assert settings == {"api_key": NO_KEY, "ollama_key": NO_KEY}


def test_nothing_chosen_is_a_configuration_without_models() -> None:
    document, left = config(state(selection=Selection()))
    assert (document["model_list"], left) == ([], ())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_no_key_of_a_built_in_provider_is_sent_to_another(row: Provider) -> None:
    document, _ = config(state(selection=using(f"{row.id}/m")))
    for entry in document["model_list"]:
        told = entry["litellm_params"]
        assert told["api_key"] in (NO_KEY, *(f"os.environ/{name}" for name in row.all_env_names))
        assert told.get("api_base", row.base_url) == row.base_url
