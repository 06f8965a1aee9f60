"""`models resolve`, `auth explain`, `auth clear-cooldown`: what real answers lead to."""

import pytest

from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer

pytestmark = pytest.mark.usefixtures("back_end")

NOT_A_REF = 64


def candidates(cli: Program, words: str = "") -> list[tuple[str, str | None, str | None]]:
    found = cli(f"models resolve --json {words}").document["candidates"]
    return [(c["model"], c["profileId"], c["outcome"] or c["reason"]) for c in found]


def test_the_list_is_the_chain_with_its_credentials(chain: Program) -> None:
    assert candidates(chain) == [
        ("gate/ok", "gate:default", None),
        ("spare/ok", "spare:default", None),
    ]
    assert chain("models resolve --plain").out == "gate/ok\n"


def test_it_begins_with_what_is_named_and_ends_with_the_default(chain: Program) -> None:
    chain.must("models aliases add quick spare/tiny")
    assert [model for model, *_ in candidates(chain, "quick")] == [
        "spare/tiny",
        "spare/ok",
        "gate/ok",
    ]


def test_images_follow_their_own_chain(chain: Program) -> None:
    chain.must("models set-image gate/see")
    chain.must("models image-fallbacks add spare/look")
    assert [model for model, *_ in candidates(chain, "--image")] == ["gate/see", "spare/look"]


@pytest.mark.parametrize(
    ("model", "outcome", "reason", "scope"),
    [
        ("limited", "rate_limit", "cooldown", "model"),
        ("busy", "overloaded", "cooldown", "credential"),
        ("broken", "provider_error", "cooldown", "credential"),
        ("payment", "billing", "disabled", "credential"),
        ("missing", "no_model", "cooldown", "model"),
        ("unauthorized", "auth", "refused", "credential"),
        ("forbidden", "permission", "cooldown", "model"),
        ("paid", "permission", "cooldown", "model"),
        ("shut", "permission", "permission", "credential"),
    ],
)
def test_what_a_probe_met_is_the_reason_to_go_on_with_the_next(
    chain: Program, model: str, outcome: str, reason: str, scope: str
) -> None:
    chain.must(f"models set gate/{model}")
    chain(f"models status --probe --probe-model gate/{model}")
    document = chain.must("models resolve --json").document
    first, second = document["candidates"]
    assert (first["outcome"], first["reason"], first["scope"]) == (outcome, reason, scope)
    assert (first["usable"], second["usable"]) == (False, True)
    assert document["resolved"] == "spare/ok"
    shown = chain.must("models resolve").out
    assert f"skipped: {outcome}" in shown


def test_a_cooldown_of_one_model_leaves_the_others_of_the_credential(chain: Program) -> None:
    chain.must("models set gate/limited")
    chain.must("models fallbacks add gate/ok")
    chain("models status --probe --probe-model gate/limited")
    assert chain("models resolve --plain").out == "spare/ok\n"
    assert chain("models resolve gate/ok --plain").out == "gate/ok\n"


@pytest.mark.parametrize("model", ["forbidden", "paid", "flagged"])
def test_a_refusal_of_one_model_or_prompt_leaves_the_fallback_on_the_same_key(
    chain: Program, model: str
) -> None:
    chain.must(f"models set gate/{model}")
    chain.must("models fallbacks clear")
    chain.must("models fallbacks add gate/ok")
    ran = chain("models ask hello")
    assert "answered gate/ok with gate:default" in ran.err
    first, second = chain.must("models resolve --json").document["candidates"]
    assert (first["usable"], second["usable"]) == (model == "flagged", True)
    assert chain("models status --check").code == 0


def test_an_account_that_is_shut_under_400_fails_the_check(gateway: Program) -> None:
    gateway.must("models set gate/shut")
    ran = gateway("models status --probe --check")
    assert (ran.code, "permission of this credential" in ran.out) == (1, True)
    (cooling,) = gateway("models status --json").document["auth"]["unusableProfiles"]
    assert (cooling["reason"], cooling["scope"]) == ("permission", "credential")


def test_a_page_that_is_not_there_is_told_with_its_address(
    gateway: Program, server: ScriptedServer
) -> None:
    document = gateway("models status --probe --probe-model gate/elsewhere --json").document
    (result,) = document["auth"]["probes"]["results"]
    assert (result["status"], result["error"]) == ("format", f"at {server.url}: Not Found")


def test_when_nothing_can_be_tried_it_says_so_and_exits_with_1(gateway: Program) -> None:
    gateway.must("models set gate/unauthorized")
    gateway("models status --probe")
    ran = gateway("models resolve")
    assert ran.code == 1
    assert "nothing can be tried now: gate/unauthorized with gate:default: auth" in ran.err
    assert gateway("models resolve --plain").out == ""
    document = gateway("models resolve --json").document
    assert (document["resolved"], document["candidates"][0]["usable"]) == (None, False)


def test_without_a_default_it_names_the_command(cli: Program) -> None:
    ran = cli("models resolve")
    assert ran.code == 1
    assert "models set" in ran.err


def test_without_an_image_model_it_names_the_other_command(chain: Program) -> None:
    for words in ("models resolve --image", "models resolve --image --json"):
        ran = chain(words)
        assert ran.code == 1
        assert "there is no image model" in ran.text
        assert "models set-image" in ran.text


def test_what_passes_says_when_and_what_does_not_says_what_to_do(gateway: Program) -> None:
    gateway("models status --probe --probe-model gate/ok,gate/busy")
    ran = gateway("models resolve")
    assert "gate/ok with gate:default: overloaded; the next one in " in ran.err
    assert "hint: or now: aura_intelligence models auth clear-cooldown gate:default" in ran.err
    gateway("models status --probe --probe-model gate/unauthorized")
    problem = gateway("models resolve --json").document["problem"]
    assert "gate:default: auth" in problem["message"]
    assert "once that is fixed" in problem["hint"]


@pytest.mark.parametrize(("words", "code"), [("nope/x", 1), ("a/", NOT_A_REF)])
def test_what_is_not_there_is_refused(chain: Program, words: str, code: int) -> None:
    assert chain(f"models resolve {words}").code == code


def test_check_minds_a_refusal_and_no_cooldown_beside_a_spare(chain: Program) -> None:
    chain.must("models set gate/limited")
    chain("models status --probe --probe-model gate/limited")
    assert chain("models status --check").code == 0
    chain("models status --probe --probe-model gate/busy")
    assert chain("models status --check").code == 0
    chain("models status --probe --probe-model gate/unauthorized")
    assert chain("models status --check").code == 1


def test_a_route_with_one_good_credential_left_is_fine(chain: Program) -> None:
    chain.must("models auth add --provider gate --profile-id b --stdin --no-verify", stdin=BAD)
    chain("models status --probe --probe-profile gate:b")
    assert chain("models status --check").code == 0


def test_a_new_secret_starts_without_a_past(chain: Program) -> None:
    chain.must("models auth add --provider gate --stdin --no-verify", stdin=BAD)
    chain("models status --probe --probe-profile gate:default")
    assert candidates(chain)[0][2] == "auth"
    chain.must("models auth add --provider gate --stdin --no-verify", stdin=GOOD)
    assert candidates(chain)[0][2] is None


def test_a_variable_is_remembered_by_its_value_in_a_home_without_a_key(
    cli: Program, server: ScriptedServer
) -> None:
    cli.environ.update(OPENAI_API_KEY=BAD, OPENAI_BASE_URL=server.url)
    cli.must("models set openai/ok")
    cli("models status --probe")
    assert candidates(cli) == [("openai/ok", "openai:env:OPENAI_API_KEY", "auth")]
    cli.environ["OPENAI_API_KEY"] = GOOD
    assert candidates(cli) == [("openai/ok", "openai:env:OPENAI_API_KEY", None)]


def test_status_tells_what_is_cooling_and_for_how_long(chain: Program) -> None:
    chain.must("models set gate/limited")
    chain("models status --probe --probe-model gate/limited")
    shown = chain("models status").out
    assert "Cooling down\n  gate:default with limited: rate_limit of this model, ends in " in shown
    auth = chain("models status --json").document["auth"]
    (told,) = auth["cooldowns"]
    assert (told["model"], told["reason"], told["kind"]) == (
        "gate/limited",
        "rate_limit",
        "cooldown",
    )
    assert 0 < told["remainingMs"] <= 30_000
    assert auth["unusableProfiles"] == []


def test_status_lists_a_credential_that_is_disabled_among_the_unusable(chain: Program) -> None:
    chain("models status --probe --probe-model gate/payment")
    (told,) = chain("models status --json").document["auth"]["unusableProfiles"]
    assert (told["profileId"], told["kind"], told["reason"]) == (
        "gate:default",
        "disabled",
        "billing",
    )
    assert 0 < told["remainingMs"] <= 30_000


def test_the_list_of_credentials_tells_of_a_cooldown_too(chain: Program) -> None:
    chain("models status --probe --probe-model gate/busy")
    assert "not used: overloaded of this credential, ends in " in chain("models auth list").out
    gate, spare = chain("models auth list --json").document["profiles"]
    assert (gate["used"], gate["unusable"], gate["cooldownUntil"] is None) == (False, None, False)
    assert (spare["used"], spare["cooldownUntil"]) == (True, None)
    providers = chain("models status --json").document["auth"]["providers"]
    assert [bool(p["effective"]["cooldownUntil"]) for p in providers] == [True, False]


def test_explain_says_what_is_used_and_what_it_shadows(cli: Program) -> None:
    cli.environ["GROQ_API_KEY"] = GOOD
    cli.must("models auth add --provider groq --stdin --no-verify", stdin=GOOD)
    cli.must("models auth add --provider groq --profile-id work --stdin --no-verify", stdin=GOOD)
    document = cli.must("models auth explain groq --json").document
    assert (document["used"]["profileId"], document["shadows"]) == (
        "groq:default",
        ["GROQ_API_KEY"],
    )
    assert [(o["profileId"], o["why"]) for o in document["others"]] == [
        ("groq:work", "later"),
        ("groq:env:GROQ_API_KEY", "later"),
    ]
    shown = cli.must("models auth explain groq").out
    assert "groq uses groq:default" in shown
    assert "It shadows GROQ_API_KEY." in shown
    assert "stored profiles come before variables" in shown
    assert GOOD not in shown


def test_explain_gives_no_false_reason_among_variables(cli: Program) -> None:
    cli.environ.update(ANTHROPIC_API_KEY=GOOD, ANTHROPIC_AUTH_TOKEN=GOOD)
    shown = cli.must("models auth explain anthropic").out
    assert "anthropic uses anthropic:env:ANTHROPIC_API_KEY" in shown
    assert "its variable comes later in the provider's list" in shown


def test_explain_tells_a_turn_from_a_name(chain: Program) -> None:
    chain.must("models auth add --provider gate --profile-id b --stdin --no-verify", stdin=GOOD)
    assert "gate:default  its id comes later" in chain("models auth explain gate").out
    chain.must("models ask hello")
    assert "gate:b    was used more recently" in chain("models auth explain gate").out


def test_explain_of_a_model_minds_that_models_limits(chain: Program) -> None:
    chain("models status --probe --probe-model gate/limited")
    assert chain("models auth explain gate --json").document["used"] is not None
    of_model = chain("models auth explain gate/limited --json").document
    assert of_model["used"] is None
    assert of_model["others"][0]["outcome"] == "rate_limit"
    assert "gate/limited has no credential that can be used now" in (
        chain("models auth explain gate/limited").out
    )


@pytest.mark.parametrize("name", ["nobody", "nobody/x"])
def test_explain_knows_no_strangers(cli: Program, name: str) -> None:
    assert cli(f"models auth explain {name}").code == 1


def test_clearing_lets_a_credential_be_used_at_once_and_is_in_the_history(chain: Program) -> None:
    chain("models status --probe --probe-model gate/unauthorized,gate/payment")
    assert candidates(chain)[0][2] is not None
    would = chain.must("models auth clear-cooldown gate:default --dry-run --json").document
    assert (would["cleared"], would["changed"]) == (["gate:default"], False)
    assert candidates(chain)[0][2] is not None
    assert "Cleared gate:default: " in chain.must("models auth clear-cooldown gate:default").out
    assert candidates(chain)[0][2] is None
    assert chain("models status --check").code == 0
    newest = chain("models history --json --limit 1").document["records"][0]
    assert (newest["kind"], newest["outcome"]) == ("cleared", "cleared")


@pytest.mark.on_disk
def test_where_nothing_is_held_against_it_nothing_is_written(chain: Program) -> None:
    before = chain.store.read_bytes()
    assert chain.must("models auth clear-cooldown gate:default --json").document["cleared"] == []
    assert chain.must("models auth clear-cooldown --all").out == "There is no cooldown to clear.\n"
    assert chain.store.read_bytes() == before


def test_a_provider_stands_for_all_of_its_credentials(chain: Program) -> None:
    chain("models status --probe --probe-model gate/busy,spare/busy")
    assert chain.must("models auth clear-cooldown gate --json").document["cleared"] == [
        "gate:default"
    ]
    assert chain("models auth clear-cooldown gat").code == 1


def test_all_is_all(chain: Program) -> None:
    chain("models status --probe --probe-model gate/busy,spare/busy")
    cleared = chain.must("models auth clear-cooldown --all --json").document["cleared"]
    assert sorted(cleared) == ["gate:default", "spare:default"]


def test_a_server_without_a_key_can_be_cleared_too(cli: Program) -> None:
    cli.must("models providers add down --base-url http://127.0.0.1:9/v1 --dialect openai")
    cli.must("models set down/m")
    cli("models status --probe --probe-timeout 2000")
    assert candidates(cli) == [("down/m", None, "network")]
    assert cli.must("models auth clear-cooldown --all --json").document["cleared"] == ["down:none:"]
    assert candidates(cli) == [("down/m", None, None)]


@pytest.mark.parametrize(
    ("words", "code"), [("", NOT_A_REF), ("gate:default --all", NOT_A_REF), ("gate:nope", 1)]
)
def test_what_to_clear_must_be_said(chain: Program, words: str, code: int) -> None:
    assert chain(f"models auth clear-cooldown {words}").code == code
