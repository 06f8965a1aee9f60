"""Signing in without a terminal: by a browser that comes back, or by a device code."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.issuers import (
    ALICE,
    BOB,
    BROKEN,
    ESCAPES,
    HTML,
    HUGE,
    TOO_SOON,
    Issuer,
    error,
    issuer,
    said,
)
from tests.cli.program import Program, Ran
from tests.cli.servers import Answer
from tests.cli.visits import (
    LOGIN,
    browser,
    events,
    failure,
    landing,
    profiles,
    refused,
    signs_in,
    visit,
    without_naps,
)

BY_BROWSER, BY_CODE = f"{LOGIN} --method browser", f"{LOGIN} --device-code"
GRANT = {"access_token": "access-given-1", "token_type": "bearer"}


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def gate(cli: Program, site: Issuer) -> Program:
    return signs_in(cli, site)


@pytest.fixture
def desk(gate: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a machine with a screen, no container, and a browser; 20 s are enough."""
    monkeypatch.setattr("adapters.machine.browser._CONTAINERS", ())
    monkeypatch.setattr("application.grants.signing_in.PATIENCE", 20.0)
    gate.environ.update(DISPLAY=":0", BROWSER=str(browser(tmp_path)))
    return gate


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return without_naps(monkeypatch)


def started(program: Program, words: str) -> "subprocess.Popen[str]":
    return program.start(words, stdin=subprocess.DEVNULL)


# By a browser.


def test_the_browser_of_this_machine_comes_back(desk: Program, site: Issuer) -> None:
    ran = desk.must(LOGIN)
    assert profiles(desk) == [f"gate:{ALICE}"]
    first, url, *rest = ran.out.splitlines()
    assert first == "Your browser opens this page:"
    assert url.startswith(f"  {site.url}/auth?response_type=code&client_id=aura&")
    assert rest == [
        f"Signed in as {ALICE}: gate:{ALICE} (oauth)",
        f"It is sent to {site.api}.",
    ]
    assert ran.err == ""
    (asked,) = site.asked("/auth")
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert asked["scope"] == "openid"
    # The state is in the address, and a program that reads it has no use of it any more.
    assert not [secret for secret in site.secrets if secret in ran.text]


def test_every_sign_in_has_a_state_and_a_verifier_of_its_own(desk: Program, site: Issuer) -> None:
    desk.must(LOGIN)
    desk.must(LOGIN)
    one, two = site.asked("/auth")
    assert one["state"] != two["state"]
    assert one["code_challenge"] != two["code_challenge"]
    assert min(len(one["state"]), len(one["code_challenge"])) >= 43


def test_the_plan_is_told_and_the_one_who_is_expected_is_asked_for(
    desk: Program, site: Issuer
) -> None:
    site.plan = "plus"
    ran = desk.must(f"{LOGIN} --expect Alice@Example.Test")
    assert f"Signed in as {ALICE}, plus: gate:{ALICE} (oauth)" in ran.out
    assert site.asked("/auth")[0]["login_hint"] == "Alice@Example.Test"


def test_another_account_than_expected_is_not_stored(desk: Program, site: Issuer) -> None:
    site.account = BOB
    told = refused(desk, f"{LOGIN} --expect {ALICE}")
    assert told == f"aura_intelligence: that is {BOB}, not {ALICE}\nhint: nothing was saved\n"
    ran = desk(f"{LOGIN} --expect {ALICE} --json")
    assert (ran.code, failure(ran)["type"]) == (1, "refused")
    assert profiles(desk) == []


def test_an_answer_with_another_state_is_refused(desk: Program, site: Issuer) -> None:
    site.state = "somebody-elses-state"
    told = refused(desk, LOGIN)
    assert "not the answer to this sign-in: its state is another\nhint: nothing was saved" in told
    # The code of somebody else was not even asked about.
    assert site.asked("/token") == []
    assert failure(desk(f"{LOGIN} --json"))["type"] == "sign_in_failed"


def test_who_says_no_at_the_page_is_believed(desk: Program, site: Issuer) -> None:
    site.decides = "deny"
    assert "refused the sign-in: the person said no\n" in refused(desk, LOGIN)
    assert site.asked("/token") == []


def test_a_code_that_was_used_before_is_worth_nothing(gate: Program, site: Issuer) -> None:
    before = gate.files()
    with started(gate, f"{BY_BROWSER} --json") as process:
        (page,) = events(process.stdout.readline())  # type: ignore[union-attr]
        back = landing(page["url"])
        code = back.partition("code=")[2].partition("&")[0]
        stolen = {"grant_type": "authorization_code", "code": code, "client_id": "aura"}
        assert site.answer("/token", stolen, "").status == 400
        assert "Go back to the terminal" in visit(back)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err, gate.files() == before) == (1, "", True)
    assert "invalid_grant" in failure(Ran(1, out, err))["message"]


def test_nobody_comes_back(desk: Program, site: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.grants.signing_in.PATIENCE", 0.3)
    site.decides = "nothing"
    assert "nobody came back within" in refused(desk, LOGIN)


def test_the_page_is_told_before_anything_is_waited_for(gate: Program, site: Issuer) -> None:
    with started(gate, BY_BROWSER) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Open this page in a browser:\n"
        url = process.stdout.readline().strip()
        assert process.poll() is None
        assert site.asked("/auth") == []
        visit(url)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.startswith(f"Signed in as {ALICE}")


def test_a_program_is_told_in_json_lines_and_asked_nothing(gate: Program, site: Issuer) -> None:
    with started(gate, f"{BY_BROWSER} --json") as process:
        (page,) = events(process.stdout.readline())  # type: ignore[union-attr]
        assert page == {
            "schemaVersion": 1,
            "event": "browser",
            "url": page["url"],
            "opened": False,
        }
        visit(page["url"])
        out, err = process.communicate(timeout=20)
    (success,) = events(out)
    assert (process.returncode, err) == (0, "")
    assert success["event"] == "auth_success"
    assert (success["email"], success["account"], success["plan"]) == (ALICE, "id-of-alice", None)
    assert success["profile"]["profileId"] == f"gate:{ALICE}"
    assert not [secret for secret in site.secrets if secret in out]


# By a device code.


def test_a_code_is_told_in_json_lines_until_it_is_approved(gate: Program, site: Issuer) -> None:
    with started(gate, f"{LOGIN} --json") as process:
        assert process.stdout is not None
        (code,) = events(process.stdout.readline())
        (waits,) = events(process.stdout.readline())
        assert site.polls == []
        site.device = "approved"
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert code == {
        "schemaVersion": 1,
        "event": "device_code",
        "userCode": "WDJB-MJHT",
        "url": f"{site.url}/activate",
        "urlWithCode": f"{site.url}/activate?user_code=WDJB-MJHT",
        "expiresAt": code["expiresAt"],
        "expiresAtIso": code["expiresAtIso"],
        "intervalSeconds": 1,
    }
    assert set(waits) == {"schemaVersion", "event", "remainingMs"}
    assert 890_000 < waits["remainingMs"] <= 900_000
    assert [event["event"] for event in [waits, *events(out)]] == ["pending", "auth_success"]
    assert profiles(gate) == [f"gate:{ALICE}"]


def test_a_code_is_told_to_a_person_before_anything_is_waited_for(
    gate: Program, site: Issuer
) -> None:
    site.interval = 30
    before = gate.files()
    with started(gate, LOGIN) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        assert (process.poll(), site.polls) == (None, [])
        process.kill()
    assert lines == [
        f"Open this page, on any machine, only if you began this: {site.url}/activate\n",
        "  and type there: WDJB-MJHT\n",
        f"  or: {site.url}/activate?user_code=WDJB-MJHT\n",
    ]
    assert gate.files() == before


def test_no_bad_minute_of_the_server_ends_a_code(
    gate: Program, site: Issuer, naps: list[float]
) -> None:
    pending = error(400, "authorization_pending")
    busy = error(429, "rate_limited")
    site.answers("/token", pending, TOO_SOON, HTML, BROKEN, busy, said([]), TOO_SOON, HUGE)
    site.device = "approved"
    ran = gate.must(f"{BY_CODE} --json")
    told = [event["event"] for event in events(ran.out)]
    assert told == ["device_code", *["pending"] * 9, "auth_success"]
    # RFC 8628, 3.5: slower by 5 s, and for good.
    assert naps == [1, 1, 6, 6, 6, 6, 6, 11, 11]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (error(400, "access_denied"), "the sign-in was declined at 127.0.0.1"),
        (error(400, "expired_token"), "the code has expired"),
        (error(401, "invalid_client", "who?"), "127.0.0.1 refused: invalid_client (who?)"),
        (ESCAPES, "127.0.0.1 refused: "),
        (said({**GRANT, "access_token": 5}), "the reply has no usable access token"),
    ],
)
def test_a_code_that_comes_to_nothing_stores_nothing(
    gate: Program, site: Issuer, naps: list[float], answer: Answer, told: str
) -> None:
    site.answers("/token", answer)
    assert told in refused(gate, BY_CODE)
    site.answers("/token", answer)
    ran = gate(f"{BY_CODE} --json")
    assert [event["event"] for event in events(ran.out)] == ["device_code", "pending", "auth_error"]
    assert (ran.code, failure(ran)["type"], ran.err) == (1, "sign_in_failed", "")
    assert told in failure(ran)["message"]


def test_a_code_nobody_answers_for_dies(gate: Program, site: Issuer) -> None:
    site.code_life = 0.3
    assert "the code has expired\nhint: nothing was saved; begin again\n" in refused(gate, BY_CODE)
    assert len(site.polls) == 1


def test_an_interrupted_sign_in_stores_nothing(gate: Program, site: Issuer) -> None:
    before = gate.files()
    for words, lines in ((BY_CODE, 3), (BY_BROWSER, 2)):
        with started(gate, words) as process:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (130, "aura_intelligence: interrupted\n")
    assert gate.files() == before
