"""Events out of bytes: server-sent, JSON lines or one whole document, wherever they are cut."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.answers.reading import parse

LARGEST_EVENT = 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_FIELDS = (b"data", b"event", b"id", b"retry", b"")


class Event(NamedTuple):
    """One JSON object. `is_framed`: it came in a `data:` field, else on a line or as a whole."""

    document: dict[str, Any]
    is_framed: bool


class Events:
    """Takes the pieces of a body and gives the events in it as soon as each is there.

    What is no event is left out. A field that holds a whole object is an event at once: some
    servers forget the empty line after it. `is_done`: `[DONE]` came. `is_too_large`: something
    was longer than an event may be, and nothing more is taken. `is_broken`: what began as an
    object could not be read, so that a part of the answer is missing.
    """

    def __init__(self) -> None:
        self.is_done = False
        self.is_too_large = False
        self.is_broken = False
        self._line = bytearray()
        self._data = bytearray()
        self._loose = bytearray()
        self._is_first = True
        self._has_any = False
        self._names_error = False

    @property
    def loose(self) -> bytes:
        """What stood on lines of its own and made no event, if nothing did."""
        return b"" if self._has_any else bytes(self._loose)

    def feed(self, piece: bytes) -> Iterator[Event]:
        begun, *lines = piece.split(b"\n")
        self._line += begun
        for line in lines:
            if self._is_over():
                return
            yield from self._take(bytes(self._line))
            self._line = bytearray(line)
        self._is_over()

    def end(self) -> Iterator[Event]:
        """What the end of the body leaves: a last line, a document that took all of them."""
        if self._is_over():
            return
        yield from self._take(bytes(self._line))
        self._line.clear()
        yield from self._framed()
        if self._loose and not self._has_any:
            whole = _objects(bytes(self._loose))
            lines = (_objects(line) for line in bytes(self._loose).split(b"\n"))
            yield from self._events(whole or [one for found in lines for one in found], False)

    def _is_over(self) -> bool:
        longest = max(map(len, (self._line, self._data, self._loose)))
        self.is_too_large = self.is_too_large or longest > LARGEST_EVENT
        return self.is_too_large or self.is_done

    def _take(self, line: bytes) -> Iterator[Event]:
        line = line.removesuffix(b"\r")
        if self._is_first:
            line, self._is_first = line.removeprefix(_MARK), False
        name, colon, value = line.partition(b":")
        if not line.strip():
            yield from self._framed()
            self._names_error = False
        elif colon and name in _FIELDS:
            yield from self._of_field(name, value.strip())
        else:
            yield from self._of_line(line)

    def _of_field(self, name: bytes, value: bytes) -> Iterator[Event]:
        if name == b"event":
            yield from self._framed()
            self._names_error = value == b"error"
        elif name == b"data" and value == b"[DONE]":
            yield from self._framed()
            self.is_done = True
        elif name == b"data" and (self._data or not (found := _objects(value))):
            self._data += b"\n" + value
        elif name == b"data":
            yield from self._events(found, True)

    def _framed(self) -> Iterator[Event]:
        """The object that was written over several fields."""
        data = bytes(self._data).strip()
        self._data.clear()
        found = _objects(data) if data else []
        if data and not found and self._names_error:
            found = [{"error": data.decode("utf-8", "replace")}]
        elif data.startswith(b"{") and not found:
            self.is_broken = True
        yield from self._events(found, True)

    def _of_line(self, line: bytes) -> Iterator[Event]:
        found = [] if self._loose else _objects(line)
        if not found and not self._has_any:
            self._loose += line + b"\n"
        yield from self._events(found, False)

    def _events(self, found: list[dict[str, Any]], is_framed: bool) -> Iterator[Event]:
        for document in found:
            self._has_any = True
            is_bare = self._names_error and "error" not in document
            yield Event({"error": document} if is_bare else document, is_framed)


def _objects(data: bytes) -> list[dict[str, Any]]:
    """The object in `data`, or those of a list; a character that was cut does not cost the rest."""
    document = parse(data)
    if document is None:
        document = parse(data.decode("utf-8", "replace").encode())
    told = document if isinstance(document, list) else [document]
    return [one for one in told if isinstance(one, dict)]
