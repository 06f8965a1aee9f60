"""What a run tries where models are named: each by the credential its route would use."""

import pytest

from domain.errors import Malformed
from domain.instants import HOUR
from domain.providers.refs import ModelRef
from domain.routing.attempt import Attempt
from domain.routing.probes import ProbeChoice, models, probes
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from tests.domain.values import NOW, profile, refusal, state, token, using, variable

FAST = AliasTable().add("fast", ModelRef("groq", "llama"))
CHAIN = using("openai/d", "groq/f", "openai/g", aliases=FAST)


def routed(found: State, *words: str, **given: object) -> list[tuple[str, str | None, str | None]]:
    """Model, credential and problem of each target."""
    choice = ProbeChoice(models=words, **given)  # type: ignore[arg-type]  # any of its fields
    made = probes(found, choice, NOW)
    return [(f"{t.row.id}/{t.model}", t.profile_id, t.reason) for t in made]


def only(found: State, word: str) -> Attempt:
    (target,) = probes(found, ProbeChoice(models=(word,)), NOW)
    return target


def test_a_chain_is_its_default_and_every_fallback_each_by_the_credential_in_use() -> None:
    found = state(profile("openai:a"), profile("openai:b"), variable(), selection=CHAIN)
    assert routed(found, "chain") == [
        ("openai/d", "openai:a", None),
        ("groq/f", None, "no_credential"),
        ("openai/g", "openai:a", None),
    ]
    ordered = found._replace(selection=CHAIN.with_order("openai", ("openai:b",)))
    assert routed(ordered, "CHAIN")[0] == ("openai/d", "openai:b", None)


def test_an_image_model_is_of_the_chain_only_when_named() -> None:
    found = state(variable(), selection=using("openai/d").with_image(ModelRef("openai", "i")))
    assert [model for model, _, _ in routed(found, "chain")] == ["openai/d"]
    assert [model for model, _, _ in routed(found, "openai/i", "chain")] == ["openai/i", "openai/d"]


@pytest.mark.parametrize(
    ("words", "refs"),
    [
        (("fast",), ["groq/llama"]),
        (("FAST", "groq/llama"), ["groq/llama"]),
        (("mini",), ["openai/mini"]),
        (("d",), ["openai/d"]),
        (("groq/a/b:c",), ["groq/a/b:c"]),
        (("chain", "mini"), ["openai/d", "groq/f", "openai/g", "openai/mini"]),
    ],
)
def test_a_model_is_named_as_everywhere_else(words: tuple[str, ...], refs: list[str]) -> None:
    found = models(state(selection=CHAIN), ProbeChoice(models=words))
    assert [str(ref) for ref in found] == refs


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("opnai/x", "did you mean openai?"),
        ("fsat", "did you mean fast? a model is written openai/MODEL"),
        ("chian", "did you mean chain? a model is written openai/MODEL"),
        ("/", ""),
        ("", ""),
        ("a b", ""),
    ],
)
def test_a_name_nobody_has_is_malformed(word: str, hint: str) -> None:
    with pytest.raises(Malformed) as refused:
        models(state(selection=CHAIN), ProbeChoice(models=(word,)))
    assert hint in (refused.value.hint or "")


def test_without_a_default_a_bare_name_belongs_to_the_only_provider_there_is() -> None:
    assert routed(state(profile("groq:a")), "llama") == [("groq/llama", "groq:a", None)]
    assert routed(state(), "llama", provider="groq")[0][0] == "groq/llama"
    with pytest.raises(Malformed):
        models(state(), ProbeChoice(models=("llama",)))


def test_what_was_refused_is_tried_again_unless_another_can_be_used() -> None:
    refused = (refusal("openai:a"),)
    assert only(state(profile("openai:a"), records=refused), "openai/x").credential_id == "openai:a"
    both = state(profile("openai:a"), profile("openai:b"), records=refused)
    assert only(both, "openai/x").credential_id == "openai:b"


def test_what_no_route_would_use_is_no_credential() -> None:
    expired = state(token("openai:a", -HOUR))
    assert routed(expired, "openai/x") == [("openai/x", None, "no_credential")]
    assert routed(expired, "openai/x", profiles=("openai:a",)) == [("openai/x", "openai:a", None)]
    fresh = state(token("openai:a", -HOUR), variable())
    assert only(fresh, "openai/x").credential_id == "openai:env:OPENAI_API_KEY"


def test_a_variable_that_cannot_be_sent_says_why_itself() -> None:
    found = state(variable(problem="bad_base_url"))
    assert routed(found, "openai/x") == [("openai/x", "openai:env:OPENAI_API_KEY", "bad_base_url")]


def test_this_machine_needs_no_key() -> None:
    assert routed(state(), "local/x") == [("local/x", None, None)]
    assert only(state(), "ollama/llama3").source == "none"
    placeholder = state(variable("local", "LOCAL_KEY", problem="malformed"))
    assert routed(placeholder, "local/x") == [("local/x", None, None)]
    keyed = state(profile("local:k"))
    assert routed(keyed, "local/x") == [("local/x", "local:k", None)]


def test_a_chain_that_outlived_a_provider_is_told_so() -> None:
    assert routed(state(selection=using("gone/x")), "chain") == [("gone/x", None, "no_provider")]


def test_a_free_run_checks_each_credential_of_the_chain_once() -> None:
    found = state(profile("openai:a"), selection=CHAIN)
    made = probes(found, ProbeChoice(models=("chain",), mode="free"), NOW)
    assert [(t.credential_id, t.model, t.mode) for t in made] == [
        ("openai:a", None, "free"),
        ("groq:none:", None, "free"),
    ]
