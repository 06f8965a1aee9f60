"""The promise of ProfileStore: sealed profiles, added, replaced and removed, all or nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from domain.credentials.credential import (
    ApiKey,
    AuthProfile,
    BearerToken,
    Credential,
    OAuthToken,
    bearer_of,
)
from domain.credentials.origins import Command, Kept, Origin, origin_word
from domain.credentials.secret import Secret
from domain.errors import AlreadyExists, Changed, NotFound
from domain.providers.client import Client
from tests.adapters.homes import Home
from tests.adapters.values import NOW, SECRET, profile
from tests.contracts.conftest import Ports

CLIENT = Client(
    "mine",
    token_url="https://id.test/token",
    authorize_url="https://id.test/authorize",
    parameters=(("audience", "models"), ("prompt", "consent")),
    owner="borrowed",
    notice="It belongs to\nsomebody else.",
)


@pytest.mark.parametrize(
    "credential",
    [
        ApiKey(Secret(SECRET)),
        BearerToken(Secret(SECRET)),
        BearerToken(Secret(SECRET), NOW + 1),
        OAuthToken(Secret(SECRET)),
        OAuthToken(Secret(SECRET), Secret("refresh-me-" + SECRET), NOW + 1),
    ],
    ids=["api key", "token", "token that expires", "grant", "grant with refresh"],
)
def test_every_kind_of_credential_comes_back_as_it_went_in(
    store: Ports, credential: Credential
) -> None:
    kept = replace(profile(), credential=credential)
    store.profiles.put(kept, NOW)
    assert store.profiles.get(kept.id) == kept


@pytest.mark.parametrize(
    "origin",
    [Command(("/bin/print", "--scope", "a b"), 60_000), Kept("codex", "/srv/me/auth.json", "one")],
    ids=["printed by a command", "kept by a tool"],
)
def test_who_keeps_or_prints_a_secret_comes_back_with_it(store: Ports, origin: Origin) -> None:
    kept = replace(profile(), credential=ApiKey(Secret(SECRET), NOW + 5), origin=origin)
    summary = store.profiles.put(kept, NOW)
    assert store.profiles.get(kept.id) == kept
    assert (summary.origin, summary.expires_at) == (origin_word(origin), NOW + 5)
    assert summary.refreshable
    assert store.profiles.rename(kept.id, "openai:other", NOW).origin == summary.origin
    assert store.profiles.get("openai:other").origin == origin


def test_a_secret_is_marked_as_its_profile_is(store: Ports) -> None:
    assert store.profiles.marker()(SECRET) is None
    summary = store.profiles.put(profile(), NOW)
    mark = store.profiles.marker()
    assert (mark(SECRET) == summary.fingerprint, mark("another") == mark(SECRET)) == (True, False)


def test_the_whole_profile_comes_back(store: Ports) -> None:
    kept = AuthProfile(
        id="anthropic:jörg@example.test",
        provider="anthropic",
        label="Jörgs Schlüssel 🔑 \u202e",
        base_url="https://api.anthropic.com",
        scheme="x-api-key",
        credential=ApiKey(Secret("x" * 16384)),
        custom_base_url=True,
    )
    store.profiles.put(kept, NOW)
    assert store.profiles.get(kept.id) == kept


def test_a_summary_says_what_was_put_and_not_the_secret(store: Ports) -> None:
    expiring = replace(profile(), credential=BearerToken(Secret(SECRET), NOW + 5))
    summary = store.profiles.put(expiring, NOW)
    assert summary.id == expiring.id
    assert summary.provider == "openai"
    assert summary.kind == "token"
    assert summary.label == "Work"
    assert summary.expires_at == NOW + 5
    assert not summary.refreshable
    assert (summary.created_at, summary.updated_at, summary.revision) == (NOW, NOW, 1)
    assert SECRET not in repr(summary)


def test_only_a_grant_somebody_can_refresh_is_refreshable(store: Ports) -> None:
    whole = OAuthToken(Secret(SECRET), Secret(SECRET), NOW, CLIENT)
    for grant in (
        replace(whole, refresh=None),
        replace(whole, client=None),
        replace(whole, spent=True),
    ):
        assert not store.profiles.put(replace(profile(), credential=grant), NOW).refreshable
    assert store.profiles.put(replace(profile(), credential=whole), NOW).refreshable


@pytest.mark.parametrize(
    "grant",
    [
        OAuthToken(Secret(SECRET)),
        OAuthToken(Secret(SECRET), Secret("refresh-" + SECRET), NOW, CLIENT, "Jörg 🔑", True),
        OAuthToken(Secret(SECRET), None, NOW, Client("id"), "", False),
    ],
    ids=["bare", "all of it", "bare client"],
)
def test_a_grant_comes_back_as_it_was_put(store: Ports, grant: OAuthToken) -> None:
    store.profiles.put(replace(profile(), credential=grant), NOW)
    assert store.profiles.get(profile().id).credential == grant
    store.profiles.relabel(profile().id, "Other", NOW)
    store.profiles.rename(profile().id, "openai:other", NOW)
    assert store.profiles.get("openai:other").credential == grant


def test_replacing_grows_the_revision_and_keeps_the_day_of_birth(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    second = store.profiles.put(profile(secret="another-secret"), NOW + 10)
    third = store.profiles.put(profile(secret="yet-another-one"), NOW + 20)
    assert (second.revision, third.revision) == (2, 3)
    assert (third.created_at, third.updated_at) == (NOW, NOW + 20)
    assert store.profiles.get("openai:default") == profile(secret="yet-another-one")
    assert store.reader.read().profiles == (third,)


def test_the_fingerprint_follows_the_secret(store: Ports) -> None:
    first = store.profiles.put(profile("openai:a"), NOW)
    same = store.profiles.put(profile("openai:b"), NOW)
    other = store.profiles.put(profile("openai:c", "another-secret"), NOW)
    assert first.fingerprint == same.fingerprint != other.fingerprint
    assert len(first.fingerprint) == 8
    assert int(first.fingerprint, 16) >= 0


def test_a_profile_that_was_never_put_is_not_found(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    with pytest.raises(NotFound):
        store.profiles.get("openai:other")


def test_the_nearest_id_is_the_hint(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    with pytest.raises(NotFound) as refusal:
        store.profiles.get("openai:defualt")
    assert "openai:default" in (refusal.value.hint or "")


def test_in_a_store_that_was_never_written_nothing_is_found(store: Ports) -> None:
    with pytest.raises(NotFound):
        store.profiles.get("openai:default")


def test_many_are_opened_at_once_and_what_is_missing_is_said_of_it_alone(store: Ports) -> None:
    store.profiles.put(profile("openai:a"), NOW)
    store.profiles.put(profile("openai:b", "another-secret"), NOW)
    opened = store.profiles.open(["openai:b", "openai:gone", "openai:a"])
    assert opened["openai:a"] == profile("openai:a")
    assert opened["openai:b"] == profile("openai:b", "another-secret")
    assert isinstance(opened["openai:gone"], NotFound)
    assert len(opened) == 3


def test_opening_none_opens_none(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    assert store.profiles.open([]) == {}


def test_ids_are_told_apart_by_case_and_by_every_character(store: Ports) -> None:
    ids = ["openai:a", "openai:A", "openai:a.", "openai:ä", "openai:a\u0308"]
    for id in ids:
        store.profiles.put(profile(id, f"secret of {id!a}"), NOW)
    for id in ids:
        assert store.profiles.get(id) == profile(id, f"secret of {id!a}")


def test_what_was_removed_is_gone(store: Ports) -> None:
    store.profiles.put(profile("openai:a"), NOW)
    store.profiles.put(profile("openai:b"), NOW)
    store.profiles.remove("openai:a", NOW)
    with pytest.raises(NotFound):
        store.profiles.get("openai:a")
    assert [kept.id for kept in store.reader.read().profiles] == ["openai:b"]


def test_removing_twice_is_refused(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    store.profiles.remove("openai:default", NOW)
    with pytest.raises(NotFound):
        store.profiles.remove("openai:default", NOW)


def test_removing_what_never_was_is_refused_and_changes_nothing(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    before = store.reader.read()
    with pytest.raises(NotFound):
        store.profiles.remove("openai:other", NOW)
    assert store.reader.read() == before


def test_a_removed_profile_leaves_the_auth_order(store: Ports) -> None:
    for id in ("openai:a", "openai:b", "groq:a"):
        store.profiles.put(profile(id), NOW)
    store.selection.update(
        lambda before: before.with_order("openai", ("openai:a", "openai:b")).with_order(
            "groq", ("groq:a",)
        ),
        NOW,
    )
    store.profiles.remove("openai:a", NOW)
    assert dict(store.reader.read().selection.auth_order) == {
        "openai": ("openai:b",),
        "groq": ("groq:a",),
    }
    store.profiles.remove("groq:a", NOW)
    assert dict(store.reader.read().selection.auth_order) == {"openai": ("openai:b",)}


def test_a_profile_that_comes_back_starts_anew(store: Ports) -> None:
    store.profiles.put(profile(), NOW)
    store.profiles.remove("openai:default", NOW)
    again = store.profiles.put(profile(), NOW + 10)
    assert (again.created_at, again.revision) == (NOW + 10, 1)


def test_what_is_replaced_has_the_revision_that_was_read(store: Ports) -> None:
    first = store.profiles.put(profile(), NOW)
    renewed = replace(profile(), credential=OAuthToken(Secret("new-" + SECRET), Secret("r" * 9)))
    second = store.profiles.replace(renewed, first.revision, NOW + 1)
    assert (second.revision, second.created_at, second.updated_at) == (2, NOW, NOW + 1)
    assert store.profiles.get(renewed.id) == renewed


def test_who_comes_second_replaces_nothing(store: Ports) -> None:
    first = store.profiles.put(profile(), NOW)
    kept = replace(profile(), credential=ApiKey(Secret("kept-" + SECRET)))
    store.profiles.replace(kept, first.revision, NOW)
    with pytest.raises(Changed) as refusal:
        store.profiles.replace(profile(), first.revision, NOW)
    assert SECRET not in str(refusal.value)
    assert store.profiles.get(kept.id) == kept


def test_what_is_gone_is_not_replaced(store: Ports) -> None:
    first = store.profiles.put(profile(), NOW)
    store.profiles.remove(first.id, NOW)
    with pytest.raises(NotFound):
        store.profiles.replace(profile(), first.revision, NOW)
    assert store.reader.read().profiles == ()


def test_of_several_at_once_exactly_one_replaces(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = home.profiles.put(profile(), NOW)

    def wins(number: int) -> bool:
        mine = replace(profile(), credential=ApiKey(Secret(f"number-{number}-{SECRET}")))
        try:
            home.profiles.replace(mine, first.revision, NOW)
        except Changed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(wins, range(8))) == 1


def test_a_label_changes_without_the_secret(store: Ports) -> None:
    first = store.profiles.put(profile("openai:default"), NOW)
    changed = store.profiles.relabel("openai:default", "Mine", NOW + 1)
    assert (changed.label, changed.revision, changed.updated_at) == ("Mine", 1, NOW + 1)
    assert changed.fingerprint == first.fingerprint
    assert store.reader.read().profiles == (changed,)
    assert store.profiles.get("openai:default").label == "Mine"
    with pytest.raises(NotFound):
        store.profiles.relabel("openai:other", "x", NOW)


def test_a_profile_is_renamed_with_its_place_in_the_order(store: Ports) -> None:
    for id in ("openai:a", "openai:b"):
        store.profiles.put(profile(id), NOW)
    store.selection.update(lambda s: s.with_order("openai", ("openai:b", "openai:a")), NOW)
    secret = bearer_of(store.profiles.get("openai:a").credential)
    renamed = store.profiles.rename("openai:a", "openai:c", NOW + 1)
    assert renamed.id == "openai:c"
    stored = store.reader.read()
    assert [p.id for p in stored.profiles] == ["openai:b", "openai:c"]
    assert stored.selection.auth_order["openai"] == ("openai:b", "openai:c")
    assert bearer_of(store.profiles.get("openai:c").credential) == secret
    with pytest.raises(NotFound):
        store.profiles.rename("openai:a", "openai:d", NOW)
    with pytest.raises(AlreadyExists):
        store.profiles.rename("openai:c", "openai:b", NOW)
