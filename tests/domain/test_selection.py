"""What a person chose: every change is a new selection, and no change makes nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AlreadyExists, AuraError, Malformed, NotFound, Refused, Undecidable
from domain.providers.refs import ModelRef
from domain.selection.aliases import AliasTable
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection
from tests.domain.values import GATEWAY, using

A, B, C = (ModelRef("openai", name) for name in ("a", "b", "c"))
NAMES = st.from_regex(r"[A-Za-z0-9_.:-]{1,8}", fullmatch=True)
REFS = st.builds(ModelRef, st.sampled_from(["openai", "groq"]), st.sampled_from("abcdef"))


@given(NAMES)
def test_an_alias_is_found_in_any_case_and_shown_as_written(name: str) -> None:
    table = AliasTable().add(name, A)
    assert table.find(name.swapcase()) == (name, A)
    assert table.find(f" {name} ") == (name, A)


@given(NAMES)
def test_no_two_aliases_differ_by_case_only(name: str) -> None:
    table = AliasTable().add(name, A)
    if name.swapcase() != name:
        with pytest.raises(AlreadyExists, match="already stands for"):
            table.add(name.swapcase(), A)
    with pytest.raises(AlreadyExists):
        table.add(name, B)
    assert table.targets == {name: A}


def test_the_same_alias_again_changes_nothing() -> None:
    table = AliasTable().add("fast", A)
    assert table.add("fast", A) == table


def test_a_model_may_have_several_aliases() -> None:
    table = AliasTable().add("fast", A).add("cheap", A)
    assert set(table.targets) == {"fast", "cheap"}


@pytest.mark.parametrize("name", ["", " ", "a/b", "a b", "ä", "a\n", "fast ", "x" * 65, "a\x00"])
def test_an_alias_has_few_characters(name: str) -> None:
    with pytest.raises(Malformed):
        AliasTable().add(name, A)


def test_an_alias_is_removed_in_any_case_and_an_unknown_one_is_not_there() -> None:
    table = AliasTable().add("Fast", A).add("slow", B)
    assert table.remove("FAST").targets == {"slow": B}
    with pytest.raises(NotFound) as refused:
        table.remove("fsat")
    assert refused.value.hint == "did you mean Fast?"


def test_a_long_unknown_name_is_not_repeated() -> None:
    pasted = "pasted-by-accident-0123456789"
    for forget in (AliasTable().remove, lambda n: FallbackChain().remove(ModelRef("openai", n))):
        with pytest.raises(NotFound) as refused:
            forget(pasted)
        assert pasted not in f"{refused.value} {refused.value.hint}"


@given(st.lists(st.tuples(REFS, st.none() | st.integers(-2, 8)), max_size=12))
def test_a_chain_holds_nothing_twice_whatever_is_added(
    changes: list[tuple[ModelRef, int | None]],
) -> None:
    chain = FallbackChain()
    for ref, position in changes:
        before = chain
        try:
            chain = chain.add(ref, position)
        except AuraError:
            assert ref in before or position not in range(1, len(before) + 2)
        else:
            assert len(chain) == len(before) + 1
            assert chain.index(ref) == (len(before) if position is None else position - 1)
            assert chain.remove(ref) == before
    assert len(set(chain)) == len(chain)


def test_positions_count_from_one() -> None:
    chain = FallbackChain((A, B))
    assert chain.add(C, 1) == (C, A, B)
    assert chain.add(C, 3) == (A, B, C)
    for position in (0, -1, 4):
        with pytest.raises(Malformed) as refused:
            chain.add(C, position)
        assert refused.value.hint == "positions are 1 to 3"


def test_a_repeated_fallback_is_refused_before_its_position() -> None:
    with pytest.raises(AlreadyExists):
        FallbackChain((A,)).add(A, 99)


def test_removing_what_is_not_a_fallback_names_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        FallbackChain((ModelRef("openai", "gpt-5-mini"),)).remove(ModelRef("openai", "gpt-5-mni"))
    assert refused.value.hint == "did you mean openai/gpt-5-mini?"


class TestResolve:
    aliased = Selection(aliases=AliasTable().add("Fast", B).add("gpt-5", C))

    def test_a_slash_makes_a_ref_whatever_the_aliases(self) -> None:
        assert self.aliased.resolve("groq/fast") == ModelRef("groq", "fast")

    def test_an_alias_comes_before_a_model_of_the_default_provider(self) -> None:
        selection = self.aliased.with_default(A)
        assert selection.resolve("fast") == B
        assert selection.resolve("GPT-5") == C
        assert selection.resolve("gpt-6") == ModelRef("openai", "gpt-6")

    def test_the_default_models_provider_wins_over_the_only_one_with_a_credential(self) -> None:
        assert self.aliased.with_default(A).resolve("x", "groq") == ModelRef("openai", "x")
        assert self.aliased.resolve("x", "groq") == ModelRef("groq", "x")

    def test_without_either_it_asks_for_provider_and_model(self) -> None:
        with pytest.raises(Undecidable) as refused:
            self.aliased.resolve("gpt-6")
        assert "provider/model" in (refused.value.hint or "")

    @pytest.mark.parametrize("text", ["", "  ", "/x", "x/", "a b", "a\x07"])
    def test_nonsense_is_malformed_even_where_a_provider_is_known(self, text: str) -> None:
        with pytest.raises(Malformed):
            self.aliased.resolve(text, "groq")


def test_a_new_default_leaves_the_fallbacks() -> None:
    selection = using("openai/a", "openai/b", "openai/c").with_default(C)
    assert (selection.default, selection.fallbacks) == (C, (B,))


def test_a_new_image_model_leaves_the_image_fallbacks_and_only_those() -> None:
    selection = using("openai/a", "openai/b").with_image(C).with_image_fallback(B).with_image(B)
    assert (selection.image, selection.image_fallbacks) == (B, ())
    assert selection.fallbacks == (B,)


def test_the_head_of_a_chain_is_no_fallback_of_it() -> None:
    selection = using("openai/a").with_image(B)
    with pytest.raises(Refused, match="default model"):
        selection.with_fallback(A)
    with pytest.raises(Refused, match="image model"):
        selection.with_image_fallback(B)
    assert selection.with_fallback(B).with_image_fallback(A).routes() == (A, B)


def test_the_routes_are_every_model_in_use_once_and_no_mere_alias() -> None:
    selection = using("openai/a", "openai/b").with_image(B).with_image_fallback(C)
    named = Selection(aliases=AliasTable().add("x", ModelRef("groq", "x")))
    assert selection.routes() == (A, B, C)
    assert named.routes() == ()


def test_configured_models_come_with_why_in_the_order_they_are_tried() -> None:
    selection = using("openai/a", "openai/b").with_image(C).with_image_fallback(A)
    table = AliasTable().add("z", A).add("y", B)
    assert using("openai/a", aliases=table).configured() == (
        (A, "default"),
        (B, "alias:y"),
        (A, "alias:z"),
    )
    assert [why for _, why in selection.configured()] == [
        "default",
        "fallback#1",
        "image",
        "img-fallback#1",
    ]


def test_a_removed_profile_leaves_the_order_and_an_empty_order_is_none() -> None:
    selection = Selection().with_order("openai", ("openai:a", "openai:b")).without_profile("x:y")
    once = selection.without_profile("openai:a")
    assert once.auth_order == {"openai": ("openai:b",)}
    assert once.without_profile("openai:b").auth_order == {}
    assert selection.auth_order == {"openai": ("openai:a", "openai:b")}


def test_an_order_names_no_profile_twice() -> None:
    selection = Selection().with_order("openai", ("openai:a", "openai:b", "openai:a"))
    assert selection.auth_order == {"openai": ("openai:a", "openai:b")}


def test_what_uses_a_provider_is_told() -> None:
    selection = using(
        "gate/a", "openai/b", aliases=AliasTable().add("x", ModelRef("gate", "x"))
    ).with_order("gate", ("gate:default",))
    assert selection.uses_of(GATEWAY.id) == {
        "default": "unset",
        "alias:x": "aliases remove x",
        "auth order": f"auth order clear --provider {GATEWAY.id}",
    }
    assert selection.uses_of("groq") == {}
