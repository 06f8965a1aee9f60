"""What a person does at a sign-in: visits pages, with the browser of this machine or another's."""

import asyncio
import json
import sys
import urllib.request
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any

import pytest

from tests.cli.issuers import Issuer
from tests.cli.program import Program, Ran

LOGIN = "models auth login --provider gate"
# Follows where it is sent, as a browser does.
_BROWSER = """#!{python} -IS
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=10).read()
"""


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None


def visit(url: str) -> str:
    """Goes to `url` and on to where it leads, and returns the page in the end."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=10) as page:
        text: str = page.read().decode()
    return text


def landing(url: str) -> str:
    """The address that a browser is sent to from `url`; nobody goes there."""
    stays = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stays)
    try:
        with stays.open(url, timeout=10):
            raise AssertionError("that page leads nowhere")
    except urllib.error.HTTPError as answer:
        with answer:
            found: str = answer.headers["location"]
    return found


def browser(folder: Path, name: str = "browser") -> Path:
    """A program that is a browser."""
    path = folder / name
    path.write_text(_BROWSER.format(python=sys.executable))
    path.chmod(0o755)
    return path


def signs_in(program: Program, server: Issuer, more: str = "") -> Program:
    """The program with an own provider `gate` that people sign in at."""
    program.must(
        f"models providers add gate --base-url {server.api} --dialect openai "
        f"--oauth-issuer {server.url} --client-id aura --scope openid {more}"
    )
    return program


def profiles(program: Program) -> list[str]:
    return [p["profileId"] for p in program.must("models auth list --json").document["profiles"]]


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def failure(ran: Ran) -> dict[str, str]:
    """The error of the last event, which is one."""
    last = events(ran.out)[-1]
    assert last["event"] == "auth_error", ran
    assert set(last["error"]) == {"type", "message", "hint"}
    found: dict[str, str] = last["error"]
    return found


def is_clean(ran: Ran) -> bool:
    """Nothing in it steers a terminal, and it says what to do in two lines at most."""
    return ran.text.replace("\n", "").isprintable() and "Traceback" not in ran.text


def refused(program: Program, words: str, *, by: int = 1) -> str:
    """What is said of a failure, in which nothing was stored."""
    before = program.files()
    ran = program(words)
    assert (ran.code, is_clean(ran), program.files() == before) == (by, True, True), ran
    return ran.err


def without_naps(patch: pytest.MonkeyPatch) -> list[float]:
    """Every pause the program makes from now on, in s; none of them takes time."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def nap(seconds: float) -> None:
        if seconds:
            made.append(seconds)
        await sleep(0)

    patch.setattr("asyncio.sleep", nap)
    return made
