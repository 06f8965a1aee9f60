"""The container: every name in it can be made, and making it opens nothing."""

from pathlib import Path

import pytest
from dependency_injector import providers

from entrypoints.container import Container
from entrypoints.lazy import attribute, lazy, named
from tests.cli.program import Program


@pytest.mark.parametrize("name", sorted(Container.providers))
def test_every_promise_is_kept_by_something(cli: Program, name: str) -> None:
    container = Container()
    container.environ.override(providers.Object(cli.environment()))
    assert getattr(container, name)() is not None
    assert not cli.home.exists()


def test_one_of_each_is_enough() -> None:
    container = Container()
    assert container.reader() is container.reader()
    assert Container().reader() is not container.reader()


def test_lazy_names_are_imported_when_called() -> None:
    make = lazy("fractions:NoSuchThing")
    with pytest.raises(AttributeError):
        make()
    assert lazy("pathlib:Path")("x") == Path("x")
    assert named("pathlib:Path")() is attribute("pathlib:Path")
