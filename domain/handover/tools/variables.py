"""Variables of the environment, or of a file, that hold credentials of known providers."""

from collections.abc import Iterable, Iterator, Mapping

from domain.credentials.credential import ApiKey, BearerToken
from domain.handover.tools.contents import Contents
from domain.handover.tools.entries import Item, gathered, key, text
from domain.providers.row import Provider


def contents(values: Mapping[str, str], providers: Iterable[Provider], place: str) -> Contents:
    """What `values` has of `providers`; `place` says, for a person, where these stand."""
    return gathered(item for row in providers for item in _items(row, values, place))


def _items(row: Provider, values: Mapping[str, str], place: str) -> Iterator[Item]:
    url = text(values.get(row.base_url_env)) if row.base_url_env else ""
    if url and not url.rstrip("/").endswith(row.extra_path):
        url = url.rstrip("/") + row.extra_path
    for name in row.all_env_names:
        if value := text(values.get(name)):
            is_token = name in row.token_env_names or row.kind_of(value) == "token"
            kind = BearerToken if is_token else ApiKey
            where = f"{name} in {place}"
            yield key(row.id, value, where, of=kind, url=url, dialect=row.dialect)
