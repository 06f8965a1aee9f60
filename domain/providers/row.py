"""What is known of a provider without talking to it: one row."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from domain.errors import Malformed, NotFound, Refused
from domain.providers.client import Client
from domain.providers.refs import ModelRef
from domain.text import SHORTEST, did_you_mean, shown

Dialect = Literal["openai", "anthropic", "google", "ollama"]
ListShape = Literal["data", "models", "array", ""]
Paging = Literal["after_id", "page_token", ""]
Source = Literal["builtin", "user", "plugin"]
Scheme = Literal["bearer", "x-api-key", "x-goog-api-key", "api-key"]
DIALECTS: tuple[Dialect, ...] = ("openai", "anthropic", "google", "ollama")
_KEY_SCHEMES: dict[str, Scheme] = {"anthropic": "x-api-key", "google": "x-goog-api-key"}
_ENV_NAME = r"[A-Z][A-Z0-9_]*(?:KEY|TOKEN)"
_OWN_PREFIX = "AURA_INTELLIGENCE_"


class Provider(NamedTuple):
    """A provider as one row of a table."""

    id: str
    label: str
    # Empty where each customer has an address of their own.
    base_url: str
    dialect: Dialect
    # Variables that hold API keys, in the order they are looked up; then those of bearer tokens.
    env_names: tuple[str, ...] = ()
    token_env_names: tuple[str, ...] = ()
    # The variable that says another address for keys of the environment.
    base_url_env: str | None = None
    # Appended to its value, where that ecosystem's variable holds the host only.
    extra_path: str = ""
    # The header that carries the credential.
    scheme: Scheme = "bearer"
    # What a probe asks where no model of the provider is configured; None: the free check.
    probe_model: str | None = None
    # The free key check, relative to the base URL; None: the dialect's list of models.
    check_path: str | None = None
    # Whether a 200 there needs a valid credential.
    check_proves: bool = True
    # Where its list of models keeps them; `array`: the document is the list; empty: it has none.
    list_shape: ListShape = "data"
    # How the next page of that list is asked for.
    list_pages: Paging = ""
    # Whether a model without a maker in front of its name is one of its own (`openrouter/auto`).
    names_its_own: bool = False
    # How its keys begin.
    key_prefixes: tuple[str, ...] = ()
    # How its bearer tokens begin, wherever they are found.
    token_prefixes: tuple[str, ...] = ()
    # Where a person gets a key.
    docs_url: str | None = None
    # Whether a person allowed plain http to it, which is for private addresses only.
    allow_http: bool = False
    # Other names it is called by.
    synonyms: tuple[str, ...] = ()
    # The field that carries the token limit of a chat.
    limit_field: str = "max_tokens"
    # Patterns of models that speak only `/responses`.
    responses_models: tuple[str, ...] = ()
    # A free key check on another host of the provider's.
    check_url: str | None = None
    login_methods: tuple[str, ...] = ("api_key",)
    # The flow that asks how much is left.
    usage: str | None = None
    # Fields of this row that nobody could confirm.
    uncertain: tuple[str, ...] = ()
    # A sentence for people.
    quirks: str = ""
    # Headers that every request has, beside the credential's.
    extra_headers: tuple[tuple[str, str], ...] = ()
    source: Source = "builtin"
    # Of a user provider or a plug-in: the application that signs in there, if it has one.
    client: Client | None = None
    # Of a user provider: counts its changes; signs id, base URL, dialect, env names, scheme and it.
    revision: int = 0
    mac: bytes = b""

    def __repr__(self) -> str:
        # Not its signature.
        return f"Provider({self.id!r}, {self.base_url!r})"

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

    def shortest_key(self, base_url: str) -> int:
        """How many characters a credential for `base_url` has at least: a server of one's own may
        ask for `EMPTY` or `sk-1234`.
        """
        is_own = self.source == "user" or base_url != self.base_url or is_loopback_url(base_url)
        return 1 if is_own else SHORTEST

    def kind_of(self, text: str) -> Literal["api_key", "token"]:
        """What the credential `text` is by how it begins."""
        return (
            "token" if self.token_prefixes and text.startswith(self.token_prefixes) else "api_key"
        )

    def named(self, ref: ModelRef) -> ModelRef:
        """`ref` as this provider calls the model."""
        is_own = self.names_its_own and "/" not in ref.model
        return ModelRef(ref.provider, f"{self.id}/{ref.model}") if is_own else ref

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
    if owner := owner_of(name, providers):
        raise Refused(
            f"{name} belongs to the provider {owner.id}",
            hint="a credential is only ever sent to the provider it was made for",
        )
    return name


def owner_of(name: str, providers: Iterable[Provider]) -> Provider | None:
    """The provider whose credential the variable `name` holds."""
    return next((row for row in providers if name in row.all_env_names), None)


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
