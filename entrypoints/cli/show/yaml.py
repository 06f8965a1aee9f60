"""Plain values as YAML, in the few forms that all its readers take alike.

PyYAML is not asked: where it is installed, dependency-injector imports it at every start.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Words of a configuration's own; any other may be one that YAML takes for something else.
_PLAIN_KEY = re.compile(r"model|fallbacks|[a-z]+(?:_[a-z]+)+")


def yaml_text(document: Mapping[str, Any]) -> str:
    """`document` (mappings, lists, texts), each text in double quotes."""
    return "".join(f"{line}\n" for line in _block(document))


def _block(value: Mapping[str, Any] | list[Any]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            first, *rest = _block(item) if _is_open(item) else [_scalar(item)]
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
        return
    for key, item in value.items():
        name = key if _PLAIN_KEY.fullmatch(key) else _scalar(key)
        if _is_open(item):
            yield f"{name}:"
            yield from (f"  {line}" for line in _block(item))
        else:
            yield f"{name}: {_scalar(item)}"


def _is_open(value: object) -> bool:
    """Whether it takes lines of its own."""
    return isinstance(value, Mapping | list) and bool(value)


def _scalar(value: object) -> str:
    # A text of JSON is one of YAML, and so are an empty list and an empty mapping.
    return json.dumps(value, ensure_ascii=False)
