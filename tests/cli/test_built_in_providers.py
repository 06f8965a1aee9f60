"""Built-in providers at work: those of this machine, one without an address, free checks."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.providers.table import ROWS
from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer

LOCAL = ("ollama", "lmstudio", "vllm", "litellm")
AZURE = "azure-openai"


def tried(ran: dict[str, Any]) -> list[str]:
    return [result["provider"] for result in ran["auth"]["probes"]["results"]]


def test_servers_of_this_machine_are_nobodys_until_they_are_meant(cli: Program) -> None:
    cli.must("models set groq/x")
    found = cli("models status --probe --json").document
    assert tried(found) == []
    assert not {p["provider"] for p in found["auth"]["providers"]} & set(LOCAL)


@pytest.mark.parametrize("provider", LOCAL)
def test_a_server_of_this_machine_is_tried_when_it_is_named(cli: Program, provider: str) -> None:
    named = f"models status --probe --probe-provider {provider} --probe-timeout 300 --json"
    assert tried(cli(named).document) == [provider]


def test_a_model_of_this_machine_needs_no_key_and_counts(cli: Program) -> None:
    cli.must("models set ollama/llama3.2")
    ran = cli("models status --check --json")
    assert ran.code == 0
    (ollama,) = ran.document["auth"]["providers"]
    assert (ollama["provider"], ollama["effective"]["kind"]) == ("ollama", "none")


@pytest.mark.parametrize(
    "words",
    ["models auth add --provider azure --stdin", "models auth paste-token --provider azure"],
)
def test_a_provider_without_an_address_wants_one_before_it_wants_a_key(
    cli: Program, words: str
) -> None:
    ran = cli(f"{words} --json", stdin=GOOD)
    assert (ran.code, ran.error["type"]) == (64, "malformed")
    assert "--base-url" in ran.error["hint"]
    assert cli("models auth list --json").document["profiles"] == []


def test_its_key_goes_to_the_address_that_was_given(cli: Program, server: ScriptedServer) -> None:
    added = cli.must(
        f"models auth add --provider azure --base-url {server.url} --stdin", stdin=GOOD
    )
    assert "Saved azure-openai:default" in added.out
    assert server.seen == [("/v1/models", "", GOOD)]
    cli.must(f"models set {AZURE}/mine")
    result = cli("models status --probe --json").document["auth"]["probes"]["results"][0]
    assert (result["profileId"], result["status"]) == ("azure-openai:default", "ok")
    assert server.seen[-1] == ("/v1/chat/completions", "mine", GOOD)


def test_its_variable_is_sent_nowhere_without_the_variable_of_its_address(cli: Program) -> None:
    alone = replace(cli, environ={"AZURE_OPENAI_API_KEY": GOOD})
    found = alone("models status --probe --json").document["auth"]
    (listed,) = found["providers"][0]["environment"]
    assert (listed["problem"], listed["baseUrl"]) == ("no_base_url", "")
    (result,) = found["probes"]["results"]
    assert (result["status"], result["code"]) == ("unreadable", "no_base_url")


def test_a_github_token_of_another_purpose_is_no_copilot(cli: Program) -> None:
    ci = replace(cli, environ={"GITHUB_TOKEN": "ghp_canary0123456789", "GH_TOKEN": "x" * 20})
    assert ci("models auth list --json").document["environment"] == []


def test_every_provider_with_a_variable_is_asked_once_where_its_other_variable_points(
    cli: Program, server: ScriptedServer
) -> None:
    rows = [row for row in ROWS if row.env_names and row.base_url_env]
    environ = {}
    for row in rows:
        environ[row.env_names[0]] = f"{GOOD}-{row.id}"
        environ[row.base_url_env or ""] = f"http://127.0.0.1:{server.port}/{row.id}{row.extra_path}"
    probing = replace(cli, environ=environ)
    found = probing("models status --probe --probe-concurrency 8 --json").document["auth"]["probes"]

    assert {result["provider"] for result in found["results"]} == {row.id for row in rows}
    assert len(found["results"]) == len(server.seen) == len(rows)
    # The scripted server does not read Google's own header.
    keyed = {path.split("/")[1]: key for path, _, key in server.seen if "/google/" not in path}
    assert keyed == {row.id: f"{GOOD}-{row.id}" for row in rows if row.id != "google"}


PAGES = {
    "deepseek": ("/v1/user/balance", {"is_available": False, "balance_infos": []}),
    "xai": ("/v1/api-key", {"redacted_api_key": "xai-...", "team_blocked": True}),
    "openrouter": ("/v1/key", {"data": {"limit_remaining": 0}}),
    "moonshot": ("/v1/users/me/balance", {"data": {"available_balance": 0}}),
}


@pytest.mark.parametrize("provider", PAGES)
def test_a_free_check_tells_what_stands_against_a_key_that_is_known(
    cli: Program, server: ScriptedServer, provider: str
) -> None:
    path, page = PAGES[provider]
    server.pages[path] = page
    cli.must(
        f"models auth add --provider {provider} --base-url {server.url} --stdin --no-verify",
        stdin=GOOD,
    )
    found = cli("models status --probe --probe-mode free --json").document["auth"]["probes"]
    (result,) = found["results"]
    assert (result["credential"], result["mode"]) == ("proven", "free")
    assert result["status"] in ("billing", "permission")
    assert server.seen == [(path, "", GOOD)]
