"""A key pasted where it does not belong is refused there, and repeated nowhere."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.text import shown
from entrypoints.cli.words.pasted import refuse_pasted
from tests.cli.program import Program

KEYS = {
    "openai": "sk-proj-4f9Qm2Zx81LkPw0aBcDeFgHi",
    "old openai": "sk-4f9Qm2Zx81LkPw0aBcDeFgHi7Rt5",
    "anthropic": "sk-ant-api03-Zx81LkPw0aBcDe-FgHi_7Rt5",
    "openrouter": "sk-or-v1-0123456789abcdef0123456789abcdef",
    "groq": "gsk_4f9Qm2Zx81LkPw0aBcDeFgHi7Rt5",
    "google": "AIzaSyA4f9Qm2Zx81LkPw0aBcDeFgHi7Rt5xx",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
    "mistral": "pW9Qm2Zx81LkPw0aBcDeFgHi7Rt5aaZZ",
}
# Every place of the command line a person may paste into.
PLACES = [
    "{key}",
    "-{key}",
    "--{key}",
    "models {key}",
    "models --{key}",
    "models --{key}=1",
    "models status {key}",
    "models status --{key}",
    "models status --json={key}",
    "models status --probe --probe-provider {key}",
    "models status --probe --probe-profile {key}",
    "models status --probe --probe-profile openai:{key}",
    "models status --probe --probe-timeout {key}",
    "models exec {key}",
    "models exec {key} -- true",
    "models exec --model {key} -- true",
    "models exec --profile openai:{key} -- true",
    "models env {key}",
    "models env --model {key}",
    "models env --profile {key}",
    "models env --format {key}",
    "models set {key}",
    "models set {key}/x",
    "models set openai/{key}",
    "models set-image {key}",
    "models list --provider {key}",
    "models aliases add {key} openai/x",
    "models aliases add fast {key}",
    "models aliases remove {key}",
    "models fallbacks add {key}",
    "models fallbacks remove {key}",
    "models fallbacks add openai/y --position {key}",
    "models image-fallbacks remove openai/{key}",
    "models providers add {key} --base-url https://a.b/v1 --dialect openai",
    "models providers add x --base-url {key} --dialect openai",
    "models providers add x --base-url https://{key}.b/v1 --dialect openai",
    "models providers add x --base-url https://a.b/{key} --dialect openai",
    "models providers add x --base-url https://a.b/v1 --dialect {key}",
    "models providers add x --base-url https://a.b/v1 --dialect openai --env {key}",
    "models providers add x --base-url https://a.b/v1 --dialect openai --label {key}",
    "models providers remove {key}",
    "models export {key}",
    "models export toml --{key}",
    "models import {key}",
    "models import --{key}",
    "models import -{key} --dry-run",
    "models history --provider {key}",
    "models history --profile {key}",
    "models history --profile openai:{key}",
    "models history --model {key}",
    "models history --outcome {key}",
    "models history --before {key}",
    "models history --limit {key}",
    "models history {key}",
    "models history --blame {key}",
    "models history --kind {key}",
    "models history --since {key}",
    "models history show {key}",
    "models history summary --by {key}",
    "models history retention {key} 5",
    "models history prune --older-than {key}",
    "models history prune --keep {key}",
    "models auth {key}",
    "models auth list --provider {key}",
    "models auth add --provider {key} --stdin",
    "models auth add --provider openai {key}",
    "models auth add --provider openai --kind {key}",
    "models auth add --provider openai --from-env {key}",
    "models auth add --provider openai --from-env={key}",
    "models auth add --provider openai --from-file {key}",
    "models auth add --provider openai --profile-id {key} --stdin",
    "models auth add --provider openai --label {key} --stdin --no-verify",
    "models auth paste-token {key}",
    "models auth paste-token --provider openai {key}",
    "models auth paste-token --provider openai --expires-in {key}",
    "models auth paste-token --provider openai --profile-id {key}",
    "models auth setup-token {key}",
    "models auth setup-token --provider {key}",
    "models auth remove {key}",
    "models auth remove openai:{key} --yes",
    "models auth logout {key} --yes",
    "models auth order set --provider openai {key}",
    "models auth order set --provider {key} openai:default",
    "models auth order {key}",
    "plugins {key}",
    "paths {key}",
    "--install-completion --shell {key}",
]


# Here a well-formed name becomes one of the store's own.
ACCEPTING = (
    "models set",
    "models aliases add",
    "models fallbacks add {",
    "models exec --model",
    "models env --model",
    "models auth paste-token --provider openai --profile-id",
    "models auth add --provider openai --profile-id",
)


def has_a_window_of(key: str, text: str) -> bool:
    return any(key[at : at + 10] in text for at in range(len(key) - 9))


def stands_alone(place: str) -> bool:
    """Whether the key is a whole word there: a run of letters within a name may be a name."""
    return any(
        word in ("{key}", "openai:{key}") or (word.startswith("--") and word.endswith("={key}"))
        for word in place.split()
    )


@pytest.mark.parametrize(
    ("key", "places"),
    [
        (KEYS["openai"], PLACES),
        (KEYS["mistral"], [place for place in PLACES if stands_alone(place)]),
    ],
    ids=["openai", "mistral"],
)
def test_a_pasted_key_is_refused_and_repeated_in_no_place(
    cli: Program, key: str, places: list[str]
) -> None:
    cli.must("models set openai/x")
    before = cli.files()
    for place in places:
        for suffix in ("", " --json"):
            ran = cli(place.format(key=key) + suffix, stdin="sk-other-0001")
            assert ran.code == 64, place
            assert not has_a_window_of(key.lower(), ran.text.lower()), place
    assert cli.files() == before


def test_a_word_that_is_no_key_by_its_shape_is_not_repeated_in_a_refusal(cli: Program) -> None:
    cli.must("models set openai/x")
    word = "tok.4f9Qm2Zx81.LkPw0aBc"
    for place in PLACES:
        if place.startswith(ACCEPTING):
            continue
        ran = cli(place.format(key=word), stdin="sk-other-0001")
        assert ran.code == 0 or not has_a_window_of(word, ran.text), place


def test_what_was_pasted_is_said_to_be_exposed(cli: Program) -> None:
    ran = cli(["models", "set", KEYS["openai"]])
    assert (ran.code, ran.out) == (64, "")
    assert "looks like a credential" in ran.err
    assert "revoke it" in ran.err


@pytest.mark.parametrize(
    "name",
    [
        "openrouter/meta-llama/llama-3.3-70b-instruct:free",
        "accounts/fireworks/models/llama-v3p1-405b-instruct",
        "anthropic/claude-sonnet-4-5-20250929",
        "pplx-70b-chat-online-preview",
        "xai-grok-4-1-fast-non-reasoning-latest",
        "sky-t1-32b-preview-2025-01-10",
        "sk-learn-helper-model-for-tabular-data-2024",
        "297a4e8256314c899d8596f675c92152",
        "openai:somebody.with.a.long.name@example-company.com",
        "https://gateway.ai.cloudflare.com/v1/297a4e8256314c899d8596f675c92152/gw/openai",
        "/run/secrets/openai_api_key",
        "THE_LONGEST_GATEWAY_NAME_ANYBODY_HAS_API_KEY",
    ],
)
def test_long_names_are_names(name: str) -> None:
    refuse_pasted([name])


@given(st.sampled_from(sorted(KEYS.values())), st.sampled_from(["", "--x=", "openai:"]))
def test_a_key_is_known_by_its_shape_in_front_of_two_dashes_only(key: str, lead: str) -> None:
    refuse_pasted(["exec", "--", lead + key])
    with pytest.raises(Malformed):
        refuse_pasted(["models", "set", lead + key])


@given(st.text(max_size=60))
@example("\x1b[2J")
def test_a_short_word_is_shown_harmless_and_a_long_one_not_at_all(word: str) -> None:
    text = shown(word)
    assert text.isprintable()
    assert bool(text) == (0 < len(word) <= 20)


def test_control_characters_of_a_word_are_shown_as_text(cli: Program) -> None:
    ran = cli(["models", "\x1b[2Jx"])
    assert ran.err.splitlines()[0] == "aura_intelligence: unknown command \\x1b[2Jx"
    ran = cli(["models", "--\u202ex"])
    assert "\u202e" not in ran.text
