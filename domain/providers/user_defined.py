"""Providers of one's own: what they may be called, where they may be, what they may read."""

from collections.abc import Iterable

from domain.providers.endpoints import base_url as endpoint
from domain.providers.refs import label_of
from domain.providers.row import Dialect, Provider, env_name, scheme_for


def own_provider(
    id: str,
    *,
    label: str | None,
    base_url: str,
    dialect: Dialect,
    env: Iterable[str],
    allow_http: bool,
    others: Iterable[Provider],
) -> Provider:
    """The row of an endpoint of the user's own, not signed yet; `id` is canonical.

    `others` are the providers whose variables it may not read. Raises Malformed, Refused.
    """
    known = tuple(others)
    return Provider(
        id=id,
        label=label_of(label or id),
        base_url=endpoint(base_url, allow_http=allow_http),
        dialect=dialect,
        env_names=tuple(env_name(text, known) for text in env),
        scheme=scheme_for(dialect, "api_key"),
        check_proves=False,
        allow_http=allow_http,
        source="user",
        revision=1,
    )
