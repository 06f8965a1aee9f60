"""What differs between two selections, one entry for each thing a person knows by a name."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from domain.handover.sign_ins import sign_in_json
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.selection.selection import Selection

Value = str | list[str] | dict[str, Any] | None


class Difference(NamedTuple):
    """`field` as `--json` calls it; `name` is the alias or provider it is of, if it is of one."""

    field: str
    name: str | None
    before: Value
    after: Value


def differences(before: Selection, after: Selection) -> tuple[Difference, ...]:
    """In the order `models status` shows them; none where both are the same."""
    was, becomes = _values(before), _values(after)
    keys = dict.fromkeys([*was, *becomes])
    places = sorted(keys, key=lambda key: (_FIELDS.index(key[0]), key[1] or ""))
    told = (Difference(*key, was.get(key), becomes.get(key)) for key in places)
    return tuple(difference for difference in told if difference.before != difference.after)


_FIELDS = (
    "default",
    "fallbacks",
    "image",
    "imageFallbacks",
    "aliases",
    "authOrder",
    "providers",
)
_Key = tuple[str, str | None]


def _values(selection: Selection) -> Mapping[_Key, Value]:
    return dict(_told(selection))


def _told(selection: Selection) -> Iterator[tuple[_Key, Value]]:
    yield ("default", None), _text(selection.default)
    yield ("fallbacks", None), [str(ref) for ref in selection.fallbacks]
    yield ("image", None), _text(selection.image)
    yield ("imageFallbacks", None), [str(ref) for ref in selection.image_fallbacks]
    for name, ref in selection.aliases.targets.items():
        yield ("aliases", name), str(ref)
    for provider, ids in selection.auth_order.items():
        yield ("authOrder", provider), list(ids)
    for own in selection.providers:
        yield ("providers", own.id), _row(own)


def _text(ref: ModelRef | None) -> str | None:
    return str(ref) if ref else None


def _row(own: Provider) -> dict[str, Any]:
    return {
        "label": own.label,
        "baseUrl": own.base_url,
        "dialect": own.dialect,
        "envNames": list(own.env_names),
        "allowHttp": own.allow_http,
        "signIn": sign_in_json(own.client),
    }
