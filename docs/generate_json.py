"""Writes docs/json.md: keys and types as real runs print them, meanings from docs/json_words.py."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.json_errors import errors_section
from docs.json_plain import plain_section
from docs.json_words import MEANINGS
from docs.shapes import Shape, places, shape_of

PAGE = Path(__file__).with_name("json.md")
Command = tuple[str, ...]

ALSO: dict[str, str] = {
    "profileId": "null",
    "profiles[].profileId": "",
    "profile.profileId": "",
    "environment[].profileId": "",
    "unusableProfiles[].profileId": "",
    "model": "null",
    "attempts[].model": "",
    "candidates[].model": "",
    "skipped[].model": "",
    "models ask model": "",
    "models env model": "",
    "models[].model": "",
    "expiresAt": "integer null",
    "expiresAtIso": "string null",
    "oauth.profiles[].expiresAt": "integer",
    "effectiveProfiles[].expiresAt": "integer",
    "cooldownUntil": "integer null",
    "keyProblem": "string null",
    "lengthMs": "integer null",
    "usedPercent": "number null",
    "remainingPercent": "number null",
    "remaining": "integer number null",
    "limit": "integer number null",
    "resetsAt": "integer null",
    "resetsAtIso": "string null",
    "until": "integer null",
    "untilIso": "string null",
    "remainingMs": "integer null",
    "oauth.profiles[].remainingMs": "integer",
    "effectiveProfiles[].remainingMs": "integer",
    "scope": "string null",
    "reason": "string null",
    "cooldowns[].reason": "",
    "unusableProfiles[].reason": "",
    "leftOut[].reason": "",
    "outcome": "string null",
    "records[].outcome": "",
    "failures": "integer null",
    "problem": "object null",
    "usage.problem": "",
    "environment[].problem": "string null",
    "unrecorded": "object null",
    "note": "string null",
    "nextAt": "integer null",
    "nextAtIso": "string null",
    "resolved": "string null",
    "httpStatus": "integer null",
    "code": "string null",
    "results[].type": "string null",
    "records[].type": "string null",
    "requestId": "string null",
    "latencyMs": "integer null",
    "models ask latencyMs": "integer",
    "error": "string null",
    "results[].kind": "string null",
    "fingerprint": "string null",
    "baseUrlFrom": "string null",
    "defaultModel": "string null",
    "resolvedDefault": "string null",
    "imageModel": "string null",
    "models set defaultModel": "",
    "models set-image imageModel": "",
    "models export default": "string null",
    "image": "string null",
    "apiKeyEnv": "string null",
    "order": "list null",
    "models auth order set order": "",
    "notChecked": "string null",
    "used": "object null",
    "profiles[].used": "",
    "environment[].used": "",
    "plugins[].reason": "string null",
    "plugins[].dialect": "string null",
    "signIn": "object null",
    **dict.fromkeys(
        (
            *("signIn.issuer", "signIn.deviceUrl", "signIn.authorizeUrl", "signIn.tokenUrl"),
            *("signIn.revokeUrl", "signIn.clientSecretFile", "signIn.scope"),
        ),
        "string null",
    ),
    "models auth login expiresAt": "integer",
    "models auth login expiresAtIso": "string",
    "models auth login remainingMs": "integer",
    "models auth login error": "object",
    "profiles[].error": "object null",
    "error.hint": "string null",
    "revoked": "boolean null",
    "revocationError": "object null",
    "revocationError.hint": "string null",
    "loginAs": "string null",
    "outlook": "object null",
    "outlook.model": "",
    "confirmedBy": "object null",
    "earliest": "string null",
    "outlook.replacement": "string null",
    "items[].replacement": "string null",
    "urlWithCode": "string null",
    "intervalSeconds": "number",
    "account": "string null",
    "email": "string null",
    "plan": "string null",
}
"""Types that a key may have and that the runs do not all show; '' is: only what they show."""
_TEXTS = {"fallbacks", "imageFallbacks", "shadows", "uncertain", "profileIds", "envNames", "order"}

_INTRODUCTION = """\
# JSON, errors and plain output

<!-- Written by docs/generate.py: change the text in docs/json_words.py, docs/json_errors.py and
docs/json_plain.py. The keys and types come from running every command. -->

With `--json` a command prints one JSON object on one line of stdout, with the exit code it has
without. `schemaVersion` is 1 and is in every object; it is not repeated below. New keys
may be added: ignore those you do not know.

A key that ends in `At` or `Until` is a moment in milliseconds since 1970 (UTC), the one beside it
that ends in `Iso` is the same moment as text, one that ends in `Ms` is a length in milliseconds.
*Optional* keys are left out where there is nothing to say. A key below another is written after a
dot, and `[]` stands for each one of a list.
"""


def json_page(
    documents: Mapping[Command, list[dict[str, Any]]],
    records: Mapping[Command, list[str]],
    order: Iterable[Command],
) -> str:
    """The whole page. `documents` and `records` are what the runs printed."""
    shapes = {command: _completed(command, shape_of(documents[command])) for command in order}
    shared = _merged(shapes.values())
    seen: dict[frozenset[str], str] = {}
    parts = [_INTRODUCTION, "## Commands\n"]
    for command, shape in shapes.items():
        parts.append(f"### `{' '.join(command)}`\n")
        parts.append("\n".join(_table(" ".join(command), shape, seen, shared)) + "\n")
    return "\n".join([*parts, errors_section(), plain_section(documents, records)])


def found(table: Mapping[str, str], command: str, path: str) -> str | None:
    """The key of `table` that fits the end of `path` and is the longest."""
    parts = path.split(".")
    ends = [".".join(parts[at:]) for at in range(len(parts))]
    return next((end for end in (f"{command} {path}", *ends) if end in table), None)


def _completed(command: Command, shape: Shape) -> Shape:
    for path, inner in places(shape):
        if key := found(ALSO, " ".join(command), path):
            inner.types |= set(ALSO[key].split())
        if path.rpartition(".")[2] in _TEXTS and "list" in inner.types and not inner.keys:
            inner.keys["[]"] = Shape({"string"})
    return shape


def _merged(shapes: Iterable[Shape]) -> dict[frozenset[str], Shape]:
    """Objects of the same five keys or more are one kind, wherever they stand."""
    kinds: dict[frozenset[str], Shape] = {}
    for shape in shapes:
        for _, inner in places(shape):
            if keys := _kind(inner):
                known = kinds.setdefault(keys, _objects(inner))
                for name, child in _objects(inner).keys.items():
                    known.keys[name].types |= child.types
    return kinds


def _objects(shape: Shape) -> Shape:
    """What the keys of `shape` are of: of itself, or of each one of the list it is."""
    inner = shape.keys.get("[]")
    return inner if inner and (inner.keys or len(shape.keys) == 1) else shape


def _kind(shape: Shape) -> frozenset[str] | None:
    keys = frozenset(_objects(shape).keys)
    return keys if len(keys) >= 5 else None


def _table(
    command: str, shape: Shape, seen: dict[frozenset[str], str], shared: Mapping[Any, Shape]
) -> Iterator[str]:
    yield "| key | type | meaning |"
    yield "|---|---|---|"
    yield from _rows(command, shape, "", seen, shared)


def _rows(
    command: str,
    shape: Shape,
    path: str,
    seen: dict[frozenset[str], str],
    shared: Mapping[Any, Shape],
) -> Iterator[str]:
    for key, inner in shape.keys.items():
        below = f"{path}.{key}".lstrip(".")
        if below == "schemaVersion" or key == "[]":
            continue
        kind = _kind(inner)
        known = f" (keys as in {seen[kind]})" if kind in seen and kind else ""
        yield f"| `{below}` | {_type(inner)} | {meaning(command, below)}{known} |"
        if known:
            continue
        listed = below if _objects(inner) is inner else f"{below}[]"
        if kind:
            seen[kind] = f"`{command}`, `{listed}`"
        yield from _rows(command, shared[kind] if kind else _objects(inner), listed, seen, shared)


def _type(shape: Shape) -> str:
    return f"{shape.type}, optional" if shape.optional else shape.type


def meaning(command: str, path: str) -> str:
    """What the page says of a key. Raises KeyError for one that nobody wrote about."""
    if path.endswith("Iso"):
        return f"`{path.rpartition('.')[2].removesuffix('Iso')}` as text"
    if (key := found(MEANINGS, command, path)) is None:
        raise KeyError(f"docs/json_words.py says nothing of {command}: {path}")
    return MEANINGS[key]
