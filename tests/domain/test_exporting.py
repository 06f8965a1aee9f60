"""How other programs reach the configured models: by which variable, at which address."""

import pytest

from adapters.providers.table import ROWS
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.handover.exporting import LeftOut, Reach, openai_compatible, reached, variables
from domain.handover.variables import key_name, url_name
from domain.instants import DAY
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.routing.state import State
from domain.selection.aliases import AliasTable
from domain.selection.selection import Selection
from tests.domain.values import NOW, PROVIDERS, profile, refusal, state, token, using, variable

Credentials = ProfileSummary | EnvironmentCredential
OWN = Provider("my.gate-2", "Mine", "https://mine.example/v1", "openai", source="user")


def having(found: State, *rows: Provider) -> State:
    return found._replace(providers={**found.providers, **{row.id: row for row in rows}})


def reach(ref: str, *credentials: Credentials) -> Reach:
    (found,), left = reached(state(*credentials, selection=using(ref)), NOW)
    assert left == ()
    return found


def left_out(found: State) -> LeftOut:
    reaches, (left,) = reached(found, NOW)
    assert reaches == ()
    return left


def test_each_configured_model_is_there_once_in_the_order_of_the_list() -> None:
    chosen = using("groq/a", "groq/b")
    chosen = chosen._replace(
        image=ModelRef("groq", "b"),
        aliases=AliasTable().add("x", ModelRef("openai", "c")).add("y", ModelRef("groq", "a")),
    )
    reaches, left = reached(state(selection=chosen), NOW)
    assert [str(found.ref) for found in reaches] == ["groq/a", "groq/b", "openai/c"]
    assert left == ()


@pytest.mark.parametrize(
    ("ref", "credentials", "name"),
    [
        ("openai/m", [], "OPENAI_API_KEY"),
        ("openai/m", [profile()], "OPENAI_API_KEY"),
        ("google/m", [], "GOOGLE_API_KEY"),
        ("google/m", [variable("google", "GEMINI_API_KEY")], "GEMINI_API_KEY"),
        ("google/m", [profile("google:a"), variable("google", "GEMINI_API_KEY")], "GOOGLE_API_KEY"),
        ("anthropic/m", [token("anthropic:t", DAY)], "ANTHROPIC_AUTH_TOKEN"),
        ("anthropic/m", [profile("anthropic:k")], "ANTHROPIC_API_KEY"),
        ("anthropic/m", [token("anthropic:t", -DAY), profile("anthropic:k")], "ANTHROPIC_API_KEY"),
        ("gate/m", [profile("gate:a")], "GATE_API_KEY"),
        ("local/m", [], None),
        ("ollama/m", [], None),
        ("local/m", [profile("local:a")], "LOCAL_API_KEY"),
        ("vllm/m", [variable("vllm", "VLLM_API_KEY", problem="malformed")], None),
    ],
)
def test_the_variable_is_that_of_the_credential_used_now(
    ref: str, credentials: list[Credentials], name: str | None
) -> None:
    assert reach(ref, *credentials).variable == name


@pytest.mark.parametrize(
    ("id", "names", "key", "address"),
    [
        ("gate", ("GATE_KEY",), "GATE_KEY", "GATE_BASE_URL"),
        ("gate", ("MINE_API_KEY", "B_KEY"), "MINE_API_KEY", "MINE_BASE_URL"),
        ("my.gate-2", (), "MY_GATE_2_API_KEY", "MY_GATE_2_BASE_URL"),
        ("0g", (), "_0G_API_KEY", "_0G_BASE_URL"),
    ],
)
def test_a_provider_of_ones_own_has_variables_made_of_what_it_names(
    id: str, names: tuple[str, ...], key: str, address: str
) -> None:
    row = OWN._replace(id=id, env_names=names)
    assert (key_name(row, "api_key"), url_name(row, ())) == (key, address)
    assert key_name(row, "token") == key


def test_a_variable_that_is_anothers_is_given_to_nobody_else() -> None:
    row = OWN._replace(id="co")
    found = having(state(selection=using("co/m")), row)
    assert left_out(found).reason == (
        "its variable would be CO_API_KEY, which cohere has; see --env"
    )
    twins = having(state(selection=using("my.gate-2/m")), OWN, OWN._replace(id="my-gate.2"))
    assert "which my-gate.2 has" in left_out(twins).reason
    named = OWN._replace(id="co", env_names=("MY_CO_KEY",))
    assert reached(having(state(selection=using("co/m")), named), NOW)[1] == ()


@pytest.mark.parametrize(
    ("ref", "credentials", "url", "elsewhere"),
    [
        ("openai/m", [], "https://api.openai.com/v1", False),
        ("openai/m", [profile()], "https://api.openai.com/v1", False),
        ("openai/m", [profile(base_url="https://a.b", custom_base_url=True)], "https://a.b", True),
        ("openai/m", [variable(base_url="https://c.d")], "https://c.d", True),
        ("openai/m", [variable(base_url="", problem="bad_base_url")], None, False),
        ("openai/m", [profile(base_url="https://before.it.moved")], None, False),
        ("gate/m", [], "https://gate.example/v1", True),
    ],
)
def test_the_address_is_where_that_credential_goes(
    ref: str, credentials: list[Credentials], url: str | None, elsewhere: bool
) -> None:
    found = reach(ref, *credentials)
    assert found.base_url == (url or PROVIDERS["openai"].base_url)
    assert found.is_elsewhere is elsewhere


def test_a_credential_that_was_refused_is_still_the_one_that_is_named() -> None:
    found = state(profile(), selection=using("openai/m"), records=(refusal(),))
    assert reached(found, NOW)[0][0].variable == "OPENAI_API_KEY"


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("nosuch/m", "its provider is no longer known"),
        ("azure-openai/m", "its provider has no address without yours (--base-url)"),
    ],
)
def test_whom_nobody_can_reach_is_left_out_with_the_reason(ref: str, says: str) -> None:
    assert left_out(state(selection=using(ref))) == LeftOut(ModelRef.parse(ref), says)


def test_a_plug_in_with_a_way_of_its_own_is_left_out() -> None:
    row = OWN._replace(id="acme", source="plugin", env_names=("ACME_KEY",))
    found = having(state(selection=using("acme/m")), row)
    assert reached(found, NOW)[1] == ()
    assert "in a way of its own" in reached(found, NOW, {"acme"})[1][0].reason


def compatible(found: State) -> dict[str, str]:
    """What the document says of the only model, or why it is left out."""
    document, left = openai_compatible(found.selection, reached(found, NOW)[0])
    return document["models"][0] if document["models"] else {"reason": left[0].reason}


@pytest.mark.parametrize(
    ("ref", "url"),
    [
        ("openai/m", "https://api.openai.com/v1"),
        ("groq/m", "https://api.groq.com/openai/v1"),
        ("anthropic/m", "https://api.anthropic.com/v1"),
        ("google/m", "https://generativelanguage.googleapis.com/v1beta/openai"),
        ("ollama/m", "http://localhost:11434/v1"),
        ("gate/m", "https://gate.example/v1"),
        ("amazon-bedrock/m", "https://bedrock-mantle.us-east-1.api.aws/v1"),
    ],
)
def test_an_openai_compatible_endpoint_is_told_with_its_version(ref: str, url: str) -> None:
    told = compatible(state(selection=using(ref)))
    assert (told["ref"], told["model"], told["baseUrl"]) == (ref, "m", url)
    assert told["endpoint"] == "/chat/completions"


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("openai-codex/m", "as a stream only"),
        ("github-copilot/m", "exchanged"),
        ("claude/m", "speaks anthropic's dialect"),
        ("gem/m", "speaks google's dialect"),
    ],
)
def test_a_provider_without_such_an_endpoint_is_left_out(ref: str, says: str) -> None:
    own = (
        OWN._replace(id="claude", dialect="anthropic"),
        OWN._replace(id="gem", dialect="google"),
    )
    assert says in compatible(having(state(selection=using(ref)), *own))["reason"]


def test_anthropics_compatible_endpoint_takes_no_tokens() -> None:
    found = state(token("anthropic:t", DAY), selection=using("anthropic/m"))
    assert "no tokens" in compatible(found)["reason"]


def test_a_model_of_responses_says_so_and_headers_of_a_row_are_told() -> None:
    assert compatible(state(selection=using("openai/gpt-5-codex")))["endpoint"] == "/responses"
    row = OWN._replace(id="acme", source="plugin", extra_headers=(("x-team", "a"),))
    told = compatible(having(state(selection=using("acme/m")), row))
    assert told["headers"] == {"x-team": "a"}  # type: ignore[comparison-overlap]


def test_what_is_left_out_is_in_no_chain_and_behind_no_alias() -> None:
    chosen = using("openai-codex/a", "groq/b", "github-copilot/c")
    aliases = AliasTable().add("x", ModelRef("openai-codex", "a")).add("y", ModelRef("groq", "b"))
    chosen = chosen._replace(image=ModelRef("groq", "b"), aliases=aliases)
    document, left = openai_compatible(chosen, reached(state(selection=chosen), NOW)[0])
    assert {key: document[key] for key in ("default", "fallbacks", "image", "aliases")} == {
        "default": None,
        "fallbacks": ["groq/b"],
        "image": "groq/b",
        "aliases": {"y": "groq/b"},
    }
    assert len(left) == 2


def test_a_provider_is_named_once_with_its_address_where_it_is_custom() -> None:
    chosen = using("openai/a", "openai/b", "gate/m", "local/m", "groq/g")
    key = profile("groq:a", base_url="https://mine.example/openai/v1", custom_base_url=True)
    told = variables(reached(state(profile(), key, selection=chosen), NOW)[0], PROVIDERS.values())
    assert [(v.name, v.url_name, v.url) for v in told] == [
        ("OPENAI_API_KEY", "OPENAI_BASE_URL", None),
        ("GATE_API_KEY", "GATE_BASE_URL", "https://gate.example/v1"),
        (None, "LOCAL_BASE_URL", "http://127.0.0.1:8080/v1"),
        # Groq's own variable holds the host only.
        ("GROQ_API_KEY", "GROQ_BASE_URL", "https://mine.example"),
    ]
    assert [v.is_stored for v in told] == [True, False, False, True]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_built_in_provider_is_reached_by_a_name_of_its_own_or_left_out(row: Provider) -> None:
    found = state(selection=Selection().with_default(ModelRef(row.id, "m")))
    reaches, left = reached(found, NOW)
    assert len(reaches) + len(left) == 1
    for told in reaches:
        assert told.variable is None or told.variable in (
            *row.all_env_names,
            "OPENAI_CODEX_API_KEY",
        )
        assert (told.variable is None) == row.is_loopback
