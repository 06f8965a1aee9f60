"""Credentials found in environment variables: seen, used, never stored."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from domain.credentials.profile import Kind
from domain.errors import Malformed
from domain.providers.row import Provider, Scheme
from domain.text import SHORTEST

if TYPE_CHECKING:
    from domain.credentials.secret import Secret

Problem = Literal["malformed", "bad_base_url", "no_base_url"]
Fingerprint = Callable[[str], str | None]


class EnvironmentCredential(NamedTuple):
    """What may be shown of a credential in a variable. `id` is `<provider>:env:<NAME>`.

    `base_url` is where it would be sent, empty if nowhere; `base_url_from` names the variable that
    says so, if one does. `problem` is why it cannot be used, or None. `fingerprint` is None while
    there is no key.
    """

    id: str
    provider: str
    name: str
    kind: Kind
    scheme: Scheme
    base_url: str
    base_url_from: str | None
    fingerprint: str | None
    problem: Problem | None


def environment_credentials(
    providers: Iterable[Provider], environ: Mapping[str, str], fingerprint: Fingerprint
) -> tuple[EnvironmentCredential, ...]:
    """Every credential `environ` holds, in the providers' order. A blank variable is unset."""
    return tuple(
        _found(provider, name, environ, fingerprint)
        for provider in providers
        for name in provider.all_env_names
        if environ.get(name, "").strip()
    )


def environment_secret(name: str, environ: Mapping[str, str], shortest: int = SHORTEST) -> "Secret":
    """The credential in variable `name`. Raises Malformed."""
    # Imported here, and the URL's rules below: most prompts find no variable.
    from domain.credentials.secret import secret

    return secret(environ.get(name, ""), shortest)


def _found(
    provider: Provider, name: str, environ: Mapping[str, str], fingerprint: Fingerprint
) -> EnvironmentCredential:
    is_token = name in provider.token_env_names
    kind: Kind = "token" if is_token else provider.kind_of(environ[name].strip())
    url, source = destination(provider, environ)
    problem: Problem | None = None
    mark = None
    try:
        shortest = provider.shortest_key(url)
        mark = fingerprint(environment_secret(name, environ, shortest).reveal())
    except Malformed:
        problem = "malformed"
    if not url:
        problem = "bad_base_url" if source else "no_base_url"
    return EnvironmentCredential(
        id=f"{provider.id}:env:{name}",
        provider=provider.id,
        name=name,
        kind=kind,
        scheme=provider.scheme_of(kind),
        base_url=url,
        base_url_from=source,
        fingerprint=mark,
        problem=problem,
    )


def destination(provider: Provider, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Where a credential goes (nowhere: empty), and the variable that says so, if one does."""
    name = provider.base_url_env
    value = environ.get(name, "").strip() if name else ""
    if not value:
        return provider.base_url, None
    from domain.providers.endpoints import base_url

    try:
        url = base_url(value)
    except Malformed:
        # Not the provider's own URL: a key meant for a gateway must not go there.
        return "", name
    return (url if url.endswith(provider.extra_path) else url + provider.extra_path), name
