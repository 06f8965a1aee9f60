"""What was chosen is taken back, edited and renamed; a store whose key is lost goes on."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer
from tests.cli.terminals import at_terminal

pytestmark = pytest.mark.usefixtures("back_end")


def test_a_choice_can_be_taken_back(gateway: Program) -> None:
    gateway.must("models set-image gate/see")
    assert gateway("models unset").out == "No default model any longer (it was gate/ok).\n"
    assert gateway("models set-image --none").out.startswith("No image model any longer")
    document = gateway("models unset --json").document
    assert (document["defaultModel"], document["changed"]) == (None, False)
    assert gateway("models status --json").document["imageModel"] is None


def test_what_is_in_use_says_the_command_that_frees_it(gateway: Program) -> None:
    freed = []
    while (ran := gateway("models providers remove gate")).code:
        command = ran.err.partition("first: aura_intelligence ")[2].strip()
        freed.append(command)
        gateway.must(command + (" --yes" if "auth remove" in command else ""))
    assert freed == ["models unset", "models auth remove gate:default"]


def test_a_profile_is_relabelled_and_renamed_without_its_secret(gateway: Program) -> None:
    gateway.must("models auth set gate:default --label Mine")
    gateway.must("models auth order set --provider gate gate:default")
    ran = gateway("models auth rename gate:default work --json").document
    assert (ran["profile"]["profileId"], ran["profile"]["label"]) == ("gate:work", "Mine")
    assert gateway("models auth order get --provider gate --json").document["order"] == [
        "gate:work"
    ]
    assert gateway("models status --probe --check").code == 0
    assert gateway("models auth rename gate:nope other").code == 1
    assert gateway("models auth set gate:work").code == 64


def test_a_profile_gets_another_address_only_where_it_was_agreed(
    gateway: Program, server: ScriptedServer
) -> None:
    url = server.url.replace("/v1", "/other/v1")
    refused = gateway(f"models auth set gate:default --base-url {url}")
    assert (refused.code, f"gate:default goes to {url}" in refused.err) == (64, True)
    gateway.must(f"models auth set gate:default --base-url {url} --yes")
    gateway("models status --probe")
    assert server.seen[-1] == ("/other/v1/chat/completions", "ok", GOOD)


def test_an_own_provider_moves_with_its_profiles(gateway: Program, server: ScriptedServer) -> None:
    url = server.url.replace("/v1", "/moved/v1")
    refused = gateway(f"models providers set gate --base-url {url}")
    assert refused.code == 64
    assert f"gate is at {url} (until now: {server.url})" in refused.err
    assert "the profile gate:default goes there" in refused.err
    gateway.must(f"models providers set gate --base-url {url} --yes")
    gateway("models status --probe")
    assert server.seen[-1] == ("/moved/v1/chat/completions", "ok", GOOD)
    shown = gateway("models providers show gate --json").document
    assert (shown["provider"]["baseUrl"], shown["profiles"]) == (url, ["gate:default"])
    assert gateway("models providers set gate").code == 64
    assert gateway("models providers set openai --label x").code == 1


@pytest.mark.on_disk
def test_a_lost_key_is_told_as_such_and_the_store_goes_on_after_a_reset(
    gateway: Program, server: ScriptedServer
) -> None:
    gateway("models status --probe")
    shutil.rmtree(gateway.home / "config" / "keys")
    for words in ("models ask hello", "models exec -- true", "models env --reveal"):
        ran = gateway(words)
        assert (ran.code, "aura_intelligence vault reset" in ran.err) == (69, True)
    assert gateway("models exec --profile gate:default -- true").code == 69
    assert gateway("vault reset").code == 64
    done = gateway("vault reset --yes --json").document
    assert (done["removed"], done["unconfirmed"]) == (["gate:default"], ["gate"])
    assert len([*(gateway.home / "data" / "backups").glob("*.db")]) == 1
    assert gateway("models status --plain").out == "gate/ok\n"
    assert len(gateway("models history --json").document["records"]) == 1
    add = "models auth add --provider gate --stdin --no-verify"
    found = gateway("models status --check --json")
    assert (found.code, "providers set gate" in found.document["problem"]["hint"]) == (1, True)
    refused = gateway(add, stdin=GOOD)
    assert (refused.code, "providers set gate" in refused.err) == (69, True)
    gateway.must("models providers set gate --yes")
    gateway.must(add, stdin=GOOD)
    assert gateway("models status --probe --check").code == 0
    again = gateway("vault reset --yes")
    assert (again.code, "there is nothing to reset" in again.err) == (1, True)


@pytest.mark.on_disk
def test_a_provider_changed_while_a_person_looks_at_it_is_not_signed(gateway: Program) -> None:
    shutil.rmtree(gateway.home / "config" / "keys")
    with at_terminal(gateway, "vault reset") as terminal:
        terminal.until("Make new keys")
        terminal.type("y\r")
        terminal.until("as you made it?")
        with closing(sqlite3.connect(gateway.store)) as store, store:
            store.execute("UPDATE user_providers SET base_url = 'http://127.0.0.1:9/v1'")
        terminal.type("y\r")
        assert terminal.finish() == 0
    assert gateway("models status --json").document["check"] == 1
    assert gateway("models ask hello --json").error["type"] != "network"


def test_none_and_a_model_exclude_each_other(cli: Program) -> None:
    assert cli("models set --none groq/x").code == 64


@pytest.mark.on_disk
def test_another_stores_key_is_named_beside_the_one_that_is_needed(gateway: Program) -> None:
    gateway.environ["AURA_INTELLIGENCE_VAULT_KEY"] = "11" * 32
    ran = gateway("models exec --json -- true")
    error = ran.document["error"]
    assert (ran.code, error["type"]) == (69, "wrong_key")
    assert "(have " in error["message"]
    gateway.must("vault reset --yes --keep-providers")
    gateway.must("models auth add --provider gate --stdin", stdin=GOOD)
