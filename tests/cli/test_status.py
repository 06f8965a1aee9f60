"""`models status` and `models history`: every flag, every key."""

import pytest

from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer

pytestmark = pytest.mark.usefixtures("back_end")

TOP = {
    "schemaVersion",
    "configPath",
    "agentDir",
    "defaultModel",
    "resolvedDefault",
    "fallbacks",
    "imageModel",
    "imageFallbacks",
    "aliases",
    "allowed",
    "auth",
    "check",
}
AUTH = {
    "storePath",
    "shellEnvFallback",
    "providersWithOAuth",
    "missingProvidersInUse",
    "providers",
    "unusableProfiles",
    "oauth",
}
RESULT = {
    "provider",
    "model",
    "profileId",
    "label",
    "source",
    "mode",
    "status",
    "credential",
    "httpStatus",
    "code",
    "requestId",
    "latencyMs",
    "resetsAt",
    "error",
}
RECORD = {
    "id",
    "runId",
    "kind",
    "startedAt",
    "provider",
    "model",
    "profileId",
    "source",
    "outcome",
    "credential",
    "latencyMs",
    "httpStatus",
    "code",
    "requestId",
}


def test_status_has_every_key_a_script_may_ask_for(gateway: Program) -> None:
    gateway.must("models fallbacks add groq/llama")
    gateway.must("models aliases add fast groq/llama")
    document = gateway("models status --json").document
    assert set(document) >= TOP
    assert set(document["auth"]) >= AUTH
    assert document["defaultModel"] == document["resolvedDefault"] == "gate/ok"
    assert document["fallbacks"] == ["groq/llama"]
    assert document["aliases"] == {"fast": "groq/llama"}
    assert document["auth"]["missingProvidersInUse"] == ["groq"]
    by_id = {entry["provider"]: entry for entry in document["auth"]["providers"]}
    assert by_id["gate"]["effective"]["kind"] == "profiles"
    assert by_id["gate"]["effective"]["detail"] == "gate:default"
    assert by_id["gate"]["profiles"]["labels"] == ["gate:default"]
    assert by_id["groq"]["effective"]["kind"] == "missing"
    assert "probes" not in document["auth"]


def test_status_for_a_person_names_what_to_do(gateway: Program) -> None:
    gateway.must("models fallbacks add groq/llama")
    gateway.environ["OPENAI_API_KEY"] = "sk-of-the-environment"
    text = gateway("models").out
    for part in (
        "Default              gate/ok",
        "Fallbacks (1)        groq/llama",
        "Auth overview",
        "gate:default (stored API key, ",
        "openai:env:OPENAI_API_KEY (environment API key",
        "Missing auth",
        "groq: set GROQ_API_KEY, or run: aura_intelligence models auth add --provider groq",
    ):
        assert part in text


def test_plain_is_the_default_and_nothing_else(gateway: Program) -> None:
    assert gateway("models status --plain").out == "gate/ok\n"


@pytest.mark.parametrize(
    ("span", "code"), [("1ms", 1), ("1h", 2), ("25h", 0)], ids=["expired", "expiring", "fresh"]
)
def test_check_judges_the_best_credential_of_each_route(cli: Program, span: str, code: int) -> None:
    cli.must("models set groq/llama")
    assert cli("models status --check").code == 1
    cli.must(f"models auth paste-token --provider groq --expires-in {span}", stdin=GOOD)
    for form in ("", "--json", "--plain"):
        assert cli(f"models status --check {form}").code == code
    assert cli("models status").code == 0
    cli.environ["GROQ_API_KEY"] = "gsk_a_good_spare"
    assert cli("models status --check").code == 0
    cli.must("models fallbacks add mistral/large")
    assert cli("models status --check").code == 1


def test_check_without_a_default_is_one(cli: Program) -> None:
    cli.environ["GROQ_API_KEY"] = "gsk_a_good_key"
    assert cli("models status --check").code == 1


@pytest.mark.parametrize(
    ("model", "outcome", "credential", "check"),
    [
        ("ok", "ok", "proven", 0),
        ("unauthorized", "auth", "refused", 1),
        ("payment", "billing", "proven", 1),
        ("missing", "no_model", "proven", 1),
        ("limited", "rate_limit", "proven", 1),
        ("broken", "provider_error", "unknown", 1),
        ("busy", "overloaded", "unknown", 1),
        ("hang", "timeout", "unknown", 1),
        ("html", "provider_error", "unknown", 1),
    ],
)
def test_a_probe_says_what_the_provider_said(
    gateway: Program,
    server: ScriptedServer,
    model: str,
    outcome: str,
    credential: str,
    check: int,
) -> None:
    gateway.must(f"models set gate/{model}")
    ran = gateway("models status --probe --probe-timeout 1000 --check --json")
    (result,) = ran.document["auth"]["probes"]["results"]
    assert set(result) >= RESULT
    assert (result["status"], result["model"]) == (outcome, f"gate/{model}")
    assert ran.code == check
    # What it says is what would happen: one function decides.
    assert gateway("models resolve").code == check
    assert ("nothing can be tried now" in gateway("models status").err) == bool(check)
    assert [seen[1] for seen in server.seen] == [model]
    (record,) = gateway("models history --json").document["records"]
    assert set(record) >= RECORD
    assert (record["outcome"], record["profileId"]) == (outcome, "gate:default")
    if credential != "unknown":
        assert record["credential"] == result["credential"] == credential


def test_a_run_says_what_was_asked_of_it(gateway: Program) -> None:
    ran = gateway(
        "models status --probe --json --probe-provider gate --probe-profile gate:default "
        "--probe-timeout 900 --probe-concurrency 2 --probe-max-tokens 5"
    )
    probes = ran.document["auth"]["probes"]
    assert probes["totalTargets"] == 1
    assert probes["cancelled"] is False
    assert probes["durationMs"] == probes["finishedAt"] - probes["startedAt"]
    assert probes["options"] == {
        "provider": "gate",
        "profileIds": ["gate:default"],
        "models": [],
        "mode": "inference",
        "timeoutMs": 900,
        "concurrency": 2,
        "maxTokens": 5,
    }


def test_a_probe_is_a_table_for_a_person(gateway: Program) -> None:
    gateway.must("models set gate/limited")
    out = gateway("models status --probe").out
    assert "Auth probes" in out
    assert "limited  gate:default  gate      rate_limit (rate_limit_exceeded)  proven  " in out
    assert "ends in 30s · Slow down" in out or "ends in 29s · Slow down" in out
    assert "Probed 1 target in " in out


def test_a_credential_without_a_model_is_checked_for_free(
    gateway: Program, server: ScriptedServer
) -> None:
    gateway.must(f"models providers add other --base-url {server.url} --dialect openai")
    gateway.must("models auth add --provider other --stdin --no-verify", stdin=GOOD)
    server.seen.clear()
    ran = gateway("models status --probe --probe-provider other --json")
    (result,) = ran.document["auth"]["probes"]["results"]
    assert (result["mode"], result["model"], result["status"]) == ("free", None, "ok")
    assert server.seen == [("/v1/models", "", GOOD)]


def test_every_credential_is_tried_and_the_environment_too(
    gateway: Program, server: ScriptedServer
) -> None:
    gateway.must("models auth add --provider gate --profile-id bad --stdin --no-verify", stdin=BAD)
    ran = gateway("models status --probe --json")
    found = {r["profileId"]: r["status"] for r in ran.document["auth"]["probes"]["results"]}
    assert found == {"gate:default": "ok", "gate:bad": "auth"}
    some = gateway("models status --probe --json --probe-profile gate:bad,gate:default")
    assert some.document["auth"]["probes"]["totalTargets"] == 2


def test_a_refused_key_is_remembered(gateway: Program) -> None:
    gateway.must("models auth add --provider gate --profile-id bad --stdin --no-verify", stdin=BAD)
    gateway.must("models auth remove gate:default --yes")
    assert gateway("models status --check").code == 0
    assert gateway("models status --probe --check").code == 1
    assert gateway("models status --check").code == 1
    assert "the provider refused it when it was last tried" in gateway("models auth list").out


def test_a_server_of_this_machine_needs_no_key(cli: Program, server: ScriptedServer) -> None:
    cli.must(f"models providers add local --base-url {server.url} --dialect openai")
    cli.must("models set local/ok")
    assert cli("models status --check").code == 0
    ran = cli("models status --probe --check --json")
    assert ran.code == 0
    (entry,) = ran.document["auth"]["providers"]
    assert entry["effective"]["kind"] == "none"
    assert server.seen == [("/v1/chat/completions", "ok", "")]


def test_a_server_of_this_machine_that_asks_for_a_key_does_not_work_without(
    cli: Program, server: ScriptedServer
) -> None:
    cli.must(f"models providers add local --base-url {server.url} --dialect openai")
    cli.must("models set local/unauthorized")
    assert cli("models ask hello").code == 69
    assert cli("models resolve").code == 1
    assert cli("models status --check").code == 1
    assert "asks for a key" in cli("models status").out


def test_a_user_variable_is_sent_where_its_provider_says(
    cli: Program, server: ScriptedServer
) -> None:
    cli.must(f"models providers add gate --base-url {server.url} --dialect openai --env GATE_KEY")
    cli.environ["GATE_KEY"] = GOOD
    cli.environ["OPENAI_API_KEY"] = "sk-for-openai-only"
    cli.environ["OPENAI_BASE_URL"] = server.url
    cli.must("models set gate/ok")
    ran = cli("models status --probe --json")
    found = {r["label"]: r["status"] for r in ran.document["auth"]["probes"]["results"]}
    assert found == {"GATE_KEY": "ok", "OPENAI_API_KEY": "ok"}
    text = cli("models").out
    assert f"-> {server.url} (OPENAI_BASE_URL)" in text


def test_history_is_newest_first_in_pages(gateway: Program) -> None:
    for model in ("ok", "limited", "broken"):
        gateway.must(f"models set gate/{model}")
        gateway("models status --probe")
    first = gateway("models history --json --limit 2").document
    assert [r["outcome"] for r in first["records"]] == ["provider_error", "rate_limit"]
    rest = gateway(f"models history --json --before {first['nextCursor']}").document
    assert [r["outcome"] for r in rest["records"]] == ["ok"]
    assert rest["nextCursor"] is None
    only = gateway("models history --outcome rate_limit --plain").out.splitlines()
    assert len(only) == 1
    assert gateway("models history --provider GATE --profile gate:default --json").document[
        "records"
    ]
    assert gateway("models history --outcome auth --json").document["records"] == []
    table = gateway("models history --limit 2")
    assert table.out.splitlines()[0].split() == [
        "Started",
        "Kind",
        "Model",
        "Credential",
        "Outcome",
        "Time",
        "HTTP",
        "Code",
    ]
    assert table.err == f"more: --before {first['nextCursor']}\n"


def test_plugins_say_how_many_profiles_use_them(gateway: Program) -> None:
    gateway.must("models auth add --provider groq --stdin --no-verify", stdin=GOOD)
    entries = {p["id"]: p for p in gateway("plugins list --json").document["plugins"]}
    assert (entries["groq"]["profiles"], entries["openai"]["profiles"]) == (1, 0)
    assert entries["groq"]["envNames"] == ["GROQ_API_KEY"]
    assert entries["groq"]["source"] == "builtin"
    assert "Reason" not in gateway("plugins list").out
    assert "Reason" in gateway("plugins list --verbose").out


def test_own_providers_come_first_in_the_list(gateway: Program, server: ScriptedServer) -> None:
    entries = gateway("models providers list --json").document["providers"]
    assert entries[0] == {
        "id": "gate",
        "label": "gate",
        "dialect": "openai",
        "baseUrl": server.url,
        "envNames": [],
        "source": "user",
        "local": True,
        "plainHttp": False,
        "allowHttp": False,
        "signIn": None,
    }
    assert {e["source"] for e in entries[1:]} == {"builtin"}
    plain = gateway("models providers list --plain").out.splitlines()
    assert plain[0] == f"gate\topenai\t{server.url}\town"


def test_a_base_url_with_a_version_too_many_is_remarked_upon(cli: Program) -> None:
    words = "models providers add claude --dialect anthropic --base-url https://gate.example"
    assert cli(words).err == ""
    cli.must("models providers remove claude")
    assert "is written without /v1" in cli(f"{words}/v1").err


def test_plain_http_is_said_wherever_it_is_used(cli: Program) -> None:
    ran = cli(
        "models providers add lan --base-url http://box:8000/v1 --dialect openai --allow-http"
    )
    assert (ran.code, ran.err) == (0, "its credential is sent unencrypted over the network\n")
    cli.must("models set lan/x")
    assert "plain http to http://box:8000/v1" in cli("models").out
    assert cli("models status --json").document["auth"]["providers"][0]["plainHttp"] is True
    assert "own, plain http" in cli("models providers list").out
