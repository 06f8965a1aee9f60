"""docs/exporting.md: its file is one the program takes, its commands are ones it has."""

import shlex

from tests.cli.program import Program
from tests.docs.pages import blocks, page

TEXT = page("docs/exporting.md")


def test_the_file_of_the_page_is_taken_and_written_again(cli: Program) -> None:
    (shown,) = blocks(TEXT, "toml")
    ran = cli.must("models import - --yes", stdin=shown.text)
    assert "2 profiles are not stored here" in ran.err
    assert cli.must("models import - --dry-run", stdin=shown.text).out == "Nothing would change.\n"
    again = cli.must("models export toml").out
    assert cli.must("models import - --dry-run", stdin=again).out == "Nothing would change.\n"


def test_every_command_of_the_page_that_exports_or_imports_runs(cli: Program) -> None:
    cli.must("models set groq/x")
    lines = [line for block in blocks(TEXT, "sh") for line in block.text.splitlines()]
    lines = [line.removesuffix("\\") for line in lines if line.startswith("aura_intelligence ")]
    ours = [shlex.split(line) for line in lines]
    for words in (words for words in ours if words[2] in ("export", "import")):
        words = words[1 : words.index(">")] if ">" in words else words[1:]
        text = cli.must("models export toml").out
        cli.must(["-" if word == "models.toml" else word for word in words], stdin=text)
    assert {words[2] for words in ours} == {"export", "import", "exec"}
