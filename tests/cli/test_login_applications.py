"""Who signs in: again, as another application, by a key; and the port and the way that are said."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.issuers import ALICE, BOB, Issuer, issuer
from tests.cli.program import Program
from tests.cli.visits import (
    LOGIN,
    events,
    failure,
    profiles,
    refused,
    signs_in,
    without_naps,
)

BY_BROWSER, BY_CODE = f"{LOGIN} --method browser", f"{LOGIN} --device-code"


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def gate(cli: Program, site: Issuer) -> Program:
    return signs_in(cli, site)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return without_naps(monkeypatch)


@pytest.mark.usefixtures("naps")
def test_a_profile_that_is_good_is_signed_in_again_by_force_only(
    gate: Program, site: Issuer
) -> None:
    site.device = "approved"
    again = f"{BY_CODE} --profile-id work"
    gate.must(again)
    asked = len(site.requests)
    assert "gate:work is signed in\nhint: to sign in again: --force\n" in refused(gate, again)
    assert len(site.requests) == asked
    gate.must(f"{again} --force")
    assert profiles(gate) == ["gate:work"]


@pytest.mark.usefixtures("naps")
def test_another_application_may_be_signed_in_as(gate: Program, site: Issuer) -> None:
    site.device, site.client_id = "approved", "mine"
    assert "invalid_client" in refused(gate, BY_CODE)
    gate.must(f"{BY_CODE} --client-id mine")
    assert profiles(gate) == [f"gate:{ALICE}"]


def test_an_application_of_ones_own_is_asked_for(cli: Program) -> None:
    told = refused(cli, "models auth login --provider huggingface", by=64)
    assert "huggingface signs in as an application of your own\n" in told
    assert "--client-id" in told


def test_who_is_signed_in_by_a_key_is_told_how_where_nobody_can_type(cli: Program) -> None:
    told = refused(cli, "models auth login --provider openai", by=64)
    assert "models auth add --provider openai --stdin" in told
    ran = cli("models auth login --provider openai --json")
    assert (ran.code, ran.error["type"]) == (64, "malformed")
    by_code = "models auth login --provider openai --device-code"
    assert "openai has no sign-in" in refused(cli, by_code)


@pytest.fixture
def borrowed(site: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    """The server in the place of xAI's own."""
    from adapters.providers.sign_in.clients import CLIENTS

    usual = CLIENTS["xai"]
    token, device = f"{site.url}/token", f"{site.url}/device/auth"
    moved = usual._replace(token_url=token, device_url=device)
    monkeypatch.setitem(CLIENTS, "xai", moved)
    site.client_id, site.device = usual.client_id, "approved"
    return site


@pytest.mark.usefixtures("naps")
def test_a_borrowed_application_is_agreed_on_once(
    cli: Program, borrowed: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def confirm(_: Any, question: str, *, instead: str) -> bool:
        asked.append(question)
        return True

    monkeypatch.setattr("adapters.machine.terminal.TerminalPrompter.confirm", confirm)
    words = "models auth login --provider xai"
    assert "the application of xAI's Grok Build" in cli.must(words).err
    borrowed.account = BOB
    assert "Grok Build" not in cli.must(words).err
    assert asked == ["Sign in as that program?"]
    assert profiles(cli) == [f"xai:{ALICE}", f"xai:{BOB}"]


@pytest.mark.parametrize("provider", ["xai", "openai-codex"])
def test_a_program_borrows_nothing_that_nobody_agreed_on(
    cli: Program, borrowed: Issuer, provider: str
) -> None:
    before = cli.files()
    words = f"models auth login --provider {provider}"
    ran = cli(f"{words} --json")
    assert (ran.code, failure(ran)["type"]) == (64, "malformed")
    assert f"{words} --yes" in failure(ran)["hint"]
    assert cli(words).code == 64
    assert (borrowed.requests, cli.files()) == ([], before)


@pytest.mark.usefixtures("naps")
def test_yes_agrees_and_still_says_what_to(cli: Program, borrowed: Issuer) -> None:
    ran = cli.must("models auth login --provider xai --yes --json")
    assert "the application of xAI's Grok Build" in ran.err
    assert events(ran.out)[-1]["event"] == "auth_success"


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_port_that_is_none_is_no_port(gate: Program, port: str) -> None:
    refused(gate, f"{BY_BROWSER} --port={port}", by=64)


@pytest.mark.parametrize("expect", ["''", "' '"])
def test_nobody_is_no_account_to_expect(gate: Program, site: Issuer, expect: str) -> None:
    assert gate(f"models auth login --provider gate --expect {expect}").code == 64
    assert site.requests == []


def test_two_ways_at_once_are_none(gate: Program, site: Issuer) -> None:
    site.code_life = 1
    for way in ("browser", "api-key"):
        refused(gate, f"{LOGIN} --device-code --method {way}", by=64)
    assert site.requests == []
