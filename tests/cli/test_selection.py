"""`set`, `set-image`, `aliases`, `fallbacks`, `image-fallbacks`, `models list`."""

import pytest

from tests.cli.program import Program

pytestmark = pytest.mark.usefixtures("back_end")


@pytest.fixture
def chosen(cli: Program) -> Program:
    """A default, two fallbacks and an alias."""
    cli.must("models set openai/gpt-5-mini")
    cli.must("models fallbacks add groq/llama")
    cli.must("models fallbacks add mistral/large")
    cli.must("models aliases add fast groq/llama")
    return cli


def test_the_default_is_named_in_full_with_the_reason(cli: Program) -> None:
    assert cli("models set OpenAI/gpt-5-mini").out == (
        "Default model: openai/gpt-5-mini (given in full)\n"
    )
    assert cli("models set gpt-5").out == (
        "Default model: openai/gpt-5 (model of the default provider openai)\n"
    )
    assert cli("models status --plain").out == "openai/gpt-5\n"


def test_the_only_provider_with_a_credential_gives_the_first_default(cli: Program) -> None:
    cli.environ["GROQ_API_KEY"] = "gsk-0000000001"
    assert cli("models set llama").out == (
        "Default model: groq/llama (groq is the only provider with a credential)\n"
    )


def test_an_alias_is_set_as_the_model_it_stands_for(chosen: Program) -> None:
    ran = chosen("models set FAST")
    assert ran.out == (
        "Default model: groq/llama (alias fast)\nIt was a fallback and is no longer one.\n"
    )
    assert chosen("models fallbacks list --plain").out == "mistral/large\n"


def test_setting_the_same_default_again_changes_nothing(chosen: Program) -> None:
    first = chosen("models set groq/other --json").document
    again = chosen("models set groq/other --json").document
    assert (first["changed"], again["changed"]) == (True, False)
    assert again["defaultModel"] == "groq/other"
    assert again["fallbacks"] == ["groq/llama", "mistral/large"]


def test_the_image_model_has_a_chain_of_its_own(chosen: Program) -> None:
    assert chosen("models set-image openai/gpt-image").out == (
        "Image model: openai/gpt-image (given in full)\n"
    )
    assert chosen("models image-fallbacks add fast --json").document == {
        "schemaVersion": 1,
        "imageFallbacks": ["groq/llama"],
        "changed": True,
    }
    ran = chosen("models set-image fast --json").document
    assert (ran["imageModel"], ran["imageFallbacks"]) == ("groq/llama", [])
    assert chosen("models fallbacks list --plain").out == "groq/llama\nmistral/large\n"


def test_aliases_are_listed_in_three_ways(chosen: Program) -> None:
    chosen.must("models aliases add Big mistral/large")
    assert chosen("models aliases list").out == (
        "Alias  Model\nBig    mistral/large\nfast   groq/llama\n"
    )
    assert chosen("models aliases list --plain").out == "Big\tmistral/large\nfast\tgroq/llama\n"
    assert chosen("models aliases list --json").document["aliases"] == {
        "Big": "mistral/large",
        "fast": "groq/llama",
    }


def test_an_alias_of_an_alias_is_the_model_itself(chosen: Program) -> None:
    assert chosen("models aliases add quick fast").out == "Alias quick -> groq/llama\n"
    chosen.must("models aliases remove FAST")
    assert chosen("models aliases list --plain").out == "quick\tgroq/llama\n"


def test_an_alias_that_exists_already_is_no_change(chosen: Program) -> None:
    assert chosen("models aliases add fast groq/llama --json").document["changed"] is False


@pytest.mark.parametrize("chain", ["fallbacks", "image-fallbacks"])
def test_a_chain_is_added_to_reordered_and_cleared(cli: Program, chain: str) -> None:
    key = "fallbacks" if chain == "fallbacks" else "imageFallbacks"
    cli.must(f"models {chain} add groq/a")
    cli.must(f"models {chain} add groq/b")
    first = cli(f"models {chain} add groq/c --position 1 --json").document
    assert first == {"schemaVersion": 1, key: ["groq/c", "groq/a", "groq/b"], "changed": True}
    assert cli(f"models {chain} remove groq/a").out.endswith(": groq/c, groq/b\n")
    assert cli(f"models {chain} list").out == "#  Model\n1  groq/c\n2  groq/b\n"
    assert cli(f"models {chain} list --plain").out == "groq/c\ngroq/b\n"
    assert cli(f"models {chain} clear --json").document[key] == []
    assert cli(f"models {chain} clear --json").document["changed"] is False
    assert cli(f"models {chain} list --json").document == {"schemaVersion": 1, key: []}


def test_configured_models_come_in_the_order_they_are_tried(chosen: Program) -> None:
    chosen.environ["GROQ_API_KEY"] = "gsk-0000000001"
    listed = chosen("models list --json").document["models"]
    assert [(m["key"], m["available"], m["tags"][0]) for m in listed] == [
        ("openai/gpt-5-mini", False, "default"),
        ("groq/llama", True, "fallback#1"),
        ("mistral/large", False, "fallback#2"),
    ]
    assert chosen("models list --plain --provider GROQ").out == "groq/llama\n"
    assert chosen("models list --json --local").document == {
        "schemaVersion": 1,
        "count": 0,
        "hidden": chosen("models list --json").document["hidden"] + 3,
        "models": [],
    }
    (groq,) = chosen("models list --json --provider groq").document["models"]
    assert (groq["key"], groq["tags"][:2]) == ("groq/llama", ["fallback#1", "alias:fast"])


def test_a_fallback_of_a_provider_that_is_gone_can_be_removed(cli: Program) -> None:
    cli.must("models providers add gone --base-url https://gone.example/v1 --dialect openai")
    cli.must("models fallbacks add gone/x")
    refused = cli("models providers remove gone")
    assert (refused.code, refused.err.splitlines()[0]) == (
        1,
        "aura_intelligence: gone is in use: fallback#1",
    )
    cli.must("models fallbacks remove gone/x")
    assert cli("models providers remove gone").out == "Removed gone.\n"


def test_a_colon_between_provider_and_model_is_refused_with_the_right_spelling(
    cli: Program,
) -> None:
    ran = cli("models set openai:gpt-5")
    assert (ran.code, "write it as openai/gpt-5" in ran.err) == (64, True)
    cli.must("models set ollama/llama3:8b")
    cli.must("models fallbacks add qwen3:4b")
    assert cli("models resolve --plain").out == "ollama/llama3:8b\n"


def test_a_model_of_openrouters_own_is_called_as_it_is_there(cli: Program) -> None:
    cli.must("models set openrouter/auto")
    assert cli("models status --plain").out == "openrouter/openrouter/auto\n"
    cli.must("models set openrouter/anthropic/claude-opus-4")
    assert cli("models status --plain").out == "openrouter/anthropic/claude-opus-4\n"
