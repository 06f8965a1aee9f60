"""A group followed by nothing, or by an option, is the command one would expect."""

import pytest

from tests.cli.program import Program

pytestmark = pytest.mark.usefixtures("back_end")


@pytest.mark.parametrize(
    ("bare", "whole"),
    [
        ("models", "models status"),
        ("models --json", "models status --json"),
        ("models --plain", "models status --plain"),
        ("models aliases", "models aliases list"),
        ("models aliases --json", "models aliases list --json"),
        ("models fallbacks", "models fallbacks list"),
        ("models image-fallbacks --json", "models image-fallbacks list --json"),
        ("models providers --plain", "models providers list --plain"),
        ("models history", "models history list"),
        ("models history --json", "models history list --json"),
        ("models history --limit 5 --plain", "models history list --limit 5 --plain"),
        ("models auth", "models auth list"),
        ("models auth --json", "models auth list --json"),
        ("models auth order", "models auth order get"),
        ("models auth order --json", "models auth order get --json"),
        ("models auth order --provider groq", "models auth order get --provider groq"),
        ("plugins", "plugins list"),
        ("plugins --json", "plugins list --json"),
    ],
)
def test_a_bare_group_is_its_usual_command(cli: Program, bare: str, whole: str) -> None:
    ran = cli(bare)
    assert ran.code == 0
    assert ran == cli(whole)


@pytest.mark.parametrize("words", ["", "--help", "models --help", "models auth --help"])
def test_help_names_the_commands(cli: Program, words: str) -> None:
    ran = cli(words)
    assert (ran.code, ran.err) == (0, "")
    assert "Commands:" in ran.out


def test_the_version_is_one_line(cli: Program) -> None:
    assert cli("--version").out == "0.1.0\n"
    assert cli("--version --json").document == {"schemaVersion": 1, "version": "0.1.0"}


def test_a_version_is_asked_of_the_program_only(cli: Program) -> None:
    ran = cli("models --version")
    assert (ran.code, ran.err.splitlines()[0]) == (
        64,
        "aura_intelligence: unknown option --version",
    )


def test_the_first_look_creates_nothing_and_says_how_to_begin(cli: Program) -> None:
    ran = cli("models")
    assert (ran.code, ran.err) == (0, "")
    assert "No credential was found, and nothing was created. To begin:" in ran.out
    assert not cli.home.exists()


def test_the_first_look_names_what_the_environment_holds(cli: Program) -> None:
    cli.environ["OPENAI_API_KEY"] = "sk-0000000001"
    ran = cli("models")
    assert "Found in the environment: OPENAI_API_KEY." in ran.out
    assert not cli.home.exists()


READS = [
    "models status",
    "models list",
    "models aliases list",
    "models fallbacks list",
    "models image-fallbacks list",
    "models providers list",
    "models auth list",
    "models auth order get",
    "models history",
    "models history list",
    "models history summary",
    "models history changes",
    "models history incidents",
    "plugins list",
    "paths",
]


@pytest.mark.parametrize("words", READS)
def test_an_empty_home_is_a_valid_answer_in_every_format(cli: Program, words: str) -> None:
    assert cli(words).code == 0
    assert cli(f"{words} --plain").code == 0
    assert "error" not in cli(f"{words} --json").document
    assert not cli.home.exists()


@pytest.mark.parametrize("words", READS)
def test_two_formats_at_once_are_refused(cli: Program, words: str) -> None:
    ran = cli(f"{words} --json --plain")
    assert (ran.code, ran.error["message"]) == (64, "--json and --plain exclude each other")


def test_only_the_words_before_two_dashes_ask_for_json(cli: Program) -> None:
    refused = cli("models aliases add x -- --json")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("aura_intelligence: that is not an alias")


@pytest.mark.on_disk
def test_paths_names_every_place(cli: Program) -> None:
    places = cli("paths --json").document
    assert set(places) == {"schemaVersion", "config", "data", "cache", "keys", "store"}
    assert places["store"] == str(cli.store)


@pytest.mark.on_disk
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_where_the_shell_looks(cli: Program, shell: str) -> None:
    ran = cli.process(f"--install-completion --shell {shell} --json")
    assert ran.code == 0, ran
    assert ran.document["changed"] is True
    assert ran.document["path"].startswith(str(cli.home.parent))


def test_completion_of_an_unknown_shell_is_a_word_not_understood(cli: Program) -> None:
    ran = cli("--install-completion --shell tcsh")
    assert (ran.code, ran.err) == (
        64,
        "aura_intelligence: tcsh is not a value for --shell\nhint: one of: bash, zsh, fish\n",
    )
