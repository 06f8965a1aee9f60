"""At a terminal, as narrow as they are: ids are whole, marks and colour say what can be used."""

import re
from collections.abc import Iterator

import pytest

from adapters.providers.table import ROWS
from tests.cli.program import Program
from tests.cli.servers import BAD, GOOD, ScriptedServer, scripted_server
from tests.cli.terminals import at_terminal

LONG = "gate:profile-with-a-name-somebody-thought-of-long-ago-{:03}@example.com"
PROFILES = [LONG.format(n) for n in range(30)]
MODELS = [f"gate/family-{n}/some-large-model-{n:03}-instruct-2026-11-02" for n in range(60)]
ALIASES = [f"alias-{n:03}" for n in range(300)]
LONGEST = "gate/" + "m" * 256
HOSTED = [row.id for row in ROWS]
URLS = [row.base_url for row in ROWS]
STYLE = re.compile(r"\x1b\[\d+m")


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A store with more, and longer, names than a terminal is wide; each profile was tried."""
    with scripted_server() as server:
        cli = Program(tmp_path_factory.mktemp("big") / "home")
        cli.must(f"models providers add gate --base-url {server.url} --dialect openai")
        for id in PROFILES:
            label = "--label 'Für Ada'" if id == PROFILES[7] else ""
            key = BAD if id == PROFILES[3] else GOOD
            add = f"models auth add --provider gate --profile-id {id} --stdin --no-verify {label}"
            cli.must(add, stdin=key)
        lines = [f'default = "{MODELS[0]}"', "fallbacks = ["]
        lines += [*(f'"{ref}",' for ref in (*MODELS[1:20], LONGEST)), "]"]
        lines += [cli.must("models export toml").out, "[aliases]"]
        lines += [f'{name} = "{MODELS[n % 60]}"' for n, name in enumerate(ALIASES)]
        cli.must("models import - --yes", stdin="\n".join(lines))
        cli("models status --probe --probe-mode inference")
        yield cli


def screen(cli: Program, words: str, columns: int, **environ: str) -> str:
    before = dict(cli.environ)
    try:
        with at_terminal(cli, words, streams=None, columns=columns, **environ) as terminal:
            terminal.finish()
    finally:
        cli.environ.clear()
        cli.environ.update(before)
    return terminal.shown.replace("\r\n", "\n")


NAMES: dict[str, list[str]] = {
    "models auth list": PROFILES,
    "models history list --limit 1000": [*PROFILES, MODELS[0]],
    "models providers list": [*HOSTED, *URLS],
    "models status": [*ALIASES, *MODELS, LONGEST],
    "models resolve": [*MODELS[:20], LONGEST, *PROFILES],
    "models list": [*MODELS[:20], LONGEST],
    "models aliases list": [*ALIASES, *MODELS],
    "plugins list --verbose": HOSTED,
    "models auth explain gate": PROFILES,
    "models status --probe --probe-mode free": PROFILES,
}


@pytest.mark.parametrize("columns", [80, pytest.param(120, marks=pytest.mark.soak)])
@pytest.mark.parametrize("words", NAMES)
def test_every_id_is_whole_and_nothing_is_wider_than_the_terminal(
    big: Program, words: str, columns: int
) -> None:
    shown = STYLE.sub("", screen(big, words, columns))
    there = set(re.split(r"[\s,]+", shown))
    assert [name for name in NAMES[words] if name not in there] == []
    assert "…" not in shown
    if words != "models status --probe --probe-mode free":  # a bar is drawn over
        for line in shown.splitlines():
            assert len(line) <= columns or any(len(word) > 50 for word in line.split()), line


@pytest.mark.parametrize("words", NAMES)
def test_a_pipe_shows_the_same_ids_without_marks_and_colour(big: Program, words: str) -> None:
    ran = big(words)
    assert [name for name in NAMES[words] if name not in ran.out] == []
    assert not re.search("[\x1b✓✗…]", ran.out)


def test_a_longest_id_is_whole_for_programs_too(big: Program) -> None:
    assert LONGEST in big("models list --plain").out.splitlines()


@pytest.mark.parametrize("columns", [80, 120])
def test_a_small_table_stays_one(gateway: Program, server: ScriptedServer, columns: int) -> None:
    gateway("models status --probe")
    lines = STYLE.sub("", screen(gateway, "models history list", columns)).splitlines()
    assert lines[0].split()[:5] == ["Started", "Kind", "Model", "Credential", "Outcome"]
    assert re.search(r"✓ \S+Z  probe  gate/ok  gate:default  ok", lines[1])
    assert len(lines) == 2


def test_a_label_is_shown(big: Program, gateway: Program) -> None:
    for shown in (big("models auth list").out, screen(big, "models auth list", 80)):
        assert "Für Ada" in shown
    gateway.must("models auth add --provider gate --label 'Für Ada' --stdin", stdin=GOOD)
    named = 'gate:default "Für Ada" (stored API key'
    for shown in (gateway("models status").out, screen(gateway, "models status", 80)):
        assert named in shown


@pytest.fixture
def three(chain: Program, server: ScriptedServer) -> Program:
    """`gate` can be used, `spare` cools, `cut` was refused."""
    chain.must(f"models providers add cut --base-url {server.url} --dialect openai")
    chain.must("models auth add --provider cut --stdin --no-verify", stdin=BAD)
    chain.must("models fallbacks clear")
    for ref in ("spare/limited", "cut/ok"):
        chain.must(f"models fallbacks add {ref}")
    chain("models status --probe --probe-model chain")
    return chain


MARKED = {
    "models status": ("gate   ", "spare:default with limited: rate_limit", "cut   "),
    "models auth list": ("gate:default", None, "cut:default"),
    "models resolve": ("1  gate/ok", "-  spare/limited", "-  cut/ok"),
    "models history list": (
        "INSTANT  probe  gate/ok",
        "INSTANT  probe  spare",
        "INSTANT  probe  cut",
    ),
    "models list": ("gate/ok", None, "cut/ok"),
}


SIGNS = [
    ({}, ("✓ ", "~ ", "✗ "), True),
    ({"NO_COLOR": "1"}, ("✓ ", "~ ", "✗ "), False),
    ({"TERM": "dumb"}, ("✓ ", "~ ", "✗ "), False),
    ({"PYTHONIOENCODING": "ascii"}, ("ok ", "~  ", "x  "), True),
]


@pytest.mark.parametrize(
    ("words", "environ", "signs", "coloured"),
    # One command shows what the environment changes for all.
    [
        *((words, *SIGNS[0]) for words in MARKED),
        *(("models resolve", *signs) for signs in SIGNS[1:]),
    ],
)
def test_a_mark_and_a_colour_say_what_can_be_used(
    three: Program,
    words: str,
    environ: dict[str, str],
    signs: tuple[str, ...],
    coloured: bool,
) -> None:
    shown = re.sub(r"\d{4}-\S+Z", "INSTANT", screen(three, words, 120, **environ))
    for text, sign, colour in zip(MARKED[words], signs, (32, 33, 31), strict=True):
        if text is not None:
            marked = f"\x1b[{colour}m{sign}\x1b[0m" if coloured else sign
            assert marked + text in shown, shown
    assert ("\x1b[" in shown) == coloured
    assert not re.search("[\x1b✓✗]", three(words).out)
