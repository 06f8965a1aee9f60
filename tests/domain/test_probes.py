"""What a run tries."""

import pytest

from domain.errors import AuraError, Malformed
from domain.instants import HOUR
from domain.providers.refs import ModelRef
from domain.routing.attempt import Attempt
from domain.routing.limits import ProbeLimits
from domain.routing.probes import ProbeChoice, probes
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from domain.selection.selection import Selection
from tests.domain.values import LOCAL, NOW, PROVIDERS, profile, state, token, using, variable

EVERYTHING = state(
    profile("groq:a"),
    profile("openai:a"),
    token("openai:old", -HOUR),
    variable(),
    variable("gate", "GATE_API_KEY"),
)


def tried(found: State, provider: str | None = None, *profiles: str) -> list[str]:
    return [t.credential_id for t in probes(found, ProbeChoice(provider, profiles), NOW)]


def first(found: State) -> Attempt:
    return probes(found, ProbeChoice(), NOW)[0]


def test_every_profile_and_every_variable_is_tried_and_this_machine_without_a_key() -> None:
    assert tried(EVERYTHING) == [
        "groq:a",
        "openai:a",
        "openai:old",
        "openai:env:OPENAI_API_KEY",
        "gate:env:GATE_API_KEY",
        "local:none:",
    ]


def test_one_provider_may_be_chosen_by_any_of_its_names() -> None:
    assert tried(EVERYTHING, "OpenAI") == ["openai:a", "openai:old", "openai:env:OPENAI_API_KEY"]
    assert tried(EVERYTHING, "local") == ["local:none:"]
    assert tried(EVERYTHING, "deepseek") == []


def test_profiles_may_be_chosen_variables_among_them() -> None:
    assert tried(EVERYTHING, None, "gate:env:GATE_API_KEY", "groq:a") == [
        "groq:a",
        "gate:env:GATE_API_KEY",
    ]
    assert tried(EVERYTHING, "groq", "groq:a") == ["groq:a"]


@pytest.mark.parametrize(
    ("provider", "profiles", "hint"),
    [
        ("opnai", (), "did you mean openai?"),
        ("", (), None),
        ("open ai", (), None),
        (None, ("groq:b",), "did you mean groq:a?"),
        (None, ("groq:a", "nobody"), "auth list"),
        (None, ("local:none:",), None),
        (None, ("",), None),
        ("openai", ("groq:a",), None),
    ],
)
def test_what_does_not_exist_is_malformed_and_nothing_is_tried(
    provider: str | None, profiles: tuple[str, ...], hint: str | None
) -> None:
    with pytest.raises(Malformed) as refused:
        probes(EVERYTHING, ProbeChoice(provider, profiles), NOW)
    assert hint is None or hint in (refused.value.hint or "")


def test_a_pasted_key_is_not_repeated() -> None:
    pasted = "sk-canary-0123456789abcdef"
    for choice in (ProbeChoice(pasted), ProbeChoice(None, (pasted,))):
        with pytest.raises(AuraError) as refused:
            probes(EVERYTHING, choice, NOW)
        assert "canary" not in f"{refused.value} {refused.value.hint}"


DEFAULT, FALLBACK, IMAGE, ALIASED = (ModelRef("openai", m) for m in ("d", "f", "i", "a"))
ELSEWHERE = ModelRef("groq", "x")


@pytest.mark.parametrize(
    ("selection", "model"),
    [
        (
            using("openai/d", "openai/f", aliases=AliasTable().add("a", ALIASED)).with_image(IMAGE),
            "d",
        ),
        (using("groq/x", "groq/y", "openai/f").with_image(IMAGE), "f"),
        (using("groq/x", aliases=AliasTable().add("a", ALIASED)).with_image(IMAGE), "i"),
        (
            using("groq/x", aliases=AliasTable().add("a", ALIASED)).with_image_fallback(IMAGE),
            "i",
        ),
        (using("groq/x", aliases=AliasTable().add("z", DEFAULT).add("a", ALIASED)), "a"),
        (using("groq/x"), "gpt-5.4-nano"),
        (Selection(), "gpt-5.4-nano"),
    ],
    ids=["default", "fallback", "image", "image fallback", "alias", "own model", "nothing"],
)
def test_one_model_is_tried_the_first_configured_one_else_the_providers_own(
    selection: Selection, model: str
) -> None:
    target = first(state(profile(), selection=selection))
    assert (target.model, target.mode) == (model, "inference")


def test_without_any_model_the_check_is_free() -> None:
    (openrouter,) = probes(state(profile("openrouter:a")), ProbeChoice("openrouter"), NOW)
    assert (openrouter.model, openrouter.mode) == (None, "free")


def test_a_target_says_which_secret_it_is_and_where_it_goes() -> None:
    stored = first(state(profile(label="work", revision=3, base_url="https://own", kind="token")))
    assert (stored.source, stored.label, stored.kind) == ("profile", "work", "token")
    assert (stored.revision, stored.fingerprint, stored.base_url) == (3, "0badf00d", "https://own")
    assert first(state(profile())).label == "openai:default"
    found = first(state(variable(base_url="https://proxy/v1")))
    assert (found.source, found.label) == ("env", "OPENAI_API_KEY")
    assert (found.base_url, found.revision) == ("https://proxy/v1", None)


def test_a_variable_that_cannot_be_used_is_a_target_that_says_so() -> None:
    assert first(state(variable(problem="bad_base_url"))).reason == "bad_base_url"


def test_this_machine_is_tried_once_and_only_without_a_key_of_its_own() -> None:
    keyless = probes(state(), ProbeChoice(), NOW)
    assert [(t.source, t.kind, t.profile_id, t.base_url) for t in keyless] == [
        ("none", None, None, LOCAL.base_url)
    ]
    assert tried(state(profile("local:k"))) == ["local:k"]
    assert tried(state(variable("local", "LOCAL_KEY"))) == ["local:env:LOCAL_KEY"]
    placeholder = variable("local", "LOCAL_KEY", problem="malformed")
    assert tried(state(placeholder)) == ["local:env:LOCAL_KEY", "local:none:"]


def test_a_built_in_server_of_this_machine_is_tried_only_when_it_is_meant() -> None:
    assert "ollama:none:" not in tried(EVERYTHING)
    assert tried(EVERYTHING, "ollama") == ["ollama:none:"]
    assert "ollama:none:" in tried(state(selection=using("groq/x", "ollama/llama3.2")))
    placeholder = variable("vllm", "VLLM_API_KEY", problem="malformed")
    assert "vllm:none:" in tried(state(placeholder))
    assert tried(state(profile("vllm:k"))) == ["vllm:k", "local:none:"]


def test_a_profile_whose_provider_is_gone_has_nowhere_to_go() -> None:
    assert tried(state(profile("gone:a"), profile("groq:a")), "groq") == ["groq:a"]
    without_local = state(profile("gone:a"))._replace(providers={"groq": PROVIDERS["groq"]})
    assert probes(without_local, ProbeChoice(), NOW) == ()


@pytest.mark.parametrize(
    ("timeout", "concurrency", "max_tokens", "flag"),
    [
        (0, 4, 16, "--probe-timeout"),
        (-1, 4, 16, "--probe-timeout"),
        (3_600_001, 4, 16, "--probe-timeout"),
        (1, 0, 16, "--probe-concurrency"),
        (1, 65, 16, "--probe-concurrency"),
        (1, 4, 0, "--probe-max-tokens"),
        (1, 4, 100_001, "--probe-max-tokens"),
    ],
)
def test_limits_out_of_range_are_malformed(
    timeout: int, concurrency: int, max_tokens: int, flag: str
) -> None:
    with pytest.raises(Malformed, match=flag):
        ProbeLimits(timeout, concurrency, max_tokens)


def test_limits_at_their_ends_are_fine() -> None:
    assert ProbeLimits(1, 1, 1).timeout == 1
    assert ProbeLimits(3_600_000, 64, 100_000).concurrency == 64
