"""Which variables of the environment hand a chosen credential over to another program."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from domain.credentials.profile import Kind
from domain.providers.refs import ModelRef
from domain.providers.row import Dialect, Provider
from domain.text import SHORTEST

MODEL_NAME = "AURA_INTELLIGENCE_MODEL"
STORE_KEY_NAMES = ("AURA_INTELLIGENCE_VAULT_KEY", "AURA_INTELLIGENCE_VAULT_KEY_FILE")
NO_KEY = "EMPTY"
"""What stands for a key where none is needed."""
_STEM = re.compile(r"(?:_(?:API|AUTH|OAUTH))?_(?:KEY|TOKEN)$")


class _Ecosystem(NamedTuple):
    """What the client libraries of a dialect read; `others` are keys they would take as well, and
    `steering` says on whose account, with which headers or by which service they ask.
    """

    keys: tuple[str, ...]
    tokens: tuple[str, ...]
    urls: tuple[str, ...]
    others: tuple[str, ...] = ()
    steering: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.keys + self.tokens + self.others


_ECOSYSTEMS: dict[Dialect, _Ecosystem] = {
    "openai": _Ecosystem(
        keys=("OPENAI_API_KEY",),
        tokens=("OPENAI_API_KEY",),
        urls=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
        others=("OPENAI_ADMIN_KEY",),
        steering=(
            "OPENAI_ORG_ID",
            "OPENAI_ORGANIZATION",
            "OPENAI_PROJECT_ID",
            "OPENAI_CUSTOM_HEADERS",
        ),
    ),
    "anthropic": _Ecosystem(
        keys=("ANTHROPIC_API_KEY",),
        tokens=("ANTHROPIC_AUTH_TOKEN",),
        urls=("ANTHROPIC_BASE_URL",),
        others=("ANTHROPIC_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
        steering=("ANTHROPIC_CUSTOM_HEADERS",),
    ),
    "google": _Ecosystem(
        keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        tokens=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        urls=("GOOGLE_GEMINI_BASE_URL",),
        others=("GOOGLE_GENERATIVE_AI_API_KEY",),
        steering=("GOOGLE_GENAI_USE_VERTEXAI",),
    ),
    "ollama": _Ecosystem(
        keys=("OLLAMA_API_KEY",),
        tokens=("OLLAMA_API_KEY",),
        urls=("OLLAMA_HOST", "OLLAMA_BASE_URL"),
    ),
}


@dataclass(frozen=True, slots=True)
class Handover:
    """`secret` names the variables that get the credential, `plain` has the others.

    `removed` are those whose old value the program must not find, whether they get a new one or
    not.
    """

    secret: tuple[str, ...]
    plain: Mapping[str, str]
    removed: frozenset[str]

    @property
    def unset(self) -> tuple[str, ...]:
        """What is removed and gets no new value."""
        return tuple(sorted(self.removed.difference(self.secret, self.plain)))

    def given(self, secret: str | None) -> dict[str, str]:
        """What is set, where the credential is `secret`."""
        credential = {} if secret is None else dict.fromkeys(self.secret, secret)
        return {**credential, **self.plain}

    def environment(self, before: Mapping[str, str], secret: str | None) -> dict[str, str]:
        """All of a child's environment. It cannot open the store with a key it never sees."""
        gone = self.removed.union(STORE_KEY_NAMES)
        kept = {name: value for name, value in before.items() if name not in gone}
        return {**kept, **self.given(secret)}


def handover(
    ref: ModelRef, row: Provider, kind: Kind | None, base_url: str, others: Iterable[Provider]
) -> Handover:
    """How a credential of `kind` (None: none is needed) for `base_url` reaches a program.

    Under all of the provider's own names, so that every program finds it; one of the user's own
    also under those the client libraries of its dialect read. A base URL is told where it is not
    what these libraries know. `others` are all providers: their variables are left alone.
    """
    taken = {n for other in others if other.id != row.id for n in _declared(other)}
    ecosystem = _ECOSYSTEMS[row.dialect]
    urls = _url_names(row, ecosystem, taken)
    told = base_url if base_url != row.base_url or not row.builtin or row.is_loopback else None
    plain = {name: _as_read(row, name, told) for name in urls} if told else {}
    if kind is None and not row.builtin:
        # Client libraries do not start without a key; a server that needs none overlooks it.
        plain |= dict.fromkeys(ecosystem.keys, NO_KEY)
    own = row.all_env_names or tuple({f"{_prefix(row)}_API_KEY"} - taken)
    secret = _secret_names(row, kind, ecosystem, own) if kind else ()
    theirs = ecosystem if _speaks_for(row, ecosystem) else _Ecosystem((), (), ())
    keys = theirs.secrets
    stems = (*map(_stem, own + theirs.keys), _prefix(row))
    derived = {f"{stem}_{end}" for stem in stems for end in ("BASE_URL", "API_BASE")} - taken
    removed = derived.union(_declared(row), own, keys, urls, theirs.steering)
    return Handover(secret, {**plain, MODEL_NAME: str(ref)}, frozenset(removed))


def key_name(row: Provider, kind: Kind) -> str:
    """The first of the provider's own names for a credential of `kind`."""
    names = (row.env_names if kind == "api_key" else row.token_env_names) or row.all_env_names
    return names[0] if names else f"{_prefix(row)}_API_KEY"


def url_name(row: Provider, others: Iterable[Provider]) -> str:
    """The first name for its address; `others` are all providers."""
    taken = {n for other in others if other.id != row.id for n in _declared(other)}
    return _url_names(row, _ECOSYSTEMS[row.dialect], taken)[0]


def known_secrets(environ: Mapping[str, str], providers: Iterable[Provider]) -> set[str]:
    """The values `environ` has for credentials of any provider."""
    names = {name for row in providers for name in row.all_env_names}
    for ecosystem in _ECOSYSTEMS.values():
        names.update(ecosystem.secrets)
    values = (environ.get(name, "").strip() for name in names)
    return {value for value in values if len(value) >= SHORTEST}


def _declared(row: Provider) -> tuple[str, ...]:
    return row.all_env_names + ((row.base_url_env,) if row.base_url_env else ())


def _speaks_for(row: Provider, ecosystem: _Ecosystem) -> bool:
    """Whether the variables of its dialect's libraries are its own."""
    return not row.builtin or row.base_url_env in ecosystem.urls


def _secret_names(
    row: Provider, kind: Kind, ecosystem: _Ecosystem, own: tuple[str, ...]
) -> tuple[str, ...]:
    own = (row.env_names if kind == "api_key" else row.token_env_names) or own
    if row.builtin:
        return own
    theirs = ecosystem.tokens if row.scheme_of(kind) == "bearer" else ecosystem.keys
    return tuple(dict.fromkeys(own + theirs))


def _url_names(row: Provider, ecosystem: _Ecosystem, taken: Collection[str]) -> tuple[str, ...]:
    stems = (*map(_stem, row.all_env_names[:1]), _prefix(row))
    derived = [name for stem in stems if (name := f"{stem}_BASE_URL") not in taken]
    own = (row.base_url_env,) if row.base_url_env else (*derived[:1],)
    theirs = ecosystem.urls if _speaks_for(row, ecosystem) else ()
    return tuple(dict.fromkeys((*own, *theirs)))


def _stem(name: str) -> str:
    return _STEM.sub("", name)


def _prefix(row: Provider) -> str:
    name = re.sub(r"[^A-Z0-9]", "_", row.id.upper())
    # A shell takes no name that begins with a digit.
    return f"_{name}" if name[0].isdigit() else name


def _as_read(row: Provider, name: str, base_url: str) -> str:
    return base_url.removesuffix(row.extra_path) if name == row.base_url_env else base_url
