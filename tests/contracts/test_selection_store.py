"""The promise of SelectionStore: read, change and write as one; own providers signed."""

from dataclasses import replace

import pytest

from domain.errors import AlreadyExists, InUse, NotFound, ProviderTampered
from domain.providers.client import Client
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.selection.selection import Selection
from tests.adapters.values import NOW, own_provider, profile
from tests.contracts.conftest import Ports

GPT = ModelRef("openai", "gpt-5")
CLAUDE = ModelRef("anthropic", "claude-opus-4-5")
CLIENT = Client("mine", token_url="https://id.test/token", device_url="https://id.test/device")


def with_providers(*rows: Provider) -> Selection:
    return Selection(providers=rows)


def test_the_first_change_starts_from_an_empty_selection(store: Ports) -> None:
    seen: list[Selection] = []

    def change(before: Selection) -> Selection:
        seen.append(before)
        return before.with_default(GPT)

    assert store.selection.update(change, NOW) == Selection(default=GPT)
    assert seen == [Selection()]


def test_each_change_starts_from_what_the_last_one_left(store: Ports) -> None:
    store.selection.update(lambda before: before.with_default(GPT), NOW)
    store.selection.update(lambda before: before.with_fallback(CLAUDE), NOW)
    left = store.selection.update(lambda before: before.with_image(GPT), NOW)
    assert left.default == left.image == GPT
    assert tuple(left.fallbacks) == (CLAUDE,)
    assert store.reader.read().selection == left


def test_everything_a_selection_holds_is_kept(store: Ports) -> None:
    odd = ModelRef("openrouter", "мета/ллама-4:бесплатно~🦙")
    left = store.selection.update(
        lambda before: (
            before.with_default(odd)
            .with_fallback(GPT)
            .with_fallback(CLAUDE, 1)
            .with_image(CLAUDE)
            .with_image_fallback(GPT)
            .with_order("openai", ("openai:b", "openai:a"))
            ._replace(
                aliases=before.aliases.add("Fast", GPT).add("l:x", odd),
            )
        ),
        NOW,
    )
    kept = store.reader.read().selection
    assert kept == left
    assert tuple(kept.fallbacks) == (CLAUDE, GPT)
    assert dict(kept.aliases.targets) == {"Fast": GPT, "l:x": odd}


def test_a_change_that_raises_changes_nothing(store: Ports) -> None:
    store.selection.update(lambda before: before.with_default(GPT).with_fallback(CLAUDE), NOW)
    before = store.reader.read()
    with pytest.raises(AlreadyExists):
        store.selection.update(lambda now: now.with_image(CLAUDE).with_fallback(CLAUDE), NOW)
    with pytest.raises(NotFound):
        store.selection.update(
            lambda now: now.with_image(GPT)._replace(aliases=now.aliases.remove("nobody")), NOW
        )
    assert store.reader.read() == before


def test_a_change_that_changes_nothing_is_fine(store: Ports) -> None:
    left = store.selection.update(lambda before: before.with_default(GPT), NOW)
    assert store.selection.update(lambda before: before, NOW) == left


def test_an_own_provider_is_signed_and_vouched_for(store: Ports) -> None:
    left = store.selection.update(lambda _: with_providers(own_provider()), NOW)
    (row,) = left.providers
    assert row.mac
    store.selection.vouch_for(row)
    store.selection.vouch_for(store.reader.read().selection.providers[0])


def test_a_provider_nobody_added_is_not_vouched_for(store: Ports) -> None:
    store.selection.update(lambda _: with_providers(own_provider()), NOW)
    with pytest.raises(ProviderTampered):
        store.selection.vouch_for(own_provider("stranger"))


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row._replace(id="other"),
        lambda row: row._replace(base_url="https://evil.test/v1"),
        lambda row: row._replace(dialect="anthropic"),
        lambda row: row._replace(env_names=("AWS_SECRET_ACCESS_KEY",)),
        lambda row: row._replace(env_names=()),
        lambda row: row._replace(scheme="x-api-key"),
        lambda row: row._replace(allow_http=True),
        lambda row: row._replace(revision=2),
        lambda row: row._replace(mac=b""),
        lambda row: row._replace(mac=bytes(32)),
        lambda row: row._replace(client=CLIENT),
    ],
    ids=[
        "id",
        "base url",
        "dialect",
        "variable",
        "no variable",
        "scheme",
        "http",
        "revision",
        "no signature",
        "zeros",
        "client",
    ],
)
def test_a_provider_that_was_changed_is_not_vouched_for(store: Ports, change: object) -> None:
    assert callable(change)
    (row,) = store.selection.update(lambda _: with_providers(own_provider()), NOW).providers
    with pytest.raises(ProviderTampered) as refusal:
        store.selection.vouch_for(change(row))
    assert "evil" not in str(refusal.value)


@pytest.mark.parametrize(
    "change",
    [{"token_url": "https://evil.test/token"}, {"client_id": "x"}, {"secret_file": "/x"}],
    ids=str,
)
def test_a_client_is_kept_and_signed_with_its_provider(
    store: Ports, change: dict[str, str]
) -> None:
    signed_in = own_provider()._replace(client=CLIENT)
    store.selection.update(lambda _: with_providers(signed_in), NOW)
    (row,) = store.reader.read().selection.providers
    assert row._replace(mac=b"") == signed_in
    store.selection.vouch_for(row)
    for other in (CLIENT._replace(**change), None):  # type: ignore[arg-type]
        with pytest.raises(ProviderTampered):
            store.selection.vouch_for(row._replace(client=other))


def test_adding_a_second_provider_leaves_the_first_as_it_is(store: Ports) -> None:
    (first,) = store.selection.update(lambda _: with_providers(own_provider("b")), NOW).providers
    left = store.selection.update(
        lambda before: before._replace(providers=(*before.providers, own_provider("a"))), NOW
    )
    assert first in left.providers
    assert {row.id for row in store.reader.read().selection.providers} == {"a", "b"}
    for row in store.reader.read().selection.providers:
        store.selection.vouch_for(row)


def test_a_provider_that_is_replaced_is_signed_anew(store: Ports) -> None:
    (old,) = store.selection.update(lambda _: with_providers(own_provider()), NOW).providers
    moved = old._replace(base_url="https://new.test/v1", revision=2)
    (row,) = store.selection.update(lambda _: with_providers(moved), NOW).providers
    assert row.base_url == "https://new.test/v1"
    store.selection.vouch_for(row)
    assert store.reader.read().selection.providers == (row,)


def test_a_removed_provider_is_gone_and_the_rest_stays(store: Ports) -> None:
    store.selection.update(lambda _: with_providers(own_provider("a"), own_provider("b")), NOW)
    store.selection.update(
        lambda before: before._replace(
            providers=tuple(row for row in before.providers if row.id != "a")
        ),
        NOW,
    )
    assert [row.id for row in store.reader.read().selection.providers] == ["b"]


def test_an_own_provider_keeps_its_names_whatever_the_script(store: Ports) -> None:
    row = own_provider()._replace(label="Шлюз 网关 🚪", env_names=("A_KEY", "B_TOKEN"))
    store.selection.update(lambda _: with_providers(row), NOW)
    (kept,) = store.reader.read().selection.providers
    assert kept._replace(mac=b"") == row


def test_a_provider_that_profiles_are_stored_of_is_neither_taken_away_nor_moved(
    store: Ports,
) -> None:
    row = own_provider()
    store.selection.update(lambda s: s._replace(providers=(row,)), NOW)
    store.profiles.put(
        replace(profile(f"{row.id}:default"), provider=row.id, base_url=row.base_url), NOW
    )
    moved = row._replace(base_url="https://elsewhere.test/v1", revision=2)
    for providers in ((), (moved,)):
        after = Selection(providers=providers)
        with pytest.raises(InUse):
            store.selection.update(lambda _, after=after: after, NOW)  # type: ignore[misc]
    assert [p.base_url for p in store.reader.read().selection.providers] == [row.base_url]


def test_a_provider_that_is_said_to_move_takes_its_profiles_along(store: Ports) -> None:
    own = own_provider()
    store.selection.update(lambda s: s._replace(providers=(own,)), NOW)
    at_home = replace(profile(f"{own.id}:a"), base_url=own.base_url)
    elsewhere = replace(profile(f"{own.id}:b"), base_url="https://b.test", custom_base_url=True)
    for one in (at_home, elsewhere):
        store.profiles.put(one, NOW)
    moved = own._replace(base_url="https://new.example/v1", revision=2)
    change = lambda s: s._replace(providers=(moved,))  # noqa: E731
    with pytest.raises(InUse):
        store.selection.update(change, NOW)
    after = store.selection.update(change, NOW, moving=[own.id])
    store.selection.vouch_for(after.providers[0])
    found = {p.id: p.base_url for p in store.reader.read().profiles}
    assert found == {f"{own.id}:a": "https://new.example/v1", f"{own.id}:b": "https://b.test"}
    opened = store.profiles.get(f"{own.id}:a")
    assert (opened.base_url, opened.credential) == ("https://new.example/v1", at_home.credential)


def test_what_was_written_here_is_verified(store: Ports) -> None:
    store.selection.verify()
    store.selection.update(lambda s: s.with_default(ModelRef("openai", "gpt-5")), NOW)
    store.selection.verify()
    store.profiles.put(profile("openai:default"), NOW)
    store.selection.verify()
    assert store.reader.read().signed
