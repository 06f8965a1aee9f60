"""What coding agents are told: names and addresses, each key for its own server only."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from domain.credentials.profile import ProfileSummary
from domain.errors import Malformed
from domain.handover.agents.aider import aider_config
from domain.handover.agents.claude import claude_settings
from domain.handover.agents.codex import codex_config
from domain.handover.agents.files import AgentFile, difference, merged
from domain.handover.agents.opencode import opencode_config
from domain.handover.exporting import Reach, reached
from domain.instants import DAY
from domain.providers.row import Provider
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from tests.domain.values import NOW, profile, state, token, using, variable

ANTHROPIC_LIKE = Provider(
    "claudegate", "Gate", "https://claude.example", "anthropic", source="user"
)
Made = Callable[[State, Iterable[Reach]], AgentFile]
EACH: list[Made] = [
    opencode_config,
    aider_config,
    lambda state, reaches: codex_config(state.selection, reaches),
    lambda state, reaches: claude_settings(state.selection, reaches),
]
OPENCODE, AIDER, CODEX, CLAUDE = EACH


def made(by: Made, found: State) -> AgentFile:
    found = found._replace(providers={**found.providers, "claudegate": ANTHROPIC_LIKE})
    return by(found, reached(found, NOW)[0])


def told(by: Made, ref: str, *credentials: Any) -> dict[str, Any]:
    return made(by, state(*credentials, selection=using(ref))).document


def reasons(by: Made, ref: str, *credentials: Any) -> str:
    file = made(by, state(*credentials, selection=using(ref)))
    assert file.document == {}
    return file.left_out[0].reason


def test_opencode_calls_what_it_knows_as_it_does_and_names_the_variable() -> None:
    assert told(OPENCODE, "moonshot/kimi", profile("moonshot:a")) == {
        "$schema": "https://opencode.ai/config.json",
        "model": "moonshotai/kimi",
        "provider": {
            "moonshotai": {"options": {"apiKey": "{env:MOONSHOT_API_KEY}"}, "models": {"kimi": {}}}
        },
    }


@pytest.mark.parametrize(
    ("ref", "credential", "name", "package", "url", "key"),
    [
        ("gate/m", None, "aura-gate", "openai-compatible", "gate.example/v1", "{env:GATE_API_KEY}"),
        ("claudegate/m", None, "aura-claudegate", "anthropic", "claude.example/v1", None),
        ("ollama/m", None, "aura-ollama", "openai-compatible", "localhost:11434/v1", "EMPTY"),
        (
            "openai/m",
            profile(base_url="https://a.b/v1", custom_base_url=True),
            "aura-openai",
            "openai-compatible",
            "a.b/v1",
            "{env:OPENAI_API_KEY}",
        ),
    ],
)
def test_opencode_is_told_where_others_are_and_how_they_speak(
    ref: str, credential: ProfileSummary | None, name: str, package: str, url: str, key: str | None
) -> None:
    document = told(OPENCODE, ref, *filter(None, [credential]))
    (found,) = document["provider"].values()
    assert (list(document["provider"]), document["model"]) == ([name], f"{name}/m")
    assert found["npm"] == f"@ai-sdk/{package}"
    assert found["options"]["baseURL"].partition("://")[2] == url
    assert found["options"]["apiKey"] == (key or "{env:CLAUDEGATE_API_KEY}")


@pytest.mark.parametrize("model", ["{file:~/.ssh/id_ed25519}", "a{env:HOME}"])
def test_opencode_reads_no_file_because_of_a_models_name(model: str) -> None:
    assert "a variable or a file" in reasons(OPENCODE, f"gate/{model}")


def test_codex_asks_for_a_stored_credential_and_reads_a_variable_of_the_environment() -> None:
    stored = told(CODEX, "openai/gpt-5", profile())
    (provider,) = stored["model_providers"].values()
    assert (stored["model"], stored["model_provider"]) == ("gpt-5", "aura-openai")
    assert provider["auth"]["args"] == ["models", "auth", "token", "openai"]
    assert "env_key" not in provider
    (provider,) = told(CODEX, "openai/gpt-5", variable())["model_providers"].values()
    assert (provider["env_key"], "auth" in provider) == ("OPENAI_API_KEY", False)


@pytest.mark.parametrize("ref", ["groq/m", "claudegate/m", "google/m", "openai-codex/m"])
def test_codex_does_without_whom_it_cannot_ask(ref: str) -> None:
    assert "Codex" in reasons(CODEX, ref)


def test_a_program_with_one_model_has_the_first_of_the_chain_that_it_can_ask() -> None:
    found = state(selection=using("groq/a", "gate/b", "openai/c", "claudegate/d"))
    codex, claude = made(CODEX, found), made(CLAUDE, found)
    assert (codex.document["model"], claude.document["model"]) == ("b", "d")
    assert {str(left.ref) for left in codex.left_out} == {"groq/a", "openai/c", "claudegate/d"}
    assert "has to answer at /responses" in codex.notes[0]


def test_claude_code_sends_no_key_of_anthropics_to_another_server() -> None:
    elsewhere = told(CLAUDE, "claudegate/m", profile("claudegate:a"))
    assert elsewhere["env"]["ANTHROPIC_BASE_URL"] == "https://claude.example"
    assert (elsewhere["env"]["ANTHROPIC_API_KEY"], elsewhere["env"]["ANTHROPIC_AUTH_TOKEN"]) == (
        "",
        "",
    )
    # Said for Anthropic as well: else the address of before would get Anthropic's key.
    back = merged(elsewhere, told(CLAUDE, "anthropic/m", profile("anthropic:a")))
    assert back["env"]["ANTHROPIC_BASE_URL"] == "https://api.anthropic.com"
    assert back["apiKeyHelper"] == "aura_intelligence models auth token anthropic"


def test_the_token_of_a_subscription_is_handed_to_nobody() -> None:
    own = token("anthropic:t", DAY)
    assert "by itself" in reasons(CLAUDE, "anthropic/m", own)
    for by in (OPENCODE, AIDER):
        assert "as if it were an API key" in reasons(by, "anthropic/m", own)


def test_aider_has_one_server_of_a_dialect_and_models_as_litellm_names_them() -> None:
    chosen = using("groq/a", "gate/b", "openai/c", "google/d")
    groq, gate = chosen.fallbacks[0]._replace(provider="groq", model="a"), chosen.fallbacks[0]
    aliases = AliasTable().add("quick", groq).add("x:y", gate)
    file = made(AIDER, state(profile(), selection=chosen._replace(aliases=aliases)))
    assert file.document == {
        "model": "groq/a",
        "alias": ["quick:groq/a"],
        "openai-api-base": "https://gate.example/v1",
    }
    assert [str(left.ref) for left in file.left_out] == ["openai/c"]
    assert file.notes == (
        "start it by:",
        "  aura_intelligence models exec --model gate/b -- \\",
        "  aider",
        "started otherwise, it would send OPENAI_API_KEY to https://gate.example/v1",
        "left out the alias x:y: it has a colon",
    )


def test_the_usual_address_is_told_to_aider_as_well() -> None:
    assert told(AIDER, "openai/m")["openai-api-base"] == "https://api.openai.com/v1"


def test_what_else_is_in_a_file_stays_and_an_entry_of_ours_is_made_anew() -> None:
    old = {"a": 1, "p": {"aura-x": {"env_key": "X"}, "y": 2}, "alias": ["f:old", "g:h"]}
    new = {"p": {"aura-x": {"auth": "t"}}, "alias": ["f:new"]}
    assert merged(old, new) == {
        "a": 1,
        "p": {"aura-x": {"auth": "t"}, "y": 2},
        "alias": ["g:h", "f:new"],
    }
    assert merged(merged(old, new), new) == merged(old, new)
    with pytest.raises(Malformed, match="p of the file is no table"):
        merged({"p": "x"}, new)


def test_a_difference_shows_nothing_that_stood_where_a_secret_may_be() -> None:
    old = {"model": "a", "options": {"apiKey": "hunter2", "baseURL": "https://me:hunter2@x"}}
    new = {"model": "b", "options": {"apiKey": "{env:X}", "baseURL": "https://y"}, "z": {}}
    lines = difference(old, new)
    assert lines[:2] == ['- model: "a"', '+ model: "b"']
    assert "hunter2" not in json.dumps(lines)
    assert "+ z: {}" in lines
    evil = difference({"model": "sk-0123456789abcdef"}, {"model": "\x1b[2J\u202e"})
    assert not set("\x1b\u202e") & set("".join(evil))
    assert "0123456789" not in evil[0]
