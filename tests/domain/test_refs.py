"""Refs split at the first slash; providers have one canonical name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.table import ROWS
from domain.errors import Malformed
from domain.providers.refs import SYNONYMS, ModelRef, label_of, model_id, provider_id

PROVIDERS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True).filter(
    lambda name: name not in SYNONYMS
)
MODELS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=256
)


@given(PROVIDERS, MODELS)
def test_str_is_the_inverse_of_parse(provider: str, model: str) -> None:
    ref = ModelRef(provider, model)
    assert ModelRef.parse(str(ref)) == ref


@given(st.text(max_size=80))
def test_any_text_is_a_ref_that_survives_a_round_trip_or_is_malformed(text: str) -> None:
    try:
        ref = ModelRef.parse(text)
    except Malformed:
        return
    assert ModelRef.parse(str(ref)) == ref
    assert str(ref).isprintable()


@pytest.mark.parametrize(
    ("text", "provider", "model"),
    [
        ("openai/gpt-5-mini", "openai", "gpt-5-mini"),
        ("openrouter/moonshotai/kimi-k2", "openrouter", "moonshotai/kimi-k2"),
        ("  OpenAI/GPT-5.2\n", "openai", "GPT-5.2"),
        ("openai//x", "openai", "/x"),
        ("openai/x/", "openai", "x/"),
        ("gate/ft:gpt-4o:org::id", "gate", "ft:gpt-4o:org::id"),
        ("Z.AI/glm-4.6", "zai", "glm-4.6"),
        ("x-ai/grok", "xai", "grok"),
        ("mistralai/small", "mistral", "small"),
    ],
)
def test_a_ref_splits_at_the_first_slash_and_keeps_the_models_case(
    text: str, provider: str, model: str
) -> None:
    assert ModelRef.parse(text) == ModelRef(provider, model)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        "//",
        "/x",
        "x/",
        "openai/ ",
        " /gpt",
        "openai",
        "open ai/gpt",
        "ópenai/gpt",
        "-openai/gpt",
        "openai:work/gpt",
        "a" * 65 + "/gpt",
        "openai/a b",
        "openai/a\tb",
        "openai/a\nb",
        "openai/a\x1b[31mb",
        "openai/a\u202eb",
        "openai/a\u00a0b",
        "openai/a\ud800b",
        "openai/" + "m" * 257,
    ],
)
def test_what_is_not_a_ref_is_malformed_with_a_hint(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        ModelRef.parse(text)
    assert refused.value.hint
    assert "\n" not in str(refused.value)


def test_the_synonyms_are_those_of_the_rows() -> None:
    assert {name: row.id for row in ROWS for name in row.synonyms} == SYNONYMS
    assert not SYNONYMS.keys() & {row.id for row in ROWS}


@pytest.mark.parametrize("synonym", sorted(SYNONYMS))
def test_a_synonym_is_resolved_in_any_case_and_not_to_another_synonym(synonym: str) -> None:
    canonical = provider_id(synonym.upper())
    assert canonical == SYNONYMS[synonym]
    assert provider_id(canonical) == canonical


def test_the_longest_names_are_accepted() -> None:
    assert provider_id("p" * 64) == "p" * 64
    assert model_id("m" * 256) == "m" * 256


def test_a_label_is_trimmed_and_may_be_empty_or_a_hundred_characters() -> None:
    assert [label_of(text) for text in (" Wörk ", "", "x" * 100)] == ["Wörk", "", "x" * 100]


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31m", "x" * 101])
def test_a_label_of_two_lines_or_too_long_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="a label is one line of at most 100 characters"):
        label_of(text)
