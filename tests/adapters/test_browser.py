"""Opening a browser, with small programs on a PATH of the test's own."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.machine.browser import SystemBrowser

URL = "https://login.example/authorize?state=a&redirect_uri=http%3A%2F%2Flocalhost%3A1&x=$(id);'"
X11, WAYLAND = {"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}
WSL = {"WSL_DISTRO_NAME": "Ubuntu"}
# Says what it was started as, then does as it is told.
PROGRAM = """#!{python}
import json, os, stat, sys, time
streams = [os.fstat(n) for n in range(3)]
null = os.stat("/dev/null")
umask = os.umask(0)
text = json.dumps({{
    "argv": sys.argv,
    "null": [os.path.samestat(stream, null) for stream in streams],
    "leads": os.getsid(0) == os.getpid(),
    "browser": os.environ.get("BROWSER"),
    "names": sorted(os.environ),
    "umask": umask,
    "pid": os.getpid(),
}})
with open({said!r} + ".new", "w") as file:
    file.write(text)
os.rename({said!r} + ".new", {said!r})
{then}
"""


class Machine:
    """A folder of programs, and a root without the marks of a container."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.root, self.said = folder / "bin", folder / "root", folder / "said"
        self.bin.mkdir()
        self.root.mkdir()

    def has(self, name: str, then: str = "") -> str:
        path = self.bin / name
        path.write_text(PROGRAM.format(python=sys.executable, said=str(self.said), then=then))
        path.chmod(0o755)
        return str(path)

    def browser(
        self, *environs: dict[str, str], platform: str = "linux", umask: int = -1
    ) -> SystemBrowser:
        environ = {"PATH": str(self.bin)}
        for more in environs:
            environ |= more
        return SystemBrowser(environ, platform=platform, root=self.root, umask=umask)

    def started(self) -> dict[str, object]:
        until = time.monotonic() + 5
        while not self.said.exists() and time.monotonic() < until:
            time.sleep(0.01)
        said: dict[str, object] = json.loads(self.said.read_text())
        return said

    def words(self) -> list[str]:
        argv = self.started()["argv"]
        assert isinstance(argv, list)
        return [Path(argv[0]).name, *argv[1:]]


@contextmanager
def pipes_as_streams() -> Iterator[None]:
    """The streams of this process are pipes, whatever they were before."""
    read, write = os.pipe()
    before = [os.dup(number) for number in range(3)]
    for number, pipe in enumerate((read, write, write)):
        os.dup2(pipe, number)
    try:
        yield
    finally:
        for number, old in enumerate(before):
            os.dup2(old, number)
            os.close(old)
        os.close(read)
        os.close(write)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("display", [X11, WAYLAND, WSL])
def test_a_display_makes_a_browser_be_here(machine: Machine, display: dict[str, str]) -> None:
    assert machine.browser(display).is_here


def test_without_a_display_none_is_here_but_on_macos(machine: Machine) -> None:
    assert not machine.browser().is_here
    assert not machine.browser({"DISPLAY": "", "WAYLAND_DISPLAY": ""}).is_here
    assert machine.browser(platform="darwin").is_here


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "container", "CI"])
def test_far_away_in_a_container_or_in_ci_none_is_here(
    machine: Machine, name: str, platform: str
) -> None:
    assert not machine.browser(X11, WSL, {name: "1"}, platform=platform).is_here
    assert machine.browser(X11, {name: ""}, platform=platform).is_here


def test_ci_that_is_switched_off_is_no_ci(machine: Machine) -> None:
    assert machine.browser(X11, {"CI": "false"}).is_here


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
def test_the_mark_of_a_container_is_seen(machine: Machine, mark: str) -> None:
    (machine.root / mark).parent.mkdir(exist_ok=True)
    (machine.root / mark).touch()
    assert not machine.browser(X11).is_here


def test_the_address_is_one_word_and_no_shell_sees_it(machine: Machine) -> None:
    machine.has("xdg-open")
    assert machine.browser(X11).open(URL)
    assert machine.words() == ["xdg-open", URL]


def test_it_has_nothing_of_ours_but_the_environment_it_was_given(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURA_CANARY", "sk-canary")
    machine.has("xdg-open")
    with pipes_as_streams():
        assert machine.browser(X11, umask=0o027).open(URL)
    said = machine.started()
    assert said["null"] == [True, True, True]
    assert said["leads"] is True
    assert said["umask"] == 0o027
    assert "AURA_CANARY" not in str(said["names"])


@pytest.mark.parametrize(
    "name", ["AURA_INTELLIGENCE_VAULT_KEY", "AURA_INTELLIGENCE_PROXY", "OPENAI_API_KEY", "HF_TOKEN"]
)
def test_no_secret_of_the_environment_is_given_to_it(machine: Machine, name: str) -> None:
    machine.has("xdg-open")
    assert machine.browser({**X11, name: "canary"}).open(URL)
    names = str(machine.started()["names"])
    assert name not in names
    assert "DISPLAY" in names


def test_xdg_open_is_kept_from_its_own_list_of_text_browsers(machine: Machine) -> None:
    machine.has("xdg-open")
    machine.has("lynx")
    assert machine.browser(X11, {"BROWSER": "lynx"}).open(URL)
    assert machine.words()[0] == "xdg-open"
    names = set(str(machine.started()["browser"]).split(":"))
    assert "firefox" in names
    assert names.isdisjoint({"", "www-browser", "links2", "elinks", "links", "lynx", "w3m"})


@pytest.mark.parametrize(
    ("environ", "programs", "expected"),
    [
        (X11, ["xdg-open", "gio"], ["xdg-open", URL]),
        (X11, ["gio"], ["gio", "open", URL]),
        (X11, ["x-www-browser"], ["x-www-browser", URL]),
        (X11 | {"BROWSER": "firefox"}, ["firefox", "xdg-open"], ["firefox", URL]),
        (X11 | {"BROWSER": "gone"}, ["xdg-open"], ["xdg-open", URL]),
        (X11 | {"BROWSER": "firefox:lynx"}, ["firefox", "lynx", "xdg-open"], ["xdg-open", URL]),
        (X11 | {"BROWSER": "firefox %s"}, ["firefox", "xdg-open"], ["xdg-open", URL]),
        (WSL, ["wslview", "rundll32.exe"], ["wslview", URL]),
        (WSL, ["rundll32.exe"], ["rundll32.exe", "url.dll,FileProtocolHandler", URL]),
        (WSL | X11, ["xdg-open"], ["xdg-open", URL]),
        (X11, ["xdg-open", "wslview"], ["xdg-open", URL]),
    ],
)
def test_the_first_that_exists_is_taken(
    machine: Machine, environ: dict[str, str], programs: list[str], expected: list[str]
) -> None:
    for name in programs:
        machine.has(name)
    assert machine.browser(environ).open(URL)
    assert machine.words() == expected


def test_a_path_of_a_browser_may_have_a_space(machine: Machine) -> None:
    path = machine.has("my browser")
    assert machine.browser(X11, {"BROWSER": path}).open(URL)
    assert machine.words() == ["my browser", URL]


def test_macos_has_its_own(machine: Machine) -> None:
    machine.has("open")
    machine.has("xdg-open")
    assert machine.browser(platform="darwin").open(URL)
    assert machine.words() == ["open", URL]


@pytest.mark.parametrize("name", ["lynx", "w3m", "links", "elinks", "www-browser", "browsh"])
def test_a_text_browser_is_never_started_by_whatever_name(machine: Machine, name: str) -> None:
    path = machine.has(name)
    os.symlink(path, machine.bin / "nice")
    for said in (name, path, "nice"):
        assert not machine.browser(X11, {"BROWSER": said}).open(URL)
    assert not machine.said.exists()


def test_xdg_open_is_not_asked_where_it_could_only_draw_text(machine: Machine) -> None:
    machine.has("xdg-open")
    assert not machine.browser(WSL).open(URL)
    assert not machine.browser().open(URL)
    assert not machine.said.exists()


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "--help", "", "httpx://a", "mailto:a@b.c"]
)
def test_only_pages_of_the_web_are_opened(machine: Machine, url: str) -> None:
    machine.has("xdg-open")
    assert not machine.browser(X11).open(url)
    assert not machine.said.exists()


def test_one_that_fails_at_once_was_not_started(machine: Machine) -> None:
    machine.has("xdg-open", "sys.exit(3)")
    assert not machine.browser(X11).open(URL)


def test_nothing_to_start_and_what_cannot_be_run_is_no_error(machine: Machine) -> None:
    assert not machine.browser(X11).open(URL)
    broken = machine.bin / "xdg-open"
    broken.write_bytes(b"\x7fnot a program")
    broken.chmod(0o755)
    assert not machine.browser(X11).open(URL)


def test_one_that_goes_on_is_left_alone_and_leaves_no_zombie(machine: Machine) -> None:
    machine.has("xdg-open", "time.sleep(1.5)")
    began = time.monotonic()
    assert machine.browser(X11).open(URL)
    assert 0.9 < time.monotonic() - began < 1.4

    pid = machine.started()["pid"]
    assert isinstance(pid, int)
    os.kill(pid, 0)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("it is still in the table of processes")
