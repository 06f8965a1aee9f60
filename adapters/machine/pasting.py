"""What is pasted at a terminal while something else is waited for as well."""

import asyncio
import os
import sys

from adapters.machine.terminal import (
    END_OF_INPUT,
    LARGEST_INPUT,
    PASTE_BEGINS,
    PASTE_ENDS,
    PASTE_PAUSE,
    edited,
    hidden,
)
from domain.errors import Malformed


async def pasted_line() -> str:
    """The next line, or lines pasted at once; nothing is echoed. Once more after Enter alone.

    Raises Malformed where the input ends. Cancelled, it leaves the terminal as it was.
    """
    descriptor, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    typed, came = bytearray(), asyncio.Event()

    def read() -> None:
        chunk = os.read(descriptor, 4096)
        typed.extend(chunk or bytes([END_OF_INPUT]))
        came.set()

    with hidden(descriptor):
        loop.add_reader(descriptor, read)
        try:
            while True:
                await came.wait()
                came.clear()
                if typed.find(END_OF_INPUT) >= 0 or len(typed) > LARGEST_INPUT:
                    raise Malformed("the input ended", hint="nothing was saved")
                if not typed.endswith((b"\n", b"\r")) or _is_pasting(typed):
                    continue
                # The rest of a paste of several lines is there by then.
                await asyncio.sleep(PASTE_PAUSE)
                text = _text(typed)
                if not came.is_set() and text:
                    return text
        finally:
            loop.remove_reader(descriptor)


def _is_pasting(typed: bytearray) -> bool:
    return typed.count(PASTE_BEGINS) > typed.count(PASTE_ENDS)


def _text(typed: bytearray) -> str:
    bare = bytes(typed).replace(PASTE_BEGINS, b"").replace(PASTE_ENDS, b"")
    return edited(bare).decode("utf-8", "replace").replace("\r", "\n").strip()
