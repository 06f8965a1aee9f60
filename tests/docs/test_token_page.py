"""docs/token.md: every command it gives to another program prints the token, or sends it."""

import json
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer
from tests.docs.pages import blocks, page
from tests.docs.sessions import PORT, shell

TEXT = page("docs/token.md")
ASK = ["aura_intelligence", "models", "auth", "token", "stand-in"]


def block(kind: str) -> str:
    (found,) = blocks(TEXT, kind)
    return found.text


def of_codex() -> list[str]:
    config: dict[str, Any] = tomllib.loads(block("toml codex"))
    auth = config["model_providers"][config["model_provider"]]["auth"]
    return [auth["command"], *auth["args"]]


def of_goose() -> list[str]:
    auth = json.loads(block("json goose"))["auth"]
    return [auth["command"], *auth["args"]]


def of_claude() -> list[str]:
    return shlex.split(json.loads(block("json claude"))["apiKeyHelper"])


def home(folder: Path, url: str) -> Path:
    """A home with one API key, of the provider that the page names."""
    program = Program(folder, {"HOME": str(folder), "AURA_INTELLIGENCE_HOME": ""})
    program.must(f"models providers add stand-in --base-url {url} --dialect openai")
    program.must("models auth add --provider stand-in --stdin", stdin=GOOD)
    return folder


@pytest.mark.parametrize("words", [of_codex(), of_goose(), of_claude()])
def test_a_command_for_another_program_prints_the_token_alone(
    words: list[str], tmp_path: Path, server: ScriptedServer
) -> None:
    assert words[:5] == ASK
    assert shell([shlex.join(words)], home(tmp_path, server.url)) == [[GOOD]]


def test_curl_sends_it(tmp_path: Path, server: ScriptedServer) -> None:
    folder = home(tmp_path, server.url)
    server.seen.clear()
    (printed,) = shell([block("sh curl").replace(PORT, str(server.port))], folder)
    assert server.seen == [("/v1/models", "", GOOD)]
    assert json.loads("\n".join(printed))["object"] == "list"


def test_the_python_program_has_the_header_and_where_it_goes(
    tmp_path: Path, server: ScriptedServer
) -> None:
    (tmp_path / "program.py").write_text(block("python"))
    (printed,) = shell([f"python {tmp_path}/program.py"], home(tmp_path, server.url))
    assert printed == [f"{server.url} {{'Authorization': 'Bearer {GOOD}'}}"]


def test_what_is_handed_out_is_one_record_within_the_hour(
    tmp_path: Path, server: ScriptedServer
) -> None:
    history = "aura_intelligence models history list --json"
    twice = [shlex.join(ASK), shlex.join(of_codex())]
    *_, (told,) = shell([*twice, history], home(tmp_path, server.url))
    assert [record["kind"] for record in json.loads(told)["records"]] == ["handout"]


def test_the_keys_of_its_json_are_those_of_the_page(tmp_path: Path, server: ScriptedServer) -> None:
    ((told,),) = shell([shlex.join([*ASK, "--json"])], home(tmp_path, server.url))
    for key in ("token", "profileId", "provider", "baseUrl", "expiresAt"):
        assert key in json.loads(told)
        assert f"`{key}`" in TEXT
