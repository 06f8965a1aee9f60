"""Every mistake a person can make: one line, a hint, the right exit code, and nothing changed."""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.program import Program, Ran
from tests.cli.servers import GOOD

WORDS, REFUSED, UNAVAILABLE = 64, 1, 69


@dataclass(frozen=True, slots=True)
class Mistake:
    words: str
    code: int
    says: str
    stdin: str | None = ""


MISTAKES = [
    Mistake("models set ''", WORDS, "that is not a model name"),
    Mistake("models set ' '", WORDS, "that is not a model name"),
    Mistake("models set /x", WORDS, "a model reference is provider/model"),
    Mistake("models set x/", WORDS, "a model reference is provider/model"),
    Mistake("models set 'openai/ '", WORDS, "a model reference is provider/model"),
    Mistake("models set 'openai/a b'", WORDS, "that is not a model name"),
    Mistake("models set nosuch/model", REFUSED, "unknown provider nosuch"),
    Mistake("models set-image nosuch/model", REFUSED, "unknown provider nosuch"),
    Mistake("models set", WORDS, "there is no terminal"),
    Mistake("models set-image", WORDS, "there is no terminal"),
    Mistake("models set --no-input", WORDS, "--no-input: nothing is asked"),
    Mistake("models set a/b c/d", WORDS, "there is one word too many"),
    Mistake("models set --json=maybe openai/x", WORDS, "maybe is not a value for --json"),
    Mistake("models aliases add a/b openai/x", WORDS, "an alias has letters"),
    Mistake("models aliases add '' openai/x", WORDS, "an alias has letters"),
    Mistake("models aliases add 'a b' openai/x", WORDS, "an alias has letters"),
    Mistake("models aliases add FAST openai/x", REFUSED, "alias fast already stands for groq/b"),
    Mistake("models aliases add fast openai/x", REFUSED, "alias fast already stands for groq/b"),
    Mistake("models aliases add x nosuch/model", REFUSED, "unknown provider nosuch"),
    Mistake("models aliases add x", WORDS, "there is no terminal to ask on"),
    Mistake("models aliases remove nosuch", REFUSED, "no alias nosuch"),
    Mistake("models fallbacks add groq/a", REFUSED, "groq/a is the default model"),
    Mistake("models fallbacks add fast", REFUSED, "groq/b is a fallback already"),
    Mistake("models fallbacks add groq/c --position 0", WORDS, "there is no such position"),
    Mistake("models fallbacks add groq/c --position 9", WORDS, "there is no such position"),
    Mistake("models fallbacks add groq/c --position -1", WORDS, ""),
    Mistake("models fallbacks add groq/c --position one", WORDS, "not a value for --position"),
    Mistake("models fallbacks add nosuch/model", REFUSED, "unknown provider nosuch"),
    Mistake("models fallbacks remove groq/z", REFUSED, "no fallback groq/z"),
    Mistake("models image-fallbacks remove groq/z", REFUSED, "no fallback groq/z"),
    Mistake("models list --provider nosuch", WORDS, "unknown provider nosuch"),
    Mistake("models list --provider 'a b'", WORDS, "that is not a provider id"),
    Mistake("models status --probe --probe-timeout 0", WORDS, "--probe-timeout"),
    Mistake("models status --probe --probe-timeout=-5", WORDS, "--probe-timeout"),
    Mistake("models status --probe --probe-timeout 1.5", WORDS, "--probe-timeout"),
    Mistake("models status --probe --probe-timeout soon", WORDS, "--probe-timeout"),
    Mistake("models status --probe --probe-timeout", WORDS, "--probe-timeout"),
    Mistake("models status --probe --probe-concurrency 0", WORDS, "--probe-concurrency"),
    Mistake("models status --probe --probe-concurrency 65", WORDS, "--probe-concurrency"),
    Mistake("models status --probe --probe-max-tokens 0", WORDS, "--probe-max-tokens"),
    Mistake("models status --probe --probe-provider nosuch", WORDS, "unknown provider nosuch"),
    Mistake("models status --probe --probe-profile groq:nosuch", WORDS, "no auth profile"),
    Mistake("models status --probe-provider groq", WORDS, "go with --probe"),
    Mistake("models status --check=2", WORDS, "2 is not a value for --check"),
    Mistake("models history --limit 0", WORDS, "--limit 0 is out of range"),
    Mistake("models history --limit -1", WORDS, ""),
    Mistake("models history --limit many", WORDS, "many is not a value for --limit"),
    Mistake("models history --outcome okay", WORDS, "unknown outcome okay"),
    Mistake("models history --before last", WORDS, "--before takes a nextCursor"),
    Mistake("models history --provider nosuch", WORDS, "unknown provider nosuch"),
    Mistake("models history --profile groq:nosuch", WORDS, "unknown auth profile groq:nosuch"),
    Mistake("models history nosuch", WORDS, "unknown command nosuch"),
    Mistake("models history prune", WORDS, "neither an age nor a number of records is chosen"),
    Mistake("models history prune --older-than soon", WORDS, "that is not a duration"),
    Mistake("models history prune --keep=-1", WORDS, "no fewer than 0 can be kept"),
    Mistake(
        "models providers add groq --base-url https://a.b --dialect openai", REFUSED, "built-in"
    ),
    Mistake(
        "models providers add gate --base-url https://a.b --dialect openai", REFUSED, "already"
    ),
    Mistake(
        "models providers add x/y --base-url https://a.b --dialect openai", WORDS, "provider id"
    ),
    Mistake("models providers add x --base-url http://a.b --dialect openai", WORDS, "plain http"),
    Mistake("models providers add x --base-url ftp://a.b --dialect openai", WORDS, "https://"),
    Mistake(
        "models providers add x --base-url https://u:p@a.b --dialect openai", WORDS, "user name"
    ),
    Mistake("models providers add x --base-url https://a.b --dialect nosuch", WORDS, "--dialect"),
    Mistake("models providers add x --base-url https://a.b", WORDS, "--dialect is missing"),
    Mistake(
        "models providers add x --base-url https://a.b --dialect openai --env AWS_SECRET",
        WORDS,
        "ends in KEY or TOKEN",
    ),
    Mistake("models providers remove openai", REFUSED, "openai is built in"),
    Mistake("models providers remove gate", REFUSED, "gate is in use"),
    Mistake("models providers remove nosuch", REFUSED, "unknown provider nosuch"),
    Mistake("models auth list --provider nosuch", WORDS, "unknown provider nosuch"),
    Mistake("models auth remove groq:nosuch --yes", REFUSED, "no auth profile"),
    Mistake("models auth remove nosuch --yes", REFUSED, "no auth profile nosuch"),
    Mistake("models auth remove gate:default", WORDS, "there is no terminal to ask on"),
    Mistake("models auth order set --provider gate", WORDS, "no profile is named"),
    Mistake("models auth order set --provider gate gate:x", REFUSED, "no auth profile gate:x"),
    Mistake("models auth order set --provider groq gate:default", REFUSED, "of groq"),
    Mistake("models auth order set gate:default", WORDS, "--provider is missing"),
    Mistake("models auth order clear", WORDS, "--provider is missing"),
    Mistake("models auth order get --provider nosuch", WORDS, "unknown provider nosuch"),
    Mistake("models auth add --provider nosuch --stdin", WORDS, "unknown provider nosuch", GOOD),
    Mistake("models auth add --provider gate", WORDS, "there is no terminal", GOOD),
    Mistake("models auth add", WORDS, "there is no terminal", GOOD),
    Mistake("models auth add --provider gate --stdin", WORDS, "no credential was given"),
    Mistake("models auth add --provider gate --stdin", WORDS, "standard input is closed", None),
    Mistake("models auth add --provider openai --stdin", WORDS, "too short", "short"),
    Mistake("models auth add --provider gate --stdin", WORDS, "has spaces", "inner space0"),
    Mistake("models auth add --provider gate --stdin", WORDS, "has spaces", "two\nlines-long"),
    Mistake("models auth add --provider gate --stdin", WORDS, "has spaces", "esc\x1b[2Jape-01"),
    Mistake("models auth add --provider gate --stdin", WORDS, "has spaces", "nul\x00-byte-01"),
    Mistake("models auth add --provider gate --stdin", WORDS, "has spaces", "“quoted-key-1”"),
    Mistake("models auth add --provider gate --stdin", WORDS, "too long", "k" * 20_000),
    Mistake("models auth add --provider gate --stdin", WORDS, "too long", "k" * 70_000),
    Mistake("models auth add --provider gate --kind key --stdin", WORDS, "not a value for --kind"),
    Mistake("models auth add --provider gate --profile-id 'a b' --stdin", WORDS, "name", GOOD),
    Mistake("models auth add --provider gate --profile-id groq:x --stdin", WORDS, "gate:", GOOD),
    Mistake(
        "models auth add --provider gate --profile-id gate:env --stdin", WORDS, "reserved", GOOD
    ),
    Mistake("models auth add --provider gate --profile-id '' --stdin", WORDS, "name", GOOD),
    Mistake("models auth add --provider gate --base-url http://a.b --stdin", WORDS, "http", GOOD),
    Mistake("models auth add --provider gate --from-env NOSUCH_KEY", WORDS, "is not set"),
    Mistake("models auth add --provider gate --from-env BLANK_KEY", WORDS, "is not set"),
    Mistake("models auth add --provider gate --from-file /nosuch", WORDS, "cannot be read"),
    Mistake("models auth add --provider gate --from-file /", WORDS, "cannot be read"),
    Mistake("models auth add --provider gate --from-file /dev/zero", WORDS, "too large"),
    Mistake("models auth add --provider gate --stdin --from-env A", WORDS, "exclude each other"),
    Mistake("models auth add --provider gate --stdin --label 'a\nb'", WORDS, "a label is", GOOD),
    Mistake("models auth paste-token", WORDS, "--provider is missing", GOOD),
    Mistake("models auth paste-token --provider gate", WORDS, "no credential was given"),
    Mistake("models auth paste-token --provider gate", WORDS, "is closed", None),
    Mistake("models auth paste-token --provider gate --expires-in 0", WORDS, "duration", GOOD),
    Mistake("models auth paste-token --provider gate --expires-in=-1d", WORDS, "duration", GOOD),
    Mistake("models auth paste-token --provider gate --expires-in soon", WORDS, "duration", GOOD),
    Mistake("models auth paste-token --provider gate --expires-in 1e9d", WORDS, "duration", GOOD),
    Mistake("models auth setup-token --provider groq --yes", WORDS, "no setup-tokens", GOOD),
    Mistake("models auth setup-token", WORDS, "there is no terminal", GOOD),
    Mistake("models auth setup-token --yes", WORDS, "that is not a setup-token", GOOD),
    Mistake("nosuch", WORDS, "unknown command nosuch"),
    Mistake("models nosuch", WORDS, "unknown command nosuch"),
    Mistake("models auth nosuch", WORDS, "unknown command nosuch"),
    Mistake("models status --nosuch", WORDS, "unknown option --nosuch"),
    Mistake("models status --no-json", WORDS, "unknown option --no-json"),
    Mistake("models status --survey x", WORDS, "unknown option --survey"),
    Mistake("models status extra", WORDS, ""),
    Mistake("plugins nosuch", WORDS, "unknown command nosuch"),
    Mistake("paths extra", WORDS, ""),
]


@pytest.fixture
def settled(cli: Program) -> Program:
    """A default, a fallback, an alias, a provider in use and a stored key."""
    cli.environ["BLANK_KEY"] = "  "
    cli.must("models set groq/a")
    cli.must("models fallbacks add groq/b")
    cli.must("models aliases add fast groq/b")
    cli.must("models providers add gate --base-url http://127.0.0.1:9/v1 --dialect openai")
    cli.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    return cli


def is_one_line_and_a_hint(ran: Ran) -> bool:
    lines = ran.err.splitlines()
    if len(lines) != 2 or "Traceback" in ran.text:
        return False
    return lines[0].startswith("aura_intelligence: ") and lines[1].startswith("hint: ")


def test_every_mistake_is_one_line_with_a_hint_and_changes_nothing(settled: Program) -> None:
    before = settled.files()
    wrong: list[str] = []
    for mistake in MISTAKES:
        ran = settled(mistake.words, stdin=mistake.stdin)
        right = ran.code == mistake.code and mistake.says in ran.err and not ran.out
        if not right or not is_one_line_and_a_hint(ran):
            wrong.append(f"{mistake.words}: {ran}")
    assert "\n".join(wrong) == ""
    assert settled.files() == before


def test_with_json_every_mistake_is_one_object_on_stdout(settled: Program) -> None:
    before = settled.files()
    wrong: list[str] = []
    for mistake in MISTAKES:
        if "--json=" in mistake.words:
            continue
        ran = settled(f"{mistake.words} --json", stdin=mistake.stdin)
        said = ran.error["message"] if ran.code else ""
        if ran.code != mistake.code or mistake.says not in said:
            wrong.append(f"{mistake.words}: {ran}")
    assert "\n".join(wrong) == ""
    assert settled.files() == before


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("model", "did you mean models?"),
        ("--verison", "did you mean --version?"),
        ("models statsu", "did you mean status"),
        ("models auth past-token", "did you mean paste-token"),
        ("models status --prob", "did you mean --probe"),
        ("models status --probe-timout 5", "did you mean --probe-timeout"),
        ("models set opnai/x", "did you mean openai?"),
        ("models list --provider gorq", "did you mean groq?"),
        ("models aliases remove fsat", "did you mean fast?"),
        ("models fallbacks remove groq/bb", "did you mean groq/b?"),
        ("models auth remove gate:defualt --yes", "did you mean gate:default?"),
        ("models history --outcome rate_limits", "did you mean rate_limit?"),
        ("models auth order set --provider gate gate:defualt", "did you mean gate:default?"),
        ("models status --probe --probe-profile gate:defalt", "did you mean gate:default?"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest(
    settled: Program, words: str, hint: str
) -> None:
    assert f"hint: {hint}" in settled(words).err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("login", "one of: models, paths, plugins"),
        ("models remove", "one of: aliases"),
        ("models auth exports", "one of: add"),
        ("models status --probe --probe-provider nope", "see: "),
        ("models aliases remove x", "see: "),
    ],
)
def test_what_is_merely_alike_is_not_proposed(settled: Program, words: str, hint: str) -> None:
    assert f"hint: {hint}" in settled(words).err


@pytest.mark.parametrize("option", ["--probe-mode", "--probe-timeout"])
def test_a_wrong_value_is_told_unless_it_may_be_a_secret(settled: Program, option: str) -> None:
    said = settled(f"models status --probe {option} fre").err
    assert said.startswith(f"aura_intelligence: fre is not a value for {option}\n")
    for secret in ("sk-abc", "gsk_12", "a-word-of-21-letters.", "\x1b[31m" + "a" * 16):
        said = settled(["models", "status", "--probe", option, secret]).err
        assert said.startswith(f"aura_intelligence: that is not a value for {option}\n")
    assert "\\x1b is not a value" in settled(["models", "status", option, "\x1b"]).err


def test_white_space_around_a_credential_is_no_mistake(settled: Program) -> None:
    settled.must("models auth paste-token --provider gate", stdin=f" {GOOD}\r\n")
    assert [p["profileId"] for p in settled("models auth list --json").document["profiles"]] == [
        "gate:manual",
        "gate:default",
    ]


def _empty(store: Path) -> None:
    store.write_bytes(b"")


def _text(store: Path) -> None:
    store.write_text("not a database at all, but long enough to look like a file\n" * 40)


def _truncated(store: Path) -> None:
    store.write_bytes(store.read_bytes()[:5000])


def _foreign(store: Path) -> None:
    store.unlink()
    with sqlite3.connect(store) as other:
        other.execute("CREATE TABLE things (name)")
    other.close()
    store.chmod(0o600)


def _newer(store: Path) -> None:
    with sqlite3.connect(store) as own:
        own.execute("PRAGMA user_version = 999")
    own.close()


def _readable_by_all(store: Path) -> None:
    store.chmod(0o644)


def _symlink(store: Path) -> None:
    store.rename(store.with_name("elsewhere.db"))
    store.symlink_to(store.with_name("elsewhere.db"))


def _hard_link(store: Path) -> None:
    os.link(store, store.with_name("second.db"))


def _folder(store: Path) -> None:
    store.unlink()
    store.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [_empty, _text, _truncated, _foreign, _newer, _readable_by_all, _symlink, _hard_link, _folder],
)
def test_a_store_that_is_no_store_is_left_as_it_was(settled: Program, spoil: object) -> None:
    assert callable(spoil)
    spoil(settled.store)
    before = settled.files()
    for words in ("models status", "models set groq/z", "models history", "models auth list"):
        ran = settled(words)
        assert ran.code == UNAVAILABLE, (words, ran)
        assert is_one_line_and_a_hint(ran)
        as_json = settled(f"{words} --json")
        assert as_json.code == UNAVAILABLE
        assert as_json.error["type"] != "bug"
    assert settled.files() == before


def test_a_missing_key_leaves_what_needs_no_secret_working(settled: Program) -> None:
    (key,) = (settled.home / "config" / "keys").iterdir()
    content = key.read_bytes()
    key.unlink()
    assert settled("models set groq/c").code == 0
    assert settled("models status --json").document["auth"]["keyProblem"] == "key_missing"
    refused = settled("models auth add --provider gate --stdin --no-verify --json", stdin=GOOD)
    assert (refused.code, refused.error["type"]) == (UNAVAILABLE, "key_missing")
    assert list(key.parent.iterdir()) == []
    key.touch(0o600)
    key.write_bytes(content)
    assert settled("models status --json").document["auth"]["keyProblem"] is None


def test_a_wrong_key_is_told_from_a_missing_one(settled: Program) -> None:
    settled.environ["AURA_INTELLIGENCE_VAULT_KEY"] = "ab" * 32
    assert settled("models status --json").document["auth"]["keyProblem"] == "wrong_key"
    refused = settled("models auth add --provider gate --stdin --no-verify --json", stdin=GOOD)
    assert (refused.code, refused.error["type"]) == (UNAVAILABLE, "wrong_key")
    settled.environ["AURA_INTELLIGENCE_VAULT_KEY"] = "ab" * 31
    refused = settled("models auth add --provider gate --stdin --no-verify --json", stdin=GOOD)
    assert (refused.code, refused.error["type"]) == (UNAVAILABLE, "key_malformed")
    assert "abab" not in refused.text
