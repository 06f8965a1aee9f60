"""Lists of models in every shape a provider has, and in none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.selection.catalogue import CatalogueRow
from domain.selection.list_fields import RULES
from domain.selection.live_lists import entries, listed_rows

DAY = "2026-11-28"


def rows(*documents: object, provider: str = "p") -> list[CatalogueRow]:
    return listed_rows(documents, provider, source="live", as_of=DAY)


def row(said: dict[str, Any], provider: str = "p") -> CatalogueRow:
    (found,) = rows({"data": [said]}, provider=provider)
    return found


def expected(model: str, provider: str = "p", **columns: Any) -> CatalogueRow:
    return CatalogueRow(provider, model, source="live", as_of=DAY, **columns)


@pytest.mark.parametrize(
    "document",
    [
        {"object": "list", "data": [{"id": "a"}, {"id": "b"}]},
        {"models": [{"name": "models/a"}, {"name": "models/b"}]},
        [{"id": "a"}, {"id": "b"}],
        ["a", "b"],
        {"models": {"a": {"tool_call": None}, "b": {}}},
        {
            "data": [
                {"id": "a"},
                None,
                1,
                {"id": ""},
                {"id": "no name"},
                {"id": "\x1b"},
                {"id": "b"},
            ]
        },
    ],
)
def test_a_list_is_found_wherever_it_is(document: object) -> None:
    assert rows(document) == [expected("a"), expected("b")]


@pytest.mark.parametrize("document", [{"data": None}, {"models": []}, []])
def test_a_server_may_have_no_models(document: object) -> None:
    assert rows(document) == []


@pytest.mark.parametrize("document", [None, 1, "x", {}, {"error": "no"}, {"data": "x"}])
def test_what_is_no_list_is_refused(document: object) -> None:
    with pytest.raises(Malformed):
        entries(document)
    with pytest.raises(Malformed):
        rows([{"id": "a"}], document)


def test_openai() -> None:
    said = {"id": "gpt-4", "object": "model", "created": 1687882411, "owned_by": "openai"}
    extra = (("created", "1687882411"), ("owned_by", '"openai"'))
    assert row({**said, "shutdown_date": "2026-10-23"}) == expected(
        "gpt-4", retires="2026-10-23", extra=extra
    )
    assert row({"id": "x", "shutdown_date": 1792713600}).retires == "2026-10-23"


def test_anthropic() -> None:
    said = {
        "type": "model",
        "id": "claude-opus-4",
        "display_name": "Claude  Opus 4",
        "created_at": "2025-05-14T00:00:00Z",
        "max_input_tokens": 200000,
        "max_tokens": 32000,
        "capabilities": {
            "image_input": {"supported": True},
            "pdf_input": {"supported": True},
            "structured_outputs": {"supported": False},
            "thinking": {"supported": True, "types": {"adaptive": {"supported": True}}},
            "batch": {"supported": True},
        },
        "lifecycle": "active",
        "deprecated_at": "2026-01-01T00:00:00Z",
        "retires_at": "2027-05-14T00:00:00Z",
    }
    assert row(said)._replace(extra=()) == expected(
        "claude-opus-4",
        name="Claude Opus 4",
        context=200000,
        output=32000,
        inputs=("text", "image", "pdf"),
        reasoning=True,
        structured=False,
        released="2025-05-14",
        retires="2027-05-14",
        status="deprecated",
    )
    left = json.loads(dict(row(said).extra)["capabilities"])
    assert left["batch"] == {"supported": True}
    assert left["thinking"] == {"types": {"adaptive": {"supported": True}}}
    assert row({**said, "lifecycle": "sunset"}).status == "sunset"
    assert row({**said, "deprecated_at": "2027-01-01"}).status == ""


def test_gemini() -> None:
    said = {
        "name": "models/gemini-2.5-flash",
        "displayName": "Gemini 2.5 Flash",
        "description": "long " * 1000,
        "inputTokenLimit": 1048576,
        "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "newMethod"],
        "thinking": True,
        "topK": 64,
    }
    assert row(said) == expected(
        "gemini-2.5-flash",
        name="Gemini 2.5 Flash",
        context=1048576,
        output=65536,
        reasoning=True,
        extra=(
            ("supportedGenerationMethods", '["generateContent","newMethod"]'),
            ("topK", "64"),
        ),
    )
    embeds = {"name": "models/e", "supportedGenerationMethods": ["embedContent"]}
    assert row(embeds).outputs == ("embedding",)


def test_mistral_says_a_model_under_each_of_its_names() -> None:
    large, latest = "mistral-large-2411", "mistral-large-latest"
    facts = {
        "name": large,
        "max_context_length": 131072,
        "capabilities": {"function_calling": True, "vision": False, "completion_fim": False},
        "deprecation": "2026-12-01T12:00:00Z",
        "deprecation_replacement_model": "mistral-medium-3",
        "type": "base",
    }
    found = rows(
        {
            "data": [
                {"id": latest, "aliases": [large], **facts},
                {"id": large, "aliases": [latest], **facts},
                {"id": "a", "name": "c", "aliases": ["b"]},
                {"id": "b", "name": "c", "aliases": ["a"]},
            ]
        },
        provider="mistral",
    )
    assert [r.model for r in found] == [large, "a"]
    assert found[0] == expected(
        large,
        "mistral",
        context=131072,
        inputs=("text",),
        tools=True,
        retires="2026-12-01",
        replacement="mistral/mistral-medium-3",
        extra=(
            ("aliases", f'["{latest}"]'),
            ("capabilities", '{"completion_fim":false}'),
            ("type", '"base"'),
        ),
    )


def test_groq_and_together() -> None:
    groq = {"id": "g", "active": False, "context_window": 131072, "max_completion_tokens": 8192}
    assert row(groq) == expected("g", context=131072, output=8192, status="inactive")
    together = {
        "id": "t/x",
        "type": "chat",
        "display_name": "T",
        "context_length": 32768,
        "pricing": {"hourly": 0, "input": 0.18, "output": 0.59, "base": 0},
    }
    assert rows([together]) == [
        expected(
            "t/x",
            name="T",
            context=32768,
            outputs=("text",),
            cost_input=0.18,
            cost_output=0.59,
            extra=(("pricing", '{"hourly":0,"base":0}'),),
        )
    ]


def test_openrouter_and_vercel_count_in_single_tokens() -> None:
    said = {
        "id": "z-ai/glm",
        "name": "Z: GLM",
        "context_length": 204800,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text", "smell"],
            "output_modalities": ["text"],
        },
        "pricing": {
            "prompt": "0.0000006",
            "completion": "0.0000022",
            "request": "0",
            "input_cache_read": "0.00000011",
        },
        "top_provider": {"context_length": 1, "max_completion_tokens": 131072},
        "supported_parameters": ["tools", "include_reasoning", "novelty"],
        "knowledge_cutoff": "2025-04",
        "expiration_date": "2026-12-31",
        "reasoning": {"mandatory": False},
    }
    assert row(said) == expected(
        "z-ai/glm",
        name="Z: GLM",
        context=204800,
        output=131072,
        inputs=("text", "smell"),
        outputs=("text",),
        tools=True,
        reasoning=True,
        structured=False,
        cost_input=0.6,
        cost_output=2.2,
        cost_cache_read=0.11,
        knowledge="2025-04",
        retires="2026-12-31",
        extra=(
            ("architecture", '{"modality":"text->text"}'),
            ("pricing", '{"request":"0"}'),
            ("supported_parameters", '["tools","include_reasoning","novelty"]'),
            ("reasoning", '{"mandatory":false}'),
        ),
    )
    assert row({"id": "auto", "pricing": {"prompt": "-1"}}).cost_input is None
    free = {"id": "x:free", "pricing": {"prompt": "0", "completion": "0"}}
    assert row(free).is_free
    vercel = {"id": "v", "pricing": {"input": "0.0000025"}, "tags": ["tool-use"], "max_tokens": 5}
    found = row({**vercel, "type": "language"})
    assert (found.cost_input, found.tools, found.output) == (2.5, True, 5)


def test_hugging_face_is_served_by_many() -> None:
    served = [
        {
            "provider": name,
            "status": "live",
            "context_length": length,
            "pricing": {"input": 0.5, "output": output},
            "supports_tools": tools,
        }
        for name, length, output, tools in (("a", 8, 1, False), ("b", 16, 2, True))
    ]
    found = row({"id": "org/m", "providers": [*served, {"status": "error", "context_length": 99}]})
    assert (found.context, found.tools) == (16, True)
    assert (found.cost_input, found.cost_output) == (0.5, None)
    assert "providers" in dict(found.extra)


def test_servers_of_this_machine() -> None:
    ollama = {
        "name": "llama3:8b",
        "model": "llama3:8b",
        "size": 4661224676,
        "details": {"family": "llama"},
        "capabilities": ["completion", "tools", "vision"],
        "model_info": {"llama.context_length": 8192},
    }
    assert rows({"models": [ollama]})[0] == expected(
        "llama3:8b",
        context=8192,
        inputs=("text", "image"),
        tools=True,
        extra=(
            ("size", "4661224676"),
            ("details", '{"family":"llama"}'),
            ("capabilities", '["completion","tools","vision"]'),
        ),
    )
    v0 = {"id": "q", "type": "vlm", "max_context_length": 4096, "state": "loaded"}
    assert row(v0).inputs == ("text", "image")
    assert row({"id": "e", "type": "embeddings"}).outputs == ("embedding",)
    capable = {"vision": False, "trained_for_tool_use": True}
    found = rows({"models": [{"key": "k", "display_name": "K", "capabilities": capable}]})[0]
    assert (found.model, found.name, found.tools) == ("k", "K", True)
    assert row({"id": "v", "max_model_len": 2048}).context == 2048
    assert row({"id": "l", "meta": {"n_ctx_train": 4096}}).context == 4096


def test_xai_copilot_and_codex() -> None:
    xai = {
        "id": "grok-4",
        "input_modalities": ["text", "image"],
        "prompt_text_token_price": 30000,
        "completion_text_token_price": 150000,
        "aliases": ["grok-latest"],
    }
    found = rows({"models": [xai]}, {"data": [{"id": "grok-4", "created": 1}, {"id": "grok-img"}]})
    assert [(r.model, r.cost_input, r.cost_output) for r in found] == [
        ("grok-4", 3.0, 15.0),
        ("grok-img", None, None),
    ]
    copilot = {
        "id": "gpt-5",
        "preview": True,
        "capabilities": {
            "type": "chat",
            "limits": {"max_context_window_tokens": 128000, "max_output_tokens": 64000},
            "supports": {"tool_calls": True, "vision": True, "structured_outputs": True},
        },
    }
    assert row(copilot) == expected(
        "gpt-5",
        context=128000,
        output=64000,
        inputs=("text", "image"),
        outputs=("text",),
        tools=True,
        structured=True,
        status="preview",
    )
    codex = {"slug": "c", "supported_reasoning_levels": [{"effort": "none"}, {"effort": "high"}]}
    assert rows({"models": [codex]})[0].reasoning_off == "effort none"


def test_an_answer_like_models_dev_is_read_too() -> None:
    said = {
        "name": "M",
        "limit": {"context": 10, "output": 5},
        "cost": {"input": 1, "output": 2.5, "cache_read": 0.1},
        "modalities": {"input": ["text"], "output": ["text"]},
        "tool_call": True,
        "release_date": "2025-01",
        "status": "beta",
    }
    assert rows({"id": "p", "models": {"m": said}}) == [
        expected(
            "m",
            name="M",
            context=10,
            output=5,
            inputs=("text",),
            outputs=("text",),
            tools=True,
            cost_input=1,
            cost_output=2.5,
            cost_cache_read=0.1,
            released="2025-01",
            status="beta",
        )
    ]


@pytest.mark.parametrize(
    "odd", ["x", -1, 0, True, 1.5, 10**400, float("nan"), float("inf"), [], {}]
)
def test_an_odd_value_is_not_understood_and_harms_nothing(odd: object) -> None:
    found = row({"id": "m", "context_length": odd, "max_tokens": 7})
    assert (found.context, found.output) == (None, 7)


def test_what_a_stranger_writes_is_harmless() -> None:
    found = row({"id": "m", "name": "\x1b[2Jevil\n\u202e", "a\nb": "\x07", "l": "x" * 9999})
    assert found.name.isprintable()
    assert found.extra == (("a\\x0ab", '"\\u0007"'),)
    assert row({"id": "m", "input_modalities": ["a,b", "\t"]}).inputs == ()


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(RULES)) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=12,
)
_ENTRY = st.dictionaries(st.sampled_from([*sorted(RULES), "id", "aliases", "slug"]), _VALUES)


@given(_VALUES | st.lists(_ENTRY) | st.fixed_dictionaries({"data": st.lists(_ENTRY)}))
def test_no_document_breaks_it(document: object) -> None:
    try:
        found = rows(document)
    except Malformed:
        return
    assert len({r.model for r in found}) == len(found)
    for one in found:
        assert one.model.isprintable()
        assert all(json.loads(told) is not None for _, told in one.extra)
        assert hash(one) is not None
