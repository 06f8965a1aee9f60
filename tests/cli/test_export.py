"""`models export`: files other programs read, with the names of keys and no key."""

import io
import shlex
import tomllib
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.handover.portable import taken
from domain.providers.row import Provider
from domain.routing.state import State
from entrypoints.cli.models.agents import as_yaml
from entrypoints.cli.models.export import export
from entrypoints.cli.models.importing import document_of
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import Later
from tests.cli.program import Program, Ran
from tests.cli.servers import GOOD
from tests.cli.sites import ROW, Site
from tests.cli.test_streams import change_document
from tests.domain.test_portable import states
from tests.domain.values import NOW

OWN_WAY = """
from adapters.providers.dialects.openai import OpenAIDialect
class Speaks(OpenAIDialect):
    pass
PLUGIN = ProviderPlugin(ROW, Speaks())
"""
FORMATS = ["litellm", "openai-compatible", "dotenv", "toml"]


@pytest.fixture
def chosen(cli: Program) -> Program:
    """A chain over stored, environment and own credentials, an image model, aliases."""
    cli.environ["GROQ_API_KEY"] = "gsk-0000000001"
    cli.must(
        "models providers add gate --base-url https://gate.example/v1 --dialect openai "
        "--env GATE_API_KEY --label 'The “gate” #1'"
    )
    cli.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    cli.must("models auth add --provider openai --stdin --no-verify", stdin=GOOD)
    cli.must("models set gate/first")
    cli.must("models fallbacks add groq/second")
    cli.must("models fallbacks add openai/third")
    cli.must("models set-image ollama/llava")
    cli.must("models aliases add Fast.1:x groq/second")
    return cli


def configuration(ran: Ran) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(ran.out)
    return found


def test_litellm_gets_every_model_by_its_ref_with_its_key_by_name(chosen: Program) -> None:
    ran = chosen.must("models export litellm")
    assert ran.err == ""
    found = configuration(ran)
    assert {e["model_name"]: e["litellm_params"] for e in found["model_list"]} == {
        "gate/first": {
            "model": "openai/first",
            "api_base": "https://gate.example/v1",
            "api_key": "os.environ/GATE_API_KEY",
        },
        "groq/second": {
            "model": "openai/second",
            "api_base": "https://api.groq.com/openai/v1",
            "api_key": "os.environ/GROQ_API_KEY",
        },
        "openai/third": {
            "model": "openai/third",
            "api_base": "https://api.openai.com/v1",
            "api_key": "os.environ/OPENAI_API_KEY",
        },
        "ollama/llava": {
            "model": "ollama_chat/llava",
            "api_base": "http://localhost:11434",
            "api_key": "EMPTY",
        },
    }
    assert found["router_settings"] == {
        "model_group_alias": {"Fast.1:x": "groq/second"},
        "fallbacks": [
            {"*": ["groq/second", "openai/third", "gate/first"]},
            {"ollama/llava": []},
            {"Fast.1:x": ["openai/third", "gate/first"]},
        ],
    }


def header(ran: Ran) -> list[str]:
    return [line[2:] for line in ran.out.splitlines() if line.startswith("# ")]


def test_the_header_says_where_each_key_comes_from_and_how_to_start(chosen: Program) -> None:
    chosen.must("models fallbacks add xai/fourth")
    told = header(chosen.must("models export litellm"))
    assert "GROQ_API_KEY is a variable of the environment already" in told
    hint = "aura_intelligence models auth add --provider xai"
    assert f"XAI_API_KEY has no credential yet: {hint}" in told
    assert told[-4:] == [
        "To start it with the keys that are stored here:",
        "  aura_intelligence models exec --model gate/first -- \\",
        "  aura_intelligence models exec --model openai/third -- \\",
        "  litellm --config FILE",
    ]


def test_nobody_is_told_to_overwrite_a_key_of_the_environment(chosen: Program) -> None:
    # A provider of one's own is handed over under the names of its dialect's libraries as well.
    chosen.must("models auth remove openai:default --yes")
    chosen.environ["OPENAI_API_KEY"] = GOOD
    told = header(chosen.must("models export litellm"))
    assert "GATE_API_KEY is the stored profile gate:default" in told
    reveal = "  aura_intelligence models env --model gate/first --format dotenv --reveal"
    assert told[told.index(reveal) - 1].startswith("GATE_API_KEY")
    assert told[-2:] == ["To start it:", "  litellm --config FILE"]


def test_what_the_header_says_hands_each_key_to_its_own_provider(chosen: Program) -> None:
    # One's own come first: what they put under the libraries' names, the built-in ones set right.
    chosen.must("models set openai/first")
    chosen.must("models fallbacks add gate/second")
    chosen.must("models auth paste-token --provider openai", stdin="sk-of-openai-0001")
    told = [line for line in header(chosen.must("models export litellm")) if " exec " in line]
    assert len(told) == 2
    each = [shlex.split(line.removesuffix("\\"))[1:] for line in told]
    command = [word for words in each for word in (*chosen.command, *words)]
    ran = chosen.process([*command[len(chosen.command) :], "env"])
    assert ran.code == 0, ran
    given = dict(line.partition("=")[::2] for line in ran.out.splitlines())
    assert given["OPENAI_API_KEY"] == "sk-of-openai-0001"
    assert given["GATE_API_KEY"] == GOOD


def test_a_model_in_the_header_is_one_word_of_the_shell(cli: Program) -> None:
    cli.must("models auth add --provider groq --stdin --no-verify", stdin=GOOD)
    cli.must(["models", "set", "groq/$(reboot)`x`'y"])
    (line,) = [line for line in header(cli.must("models export litellm")) if " exec " in line]
    assert shlex.split(line.removesuffix("\\"))[4] == "groq/$(reboot)`x`'y"


def test_openai_compatible_is_one_json_object(chosen: Program) -> None:
    found = chosen.must("models export openai-compatible").document
    assert found["default"] == "gate/first"
    assert found["fallbacks"] == ["groq/second", "openai/third"]
    assert (found["image"], found["imageFallbacks"]) == ("ollama/llava", [])
    assert found["aliases"] == {"Fast.1:x": "groq/second"}
    assert found["models"][0] == {
        "ref": "gate/first",
        "model": "first",
        "baseUrl": "https://gate.example/v1",
        "apiKeyEnv": "GATE_API_KEY",
        "endpoint": "/chat/completions",
    }
    assert found["models"][3]["apiKeyEnv"] is None


def test_dotenv_names_variables_and_sets_only_addresses(chosen: Program) -> None:
    assert chosen.must("models export dotenv").out == (
        "# Variables of the configured models, written by: aura_intelligence models export dotenv\n"
        "# No values.\n"
        "\n"
        "# gate: GATE_API_KEY is the stored profile gate:default\n"
        "#   aura_intelligence models env --model gate/first --format dotenv --reveal\n"
        "# GATE_API_KEY=\n"
        "GATE_BASE_URL=https://gate.example/v1\n"
        "\n"
        "# groq: GROQ_API_KEY is a variable of the environment already\n"
        "# GROQ_API_KEY=\n"
        "\n"
        "# openai: OPENAI_API_KEY is the stored profile openai:default\n"
        "#   aura_intelligence models env --model openai/third --format dotenv --reveal\n"
        "# OPENAI_API_KEY=\n"
        "\n"
        "# ollama: needs no key\n"
    )


def test_an_address_is_quoted_as_models_env_does_it(cli: Program) -> None:
    url = "https://a.b/x$HOME;y"
    cli.must(["models", "providers", "add", "a", "--base-url", url, "--dialect", "openai"])
    cli.must("models set a/m")
    (line,) = [x for x in cli.must("models export dotenv").out.splitlines() if x.startswith("A_")]
    assert line == f"A_BASE_URL='{url}'"


def test_toml_is_the_selection_in_a_stable_order(chosen: Program) -> None:
    ran = chosen.must("models export toml")
    assert ran.out.startswith("# The selection of aura_intelligence; read back by: ")
    assert tomllib.loads(ran.out) == {
        "version": 1,
        "default": "gate/first",
        "fallbacks": ["groq/second", "openai/third"],
        "image": "ollama/llava",
        "aliases": {"Fast.1:x": "groq/second"},
        "providers": [
            {
                "id": "gate",
                "label": "The “gate” #1",
                "base_url": "https://gate.example/v1",
                "dialect": "openai",
                "env": ["GATE_API_KEY"],
                "allow_http": False,
            }
        ],
    }
    assert "\n[[providers]]\n" in ran.out
    assert chosen.must("models export toml").out == ran.out


@pytest.mark.parametrize("format", FORMATS)
def test_with_json_the_text_is_a_field_and_what_is_left_out_another(
    chosen: Program, format: str
) -> None:
    chosen.must("models fallbacks add openai-codex/gpt-5.5")
    text = chosen.must(f"models export {format}")
    found = chosen.must(f"models export {format} --json").document
    if format == "openai-compatible":
        left_out = found.pop("leftOut")
        assert found == text.document
    else:
        left_out = found["leftOut"]
        assert (found["format"], found["content"]) == (format, text.out)
    names = {"litellm": ["openai-codex/gpt-5.5"], "openai-compatible": ["openai-codex/gpt-5.5"]}
    assert [left["ref"] for left in left_out] == names.get(format, [])
    assert text.err == "".join(f"left out {x['ref']}: {x['reason']}\n" for x in left_out)


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_reads_only_and_shows_no_key(chosen: Program, format: str) -> None:
    before = chosen.files()
    for words in (f"models export {format}", f"models export {format} --json"):
        assert GOOD not in chosen.must(words).text
    assert chosen.files() == before


def test_nothing_chosen_is_said(cli: Program) -> None:
    for format in FORMATS:
        ran = cli.must(f"models export {format}")
        assert ("no models are configured" in ran.err) == (format != "toml")
    assert tomllib.loads(cli.must("models export toml").out) == {"version": 1}
    assert not cli.home.exists()


def test_an_unknown_format_is_refused_with_the_known_ones(cli: Program) -> None:
    ran = cli("models export yaml")
    assert (ran.code, ran.out) == (64, "")
    assert ran.err.splitlines()[1] == (
        "hint: one of: litellm, openai-compatible, dotenv, toml, opencode, codex, claude, aider"
    )


@pytest.mark.parametrize("own_way", [True, False])
def test_a_plug_in_is_exported_by_the_dialect_it_shares_and_not_by_its_own(
    cli: Program, tmp_path: Path, own_way: bool
) -> None:
    site = Site(tmp_path / "site")
    body = ROW.format(url="https://acme.test/v1")
    site.install(body + OWN_WAY if own_way else body)
    assert site.run(cli, "plugins enable acme --yes").code == 0
    assert site.run(cli, "models set acme/m").code == 0
    found = site.run(cli, "models export openai-compatible --json").document
    assert [model["ref"] for model in found["models"]] == ([] if own_way else ["acme/m"])
    assert [left["ref"] for left in found["leftOut"]] == (["acme/m"] if own_way else [])


@pytest.mark.parametrize("format", FORMATS)
def test_names_a_tampered_store_has_reach_no_terminal(cli: Program, format: str) -> None:
    cli.must("models set groq/x")
    change_document(cli, aliases={"evil\x1b[2J\u202e\x85": "groq/y"})
    out = cli(f"models export {format}").out
    assert not set("\x1b\u202e\x85\u2028") & set(out)
    if format == "toml":
        assert "evil\x1b[2J\u202e\x85" in tomllib.loads(out)["aliases"]


def test_a_file_is_utf_8_whatever_the_terminal_is(cli: Program) -> None:
    cli.environ["PYTHONIOENCODING"] = "ascii"
    cli.must(["models", "set", "groq/模型-é"])
    for format in ("litellm", "toml"):
        ran = cli.start(f"models export {format}")
        out, _ = ran.communicate(timeout=60)
        assert ran.returncode == 0
        assert format == "litellm" or tomllib.loads(out)["default"] == "groq/模型-é"


def test_a_long_line_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    text = "x" * 5000 + "\n\n" + "y" * 5000 + "\n"
    render.text(text)
    assert capsys.readouterr().out == text


@given(states())
def test_whatever_is_chosen_comes_back_by_way_of_the_text(found: State) -> None:
    text = printed(found, "toml")
    told = taken(document_of(text), found.selection, found)
    assert told.selection == found.selection


@given(states())
def test_whatever_is_chosen_is_yaml_that_names_each_model_once(found: State) -> None:
    document = yaml.safe_load(printed(found, "litellm"))
    names = [entry["model_name"] for entry in document["model_list"]]
    assert len(set(names)) == len(names)
    assert set(names) <= {str(ref) for ref, _ in found.selection.configured()}
    routing = document["router_settings"]
    assert set(routing["model_group_alias"].values()) <= set(names)
    for entry in routing["fallbacks"]:
        for name, after in entry.items():
            left_out = set() if name == "*" else {routing["model_group_alias"].get(name, name)}
            assert set(after) <= set(names) - left_out
            assert len(set(after)) == len(after)


WORDS = st.text(max_size=12) | st.sampled_from(
    ["yes", "no", "on", "null", "~", "1_000", "0x1F", "1:30", "2026-01-01", "a: b", "- a", "#", "%"]
)
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)
)


@given(st.dictionaries(WORDS, VALUES, max_size=4), st.integers(0, 0x10FFFF))
def test_what_is_written_as_yaml_is_read_as_it_was(document: dict[str, Any], code: int) -> None:
    assert read_back(document) == document
    if not 0xD800 <= code <= 0xDFFF:
        assert read_back({chr(code): [chr(code)]}) == {chr(code): [chr(code)]}


def read_back(document: dict[str, Any]) -> Any:
    out = io.StringIO()
    with redirect_stdout(out):
        render.text(as_yaml(document))
    return yaml.safe_load(out.getvalue()) or {}


def printed(found: State, format: Any) -> str:
    """What the command prints of a state no store has to hold."""
    out = io.StringIO()
    with redirect_stdout(out):
        survey: Any = lambda: found  # noqa: E731
        code = export(
            format,
            survey=survey,
            registry=Later(_no_registry),
            selection=Later(_signed),
            installer=Later(_no_registry),
            prompter=Later(_no_registry),
            clock=lambda: NOW,
        )
        assert code == 0
    return out.getvalue()


class _Signed:
    """A store whose rows are all signed here."""

    def verify(self) -> None:
        return

    def vouch_for(self, row: Provider) -> None:
        del row


def _no_registry() -> Any:
    raise AssertionError("asked for without a plug-in")


def _signed() -> Any:
    return _Signed()
