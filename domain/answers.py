"""An answer read once: its document, the provider's own words, its prose; whatever came."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

WORD = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
_TELLING_KEYS = ("code", "error_code", "reason")
_CODE_KEYS = (*_TELLING_KEYS, "status", "error_type", "type", "quotaId")
_PROSE_KEYS = ("message", "detail", "title", "error_description", "msg")
_NESTED_KEYS = ("error", "details", "detail", "metadata", "violations", "errors")
_REQUEST_ID_HEADERS = ("request-id", "x-request-id")
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/?#\\]+)")
_STATUS = re.compile(r"[45][0-9]{2}", re.ASCII)
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read once. `codes` and `prose` are lower case, `words` and `text` as they came;
    `status` may come from the body.
    """

    status: int
    headers: Mapping[str, str]
    document: object
    is_html: bool
    words: tuple[str, ...]
    text: str
    codes: tuple[str, ...] = field(init=False)
    prose: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", tuple(word.lower() for word in self.words))
        object.__setattr__(self, "prose", self.text.lower())

    def coded(self, *words: str) -> bool:
        return any(code in words for code in self.codes)

    def coded_like(self, pattern: str) -> bool:
        return any(re.search(pattern, code) for code in self.codes)

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.prose) is not None

    def names(self, key: str) -> bool:
        return any(key in part for part in _objects(self.document, 0))

    def code(self, status: int) -> str | None:
        """The provider's most telling word, other than the number `status` again."""
        telling = _values(self.document, _TELLING_KEYS)
        return next((w for w in (*telling, *self.words) if _is_code(w, status)), None)

    @property
    def type(self) -> str | None:
        types = (part.get("type") for part in _objects(self.document, 0))
        return next((t for t in types if isinstance(t, str) and _is_code(t, self.status)), None)

    @property
    def request_id(self) -> str | None:
        named = [self.headers[name] for name in _REQUEST_ID_HEADERS if name in self.headers]
        own = self.document.get("request_id") if isinstance(self.document, dict) else None
        id = named[0] if named else own
        return id if isinstance(id, str) and WORD.fullmatch(id) else None

    @property
    def detail(self) -> str | None:
        """Raw prose: whoever shows it redacts it first. Of a redirect, the host alone."""
        if 300 <= self.status < 400:
            host = _HOST.match(self.headers.get("location", "").strip())
            return f"redirected to {host[1].rpartition('@')[2] if host else 'another path'}"
        return self.text.strip() or None


def read(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    document = parse(body)
    kind = headers.get("content-type", "").lower()
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    # Some servers call their JSON text/html.
    is_html = document is None and (
        "html" in kind or start.startswith((b"<!doctype html", b"<html"))
    )
    if document is None and not is_html:
        text = body[:2000].decode("utf-8", "replace")
    else:
        text = " ".join(_prose(document))
    return Answer(status, headers, document, is_html, tuple(_words(document)), text)


def parse(body: bytes) -> object:
    """The JSON document in `body`, or None: truncated, too deep, no JSON at all."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # ValueError covers bad UTF-8, bad JSON and integers of more than 4,300 digits.
        return None


def error_under_success(document: object) -> object:
    """The error object of a 2xx answer (OpenRouter sends them), or None."""
    if isinstance(document, list):
        return error_under_success(document[0]) if len(document) == 1 else None
    if not isinstance(document, dict):
        return None
    if document.get("object") == "error":
        return document
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    inner = first.get("error") if isinstance(first, dict) else None
    return document.get("error") or inner or None


def as_error(answer: Answer, error: object) -> Answer:
    """`answer` as if `error` had come under a status of its own: its code's, or 0."""
    code = str(error.get("code")) if isinstance(error, dict) else ""
    document = {"error": error}
    return replace(
        answer,
        status=int(code) if _STATUS.fullmatch(code) else 0,
        document=document,
        words=tuple(_words(document)),
        text=" ".join(_prose(document)),
    )


def _words(document: object) -> Iterator[str]:
    yield from _values(document, _CODE_KEYS)
    for part in _objects(document, 0):
        flat = part.get("error")
        if isinstance(flat, str) and WORD.fullmatch(flat):
            yield flat


def _values(document: object, keys: tuple[str, ...]) -> Iterator[str]:
    for part in _objects(document, 0):
        for key in keys:
            value = part.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield str(value)[:128]


def _prose(document: object) -> Iterator[str]:
    for part in _objects(document, 0):
        for key in (*_PROSE_KEYS, "error"):
            value = part.get(key)
            if isinstance(value, str):
                yield value[:2000]


def _objects(node: object, depth: int) -> Iterator[dict[str, object]]:
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for item in node[:16]:
            yield from _objects(item, depth + 1)
    elif isinstance(node, dict):
        yield node
        for key in _NESTED_KEYS:
            if isinstance(node.get(key), dict | list):
                yield from _objects(node[key], depth + 1)


def _is_code(word: str, status: int) -> bool:
    return bool(WORD.fullmatch(word)) and word.lower() not in ("error", "none", str(status))
