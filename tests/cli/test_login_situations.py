"""The situations that strand people elsewhere: each ends signed in, or refused for its reason."""

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from application.grants.signing_in import Paste, SigningIn, Teller, Wish
from application.ports.sign_in import DeviceCode, Signed
from domain.errors import Unavailable
from domain.providers.client import Client
from domain.providers.row import Provider
from entrypoints.container import Container
from tests.cli.issuers import ALICE, BOB, Issuer, issuer
from tests.cli.program import Program
from tests.cli.visits import (
    LOGIN,
    browser,
    events,
    landing,
    profiles,
    signs_in,
    visit,
    without_naps,
)

FAR = [
    {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"},
    {"SSH_TTY": "/dev/pts/1"},
    {"container": "podman"},
    {"DISPLAY": ""},
]
PLACES = ["ssh", "ssh-tty", "container", "no-display"]


@pytest.fixture
def site() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture
def desk(cli: Program, site: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a machine with a screen, no container, and a browser; 20 s are enough."""
    monkeypatch.setattr("adapters.machine.browser._CONTAINERS", ())
    monkeypatch.setattr("application.grants.signing_in.PATIENCE", 20.0)
    cli.environ.update(DISPLAY=":0", BROWSER=str(browser(tmp_path)))
    return signs_in(cli, site)


@pytest.fixture
def hurried(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for long, where nobody comes."""
    monkeypatch.setattr("application.grants.signing_in.PATIENCE", 0.3)


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    without_naps(monkeypatch)


class Person(Teller):
    """Who is told everything, and does `then` with the address of the page."""

    def __init__(self, then: Callable[[str], object] = lambda _: None) -> None:
        self.then, self.url, self.notes = then, "", list[str]()

    def page(self, url: str, *, opened: bool, pasting: bool) -> None:
        self.url = url
        threading.Thread(target=self.then, args=(url,), daemon=True).start()

    def code(self, code: DeviceCode) -> None: ...

    def waits(self, left: float) -> None: ...

    def note(self, text: str, hint: str | None) -> None:
        self.notes.append(text)


def signed_in(
    program: Program, site: Issuer, person: Person, back: str, paste: Paste | None = None
) -> Signed:
    """A sign-in of an application that is registered to come back at `back`."""
    container = Container()
    container.environ.override(providers.Object(program.environment()))
    row: Provider = container.survey()().providers["gate"]
    signing: SigningIn = container.signing()
    client = Client("aura", f"{site.url}/token", f"{site.url}/auth", redirect_uri=back)
    wish = Wish(row, client, "browser", opens=False)
    return asyncio.run(asyncio.wait_for(signing.run(wish, person, paste), 20))


def pasting(person: Person, *texts: Callable[[str], str]) -> Paste:
    """Pastes what each of `texts` makes of the address a browser was sent to, one after another."""
    rest = list(texts)

    async def paste() -> str:
        while not rest:
            await asyncio.sleep(10)
        back = await asyncio.to_thread(landing, person.url)
        return rest.pop(0)(back)

    return paste


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


# No browser of this machine.


@pytest.mark.usefixtures("awake")
@pytest.mark.parametrize("where", FAR, ids=PLACES)
def test_where_no_browser_can_be_seen_a_code_is_told(
    desk: Program, site: Issuer, where: dict[str, str]
) -> None:
    desk.environ.update(where)
    site.device = "approved"
    ran = desk.must(f"{LOGIN} --json")
    assert [e["event"] for e in events(ran.out)] == ["device_code", "pending", "auth_success"]
    assert site.asked("/auth") == []


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("where", FAR, ids=PLACES)
def test_where_there_is_no_code_either_the_page_is_told_and_none_is_opened(
    desk: Program, site: Issuer, where: dict[str, str]
) -> None:
    site.metadata = {"device_authorization_endpoint": None}
    desk.environ.update(where)
    ran = desk(f"{LOGIN} --json")
    page, failed = events(ran.out)
    assert (page["event"], page["opened"], failed["event"]) == ("browser", False, "auth_error")
    assert site.asked("/auth") == []


@pytest.mark.usefixtures("hurried", "awake")
def test_no_browser_is_opened_that_nobody_wants(desk: Program, site: Issuer) -> None:
    ran = desk(f"{LOGIN} --method browser --no-browser --json")
    assert events(ran.out)[0]["opened"] is False
    assert site.asked("/auth") == []
    site.device = "approved"
    desk.must(f"{LOGIN} --no-browser")
    assert site.asked("/auth") == []


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("how", ["BROWSER", "x-www-browser", "lynx"])
def test_a_text_browser_is_never_started(
    desk: Program, site: Issuer, tmp_path: Path, how: str
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    lynx = browser(folder, "lynx")
    if how == "x-www-browser":
        (folder / how).symlink_to(lynx)
    desk.environ.update(PATH=str(folder), BROWSER=str(lynx) if how == "BROWSER" else "")
    ran = desk(LOGIN)
    assert ran.code == 1
    assert "no browser could be started\nhint: open the address above in one\n" in ran.err
    assert site.asked("/auth") == []


# The port it comes back at.


def test_a_random_port_is_another_each_time(desk: Program, site: Issuer) -> None:
    desk.must(LOGIN)
    desk.must(LOGIN)
    assert len({asked["redirect_uri"] for asked in site.asked("/auth")}) == 2


def test_the_port_may_be_chosen(desk: Program, site: Issuer) -> None:
    port = free_port()
    desk.must(f"{LOGIN} --port {port}")
    assert site.asked("/auth")[0]["redirect_uri"] == f"http://127.0.0.1:{port}/callback"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_registered_port_that_is_taken_is_pasted_around(
    desk: Program, site: Issuer, host: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        back = f"http://{host}:{taken.getsockname()[1]}/auth/callback"
        with pytest.raises(Unavailable, match="is in use"):
            signed_in(desk, site, Person(), back)
        person = Person()
        found = signed_in(desk, site, person, back, pasting(person, lambda back: back))
    assert found.email == ALICE
    assert "is in use" in person.notes[0]
    assert site.asked("/auth")[0]["redirect_uri"] == back


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_localhost_may_be_either_family_to_a_browser(
    desk: Program, site: Issuer, address: str
) -> None:
    back = f"http://localhost:{free_port()}/cb"
    person = Person(lambda url: visit(landing(url).replace("localhost", address)))
    assert signed_in(desk, site, person, back).email == ALICE


def test_a_machine_without_ipv6_is_fine(
    desk: Program, site: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = socket.create_server

    def without(address: Any, *, family: int = socket.AF_INET, **more: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
        return usual(address, family=family, **more)

    monkeypatch.setattr("socket.create_server", without)
    person = Person(lambda url: visit(landing(url).replace("localhost", "127.0.0.1")))
    assert signed_in(desk, site, person, f"http://localhost:{free_port()}/cb").email == ALICE


# What is pasted.


def folded(back: str) -> str:
    return "\n".join(f"  {back[i : i + 40]}" for i in range(0, len(back), 40))


@pytest.mark.parametrize(
    "text",
    [
        lambda back: back,
        lambda back: back.partition("?")[2],
        lambda back: back.replace("?", "#"),
        lambda back: f'"{back}"',
        lambda back: f"“{back}”",
        lambda back: f"<{folded(back)}>",
        lambda back: back.partition("code=")[2].replace("&state=", "#"),
    ],
    ids=["address", "query", "fragment", "quoted", "curly", "folded", "code#state"],
)
def test_what_is_pasted_may_have_any_form(
    desk: Program, site: Issuer, text: Callable[[str], str]
) -> None:
    person = Person()
    assert signed_in(desk, site, person, "", pasting(person, text)).email == ALICE
    assert person.notes == []


def test_a_browser_may_come_back_while_a_paste_is_waited_for(desk: Program, site: Issuer) -> None:
    person = Person(visit)
    wrong = pasting(person, lambda _: "hello", lambda back: back[:-1] + "-")
    assert signed_in(desk, site, person, "", wrong).email == ALICE
    assert set(person.notes) <= {"that is not the address of this sign-in"}


# Who signs in.


def test_two_accounts_stand_side_by_side(desk: Program, site: Issuer) -> None:
    desk.must(LOGIN)
    site.account = BOB
    desk.must(LOGIN)
    assert profiles(desk) == [f"gate:{ALICE}", f"gate:{BOB}"]
    desk.must(LOGIN)
    assert profiles(desk) == [f"gate:{ALICE}", f"gate:{BOB}"]


def test_another_account_than_expected_leaves_what_is_stored(desk: Program, site: Issuer) -> None:
    desk.must(f"{LOGIN} --expect {ALICE}")
    before = desk.files()
    site.account = BOB
    for more in ("", "--profile-id other", f"--profile-id {ALICE} --force"):
        ran = desk(f"{LOGIN} --expect {ALICE} {more}")
        assert (ran.code, f"that is {BOB}, not {ALICE}" in ran.err) == (1, True)
    assert desk.files() == before
