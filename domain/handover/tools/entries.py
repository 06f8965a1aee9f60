"""Values of a stranger's file: which are credentials, which refer to one, and which are neither."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import PurePath
from typing import Any, NamedTuple

from domain.credentials.credential import ApiKey, BearerToken, OAuthToken, bearer_of
from domain.credentials.grants import label, seconds
from domain.credentials.origins import Kept
from domain.credentials.profile import named_for
from domain.credentials.secret import secret
from domain.errors import Malformed
from domain.handover.documents import Document
from domain.handover.tools.contents import Contents, Found, Left, ToolFile
from domain.providers.endpoints import base_url
from domain.providers.refs import ModelRef, provider_id
from domain.providers.row import Dialect
from domain.text import redact, visible

_LONGEST_NAME = 64
_YEAR_10000 = 253_402_300_800_000
# Names of people and models have a dot, a dash or an end before that.
_RANDOM = re.compile(r"[A-Za-z0-9]{21,}")
_VARIABLE = re.compile(
    r"(?:os\.environ/|\{env:|\$\{)([A-Za-z_][A-Za-z0-9_]*)\}?|(?:env:(?://)?|\$)([A-Z_][A-Z0-9_]*)"
)
# As people write one, and hardly any key.
_BARE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN)")
_FILE = re.compile(r"\{file:|file://")
_PROGRAM = re.compile(r"[a-z][a-z0-9+.-]*://|keychain[:/]|!|\$\(|`", re.IGNORECASE)
# What clients of a dialect put behind their address, and ours add by themselves.
_ADDED: Mapping[Dialect, tuple[str, ...]] = {
    "openai": (),
    "anthropic": ("/v1",),
    "google": ("/v1beta",),
    "ollama": ("/v1", "/api"),
}


class Chosen(NamedTuple):
    """A part of what a program chose: the text of `key`, more of its list, or of its table."""

    key: str
    value: str | list[Any] | dict[str, Any]


Item = Found | Left | Chosen


def gathered(items: Iterable[Item]) -> Contents:
    """All of `items`; of one provider the same secret is there once, and what came first stays."""
    found: list[Found] = []
    left: list[Left] = []
    selection: dict[str, Any] = {}
    seen: set[tuple[str, str]] = set()
    for item in items:
        match item:
            case Found():
                same = (item.provider, bearer_of(item.credential).reveal())
                found += [] if same in seen else [item]
                seen.add(same)
            case Left():
                left.append(item)
            case Chosen(key, str() as text):
                selection.setdefault(key, text)
            case Chosen(key, list() as more):
                selection.setdefault(key, []).extend(more)
            case Chosen(key, dict() as more):
                known = selection.setdefault(key, {})
                known.update((name, one) for name, one in more.items() if name not in known)
    chosen = {key: value for key, value in selection.items() if value}
    return Contents(tuple(found), tuple(left), chosen)


def table(file: ToolFile, tool: str) -> Document:
    """All of `file`. Raises Malformed where it is no table."""
    if isinstance(file.document, dict):
        return file.document
    raise Malformed(
        f"{named(PurePath(file.path).name)} is not what {tool} writes", hint="name another file"
    )


def inner(document: object, *keys: str) -> Document:
    """The table behind `keys`, one in the other; an empty one where there is none."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def listed(value: object) -> list[Any]:
    """`value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """`value` without white space around it; empty where it is no text."""
    return value.strip() if isinstance(value, str) else ""


def instant(value: object) -> int | None:
    """`value` as epoch ms; None where it says no moment."""
    number = seconds(value)
    return int(number) if number is not None and 0 < number < _YEAR_10000 else None


def place(file: ToolFile, *words: str) -> str:
    """Where in `file` something stands, for a person."""
    return f"{named(PurePath(file.path).name)}: {'.'.join(map(named, words))}"


def named(word: str) -> str:
    """A name of a stranger's, harmless; one that may be a pasted key is not shown."""
    return "…" if _may_be_a_key(word) else visible(word, _LONGEST_NAME)


def person(value: object) -> str:
    """`value` as the name of an account, on one line; empty where it is none."""
    said = label(value)
    return "" if _may_be_a_key(said) else said


def account(value: object) -> str:
    """Whose a grant is, to be compared and not shown: a mark where `value` may be a key."""
    said = label(value)
    return sha256(said.encode()).hexdigest()[:16] if _may_be_a_key(said) else said


def _may_be_a_key(word: str) -> bool:
    return len(word) > 256 or bool(_RANDOM.search(word)) or redact(word) != word


def canonical(provider: object) -> str | None:
    """The id of a provider; None where `provider` is none."""
    try:
        id = provider_id(text(provider))
    except Malformed:
        return None
    return None if _may_be_a_key(id) else id


def model(value: object) -> str | None:
    """The model `value`, its provider as it is called here; None where it is no `provider/model`.

    One that looks like a key is none.
    """
    try:
        ref = ModelRef.parse(text(value))
    except Malformed:
        return None
    return None if redact(str(ref)) != str(ref) else str(ref)


def variable(value: object) -> str | None:
    """The variable of the environment that `value` stands for, if that is all it says."""
    match value:
        case str():
            found = _VARIABLE.fullmatch(value.strip())
            if found:
                return found[1] or found[2]
            return value.strip() if _BARE.fullmatch(value.strip()) else None
        case {"source": "env", "id": str(name)} if re.fullmatch(r"\w+", name, re.ASCII):
            return name
        case _:
            return None


def reference(value: object) -> str | None:
    """What `value` refers to instead of being a secret, in a sentence; None where it does not."""
    if name := variable(value):
        return f"it refers to the variable {named(name)}, which was not read (see: auth import env)"
    said = text(value)
    source = value.get("source") if isinstance(value, dict) else None
    if source == "file" or _FILE.search(said):
        return "it refers to another file, which was not read"
    if source or _PROGRAM.match(said):
        return "it refers to what a program keeps or prints (see: auth add --kind command)"
    if "${" in said or "{env:" in said or "os.environ/" in said:
        return "a part of it refers to a variable, which was not read"
    return None


def address(value: object, dialect: Dialect) -> str:
    """The base URL `value` in its canonical form, without what a client adds. Raises Malformed.

    Plain http to an address of one's own network passes: a person has to allow it later.
    """
    if said := reference(value) if not re.match(r"https?://", text(value)) else None:
        raise Malformed(said)
    url = base_url(text(value), allow_http=True)
    for end in _ADDED[dialect]:
        url = url.removesuffix(end)
    return url


def key(
    provider: object,
    value: object,
    where: str,
    *,
    of: type[ApiKey] | type[BearerToken] = ApiKey,
    ends: int | None = None,
    name: str = "",
    url: object = None,
    dialect: Dialect = "openai",
) -> Found | Left:
    """The secret `value`, which goes to `url` where there is one; `ends` is epoch ms."""
    id = canonical(provider)
    if id is None:
        return Left(where, "its provider has no name that one can have here")
    if said := reference(value):
        return Left(where, said)
    try:
        told = secret(text(value), 1)
        goes_to = address(url, dialect) if url else ""
    except Malformed as refusal:
        return Left(where, str(refusal))
    return Found(id, of(told, ends), where, name, base_url=goes_to)


def grant(
    kept: Kept,
    provider: str,
    tokens: tuple[object, object],
    where: str,
    *,
    ends: int | None,
    account: str = "",
    name: str = "",
) -> Found | Left:
    """A grant of `tokens` (access and refresh) that stays with who keeps it; without the second it
    is but a token. One that has expired is one still: its owner refreshes it. It is called by
    `name`, else by its account, else by its owner.
    """
    access, refresh = tokens
    name = name or (named_for(account) if account else kept.tool)
    found = key(provider, access, where, of=BearerToken, ends=ends, name=name)
    if not text(refresh) or isinstance(found, Left):
        return found
    renewing = key(provider, refresh, where, of=BearerToken)
    if isinstance(renewing, Left):
        return renewing
    token = OAuthToken(
        bearer_of(found.credential), bearer_of(renewing.credential), ends, account=account
    )
    return found._replace(credential=token, kept=kept)


def own(
    id: str, url: object, dialect: Dialect, where: str, *, env: Iterable[str] = (), title: str = ""
) -> Chosen | Left:
    """A provider of the person's own; `env` are the variables it would read."""
    try:
        base = address(url, dialect)
    except Malformed as refusal:
        return Left(where, f"its address cannot be one here: {refusal}")
    row: dict[str, Any] = {"id": id, "base_url": base, "dialect": dialect, "env": list(env)}
    try:
        base_url(base)
    except Malformed:
        row["allow_http"] = True
    return Chosen("providers", [{**row, **({"label": title[:100]} if title else {})}])
