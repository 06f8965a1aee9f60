"""Providers of one's own: what they may be called, where they may be, what they may read."""

from collections.abc import Iterable

from domain.errors import Malformed
from domain.providers.endpoints import base_url as endpoint
from domain.providers.row import Dialect, Provider, env_name, scheme_for

_LONGEST_LABEL = 100


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
        label=_label(label, id),
        base_url=endpoint(base_url, allow_http=allow_http),
        dialect=dialect,
        env_names=tuple(env_name(text, known) for text in env),
        scheme=scheme_for(dialect, "api_key"),
        check_proves=False,
        allow_http=allow_http,
        source="user",
        revision=1,
    )


def _label(text: str | None, name: str) -> str:
    label = (text or name).strip()
    if not label.isprintable() or len(label) > _LONGEST_LABEL:
        raise Malformed(
            f"a label is one line of at most {_LONGEST_LABEL} characters", hint="shorten it"
        )
    return label
