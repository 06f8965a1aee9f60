"""`models auth …`: how credentials come in, are listed, ordered and removed."""

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer

pytestmark = pytest.mark.usefixtures("back_end")

SETUP = "sk-ant-oat01-" + "Ab3" * 40
PROFILE = {
    "profileId",
    "provider",
    "type",
    "label",
    "baseUrl",
    "fingerprint",
    "expiresAt",
    "expiresAtIso",
    "createdAt",
    "updatedAt",
    "revision",
    "keptBy",
}


@pytest.fixture
def gate(cli: Program, server: ScriptedServer) -> Program:
    cli.must(f"models providers add gate --base-url {server.url} --dialect openai --env GATE_KEY")
    return cli


def test_a_key_is_checked_for_free_before_it_is_saved(
    gate: Program, server: ScriptedServer
) -> None:
    ran = gate("models auth add --provider gate --stdin --label work", stdin=GOOD + "\n")
    assert ran.code == 0
    assert ran.out.startswith("Saved gate:default (api_key, fingerprint ")
    assert ran.err == "not checked: this server may answer any key\n"
    assert server.seen == [("/v1/models", "", GOOD)]


def test_a_refused_key_is_not_saved_and_replaces_nothing(gate: Program) -> None:
    gate.must("models auth add --provider gate --stdin", stdin=GOOD)
    before = gate.files()
    ran = gate("models auth add --provider gate --stdin --json", stdin=BAD)
    assert (ran.code, ran.error["type"]) == (1, "credential_rejected")
    assert gate.files() == before


def test_a_key_is_saved_unchecked_where_nobody_answers(cli: Program) -> None:
    cli.must("models providers add dead --base-url http://127.0.0.1:9/v1 --dialect openai")
    ran = cli("models auth add --provider dead --stdin --json", stdin=GOOD)
    assert ran.code == 0
    assert ran.document["notChecked"].startswith("network")


def test_nothing_is_sent_where_no_check_is_wanted(gate: Program, server: ScriptedServer) -> None:
    ran = gate("models auth add --provider gate --stdin --no-verify --json", stdin=BAD)
    assert (ran.code, ran.document["notChecked"]) == (0, "no check was asked for")
    assert server.seen == []


def test_an_added_key_is_described_without_itself(gate: Program) -> None:
    ran = gate("models auth add --provider gate --stdin --json", stdin=GOOD).document
    assert set(ran) == {
        "schemaVersion",
        "profiles",
        "profile",
        "changed",
        "replaced",
        "notChecked",
    }
    assert set(ran["profile"]) == PROFILE
    assert ran["profile"]["profileId"] == "gate:default"
    assert (ran["profile"]["type"], ran["profile"]["revision"]) == ("api_key", 1)
    assert len(ran["profile"]["fingerprint"]) == 8
    again = gate("models auth add --provider gate --stdin --json", stdin=GOOD).document
    assert (again["replaced"], again["profile"]["revision"]) == (True, 2)
    assert again["profile"]["fingerprint"] == ran["profile"]["fingerprint"]


@pytest.mark.parametrize(
    ("given", "stored"),
    [("work", "gate:work"), ("gate:work", "gate:work"), ("GATE:me@x.org", "gate:me@x.org")],
)
def test_a_profile_has_the_id_it_was_given(gate: Program, given: str, stored: str) -> None:
    ran = gate(
        ["models", "auth", "add", "--provider=gate", "--stdin", "--json", f"--profile-id={given}"],
        stdin=GOOD,
    )
    assert ran.document["profile"]["profileId"] == stored


def test_a_key_comes_from_a_variable_or_a_file(gate: Program, tmp_path: Path) -> None:
    gate.environ["MINE"] = GOOD
    (tmp_path / "key").write_text(f"  {GOOD}\n\n")
    gate.must("models auth add --provider gate --from-env MINE --profile-id a")
    gate.must(f"models auth add --provider gate --from-file {tmp_path}/key --profile-id b")
    gate.must("models auth add --provider gate --stdin --profile-id c", stdin=GOOD)
    listed = gate("models auth list --json").document["profiles"]
    assert len(listed) == 3
    assert len({p["fingerprint"] for p in listed}) == 1


def test_an_endpoint_of_its_own_goes_with_the_profile(
    gate: Program, server: ScriptedServer
) -> None:
    own = server.url.replace("127.0.0.1", "localhost")
    ran = gate(f"models auth add --provider groq --base-url {own} --stdin --json", stdin=GOOD)
    assert ran.document["profile"]["baseUrl"] == own
    assert server.seen == [("/v1/models", "", GOOD)]


@pytest.mark.parametrize(
    ("span", "left"),
    [("30d", 30 * 86_400_000), ("2", 2 * 86_400_000), ("12h", 43_200_000), ("500ms", 500)],
)
def test_a_token_expires_when_it_was_said_to(gate: Program, span: str, left: int) -> None:
    profile = gate(
        f"models auth paste-token --provider gate --expires-in {span} --json", stdin=GOOD
    ).document["profile"]
    assert profile["profileId"] == "gate:manual"
    assert profile["type"] == "token"
    assert abs(profile["expiresAt"] - profile["createdAt"] - left) < 5_000


def test_a_token_without_a_span_never_expires(gate: Program) -> None:
    ran = gate("models auth paste-token --provider gate --json", stdin=GOOD).document
    assert (ran["profile"]["expiresAt"], ran["profile"]["expiresAtIso"]) == (None, None)


def test_a_setup_token_is_kept_with_a_warning(cli: Program) -> None:
    ran = cli(
        "models auth setup-token --yes --expires-in 365d", stdin=f"{SETUP[:60]}\n{SETUP[60:]}"
    )
    assert ran.code == 0
    assert ran.out.startswith("Saved anthropic:manual (token, fingerprint ")
    assert ran.err.splitlines() == [
        "the pasted token was wrapped; its pieces were joined",
        "Anthropic's terms allow a subscription's token in its own programs only; elsewhere it is "
        "refused, or may cost you the account. It is stored because you supply it.",
    ]


def test_the_list_says_which_wins_and_what_it_shadows(gate: Program) -> None:
    gate.environ["GATE_KEY"] = "sk-gate-of-env-1"
    gate.environ["GROQ_API_KEY"] = "gsk_of_env_0001"
    gate.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    listed = gate("models auth list --json").document
    assert set(listed) == {"schemaVersion", "profiles", "environment"}
    (stored,) = listed["profiles"]
    assert set(stored) == PROFILE | {"status", "used", "unusable", "cooldownUntil"}
    assert (stored["status"], stored["used"], stored["unusable"]) == ("static", True, None)
    by_name = {entry["name"]: entry for entry in listed["environment"]}
    assert by_name["GATE_KEY"]["profileId"] == "gate:env:GATE_KEY"
    assert by_name["GATE_KEY"]["shadowedBy"] == "gate:default"
    assert (by_name["GROQ_API_KEY"]["used"], by_name["GROQ_API_KEY"]["shadowedBy"]) == (True, None)
    text = gate("models auth list").out
    assert text.index("Stored") < text.index("gate:default") < text.index("Environment")
    assert "shadowed by gate:default" in text
    only = gate("models auth list --provider gate --plain").out.splitlines()
    assert [line.split("\t")[:4] for line in only] == [
        ["gate:default", "api_key", "static", "usable"],
        ["gate:env:GATE_KEY", "api_key", "static", "usable"],
    ]


def test_a_variable_is_never_stored(gate: Program) -> None:
    gate.environ["GROQ_API_KEY"] = "gsk_of_env_0001"
    gate.must("models set groq/llama")
    gate.must("models status")
    assert all(b"gsk_of_env" not in content for content in gate.files().values())


def test_a_variable_is_removed_by_unsetting_it(cli: Program) -> None:
    cli.environ["GROQ_API_KEY"] = "gsk_of_env_0001"
    ran = cli("models auth remove groq:env:GROQ_API_KEY --yes")
    assert (ran.code, ran.err) == (
        1,
        "aura_intelligence: groq:env:GROQ_API_KEY is not stored\n"
        "hint: unset the variable GROQ_API_KEY\n",
    )


def test_an_order_names_who_is_tried_and_leaves_out_the_rest(gate: Program) -> None:
    for name in ("a", "b", "c"):
        gate.must(
            f"models auth add --provider gate --profile-id {name} --stdin --no-verify", stdin=GOOD
        )
    ran = gate("models auth order set --provider GATE gate:c,gate:a gate:c --json").document
    assert ran == {
        "schemaVersion": 1,
        "provider": "gate",
        "order": ["gate:c", "gate:a"],
        "changed": True,
    }
    assert gate("models auth order get").out == "Provider  Order\ngate      gate:c, gate:a\n"
    assert gate("models auth order get --plain").out == "gate\tgate:c\tgate:a\n"
    listed = gate("models auth list --json").document["profiles"]
    assert [(p["profileId"], p["used"], p["unusable"]) for p in listed] == [
        ("gate:c", True, None),
        ("gate:a", False, None),
        ("gate:b", False, "not_in_order"),
    ]
    late = gate("models auth add --provider gate --profile-id d --stdin --no-verify", stdin=GOOD)
    assert "gate:d is not in the auth order of gate and will not be used" in late.err
    assert gate("models auth order clear --provider gate").out == (
        "Auth order of gate: the usual one\n"
    )
    assert gate("models auth order get --provider gate --json").document["order"] is None


def test_a_removed_profile_leaves_no_reference(gate: Program) -> None:
    for name in ("a", "b"):
        gate.must(
            f"models auth add --provider gate --profile-id {name} --stdin --no-verify", stdin=GOOD
        )
    gate.must("models auth order set --provider gate gate:a gate:b")
    assert gate("models auth remove gate:a --yes").out == (
        "Removed gate:a. It is not revoked: do that at the provider.\n"
    )
    assert gate("models auth order get --provider gate --json").document["order"] == ["gate:b"]
    ran = gate("models auth logout gate:b --yes --json").document
    nothing = {"revoked": None, "revocationError": None}
    assert ran == {"schemaVersion": 1, "profiles": [], "changed": True, **nothing}
    assert gate("models auth order get --provider gate --json").document["order"] is None


def test_a_key_of_another_shape_is_saved_with_a_remark(cli: Program) -> None:
    ran = cli(
        "models auth add --provider anthropic --stdin --no-verify", stdin="sk-proj-not-theirs1"
    )
    assert ran.code == 0
    assert "does not look like a key of Anthropic" in ran.err


@pytest.mark.parametrize(
    ("provider", "key", "whose"),
    [
        ("openai", "sk-ant-api03-not-theirs", "Anthropic"),
        ("openai", "sk-or-v1-not-theirs", "OpenRouter"),
        ("anthropic", "gsk_not-theirs-at-all", "Groq"),
    ],
)
def test_a_key_that_begins_as_anothers_gets_a_word(
    cli: Program, provider: str, key: str, whose: str
) -> None:
    ran = cli(f"models auth add --provider {provider} --stdin --no-verify", stdin=key)
    assert ran.code == 0
    assert f"that looks like a key of {whose}, not of" in ran.err
    assert key not in ran.err


@pytest.mark.parametrize("key", ["sk-1234", "EMPTY", "none", "ollama"])
def test_a_server_of_ones_own_may_ask_for_a_short_key(
    gate: Program, server: ScriptedServer, key: str
) -> None:
    ran = gate("models auth add --provider gate --stdin", stdin=key)
    assert ran.code == 0
    assert "a value this short cannot be hidden" in ran.err
    assert server.seen[-1][2] == key
    refused = gate("models auth add --provider openai --stdin --no-verify", stdin=key)
    assert (refused.code, "too short" in refused.err) == (64, True)


def test_a_setup_token_given_as_a_key_is_a_token(cli: Program) -> None:
    token = "sk-ant-oat01-" + "x" * 80
    ran = cli("models auth add --provider anthropic --stdin --no-verify --json", stdin=token)
    assert "it is stored as one" in ran.err
    assert ran.document["profile"]["type"] == "token"
    cli.environ["ANTHROPIC_API_KEY"] = token
    cli.environ["CLAUDE_CODE_OAUTH_TOKEN"] = token
    found = cli("models auth list --json").document["environment"]
    assert {(f["name"], f["type"]) for f in found} == {
        ("ANTHROPIC_API_KEY", "token"),
        ("CLAUDE_CODE_OAUTH_TOKEN", "token"),
    }


def test_a_key_that_is_replaced_goes_where_the_old_one_went(
    gate: Program, server: ScriptedServer
) -> None:
    gate.must(
        f"models auth add --provider openai --profile-id gw --label Gateway --base-url {server.url}"
        " --stdin --no-verify",
        stdin=GOOD,
    )
    ran = gate(
        "models auth add --provider openai --profile-id gw --stdin", stdin="sk-another-key-1"
    )
    assert f"It is sent to {server.url}." in ran.out
    assert server.seen[-1][2] == "sk-another-key-1"
    (kept,) = (
        p
        for p in gate("models auth list --json").document["profiles"]
        if p["profileId"] == "openai:gw"
    )
    assert (kept["label"], kept["baseUrl"]) == ("Gateway", server.url)
    moved = gate(
        "models auth add --provider openai --profile-id gw --base-url https://api.openai.com/v1"
        " --label Mine --stdin --no-verify",
        stdin=GOOD,
    )
    assert "It is sent to https://api.openai.com/v1." in moved.out


def test_a_base_url_without_v1_gets_a_hint(gate: Program, server: ScriptedServer) -> None:
    bare = server.url.removesuffix("/v1")
    gate.must(f"models providers add bare --base-url {bare} --dialect openai")
    gate.must("models auth add --provider bare --stdin --no-verify", stdin=GOOD)
    ran = gate("models status --probe --probe-model bare/elsewhere --json")
    (result,) = (r for r in ran.document["auth"]["probes"]["results"] if r["provider"] == "bare")
    assert result["error"] == f"at {bare} (is /v1 missing at its end?): Not Found"
