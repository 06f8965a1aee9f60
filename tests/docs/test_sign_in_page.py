"""docs/sign-in.md: its commands are ones the program has, its words are those that are printed."""

import json
import re
import shlex

import pytest

from adapters.providers.sign_in.clients import CLIENTS
from docs.generate_json import PAGE as JSON_PAGE
from entrypoints.main import _understood
from tests.docs.pages import ROOT, blocks, page

TEXT = page("docs/sign-in.md")
FLAT = " ".join(TEXT.split())
# Put together from several strings; the tests of the listener and of the command have them.
_BUILT = {"port … of this machine is in use", "nobody came back within 5 minutes"}


def commands() -> list[str]:
    return [line for block in blocks(TEXT, "sh") for line in block.text.splitlines()]


def messages() -> list[str]:
    table = TEXT.partition("## When it goes wrong")[2]
    return re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)


def sources() -> str:
    """What the program can say: its text, with strings of several lines in one."""
    folders = ("domain", "application", "adapters", "entrypoints")
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(path.read_text("utf-8") for path in files))


@pytest.mark.parametrize("line", commands())
def test_a_command_is_understood(line: str) -> None:
    words = shlex.split(line)
    assert words[0] == "aura_intelligence"
    command, _, _ = _understood(words[1:])
    assert command.__module__.startswith("entrypoints.cli.")


def test_every_message_of_the_table_is_one_the_program_has() -> None:
    said = re.sub(r"\{[^}\n]*\}", "…", sources())
    assert len(messages()) >= 10
    for message in {*messages()} - _BUILT:
        for piece in message.split("…"):
            assert piece.strip(" ,") in said, message


def test_every_application_is_named_and_what_its_owner_says() -> None:
    for id, client in CLIENTS.items():
        assert id in TEXT
        assert not client.notice or f"*{client.notice}*" in FLAT


def test_the_lines_for_programs_have_the_keys_of_the_page_about_json() -> None:
    section = JSON_PAGE.read_text("utf-8").partition("### `models auth login`")[2]
    (block,) = blocks(TEXT, "json-lines")
    lines = [json.loads(line) for line in block.text.splitlines()]
    assert [line["event"] for line in lines] == ["device_code", "pending", "auth_error"]
    for key in {key for line in lines for key in line} - {"schemaVersion"}:
        assert f"| `{key}` |" in section.partition("\n### ")[0]
