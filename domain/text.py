"""The border for foreign text: what a stranger wrote is made harmless, and secrets leave it.

Order matters: redact, then sanitise, then cut. Cut first and half a key escapes the filter.
"""

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

LIMIT = 200
_LONGEST_SHOWN = 20
REDACTED = "[redacted]"
SHORTEST = 8
"""No shorter secret can be hidden in text, and no provider's key is shorter."""
# A shared run of this many characters is taken for a piece of the secret: long enough that words
# of a sentence do not collide with a random key, short enough for the tails providers echo.
_WINDOW = SHORTEST
_MARKS_IN_A_ROW = 2
# Each part begins where a word does and reads it once: this runs over what a hostile server sends,
# inside the deadline of a probe.
_SHAPED_LIKE_KEYS = (
    r"\bBearer\s{1,8}[^\s\"',;]+"
    r"|\beyJ[\w-]{8,}(?:\.[\w-]+)*"
    r"|\b(?:sk|pk|rk|gsk|csk|xai|pplx|hf|gh[oprsu]|github_pat|nvapi|tgp)[-_][-_.\w]{8,}"
    r"|\b(?:AIza|ya29)[-_.\w]{8,}"
    r"|(?<![^\s\"'`*])[^\s\"'`*]+\*{3,}[^\s\"'`,;]*"
    r"|(?<![\w-])[\w-]{2,64}(?:\.{3}|…)[\w-]{2,8}(?![\w-])"
)
_BEGINS_LIKE_A_KEY = (
    r"(?:sk|pk|rk|gsk|csk|xai|pplx|hf|gh[oprsu]|github_pat|nvapi|tgp)[-_]|eyJ|AIza|ya29|Bearer"
)
_PLAIN = "\n\t\u200c\u200d"
_LAYOUT = {ord("\n"): " ", ord("\t"): " "}
_LOWER = {ord(upper): upper.lower() for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def visible(text: str, limit: int = LIMIT) -> str:
    """`text` on one line, without control, bidi, private or lone-surrogate characters.

    Such characters are shown as `\\x1b` or `\\u202e`; more than two combining marks in a row are
    dropped; the result is at most `limit` characters, with `…` where it was cut.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_shown(text[: limit * 4]))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _shown(text: str) -> Iterable[str]:
    from unicodedata import category

    marks = 0
    for char in text:
        marks = marks + 1 if category(char) in ("Mn", "Me") else 0
        if marks > _MARKS_IN_A_ROW:
            continue
        yield char if char.isprintable() else _escaped(char)


def shown(word: str) -> str:
    """` word`, fit for the end of a message, or nothing: what is longer, or begins as keys do, may
    be a pasted key.
    """
    may_be_a_key = len(word) > _LONGEST_SHOWN or re.match(_BEGINS_LIKE_A_KEY, word, re.IGNORECASE)
    return "" if not word or may_be_a_key else f" {visible(word)}"


def readable(text: str) -> str:
    """`text` of several lines, or a piece of one, as long as it is and as harmless as `visible`.

    Line ends, tabs, spaces of any width and the joiners inside some words and emoji stay what they
    are; a carriage return that ends no line does not.
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.translate(_LAYOUT).isprintable():
        return text
    return "".join(char if _is_readable(char) else _escaped(char) for char in text)


def _is_readable(char: str) -> bool:
    if char.isprintable() or char in _PLAIN:
        return True
    from unicodedata import category

    return category(char) == "Zs"


def _escaped(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without any of `secrets`, whole, in part, URL-encoded, escaped for JSON or HTML, in
    base64, in hex, backwards or in full-width characters.

    In either case. Anything shaped like somebody's token, or like a masked one, goes as well.
    """
    for secret in secrets:
        text = _without(text, _windows(secret))
    # Compiled when first used: a prompt that only reads never needs it.
    return re.sub(_SHAPED_LIKE_KEYS, REDACTED, text, flags=re.IGNORECASE)


def forms(secret: str) -> set[str]:
    """What `secret` looks like where it comes back: itself, backwards, URL-encoded, in hex, escaped
    for JSON or HTML, and within base64. A short one is not looked for.
    """
    from html import escape

    if len(secret) < SHORTEST:
        # In any text there is a `none`.
        return set()
    escaped, in_html = json.dumps(secret)[1:-1], escape(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    found = {secret, secret[::-1], quote(raw, safe=""), raw.hex()}
    found |= {escaped, escaped.replace("/", "\\/"), in_html, in_html.replace("&#x27;", "&#39;")}
    for lead in range(3):
        # The secret may start at any of three places in a base64 group; the characters that mix
        # it with its neighbours are left out.
        encoded = (
            base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")[(lead * 8 + 5) // 6 : -1]
        )
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return found - {""}


def _windows(secret: str) -> set[str]:
    size = min(_WINDOW, len(secret))
    folded = {_folded(form) for form in forms(secret)}
    return {form[i : i + size] for form in folded for i in range(len(form) - size + 1)} - {""}


def _folded(text: str) -> str:
    """In lower case and without full-width and styled letters, at the same places."""
    if text.isascii():
        return text.translate(_LOWER)
    from unicodedata import normalize

    plain = (normalize("NFKC", char) for char in text)
    alike = (new if len(new) == 1 else old for new, old in zip(plain, text, strict=True))
    return "".join(alike).translate(_LOWER)


def _without(text: str, windows: set[str]) -> str:
    if not windows:
        return text
    size = len(next(iter(windows)))
    folded = _folded(text)
    kept: list[str] = []
    covered_until = 0
    for at in range(len(text)):
        if folded[at : at + size] in windows:
            if at >= covered_until:
                kept.append(REDACTED)
            covered_until = max(covered_until, at + size)
        elif at >= covered_until:
            kept.append(text[at])
    return "".join(kept)


def foreign(text: str, secrets: Iterable[str] = (), limit: int = LIMIT) -> str:
    """Redacted, then sanitised, then cut: the only way foreign prose reaches a person."""
    # Redaction is bounded so that a 5 MB line costs nothing; what is cut here is never shown.
    return visible(" ".join(redact(text[:8192], secrets).split()), limit)


def nearest(word: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The names of `known` that `word` was probably meant to be, best first: a slip of the hand
    away for every four letters or so, or begun by it. What is merely alike is none.
    """
    typed = word.casefold()
    letters = len(typed.lstrip("-"))
    most_slips = max(1, letters // 4)
    near: list[tuple[int, str]] = []
    for name in known:
        folded = name.casefold()
        if letters > 2 and folded.startswith(typed):
            near.append((most_slips if folded != typed else 0, name))
        elif abs(len(folded) - len(typed)) <= most_slips:
            near.append((_slips(typed, folded), name))
    near = sorted((slips, name) for slips, name in near if slips <= most_slips < letters)
    return tuple(name for _, name in near[:most])


def slip_of(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` is a single slip of the hand away from, in any case."""
    typed = word.casefold()
    return next((name for name in known if _is_slip(typed, name.casefold())), None)


def _is_slip(typed: str, name: str) -> bool:
    return len(typed) > 2 and abs(len(typed) - len(name)) < 2 and _slips(typed, name) == 1


def _slips(one: str, other: str) -> int:
    """How many letters were left out, added, changed or swapped with their neighbours."""
    # What both begin and end with costs nothing: of a list of models that is most.
    begin, least = 0, min(len(one), len(other))
    while begin < least and one[begin] == other[begin]:
        begin += 1
    end = 0
    while end < least - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    one, other = one[begin : len(one) - end], other[begin : len(other) - end]
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def did_you_mean(word: str, known: Iterable[str], otherwise: str | None = None) -> str | None:
    """A hint that names the nearest of `known`, else `otherwise`."""
    near = nearest(word, known)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
