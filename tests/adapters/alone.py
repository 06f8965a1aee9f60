"""A process that holds one conversation and does nothing else."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SCRIPT = """
import asyncio, resource, socket, ssl, sys, time
from adapters.http.wire import HttpxWire
from application.ports.network import Request
from domain.errors import WireFailure

def hangs(*args, **named):
    time.sleep(60)

def fails(*args, **named):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

def flow(url):
    return (yield Request("POST", url, {"x-api-key": "sk-canary-0123456789"}, b"{}"))

async def run(url, timeout):
    async with HttpxWire() as wire:
        try:
            return (await wire.hold(flow(url), timeout)).status
        except WireFailure as failure:
            return failure.reason

def largest():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

socket.getaddrinfo = {"hangs": hangs, "fails": fails, "works": socket.getaddrinfo}[sys.argv[1]]
asyncio.run(run("http://127.0.0.1:1", 1000))
before, began = largest(), time.monotonic()
said = asyncio.run(run(sys.argv[2], int(sys.argv[3])))
print(said, time.monotonic() - began, largest() - before)
"""


class Done(NamedTuple):
    """`said`: the status of an answer, or why there was none; `grown`: memory, in KiB."""

    said: str
    seconds: float
    grown: int


def alone(resolver: str, url: str, timeout: int, env: Mapping[str, str] = os.environ) -> Done:
    """`resolver` works, fails or hangs. The process came to its end and complained of nothing."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, resolver, url, str(timeout)],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert done.stderr == ""
    said, seconds, grown = done.stdout.split()
    return Done(said, float(seconds), int(grown))
