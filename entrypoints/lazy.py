"""Names of things that are imported when they are first used."""

import importlib
from collections.abc import Callable
from typing import Any


def attribute(path: str) -> Any:
    """What `module:name` names, imported now."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def lazy(path: str) -> Callable[..., Any]:
    """A callable that imports `module:name` and calls it. dependency-injector's own are eager."""

    def call(*args: Any, **named: Any) -> Any:
        return attribute(path)(*args, **named)

    return call


def named(path: str) -> Callable[[], Any]:
    """A callable that imports `module:name` and returns it."""
    return lambda: attribute(path)
