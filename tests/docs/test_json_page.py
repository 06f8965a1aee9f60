"""docs/json.md: every key, error and column of it is one the program has, and none is missing."""

from collections.abc import Iterator
from copy import deepcopy

import pytest

from docs.generate_json import ALSO, PAGE, found, json_page
from docs.json_errors import OUTSIDE, REMEDIES, exit_code, kinds
from docs.json_plain import COLUMNS, KEYED, MANY, columns
from docs.json_words import MEANINGS
from docs.shapes import places, shape_of
from domain.errors import AuraError
from entrypoints.codes import EXIT_CODES
from tests.docs.json_runs import Runs, every_run, json_commands, plain_commands

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def runs() -> Runs:
    return every_run()


def written(runs: Runs) -> str:
    return json_page(runs.documents, runs.records, json_commands())


def test_the_page_is_what_the_generator_writes_of_every_command_with_json(runs: Runs) -> None:
    assert written(runs) == TEXT, "run: python docs/generate.py"
    assert set(runs.documents) == set(json_commands())
    for command in json_commands():
        assert f"### `{' '.join(command)}`\n" in TEXT


def test_a_key_nobody_wrote_about_is_not_written(runs: Runs) -> None:
    more = deepcopy(runs.documents)
    more["paths",][0]["elsewhere"] = "/"
    with pytest.raises(KeyError, match="paths: elsewhere"):
        json_page(more, runs.records, json_commands())


def test_a_key_that_is_gone_changes_the_page(runs: Runs) -> None:
    less = deepcopy(runs.documents)
    for document in less["models", "auth", "list"]:
        for profile in document["profiles"]:
            del profile["unusable"]
    assert json_page(less, runs.records, json_commands()) != TEXT


def test_everything_written_about_keys_is_of_a_key(runs: Runs) -> None:
    named = [
        (" ".join(command), path)
        for command, documents in runs.documents.items()
        for path, _ in places(shape_of(documents))
    ]
    for table in (MEANINGS, ALSO):
        used = {found(table, command, path) for command, path in named}
        assert set(table) - used == set()


def test_every_error_is_described_with_its_exit_code() -> None:
    types = {kind.type for kind in kinds()} | set(OUTSIDE)
    assert set(REMEDIES) == types
    for kind in kinds():
        assert f"| `{kind.type}` | {exit_code(kind)} | " in TEXT
    assert {exit_code(kind) for kind in kinds()} | {c for c, _ in OUTSIDE.values()} == set(
        EXIT_CODES.values()
    )


def test_no_error_is_left_out() -> None:
    def below(kind: type[AuraError]) -> Iterator[type[AuraError]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    ours = {kind for kind in below(AuraError) if not kind.__module__.startswith("tests")}
    assert ours == set(kinds())


def test_every_plain_record_has_the_columns_of_the_page(runs: Runs) -> None:
    assert set(runs.records) == set(plain_commands()) == {*COLUMNS, *KEYED}
    for command, record in runs.records.items():
        named = columns(command, runs.documents)
        assert len(record) >= len(named) if command == MANY else len(record) == len(named)
        assert f"| `{' '.join(command)}` | {' · '.join(named)} |" in TEXT
