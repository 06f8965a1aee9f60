"""What is known of a provider without talking to it: one row."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.errors import Malformed, NotFound, Refused
from domain.text import did_you_mean, shown

Dialect = Literal["openai", "anthropic", "google", "ollama"]
ListShape = Literal["data", "models", "array", ""]
Paging = Literal["after_id", "page_token", ""]
Source = Literal["builtin", "user", "plugin"]
Scheme = Literal["bearer", "x-api-key", "x-goog-api-key", "api-key"]
DIALECTS: tuple[Dialect, ...] = ("openai", "anthropic", "google", "ollama")
_KEY_SCHEMES: dict[str, Scheme] = {"anthropic": "x-api-key", "google": "x-goog-api-key"}
_ENV_NAME = r"[A-Z][A-Z0-9_]*(?:KEY|TOKEN)"
_OWN_PREFIX = "AURA_INTELLIGENCE_"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as one row of a table.

    `env_names` hold API keys and `token_env_names` bearer tokens, in the order they are looked up.
    An empty `base_url` means that each customer has an address of their own. `check_path` is the
    free key check, relative to the base URL (None: the dialect's list of models), `check_url` one
    on another host of the provider's; `check_proves` says whether a 200 there needs a valid
    credential. `list_shape` is where its list of models keeps them (`array`: the document is the
    list; empty: it has none), `list_pages` how the next page is asked for. `extra_path` is appended
    to the value of `base_url_env` where that ecosystem's variable holds the host only.
    `limit_field` carries the token limit of a chat; models that match one of `responses_models`
    speak only `/responses`. `usage` names the flow that asks how much is left. `uncertain` names
    the fields of the row that nobody could confirm, `quirks` is a sentence for people. `revision`
    and `mac` belong to user providers: the signature covers id, base URL, dialect, env names,
    scheme and revision.
    """

    id: str
    label: str
    base_url: str
    dialect: Dialect
    env_names: tuple[str, ...] = ()
    token_env_names: tuple[str, ...] = ()
    base_url_env: str | None = None
    extra_path: str = ""
    scheme: Scheme = "bearer"
    probe_model: str | None = None
    check_path: str | None = None
    check_proves: bool = True
    list_shape: ListShape = "data"
    list_pages: Paging = ""
    key_prefixes: tuple[str, ...] = ()
    docs_url: str | None = None
    allow_http: bool = False
    synonyms: tuple[str, ...] = ()
    limit_field: str = "max_tokens"
    responses_models: tuple[str, ...] = ()
    check_url: str | None = None
    login_methods: tuple[str, ...] = ("api_key",)
    usage: str | None = None
    uncertain: tuple[str, ...] = ()
    quirks: str = ""
    extra_headers: tuple[tuple[str, str], ...] = ()
    source: Source = "builtin"
    revision: int = 0
    mac: bytes = field(default=b"", repr=False)

    @property
    def builtin(self) -> bool:
        return self.source == "builtin"

    def speaks_responses(self, model: str) -> bool:
        """Whether `model` is asked by `/responses` only, where others have chat completions."""
        return any(re.fullmatch(pattern, model) for pattern in self.responses_models)

    @property
    def all_env_names(self) -> tuple[str, ...]:
        return self.env_names + self.token_env_names

    def scheme_of(self, kind: str) -> Scheme:
        """The header that carries a credential of `kind` there; tokens are always bearers."""
        return self.scheme if kind == "api_key" else "bearer"

    def address(self, chosen: str | None) -> str:
        """Where a credential of this provider goes: `chosen`, else its own. Raises Malformed."""
        if not chosen and not self.base_url:
            raise Malformed(
                f"{self.id} has no address of its own",
                hint=f"auth add --provider {self.id} --base-url https://HOST{self.extra_path}",
            )
        return chosen or self.base_url

    @property
    def is_loopback(self) -> bool:
        """Whether the base URL, in its canonical form, is this machine."""
        return is_loopback_url(self.base_url)

    @property
    def is_plain_http(self) -> bool:
        """Whether a credential crosses a network readable for others."""
        return self.base_url.startswith("http:") and not self.is_loopback


def is_loopback_url(url: str) -> bool:
    """Whether `url`, in its canonical form, is this machine."""
    place = url.partition("://")[2].partition("/")[0]
    host = place if place.startswith("[") else place.partition(":")[0]
    # Not `endpoints.is_loopback_host`: listings ask here, and load no rules of URLs.
    is_ipv4 = host.replace(".", "").isdigit()
    return host == "localhost" or place.startswith("[::1]") or (is_ipv4 and host[:4] == "127.")


def scheme_for(dialect: Dialect, kind: str) -> Scheme:
    """The header that carries a credential of `kind`: some API keys have one of their own."""
    return _KEY_SCHEMES.get(dialect, "bearer") if kind == "api_key" else "bearer"


def is_env_name(name: object) -> bool:
    """Whether a user provider could ever read a variable of that name."""
    return isinstance(name, str) and re.fullmatch(_ENV_NAME, name) is not None


def env_name(text: str, providers: Iterable[Provider]) -> str:
    """A variable name a user provider may read. Raises Malformed or Refused."""
    name = text.strip()
    if not is_env_name(name):
        raise Malformed(
            "a credential variable is upper case and ends in KEY or TOKEN",
            hint="for example MY_GATEWAY_API_KEY",
        )
    if name.startswith(_OWN_PREFIX):
        raise Refused(f"{name} belongs to this program", hint="choose another variable")
    for provider in providers:
        if name in provider.all_env_names:
            raise Refused(
                f"{name} belongs to the provider {provider.id}",
                hint="a credential is only ever sent to the provider it was made for",
            )
    return name


def known_provider(
    name: str, providers: Mapping[str, Provider], error: type[Malformed] | type[NotFound] = NotFound
) -> Provider:
    """The row of `name` (a canonical id). Raises `error`, with the nearest names as its hint."""
    if name in providers:
        return providers[name]
    raise error(
        f"unknown provider{shown(name)}",
        hint=did_you_mean(
            name,
            providers,
            "see: aura_intelligence models providers list; add your own with providers add",
        ),
    )
