"""A selection that travels as a plain document: what is taken is what was given, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.table import BY_ID
from domain.credentials.profile import ProfileSummary
from domain.errors import AlreadyExists, AuraError, InUse, Malformed, NotFound, Refused
from domain.handover.differences import Difference, differences
from domain.handover.portable import Taken, selection_document, taken
from domain.providers.refs import ModelRef
from domain.providers.row import DIALECTS, Provider
from domain.providers.user_defined import own_provider
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from domain.selection.selection import Selection
from tests.domain.values import profile, using

MODELS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=30
)
IDS = st.from_regex(r"own[a-z0-9._-]{0,8}", fullmatch=True)
LABELS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40)
HOSTS = st.from_regex(r"[a-z]{1,8}\.example(/[a-z$'~!*;=]{1,8}){0,2}", fullmatch=True)
NAMES = st.from_regex(r"[A-Za-z0-9_.:-]{1,10}", fullmatch=True)


def here(selection: Selection, *profiles: ProfileSummary) -> State:
    """What the survey would make of a store that holds these."""
    own = {row.id: row for row in selection.providers}
    return State(selection, {**BY_ID, **own}, profiles, ())


def own(id: str = "gate", base_url: str = "https://gate.example/v1", **given: Any) -> Provider:
    usual: dict[str, Any] = {"label": None, "dialect": "openai", "env": (), "allow_http": False}
    row = own_provider(id, base_url=base_url, others=(), **{**usual, **given})
    return row._replace(mac=b"signed")


def take(document: dict[str, Any], before: Selection, *profiles: ProfileSummary) -> Selection:
    return taken({"version": 1, **document}, before, here(before, *profiles)).selection


@st.composite
def own_rows(draw: st.DrawFn) -> tuple[Provider, ...]:
    rows = []
    for at, id in enumerate(draw(st.lists(IDS, max_size=3, unique=True))):
        label = draw(LABELS).strip()
        rows.append(
            own(
                id,
                f"https://{draw(HOSTS)}",
                label=label if label.isprintable() else None,
                dialect=draw(st.sampled_from(DIALECTS)),
                env=draw(st.sampled_from([(), (f"OWN_{at}_KEY",), (f"A{at}_KEY", f"B{at}_TOKEN")])),
                allow_http=draw(st.booleans()),
            )
        )
    return tuple(rows)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Any store a person may have made by the commands."""
    rows = draw(own_rows())
    providers = st.sampled_from([*BY_ID, *(row.id for row in rows)])
    refs = draw(st.lists(st.builds(ModelRef, providers, MODELS), max_size=12, unique=True))
    cut, more = draw(st.integers(0, 12)), draw(st.booleans())
    selection = Selection(providers=rows)
    if refs and more:
        selection = selection._replace(default=refs[0], image=refs[-1])
    for ref in refs[:cut]:
        if ref != selection.default:
            selection = selection.with_fallback(ref)
    for ref in refs[cut:]:
        if ref != selection.image:
            selection = selection.with_image_fallback(ref)
    aliases = AliasTable()
    for name in draw(st.lists(NAMES, max_size=6, unique_by=str.casefold)) if refs else ():
        aliases = aliases.add(name, draw(st.sampled_from(refs)))
    selection = selection._replace(aliases=aliases)
    profiles = []
    for provider in draw(st.lists(providers, max_size=3, unique=True)):
        found = [profile(f"{provider}:{name}") for name in ("default", "me@work.example", "b+c")]
        order = draw(st.permutations([p.id for p in found]))[: draw(st.integers(0, 3))]
        selection = selection.with_order(provider, tuple(order))
        profiles += found
    return here(selection, *profiles)


@given(states())
def test_what_was_given_is_taken_back_unchanged(found: State) -> None:
    told = taken(selection_document(found.selection), found.selection, found)
    assert told == Taken(found.selection)
    assert differences(found.selection, told.selection) == ()


@given(states(), states())
def test_taking_a_document_twice_changes_nothing_more(one: State, other: State) -> None:
    document = selection_document(other.selection)
    providers = {**one.providers, **other.providers}
    profiles = tuple({p.id: p for p in (*one.profiles, *other.profiles)}.values())
    found = State(one.selection, providers, profiles, ())
    try:
        first = taken(document, one.selection, found).selection
    except Refused:
        return  # an address of the one that the other has elsewhere
    assert taken(document, first, found).selection == first
    assert first.default == other.selection.default
    assert first.aliases == other.selection.aliases
    assert {row.id for row in first.providers} >= {row.id for row in other.selection.providers}


def test_a_document_is_plain_ordered_and_without_what_is_empty() -> None:
    chosen = using("openai/a", "groq/b", providers=(own("z"), own("b", env=("B_KEY",))))
    chosen = chosen._replace(
        aliases=AliasTable().add("z", ModelRef("groq", "b")).add("a", ModelRef("groq", "b")),
    )
    document = selection_document(chosen)
    assert list(document) == ["version", "default", "fallbacks", "aliases", "providers"]
    assert list(document["aliases"]) == ["a", "z"]
    assert [row["id"] for row in document["providers"]] == ["b", "z"]
    assert document["providers"][0] == {
        "id": "b",
        "label": "b",
        "base_url": "https://gate.example/v1",
        "dialect": "openai",
        "env": ["B_KEY"],
        "allow_http": False,
    }
    assert selection_document(Selection()) == {"version": 1}


def test_what_the_document_does_not_name_is_cleared() -> None:
    before = using("openai/a", "groq/b").with_image(ModelRef("openai", "i"))
    assert take({"default": "groq/c"}, before) == using("groq/c")


@pytest.mark.parametrize(
    ("document", "error", "says"),
    [
        ({"fallback": []}, Malformed, "unknown key fallback"),
        ({"api_key_of_somebody_who_pasted": 1}, Malformed, "unknown key"),
        ({"version": 2}, Malformed, "of another version than 1"),
        ({"version": "1"}, Malformed, "does not say its version"),
        ({"version": True}, Malformed, "does not say its version"),
        ({"default": 5}, Malformed, "default: a text in quotes is expected"),
        ({"default": "gpt-5"}, Malformed, "default: a model reference is provider/model"),
        ({"default": ""}, Malformed, "default: a model reference"),
        ({"default": "nosuch/m"}, NotFound, "unknown provider nosuch"),
        ({"image": "openai/a b"}, Malformed, "image: that is not a model name"),
        ({"fallbacks": "openai/a"}, Malformed, "fallbacks: a list is expected"),
        ({"fallbacks": ["openai/a", 1]}, Malformed, "fallbacks, entry 2: a text"),
        ({"fallbacks": ["openai/a", "OpenAI/a"]}, AlreadyExists, "fallbacks, entry 2: that model"),
        (
            {"default": "openai/a", "fallbacks": ["openai/a"]},
            AlreadyExists,
            "fallbacks, entry 1: that model",
        ),
        (
            {"image": "openai/a", "image_fallbacks": ["openai/a"]},
            AlreadyExists,
            "image_fallbacks, entry 1",
        ),
        ({"image_fallbacks": ["nosuch/m"]}, NotFound, "unknown provider nosuch"),
        ({"aliases": ["a"]}, Malformed, "aliases: a table is expected"),
        ({"aliases": {"a b": "openai/a"}}, Malformed, "aliases, entry 1: an alias has letters"),
        ({"aliases": {"a": "b"}}, Malformed, "aliases, entry 1: a model reference"),
        ({"aliases": {"a": "nosuch/b"}}, NotFound, "unknown provider nosuch"),
        ({"aliases": {"a": "openai/b", "A": "openai/c"}}, AlreadyExists, "with other capitals"),
        ({"auth_order": {"openai": "openai:a"}}, Malformed, "auth_order, entry 1: a list"),
        ({"auth_order": {"a b": []}}, Malformed, "not a provider id"),
        ({"auth_order": {"nosuch": []}}, NotFound, "unknown provider nosuch"),
        ({"auth_order": {"openai": ["groq:a"]}}, Malformed, "a profile of openai"),
        ({"auth_order": {"openai": ["openai:env"]}}, Malformed, "reserved"),
        ({"auth_order": {"openai": ["openai:a", "a"]}}, AlreadyExists, "names something twice"),
        ({"auth_order": {"azure": [], "azure-openai": []}}, AlreadyExists, "entry 2: it names"),
        ({"providers": {"id": "x"}}, Malformed, "providers: a list is expected"),
        ({"providers": [1]}, Malformed, "providers, entry 1: a table is expected"),
        ({"providers": [{}]}, Malformed, "providers, entry 1: a text"),
        ({"providers": [{"id": "x", "key": "y"}]}, Malformed, "unknown key key of a provider"),
        ({"providers": [{"id": "Grok"}]}, AlreadyExists, "xai is built in"),
        ({"providers": [{"id": "x"}, {"id": "X"}]}, AlreadyExists, "entry 2: x is there twice"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_place(
    document: dict[str, Any], error: type[AuraError], says: str
) -> None:
    with pytest.raises(error) as refused:
        take(document, Selection())
    assert says in str(refused.value)
    assert refused.value.hint
    assert "somebody" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    ("table", "error", "says"),
    [
        ({"base_url": None}, Malformed, "a text in quotes"),
        ({"base_url": "http://far.example"}, Malformed, "plain http"),
        ({"base_url": "https://u:p@a.b"}, Malformed, "user name"),
        ({"base_url": "https://169.254.169.254/"}, Malformed, "no models are served"),
        ({"dialect": "nosuch"}, Malformed, "no such dialect"),
        ({"dialect": ["openai"]}, Malformed, "no such dialect"),
        ({"allow_http": "yes"}, Malformed, "true or false"),
        ({"label": "a\nb"}, Malformed, "a label is one line"),
        ({"env": "X_KEY"}, Malformed, "a list is expected"),
        ({"env": ["x_key"]}, Malformed, "upper case"),
        ({"env": ["AWS_SECRET"]}, Malformed, "ends in KEY or TOKEN"),
        ({"env": ["AURA_INTELLIGENCE_VAULT_KEY"]}, Refused, "belongs to this program"),
        ({"env": ["OPENAI_API_KEY"]}, Refused, "belongs to the provider openai"),
        ({"env": ["GATE_KEY"]}, Refused, "belongs to the provider gate"),
    ],
)
def test_a_provider_is_taken_by_the_rules_by_which_it_is_added(
    table: dict[str, Any], error: type[AuraError], says: str
) -> None:
    gate = {"id": "gate", "base_url": "https://g.example", "dialect": "openai", "env": ["GATE_KEY"]}
    usual = {"id": "x", "base_url": "https://x.example", "dialect": "openai"}
    with pytest.raises(error) as refused:
        take({"providers": [gate, {**usual, **table}]}, Selection())
    assert says in str(refused.value)
    assert str(refused.value).startswith("providers, entry 2: ")


def test_a_provider_that_is_the_same_keeps_its_signature() -> None:
    before = Selection(providers=(own(env=("GATE_KEY",)),))
    assert take(selection_document(before), before).providers[0] is before.providers[0]


def test_a_provider_that_differs_is_signed_anew() -> None:
    before = Selection(providers=(own(), own("z")))
    document = selection_document(before)
    document["providers"][0]["base_url"] = "https://other.example"
    changed, kept = take(document, before).providers
    assert (changed.base_url, changed.revision, changed.mac) == ("https://other.example", 2, b"")
    assert kept is before.providers[1]


def test_a_provider_with_stored_profiles_is_never_moved_nor_removed() -> None:
    before = Selection(providers=(own(),))
    stored = profile("gate:default", base_url="https://gate.example/v1")
    told = taken({"version": 1}, before, here(before, stored))
    assert told.selection.providers == before.providers
    assert told.notes == ("gate stays: profiles of it are stored",)
    for field, value in (("base_url", "https://other.example"), ("dialect", "anthropic")):
        document = selection_document(before)
        document["providers"][0][field] = value
        with pytest.raises(InUse, match="gate is at another address here"):
            take(document, before, stored)
    document = selection_document(before)
    document["providers"][0]["label"] = "Gateway"
    assert take(document, before, stored).providers[0].label == "Gateway"


def test_a_provider_nothing_refers_to_goes_and_one_the_document_uses_stays() -> None:
    before = Selection(providers=(own(), own("z")))
    assert take({"default": "z/m"}, before).providers == (own("z"),)
    assert take({"auth_order": {"gate": []}}, before).providers == (own(),)


def test_a_provider_may_get_another_name_in_one_document() -> None:
    before = using("gate/m", providers=(own(env=("GATE_KEY",)),))
    document = selection_document(before)
    document["providers"][0]["id"] = "gateway"
    document["default"] = "gateway/m"
    assert [row.id for row in take(document, before).providers] == ["gateway"]


def test_a_model_that_outlived_its_provider_is_no_reason_to_refuse_what_is_there_already() -> None:
    before = using("gone/m", "openai/a")
    assert take(selection_document(before), before) == before
    with pytest.raises(NotFound):
        take({"default": "gone/m"}, using("openai/a"))


def test_profiles_that_are_not_stored_here_are_left_out_and_counted() -> None:
    stored = (profile("openai:a"), profile("groq:a"))
    document = {
        "version": 1,
        "auth_order": {"openai": ["openai:x", "openai:a", "y"], "groq": ["z"], "xai": []},
    }
    told = taken(document, Selection(), here(Selection(), *stored))
    assert dict(told.selection.auth_order) == {"openai": ("openai:a",)}
    assert told.notes == (
        "2 profiles are not stored here and left out of the order of openai",
        "1 profile is not stored here and left out of the order of groq",
    )


def test_each_thing_that_differs_is_told_with_what_it_was() -> None:
    before = using("openai/a", "groq/b", providers=(own(),)).with_order("openai", ("openai:a",))
    before = before._replace(aliases=AliasTable().add("x", ModelRef("groq", "b")))
    after = using("openai/a").with_image(ModelRef("openai", "i"))
    after = after._replace(aliases=AliasTable().add("y", ModelRef("groq", "b")))
    row = {
        "label": "gate",
        "baseUrl": "https://gate.example/v1",
        "dialect": "openai",
        "envNames": [],
        "allowHttp": False,
        "signIn": None,
    }
    assert differences(before, after) == (
        Difference("fallbacks", None, ["groq/b"], []),
        Difference("image", None, None, "openai/i"),
        Difference("aliases", "x", "groq/b", None),
        Difference("aliases", "y", None, "groq/b"),
        Difference("authOrder", "openai", ["openai:a"], None),
        Difference("providers", "gate", row, None),
    )
    assert differences(after, after) == ()
