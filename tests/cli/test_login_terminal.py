"""Signing in at a real terminal: an address that is pasted, and what is typed instead."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.issuers import ALICE, ESCAPES, Issuer, issuer
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.cli.terminals import Terminal, at_terminal
from tests.cli.visits import LOGIN, browser, landing, profiles, signs_in, visit

BY_BROWSER = f"{LOGIN} --method browser"
HIDDEN, SEEN = "\x1b[?2004h", "\x1b[?2004l"
"""What a terminal is told when a paste may come, and when it may not."""
BEGINS, ENDS = "\x1b[200~", "\x1b[201~"
CTRL_C, CTRL_D = "\x03", "\x04"
ELSEWHERE = "the page does not load, or is on another machine? paste its address here"


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def gate(cli: Program, site: Issuer) -> Program:
    return signs_in(cli, site)


def page(terminal: Terminal) -> str:
    """The page that is told, once a paste may come."""
    terminal.until(HIDDEN)
    assert ELSEWHERE in terminal.shown
    assert not terminal.echoes
    found = re.search(r"http://127\.0\.0\.1:\d+/auth\?[^\s\x1b]+", terminal.shown)
    assert found is not None, terminal.shown
    return found[0]


def parts(back: str) -> tuple[str, str]:
    found = re.search(r"code=([^&]+)&state=([^&]+)$", back)
    assert found is not None, back
    return found[1], found[2]


def pieces(secret: str, shown: str) -> list[str]:
    """What was shown of `secret`: any five characters of it that are together."""
    every = (secret[i : i + 5] for i in range(len(secret) - 4))
    return [piece for piece in every if piece in shown]


def folded(back: str) -> str:
    """As a mail or another terminal breaks it."""
    return "\r".join(f"  {back[i : i + 40]}" for i in range(0, len(back), 40))


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param(lambda back: back, marks=pytest.mark.soak),
        lambda back: "#".join(parts(back)),
        lambda back: f"'{folded(back)}'",
        lambda back: f'{BEGINS}\r"{folded(back)}"\r{ENDS}',
    ],
    ids=["address", "code#state", "folded", "marked"],
)
def test_what_is_pasted_is_taken_and_never_seen(
    gate: Program, site: Issuer, pasted: Callable[[str], str]
) -> None:
    with at_terminal(gate, BY_BROWSER) as terminal:
        back = landing(page(terminal))
        code, state = parts(back)
        before = len(terminal.shown)
        terminal.type(pasted(back) + "\r")
        assert terminal.finish() == 0, terminal.shown
        assert terminal.echoes
        told = terminal.shown[before:]
        assert f"Signed in as {ALICE}: gate:{ALICE} (oauth)" in told
        assert told.count(SEEN) == 1
    # The state is in the page's address, before; after it there is not a piece of either.
    assert pieces(code.removeprefix("code-"), terminal.shown) == []
    assert pieces(state, told) == []
    assert profiles(gate) == [f"gate:{ALICE}"]


def test_what_is_pasted_wrong_is_told_and_asked_for_again(gate: Program, site: Issuer) -> None:
    with at_terminal(gate, BY_BROWSER) as terminal:
        url = page(terminal)
        code, state = parts(landing(url))
        wrong = [
            "hello",
            code,
            f"{code}#{state[:-1]}x",
            f"http://127.0.0.1:1/callback?code={code}",
            f"http://[?code={code}&state={state}",
            f"http://127.0.0.1:1/?code={code}&state={state}&state={state}",
            url,
        ]
        for times, text in enumerate(wrong, 1):
            terminal.until(HIDDEN, times)
            terminal.type(text + "\r")
            terminal.until("that is not the address of this sign-in", times)
        terminal.until(HIDDEN, len(wrong) + 1)
        terminal.type(f"\r{code}#{state}\r")
        assert terminal.finish() == 0, terminal.shown
        assert code not in terminal.shown
    assert len(site.asked("/token")) == 1


def test_an_error_that_is_pasted_ends_it(gate: Program, site: Issuer) -> None:
    site.decides = "deny"
    before = gate.files()
    with at_terminal(gate, BY_BROWSER) as terminal:
        terminal.type(landing(page(terminal)) + "\r")
        assert terminal.finish() == 1
        assert "refused the sign-in: the person said no" in terminal.shown
    assert gate.files() == before


@pytest.mark.parametrize(("key", "code"), [(CTRL_C, 130), (CTRL_D, 64)])
def test_who_gives_up_stores_nothing(gate: Program, key: str, code: int) -> None:
    before = gate.files()
    with at_terminal(gate, BY_BROWSER) as terminal:
        page(terminal)
        terminal.type("half-typed" + key)
        assert terminal.finish() == code
        assert terminal.echoes
        assert "Traceback" not in terminal.shown
        assert "half-typed" not in terminal.shown
    assert gate.files() == before


def test_who_waits_for_a_code_sees_how_long_and_may_give_up(gate: Program, site: Issuer) -> None:
    before = gate.files()
    with at_terminal(gate, f"{LOGIN} --device-code") as terminal:
        terminal.until("waiting; the code is good for 1")
        terminal.type(CTRL_C)
        assert terminal.finish() == 130
        assert "only if you began this" in terminal.shown
        assert "Traceback" not in terminal.shown
    assert gate.files() == before


def test_no_word_of_a_server_steers_the_terminal(gate: Program, site: Issuer) -> None:
    site.answers("/token", ESCAPES)
    with at_terminal(gate, BY_BROWSER) as terminal:
        terminal.type(landing(page(terminal)) + "\r")
        assert terminal.finish() == 1
    bare = terminal.shown.replace(HIDDEN, "").replace(SEEN, "").replace("\r\n", "")
    assert "127.0.0.1 refused: " in bare
    assert bare.isprintable()


def test_a_provider_without_a_sign_in_takes_its_key_unseen(gateway: Program) -> None:
    with at_terminal(gateway, LOGIN) as terminal:
        terminal.until("API key for gate (hidden): ")
        assert not terminal.echoes
        terminal.type(f"{GOOD}-2\r")
        assert terminal.finish() == 0
        assert "Replaced gate:default (api_key, fingerprint " in terminal.shown
        assert GOOD not in terminal.shown


@pytest.mark.parametrize("provider", ["xai", pytest.param("openai-codex", marks=pytest.mark.soak)])
def test_nobody_is_made_another_program_without_a_yes(cli: Program, provider: str) -> None:
    before = cli.files()
    with at_terminal(cli, f"models auth login --provider {provider}") as terminal:
        terminal.until("Sign in as that program? [y/N]: ")
        assert "This uses the application of " in terminal.shown
        terminal.type("\r")
        assert terminal.finish() == 1
        assert "nothing was changed" in terminal.shown
    assert cli.files() == before


def test_a_program_is_asked_nothing_though_there_is_a_terminal(cli: Program) -> None:
    with at_terminal(cli, "models auth login --provider xai --json") as terminal:
        assert terminal.finish() == 64
    assert '"event": "auth_error"' in terminal.shown
    assert "[y/N]" not in terminal.shown


# Where people sit.


@pytest.mark.parametrize(
    "where",
    [
        {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "DISPLAY": ":0"},
        pytest.param({"container": "podman", "DISPLAY": ":0"}, marks=pytest.mark.soak),
    ],
    ids=["ssh", "container"],
)
def test_where_there_is_no_code_and_no_screen_the_page_is_told_and_pasted(
    gate: Program, site: Issuer, tmp_path: Path, where: dict[str, str]
) -> None:
    site.metadata = {"device_authorization_endpoint": None}
    gate.environ.update(where, BROWSER=str(browser(tmp_path)))
    with at_terminal(gate, LOGIN) as terminal:
        url = page(terminal)
        assert "Open this page in a browser:" in terminal.shown
        assert site.asked("/auth") == []
        terminal.type(landing(url) + "\r")
        assert terminal.finish() == 0


def test_a_port_that_was_chosen_is_waited_at(gate: Program, site: Issuer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with at_terminal(gate, f"{BY_BROWSER} --port {port}") as terminal:
        visit(page(terminal))
        assert terminal.finish() == 0
        assert SEEN in terminal.shown
    assert site.asked("/auth")[0]["redirect_uri"] == f"http://127.0.0.1:{port}/callback"


def test_a_port_that_is_taken_is_said_and_pasted_around(gate: Program, site: Issuer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = f"{BY_BROWSER} --port {port}"
        with at_terminal(gate, words) as terminal:
            url = page(terminal)
            assert f"port {port} of this machine is in use\r\nhint: paste" in terminal.shown
            terminal.type(landing(url) + "\r")
            assert terminal.finish() == 0
        before = gate.files()
        ran = gate(f"{words} --json")
        assert (ran.code, f"port {port} of this machine is in use" in ran.out) == (69, True)
        assert gate.files() == before
    assert profiles(gate) == [f"gate:{ALICE}"]
