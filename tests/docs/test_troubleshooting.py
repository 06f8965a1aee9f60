"""docs/troubleshooting.md: what it says is printed is printed, and what it tells to do helps."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.program import Program, Ran
from tests.cli.servers import BAD, GOOD, ScriptedServer
from tests.docs.pages import blocks, page
from tests.docs.sessions import shell

TEXT = page("docs/troubleshooting.md")
FLAT = " ".join(TEXT.split())


def section(title: str) -> str:
    """The text of a section, on one line."""
    (found,) = (part for part in TEXT.split("\n## ") if part.startswith(f"{title}\n"))
    return " ".join(found.split())


def printed(title: str, ran: Ran, *pieces: str) -> None:
    """Each piece is in what was printed, and in the section."""
    for piece in pieces:
        assert piece in ran.text, ran
        assert piece in section(title)


def test_a_lost_key(gateway: Program) -> None:
    shutil.rmtree(gateway.home / "config" / "keys")
    title = "The key is lost"
    printed(title, gateway("models auth add --provider gate --stdin", stdin=GOOD), "is not at ")
    printed(title, gateway("models"), "NOT USABLE: the key of the store is not there")


@pytest.mark.soak
def test_a_store_whose_key_is_gone_is_begun_anew_with_what_was_chosen(tmp_path: Path) -> None:
    (block,) = blocks(TEXT, "sh lost-key")
    *commands, add = block.text.splitlines()
    save = f"echo {GOOD} | aura_intelligence models auth add --provider openai --no-verify --stdin"
    assert add == "aura_intelligence models auth add --provider openai"
    chosen = ["aura_intelligence models set openai/small", save, save]
    lost = "rm -r .config/aura_intelligence/keys"
    *_, last = shell(["cd", *chosen, lost, save, *commands, save], tmp_path)
    assert last[0].startswith("Saved openai:default")
    shown = shell(["aura_intelligence models resolve --plain"], tmp_path)
    assert shown == [["openai/small"]]
    assert (tmp_path / "old-store.db").exists()


def test_a_key_of_another_store(gateway: Program) -> None:
    gateway.environ["AURA_INTELLIGENCE_VAULT_KEY"] = "ab" * 32
    ran = gateway("models auth add --provider gate --stdin", stdin=GOOD)
    printed("The key is lost", ran, "the key that was found is not the key of this store")


def test_a_base_url_without_its_end(cli: Program, server: ScriptedServer) -> None:
    url = server.url.removesuffix("/v1")
    cli.must(["models", "providers", "add", "mine", "--base-url", url, "--dialect", "openai"])
    cli.must("models set mine/elsewhere")
    title = "/v1 is missing at the end of a base URL"
    printed(title, cli("models status --probe"), "(is /v1 missing at its end?)")


def test_a_local_server_that_asks_for_a_key(cli: Program, server: ScriptedServer) -> None:
    url = server.url
    cli.must(["models", "providers", "add", "mine", "--base-url", url, "--dialect", "openai"])
    cli.must("models set mine/unauthorized")
    title = "401 from a server on this machine"
    printed(title, cli("models ask hello"), "with no key: auth")
    printed(title, cli("models"), "asks for a key")
    ran = cli("models resolve")
    printed("Nothing can be tried now", ran, "nothing can be tried now: ")
    assert ran.code == 1


def test_a_cooldown_is_cleared_by_its_command(gateway: Program) -> None:
    gateway.must("models set gate/limited")
    gateway("models ask hello")
    assert "skipped: rate_limit of this model, ends in " in gateway("models resolve").out
    assert "Cooling down" in gateway("models").out
    gateway.must("models auth clear-cooldown --all")
    assert gateway.must("models resolve --plain").out == "gate/limited\n"


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("The store is damaged", "is not a store of this program, or its beginning is lost"),
        ("The store is newer", "was written by a newer version"),
    ],
)
def test_a_store_that_cannot_be_read(gateway: Program, title: str, message: str) -> None:
    if "newer" in title:
        with closing(sqlite3.connect(gateway.store)) as store, store:
            store.execute("PRAGMA user_version = 99")
    else:
        gateway.store.write_bytes(b"nothing of a store" * 500)
    printed(title, gateway("models"), message)


def test_a_proxy_that_is_not_followed(gateway: Program, server: ScriptedServer) -> None:
    gateway.environ["AURA_INTELLIGENCE_PROXY"] = "http://127.0.0.1:1"
    add = "models auth add --provider openai --stdin"
    ran = gateway.must(add, stdin=BAD)
    assert ran.err.startswith("not checked: network (")
    assert "`not checked: network (…)`" in FLAT
