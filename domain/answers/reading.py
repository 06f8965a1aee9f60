"""An answer read once: its document, the provider's own words, its prose; whatever came."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

WORD = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
_TELLING_KEYS = ("code", "error_code", "errorcode", "reason", "status_code")
_NUMBER_KEYS = ("code", "error_code", "status", "status_code", "statuscode", "http_code")
_CODE_KEYS = (
    *_TELLING_KEYS,
    "status",
    "statuscode",
    "http_code",
    "error_type",
    "type",
    "__type",
    "quotaid",
)
_PROSE_KEYS = (
    "message",
    "detail",
    "title",
    "error_description",
    "msg",
    "error_msg",
    "error_message",
    "errormessage",
    "status_msg",
    "description",
    "faultstring",
)
_NESTED_KEYS = (
    "error",
    "details",
    "detail",
    "metadata",
    "violations",
    "errors",
    "error_chain",
    "base_resp",
    "fault",
    "response",
    "message",
    "data",
    "raw",
    "body",
    "innererror",
)
_REQUEST_ID_HEADERS = ("request-id", "x-request-id", "x-amzn-requestid", "apim-request-id")
# Bedrock names its error here, and in no body.
_ERROR_HEADER = "x-amzn-errortype"
_HOST = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/?#\\]+)")
_STATUS = re.compile(r"[45][0-9]{2}", re.ASCII)
# Possessive and atomic: a hostile body of a thousand comments is read once.
_BEFORE_A_PAGE = rb"\A(?s:[\xef\xbb\xbf\s]++|(?><\?xml.*?\?>)|(?><!--.*?-->))*+"
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
# MiniMax answers 200 whatever happened, and says in numbers of its own what it was.
_MINIMAX = {
    "1001": 504,
    "1002": 429,
    "1004": 401,
    "1008": 402,
    "1026": 400,
    "1027": 400,
    "1039": 429,
    "1041": 429,
    "2013": 400,
    "2045": 429,
    "2049": 401,
    "2056": 429,
}
_DEEPEST = 6
# Characters of prose that are looked at.
_LONGEST = 8000


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read once. `words` and `text` are as they came; `prose` is lower case, and `codes`
    without punctuation as well. `status` may come from the body.
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
        object.__setattr__(self, "codes", tuple(map(_flat, self.words)))
        plain = self.text[:_LONGEST].lower().replace("\u2019", "'")
        if not plain.isascii():
            # Full-width punctuation and digits as the others.
            from unicodedata import normalize

            plain = normalize("NFKC", plain)
        object.__setattr__(self, "prose", " ".join(plain.split()))

    def coded(self, pattern: str) -> bool:
        return any(re.search(pattern, code) for code in self.codes)

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.prose) is not None

    def names(self, key: str) -> bool:
        return any(part.get(key) is not None for part in _objects(self.document, 0))

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
    # Some servers call their JSON text/html, and some portals their pages text/plain.
    is_html = document is None and ("html" in kind or _is_page(body))
    if document is None and not is_html:
        text = body[:2000].decode("utf-8", "replace")
    else:
        text = " ".join(_prose(document))
    named = headers.get(_ERROR_HEADER, "").partition(":")[0]
    words = (*_words(document), *((named,) if WORD.fullmatch(named) else ()))
    return Answer(status, headers, document, is_html, words, text)


def _is_page(body: bytes) -> bool:
    """Whether it begins as HTML does, be it after an XML prolog or comments."""
    start = re.sub(_BEFORE_A_PAGE, b"", body[:8192], count=1)[:512].lower()
    return start.startswith(b"<") and (b"<html" in start or b"<!doctype html" in start)


def parse(body: bytes) -> object:
    """The JSON document in `body`, or None: truncated, too deep, no JSON at all."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # ValueError covers bad UTF-8, bad JSON and integers of more than 4,300 digits.
        return None


def error_under_success(document: object, *, is_expected: bool = True) -> object:
    """The error of a 2xx answer (OpenRouter and MiniMax send them), or None.

    Where the answer is not what was `is_expected`, a message beside a code is an error as well.
    """
    if isinstance(document, list):
        only = document[0] if len(document) == 1 else None
        return error_under_success(only, is_expected=is_expected)
    if not isinstance(document, dict):
        return None
    parts = {str(key).lower(): value for key, value in document.items()}
    told, inner = parts.get("base_resp"), parts.get("response")
    if isinstance(told, dict) and told.get("status_code"):
        return told
    if parts.get("object") == "error" or parts.get("success") is False:
        return document
    if isinstance(inner, dict) and not is_expected:
        return error_under_success(inner, is_expected=is_expected)
    error = parts.get("error") or _error_of_choice(parts.get("choices"))
    if error is None and not is_expected and _is_bare_error(parts):
        return document
    return error or None


def _error_of_choice(choices: object) -> object:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first.get("error") if isinstance(first, dict) else None


def _is_bare_error(parts: Mapping[str, object]) -> bool:
    said = any(isinstance(parts.get(key), str) for key in _PROSE_KEYS)
    return said and any(key in parts for key in _NUMBER_KEYS)


def as_error(answer: Answer, error: object) -> Answer:
    """`answer` as if `error` had come under a status of its own: its code's, or 0."""
    document = {"error": error}
    return replace(
        answer,
        status=_status_of(error),
        document=document,
        words=tuple(_words(document)),
        text=" ".join(_prose(document)),
    )


def _status_of(error: object) -> int:
    if not isinstance(error, dict):
        return 0
    told = str(error.get("status_code"))
    if "status_msg" in error and told in _MINIMAX:
        return _MINIMAX[told]
    parts = {str(key).lower(): str(value) for key, value in error.items()}
    numbers = (parts.get(key, "") for key in _NUMBER_KEYS)
    return next((int(number) for number in numbers if _STATUS.fullmatch(number)), 0)


def _flat(word: str) -> str:
    return _PUNCTUATION.sub("", word.rpartition("#")[2].lower())


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
    if isinstance(document, str):
        yield document[:2000]
    for part in _objects(document, 0):
        for key in (*_PROSE_KEYS, "error", "errors", "raw"):
            value = part.get(key)
            told = value[:16] if isinstance(value, list) else (value,)
            strings = (text for text in told if isinstance(text, str))
            yield from (text[:2000] for text in strings if _inner(text) is None)
        # Mostly the name of a field, and with some the reason.
        if isinstance(reason := part.get("param"), str) and " " in reason:
            yield reason[:2000]


def _objects(node: object, depth: int) -> Iterator[dict[str, object]]:
    """The parts of an error, outermost first; their keys in lower case, as most write them."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for item in node[:16]:
            yield from _objects(item, depth + 1)
    elif isinstance(node, dict):
        part = {key.lower(): value for key, value in node.items()}
        yield part
        for key in _NESTED_KEYS:
            if (inner := _inner(part.get(key))) is not None:
                yield from _objects(inner, depth + 1)


def _inner(value: object) -> dict[str, object] | list[object] | None:
    """A part of a document, be it written as a text in JSON, as gateways pass on an error."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        value = parse(value.encode("utf-8", "replace"))
    return value if isinstance(value, dict | list) else None


def _is_code(word: str, status: int) -> bool:
    return bool(WORD.fullmatch(word)) and word.lower() not in ("error", "none", str(status))
