"""Configurations of other programs: the models, aliases, chains and providers they chose."""

from typing import Any

import pytest

from domain.credentials.credential import ApiKey
from domain.credentials.secret import Secret
from domain.handover.exporting import reached
from domain.handover.litellm import litellm_config
from domain.handover.portable import selection_document
from domain.handover.tools.contents import Contents, ToolFile
from domain.handover.tools.sources import contents_of
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.selection.aliases import AliasTable
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection
from tests.domain.values import NOW, state


def read(source: str, document: object, role: str = "config") -> Contents:
    return contents_of(source, [ToolFile(role, "/h/config.json", document)])


def litellm(*entries: dict[str, Any], **settings: Any) -> Contents:
    listed = [{"model_name": e.pop("name"), "litellm_params": e} for e in entries]
    return read("litellm", {"model_list": listed, **settings})


def test_openclaw_chose_models_chains_aliases_and_an_order() -> None:
    defaults = {
        "model": {"primary": "Opus", "fallbacks": ["openai/gpt-5.4", "nobody"]},
        "imageModel": "gemini/gemini-3-flash",
        "models": {"anthropic/claude-opus-4-6": {"alias": "opus"}, "openai/gpt-5.4": {}},
    }
    order = {"order": {"z.ai": ["z.ai:default"]}}
    told = read("openclaw", {"agents": {"defaults": defaults}, "auth": order})
    assert told.selection == {
        "aliases": {"opus": "anthropic/claude-opus-4-6"},
        "default": "anthropic/claude-opus-4-6",
        "fallbacks": ["openai/gpt-5.4"],
        "image": "google/gemini-3-flash",
        "auth_order": {"zai": ["zai:default"]},
    }
    assert [left.place for left in told.left] == ["config.json: model.fallbacks"]


def test_an_old_openclaw_had_one_agent() -> None:
    agent = {
        "model": "fast",
        "modelFallbacks": ["openai/b"],
        "modelAliases": {"fast": "openai/a"},
    }
    assert read("openclaw", {"agent": agent}).selection == {
        "aliases": {"fast": "openai/a"},
        "default": "openai/a",
        "fallbacks": ["openai/b"],
    }


def test_openclaws_own_providers_read_a_variable_or_have_a_key() -> None:
    providers = {
        "gw": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "${GATEWAY_KEY}"},
        "gw2": {
            "baseUrl": "https://c.test",
            "api": "anthropic-messages",
            "apiKey": {"source": "env", "provider": "default", "id": "GW2_KEY"},
        },
        "near": {"baseUrl": "http://192.168.1.5/v1", "apiKey": "sk-1"},
        "aws": {"baseUrl": "https://b.test", "api": "bedrock-converse-stream"},
        "far": {"baseUrl": "ftp://x", "apiKey": "sk-2"},
    }
    told = read("openclaw", {"models": {"providers": providers}})
    assert told.selection["providers"] == [
        {"id": "gw", "base_url": "http://127.0.0.1:9/v1", "dialect": "openai"}
        | {"env": ["GATEWAY_KEY"]},
        {"id": "gw2", "base_url": "https://c.test", "dialect": "anthropic", "env": ["GW2_KEY"]},
        {"id": "near", "base_url": "http://192.168.1.5/v1", "dialect": "openai", "env": []}
        | {"allow_http": True},
    ]
    assert [(f.provider, f.base_url) for f in told.found] == [("near", "http://192.168.1.5/v1")]
    assert [left.place for left in told.left] == [
        "config.json: models.providers.aws",
        "config.json: models.providers.far",
        "config.json: models.providers.far.apiKey",
    ]


def test_opencode_has_providers_of_its_own_and_addresses_for_those_of_others() -> None:
    provider = {
        "gateway": {
            "npm": "@ai-sdk/openai-compatible",
            "name": "Gateway",
            "options": {
                "baseURL": "http://127.0.0.1:9/v1",
                "apiKey": "{env:GATEWAY_KEY}",
                "headers": {"X-From": "{file:./hdr.txt}"},
            },
        },
        "openai": {"options": {"baseURL": "https://gw.test/v1"}},
    }
    config = {"model": "gateway/gw-model", "small_model": "x", "provider": provider}
    auth = {"openai": {"type": "api", "key": "sk-FAKE"}}
    told = contents_of(
        "opencode", [ToolFile("auth", "/auth.json", auth), ToolFile("config", "/o.jsonc", config)]
    )
    assert [(f.provider, f.base_url) for f in told.found] == [("openai", "https://gw.test/v1")]
    assert told.selection == {
        "default": "gateway/gw-model",
        "providers": [
            {
                "id": "gateway",
                "base_url": "http://127.0.0.1:9/v1",
                "dialect": "openai",
                "env": ["GATEWAY_KEY"],
                "label": "Gateway",
            }
        ],
    }
    assert [left.place for left in told.left] == ["o.jsonc: provider.gateway.headers"]


def test_litellm_serves_models_under_names_with_what_comes_after() -> None:
    told = litellm(
        {"name": "smart", "model": "anthropic/claude-x", "api_key": "os.environ/ANTHROPIC_API_KEY"},
        {"name": "gpt-5", "model": "gpt-5", "api_key": "sk-1"},
        {"name": "flash", "model": "gemini/g-flash", "api_key": "AIza"},
        {"name": "flash", "model": "vertex_ai/g-flash"},
        {"name": "*", "model": "openai/*", "api_key": "os.environ/ANTHROPIC_API_KEY"},
        router_settings={
            "fallbacks": [{"smart": ["gpt-5", "gone"]}, {"flash": ["gpt-5"]}],
            "model_group_alias": {"z": "smart", "h": {"model": "flash", "hidden": True}},
        },
        litellm_settings={"default_fallbacks": ["flash"]},
        general_settings={"master_key": "sk-1234"},
    )
    assert told.selection == {
        "aliases": {
            "smart": "anthropic/claude-x",
            "gpt-5": "openai/gpt-5",
            "flash": "google/g-flash",
            "z": "anthropic/claude-x",
            "h": "google/g-flash",
        },
        "default": "anthropic/claude-x",
        "fallbacks": ["openai/gpt-5"],
    }
    assert [(f.provider, f.credential) for f in told.found] == [
        ("openai", ApiKey(Secret("sk-1"))),
        ("google", ApiKey(Secret("AIza"))),
    ]
    assert [left.place.partition(": ")[2] for left in told.left] == [
        "model_list, entry 1, api_key",
        "model_list, entry 4",
        "model_list, entry 5",
        "fallbacks",
        "fallbacks",
        "general_settings.master_key",
    ]


def test_an_address_of_litellm_is_one_provider_with_all_of_its_variables() -> None:
    told = litellm(
        {"name": "a", "model": "openai/a", "api_base": "https://g.test:8/v1", "api_key": "$A_KEY"},
        {
            "name": "b",
            "model": "openai/b",
            "api_base": "https://g.test:8/v1/",
            "api_key": "$B_KEY",
        },
        {"name": "mine/c", "model": "hosted_vllm/c", "api_base": "https://v.test/v1"},
        {"name": "d", "model": "openai/d", "api_base": "https://api.openai.com/v1"},
    )
    assert told.left == ()
    assert [(p["id"], p["env"]) for p in told.selection["providers"]] == [
        ("g.test-8", ["A_KEY", "B_KEY"]),
        ("mine", []),
    ]
    assert told.selection["aliases"] == {
        "a": "g.test-8/a",
        "b": "g.test-8/b",
        "d": "openai/d",
    }


def test_litellm_may_share_a_credential() -> None:
    shared = {"credential_name": "s", "credential_values": {"api_key": "sk-1"}}
    told = litellm(
        {"name": "a", "model": "groq/a", "litellm_credential_name": "s"}, credential_list=[shared]
    )
    assert [(f.provider, f.credential) for f in told.found] == [("groq", ApiKey(Secret("sk-1")))]


@pytest.mark.parametrize("model", ["azure/d", "bedrock/x", "vertex_ai/g", "nobody", "", 5])
def test_what_litellm_reaches_in_another_way_is_left(model: object) -> None:
    told = litellm({"name": "m", "model": model, "api_key": "sk-1"})
    assert (told.found, told.selection, len(told.left)) == ((), {}, 1)


def test_what_was_exported_for_litellm_is_read_back() -> None:
    gate = Provider("gate", "Gate", "https://gate.test/v1", "openai", ("GATE_KEY",), source="user")
    before = Selection(
        default=ModelRef("gate", "m"),
        fallbacks=FallbackChain([ModelRef("openai", "gpt-5-codex"), ModelRef("ollama", "l:8b")]),
        aliases=AliasTable({"fast": ModelRef("openai", "gpt-5-codex")}),
        providers=(gate,),
    )
    found = state(selection=before)
    found = found._replace(providers={**found.providers, gate.id: gate})
    document, _, left = litellm_config(found, reached(found, NOW)[0])
    assert left == ()
    told = read("litellm", document)
    expected = selection_document(before)
    assert told.selection["providers"][0].items() <= expected.pop("providers")[0].items()
    del expected["version"]
    assert {key: told.selection[key] for key in expected} == expected
