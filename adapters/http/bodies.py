"""What an answer brings: in pieces, bounded, unpacked, and never at the cost of others."""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, cast

import httpx

from domain.errors import WireFailure

if TYPE_CHECKING:
    from zlib import _Decompress

KIB, MIB = 1024, 1024 * 1024
_PIECES_IN_A_TURN = 16


class Body:
    """The body of one answer: at most `most` bytes, unpacked too, in at most `pieces`."""

    def __init__(self, answer: httpx.Response, most: int, pieces: float = float("inf")) -> None:
        self._answer = answer
        self._raw = cast("AsyncGenerator[bytes, None]", answer.aiter_raw())
        self._most = most
        self._most_pieces = pieces
        self._read = self._told = self._pieces = 0
        self._unpacker: _Decompress | None = None

    async def piece(self) -> bytes:
        """What comes next, at least a byte; nothing at the end, and of a redirect."""
        if self._answer.is_redirect:
            return b""
        if self._pieces == 0:
            self._unpacker = _unpacker(self._answer)
        async for packed in self._raw:
            await self._count(packed)
            if plain := self._unpacked(packed):
                return plain
        return b""

    async def whole(self) -> bytes:
        body = bytearray()
        while piece := await self.piece():
            body += piece
        return bytes(body)

    async def close(self) -> None:
        await self._raw.aclose()
        await self._answer.aclose()

    async def _count(self, packed: bytes) -> None:
        self._read += len(packed)
        self._refuse_large(self._read)
        self._pieces += 1
        if self._pieces > self._most_pieces:
            raise WireFailure("too_large", "the answer comes in too many pieces")
        # What one read brought may be ten thousand pieces, none of which waits for anything: nobody
        # else's turn would come, nor any deadline.
        if self._pieces % _PIECES_IN_A_TURN == 0:
            await asyncio.sleep(0)

    def _unpacked(self, packed: bytes) -> bytes:
        """What a server packed unasked; a bomb is not unpacked further than the limit."""
        if self._unpacker is None:
            return packed
        if self._unpacker.eof:
            # It would keep whatever follows, and copy all of it for each piece.
            return b""
        try:
            plain = self._unpacker.decompress(packed, self._most - self._told + 1)
        except zlib.error:
            raise WireFailure("encoding", "the answer cannot be unpacked") from None
        self._told += len(plain)
        self._refuse_large(self._told)
        return plain

    def _refuse_large(self, size: int) -> None:
        if size > self._most:
            most = f"{self._most // MIB} MiB" if self._most >= MIB else f"{self._most // KIB} KiB"
            raise WireFailure("too_large", f"the answer is larger than {most}")


def _unpacker(answer: httpx.Response) -> "_Decompress | None":
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise WireFailure("encoding", "the answer is compressed, which was not asked for")
    return zlib.decompressobj(wbits=31) if encoding == "gzip" else None
