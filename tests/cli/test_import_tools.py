"""`models auth import`: what other tools keep is shown, then stored; their files stay unchanged."""

import base64
import json
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from domain.instants import HOUR
from tests.adapters.homes import Home
from tests.cli.program import Program, Ran
from tests.cli.servers import ScriptedServer
from tests.cli.terminals import at_terminal

KEY = "sk-canary-import-0001"
ACCESS, REFRESH = "canary-access-0001", "canary-refresh-0001"


def now() -> int:
    return round(time.time() * 1000)


def jwt(**claims: Any) -> str:
    parts = ({"alg": "none"}, claims)
    told = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
    return ".".join([*told, "canary0signature"])


def access_of(account: str = "acct-1", ends: int = HOUR, serial: int = 0) -> str:
    openai = {"chatgpt_account_id": account}
    return jwt(exp=(now() + ends) // 1000, serial=serial, **{"https://api.openai.com/auth": openai})


def codex(folder: Path, access: str | None = None, account: str = "acct-1") -> Path:
    """What Codex writes for an account of ChatGPT."""
    path = folder / ".codex" / "auth.json"
    path.parent.mkdir(exist_ok=True)
    tokens = {
        "id_token": jwt(email="me@example.test", aud=["app_EMoamEEZ73f0CkXaXp7hrann"]),
        "access_token": access or access_of(account),
        "refresh_token": REFRESH,
        "account_id": account,
    }
    document = {"auth_mode": "chatgpt", "OPENAI_API_KEY": None, "tokens": tokens}
    path.write_text(json.dumps({**document, "last_refresh": "2026-11-20T10:00:00Z"}))
    path.chmod(0o600)
    return path


@pytest.fixture
def home(cli: Program) -> Path:
    """Where the tools of this user keep their files."""
    return cli.home.parent


def profiles(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program("models auth list --json").document["profiles"]
    return found


def test_a_dry_run_shows_and_writes_nothing(cli: Program, home: Path) -> None:
    (home / ".env").write_text(f"export OPENAI_API_KEY='{KEY}' # mine\nUNRELATED=1\n")
    (home / ".env").chmod(0o644)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    shown = cli.must(["models", "auth", "import", "dotenv", f"{home}/.env", "--dry-run"])
    assert "openai:default" in shown.out
    assert "api_key" in shown.out
    assert "OPENAI_API_KEY" in shown.out
    assert "Nothing was written; 1 credential would be stored" in shown.out
    assert "other users can read" in shown.err
    assert KEY not in shown.text
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_twice_stores_once_and_the_original_stays(cli: Program, home: Path) -> None:
    file = home / ".env"
    file.write_text(f"OPENAI_API_KEY={KEY}\n")
    first = cli.must(["models", "auth", "import", "dotenv", str(file), "--yes", "--json"]).document
    second = cli.must(["models", "auth", "import", "dotenv", str(file), "--yes", "--json"]).document
    assert [one["here"] for one in (*first["found"], *second["found"])] == ["new", "there"]
    assert (first["changed"], second["changed"]) == (True, False)
    assert second["found"][0]["fingerprint"] == profiles(cli)[0]["fingerprint"]
    assert file.read_text() == f"OPENAI_API_KEY={KEY}\n"


def test_without_a_terminal_a_yes_is_needed(cli: Program, home: Path) -> None:
    (home / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    refused = cli(["models", "auth", "import", "dotenv", f"{home}/.env"])
    assert (refused.code, "import dotenv FILE --yes" in refused.err) == (64, True)
    assert profiles(cli) == []


def test_a_person_is_asked(cli: Program, home: Path) -> None:
    (home / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    words = f"models auth import dotenv {home}/.env"
    for answer, stored in (("n", 0), ("y", 1)):
        with at_terminal(cli, words) as terminal:
            terminal.until("Store what is new? [y/N]: ")
            terminal.type(f"{answer}\r")
            assert terminal.finish() == (0 if stored else 1)
            assert KEY not in terminal.shown
        assert len(profiles(cli)) == stored


def test_the_environment_is_taken_in(cli: Program) -> None:
    cli.environ.update({"OPENAI_API_KEY": KEY, "GROQ_API_KEY": "op://vault/groq/key"})
    told = cli.must("models auth import env --yes --json").document
    assert [one["profileId"] for one in told["found"]] == ["openai:default"]
    assert "GROQ_API_KEY" in told["leftOut"][0]["place"]


def test_a_key_that_is_here_under_another_name_is_skipped(cli: Program) -> None:
    cli.must("models auth add -p openai --profile-id work --stdin --no-verify", stdin=KEY)
    cli.environ["OPENAI_API_KEY"] = KEY
    shown = cli.must("models auth import env --yes")
    assert "there as openai:work" in shown.out
    assert len(profiles(cli)) == 1


def test_another_key_of_the_same_name_stands_beside_it(cli: Program) -> None:
    cli.must("models auth add -p openai --stdin --no-verify", stdin="sk-other-key-000002")
    cli.environ["OPENAI_API_KEY"] = KEY
    cli.must("models auth import env --yes")
    assert {p["profileId"] for p in profiles(cli)} == {"openai:default", "openai:default-2"}
    cli.environ["OPENAI_API_KEY"] = "sk-third-key-0000003"
    cli.must("models auth import env --yes --overwrite")
    assert len(profiles(cli)) == 2


# Grants that their tool refreshes.


def test_a_rotating_grant_stays_with_its_owner(cli: Program, home: Path) -> None:
    path = codex(home)
    before = path.read_bytes()
    told = cli.must("models auth import codex --yes --json").document
    (found,) = told["found"]
    assert (found["profileId"], found["keptBy"]) == ("openai-codex:me@example.test", "codex")
    assert path.read_bytes() == before
    assert "kept by codex, as read just now" in cli("models status").out
    stored = Home(cli.home).profiles.get("openai-codex:me@example.test").credential
    assert REFRESH not in repr(vars(stored) if hasattr(stored, "__dict__") else stored)
    assert getattr(stored, "refresh", "") is None


def test_a_newer_one_of_its_owner_is_used(cli: Program, home: Path) -> None:
    codex(home)
    cli.must("models auth import codex --yes")
    newer = access_of(serial=2)
    codex(home, newer)
    assert cli("models auth token openai-codex").out == f"{newer}\n"
    assert cli("models auth token openai-codex:me@example.test").out == f"{newer}\n"


def test_an_expired_one_is_no_alarm_and_is_not_sent(cli: Program, home: Path) -> None:
    codex(home, access_of(ends=-HOUR))
    cli.must("models auth import codex --yes")
    cli.must("models set openai-codex/gpt-5-codex")
    assert cli("models status --check").code == 0
    refused = cli("models auth token openai-codex --json")
    assert (refused.code, refused.error["type"]) == (1, "needs_login")
    assert "use codex once" in refused.error["hint"]
    codex(home)
    assert cli("models auth token openai-codex").code == 0


def gone(path: Path) -> None:
    path.unlink()


def linked(path: Path) -> None:
    path.rename(path.with_name("moved.json"))
    path.symlink_to(path.with_name("moved.json"))


def group_may_write(path: Path) -> None:
    path.chmod(0o620)


def of_another_account(path: Path) -> None:
    codex(path.parent.parent, account="acct-2")


def of_another_provider(path: Path) -> None:
    document = json.loads(path.read_text())
    path.write_text(json.dumps({"OPENAI_API_KEY": document["tokens"]["access_token"]}))


def half_written(path: Path) -> None:
    path.write_text(path.read_text()[:40])


def of_another_user(path: Path) -> None:
    os.chown(path, 12345, -1)


@pytest.mark.parametrize(
    ("spoil", "type"),
    [
        (gone, "needs_login"),
        (of_another_account, "needs_login"),
        (of_another_provider, "needs_login"),
        (linked, "unsafe_file"),
        (group_may_write, "unsafe_file"),
        (half_written, "unavailable"),
        pytest.param(
            of_another_user,
            "unsafe_file",
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away"),
        ),
    ],
)
def test_from_a_file_in_doubt_nothing_is_sent(
    cli: Program, home: Path, spoil: Callable[[Path], None], type: str
) -> None:
    path = codex(home)
    cli.must("models auth import codex --yes")
    spoil(path)
    refused = cli("models auth token openai-codex --json")
    assert refused.error["type"] == type
    assert ACCESS not in refused.text


def test_a_path_that_was_changed_in_the_store_opens_nothing(cli: Program, home: Path) -> None:
    codex(home)
    cli.must("models auth import codex --yes")
    with closing(sqlite3.connect(cli.store)) as store, store:
        store.execute("UPDATE profiles SET origin = 'claude'")
    assert cli("models auth token openai-codex --json").error["type"] == "record_damaged"


def test_removing_it_revokes_nothing(cli: Program, home: Path) -> None:
    path = codex(home)
    cli.must("models auth import codex --yes")
    before = path.read_bytes()
    removed = cli.must("models auth remove openai-codex:me@example.test --yes")
    assert "codex has it still" in removed.out
    assert path.read_bytes() == before


def test_move_takes_it_over(cli: Program, home: Path) -> None:
    path = codex(home)
    before = path.read_bytes()
    cli.must("models auth import codex --move --yes")
    (profile,) = profiles(cli)
    assert profile["keptBy"] is None
    stored = Home(cli.home).profiles.get(profile["profileId"]).credential
    assert getattr(stored, "is_refreshable", False)
    assert path.read_bytes() == before


def test_a_grant_of_claude_code_cannot_be_moved_and_its_terms_are_told(
    cli: Program, home: Path
) -> None:
    path = home / ".claude" / ".credentials.json"
    path.parent.mkdir()
    grant = {"accessToken": f"sk-ant-oat01-{ACCESS}", "refreshToken": f"sk-ant-ort01-{REFRESH}"}
    path.write_text(json.dumps({"claudeAiOauth": {**grant, "expiresAt": now() + HOUR}}))
    path.chmod(0o600)
    moved = cli.must("models auth import claude --move --yes --json").document
    assert (moved["found"], len(moved["leftOut"])) == ([], 1)
    kept = cli.must("models auth import claude --yes --json").document
    assert kept["found"][0]["keptBy"] == "claude"
    assert "Anthropic's terms" in kept["notices"][0]
    assert "Anthropic's terms" in cli("models auth import claude --dry-run --overwrite").err


def openclaw(folder: Path, access: str) -> sqlite3.Connection:
    """What OpenClaw of autumn 2026 keeps, with a connection that has it open."""
    path = folder / ".openclaw" / "state" / "openclaw.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    grant = {"type": "oauth", "provider": "xai", "access": access, "refresh": REFRESH}
    held = {"version": 1, "profiles": {"xai:me": {**grant, "expires": now() + HOUR}}}
    store = sqlite3.connect(path, isolation_level=None)
    path.chmod(0o600)
    store.execute("PRAGMA journal_mode = wal")
    store.execute("CREATE TABLE IF NOT EXISTS config_machine_state (state_key UNIQUE, value_json)")
    row = ("authProfiles.store", json.dumps(held))
    store.execute("INSERT OR REPLACE INTO config_machine_state VALUES (?, ?)", row)
    return store


def test_openclaws_store_is_read_while_it_runs_and_nothing_is_left_beside_it(
    cli: Program, home: Path
) -> None:
    openclaw(home, ACCESS).close()
    folder = home / ".openclaw" / "state"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    cli.must("models auth import openclaw --yes")
    assert cli("models auth token xai").out == f"{ACCESS}\n"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with closing(openclaw(home, f"{ACCESS}-newer")):
        assert cli("models auth token xai:me").out == f"{ACCESS}-newer\n"


def test_a_library_that_is_missing_is_named(
    cli: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    (tmp_path / "config.yaml").write_text("model_list: []\n")
    refused = cli(["models", "auth", "import", "litellm", f"{tmp_path}/config.yaml"])
    assert (refused.code, "aura-intelligence[import]" in refused.err) == (64, True)


def test_claude_signed_in_as_another_is_another_grant(cli: Program, home: Path) -> None:
    state = home / ".claude.json"
    path = home / ".claude" / ".credentials.json"
    path.parent.mkdir()
    for name, letter in (("a", "a"), ("b", "b")):
        state.write_text(json.dumps({"oauthAccount": {"emailAddress": f"{name}@x.test"}}))
        grant = {"accessToken": f"sk-ant-oat01-{letter * 20}", "refreshToken": REFRESH}
        path.write_text(json.dumps({"claudeAiOauth": {**grant, "expiresAt": now() + HOUR}}))
        path.chmod(0o600)
        if name == "a":
            cli.must("models auth import claude --yes")
    assert cli("models auth token anthropic --json").error["type"] == "needs_login"
    cli.must("models auth import claude --yes")
    assert cli("models auth token anthropic:b@x.test").code == 0


# What a file may be.


@pytest.mark.parametrize("name", ["x.json", "x.yaml", "x.env"])
def test_variables_are_read_as_variables_whatever_the_file_is_called(
    cli: Program, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text(f"OPENAI_API_KEY={KEY}")
    cli.must(["models", "auth", "import", "dotenv", str(tmp_path / name), "--yes"])
    (tmp_path / name).write_text("[1, 2]")
    assert cli(["models", "auth", "import", "dotenv", str(tmp_path / name)]).code in (0, 64)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!bool zz",
        'a: !!int ""',
        "? [a, {b: c}]\n: 1",
        "a: " + "[" * 50_000,
        "--- a\n--- b",
        "\t:",
    ],
)
def test_odd_yaml_is_told_in_a_line(cli: Program, tmp_path: Path, text: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    assert cli(["models", "auth", "import", "litellm", f"{tmp_path}/c.yaml"]).code in (0, 64)


@pytest.mark.parametrize("path", ["~nosuchuser/auth.json", "a" * 5000, "\0"])
def test_a_path_that_cannot_be_is_told_in_a_line(cli: Program, path: str) -> None:
    assert cli(["models", "auth", "import", "codex", path]).code in (1, 64)


def test_a_store_that_never_ends_is_given_up(cli: Program, tmp_path: Path) -> None:
    file = tmp_path / "openclaw.sqlite"
    with closing(sqlite3.connect(file)) as store:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        store.execute(
            f"CREATE VIEW config_machine_state AS {endless} "
            "SELECT 'authProfiles.store' AS state_key, i AS value_json FROM n"
        )
    refused = cli(["models", "auth", "import", "openclaw", str(file)])
    assert (refused.code, "no store of OpenClaw" in refused.err) == (64, True)


@pytest.mark.parametrize(
    "secret", ["XK29QZ77HLPW31MONKEY", "$uperS3cretPassw0rd", "$ecretPassw0rd1"]
)
def test_a_key_that_only_looks_like_a_variable_is_a_key(
    cli: Program, tmp_path: Path, server: ScriptedServer, secret: str
) -> None:
    ran = litellm(cli, tmp_path, server.url, f"'{secret}'", "--yes")
    assert ran.code == 0
    assert secret not in ran.text
    assert len(profiles(cli)) == 1
    assert secret.encode() not in cli.store.read_bytes()


def test_a_key_that_came_while_a_person_thought_stays(cli: Program, home: Path) -> None:
    (home / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    with at_terminal(cli, f"models auth import dotenv {home}/.env") as terminal:
        terminal.until("Store what is new? [y/N]: ")
        cli.must("models auth add -p openai --stdin --no-verify", stdin="sk-came-meanwhile-1")
        terminal.type("y\r")
        assert terminal.finish() == 0
    assert {p["profileId"] for p in profiles(cli)} == {"openai:default", "openai:default-2"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{" + b" " * 10_000_000, "larger than 256 KiB"),
        ('{"openai": "clé-canary-0001"}'.encode("utf-16"), "is not text"),
        (b'{"openai": "sk-canary', "is not JSON"),
        (b"[1, 2]", "is not what"),
        (b"null", "is not what"),
        (b"[" * 50_000, "JSON"),
    ],
    ids=["nothing", "blank", "huge", "utf-16", "half", "list", "null", "deep"],
)
def test_what_is_no_such_file_is_told_in_a_line(
    cli: Program, tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(content)
    refused = cli(["models", "auth", "import", "llm", str(file), "--yes"])
    assert (refused.code, says in refused.err) == (64, True), refused.err
    assert "canary" not in refused.text
    assert not cli.store.exists()


def test_a_mark_in_front_is_read_over(cli: Program, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({"openai": KEY}).encode())
    cli.must(["models", "auth", "import", "llm", str(file), "--yes"])
    assert profiles(cli)[0]["profileId"] == "openai:default"


def test_yaml_aliases_are_refused(cli: Program, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("a: &a [x, x]\nb: &b [*a, *a]\nmodel_list: *b\n")
    refused = cli(["models", "auth", "import", "litellm", str(file), "--yes"])
    assert (refused.code, "YAML aliases" in refused.err) == (64, True)


def test_a_pipe_nobody_writes_to_is_no_file(cli: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "keys.json")
    refused = cli(["models", "auth", "import", "llm", str(tmp_path / "keys.json")])
    assert (refused.code, "not a regular file" in refused.err) == (64, True)


def test_where_nothing_is_it_says_where_it_looked(cli: Program, home: Path) -> None:
    refused = cli("models auth import codex")
    assert (refused.code, f"{home}/.codex/auth.json" in refused.err) == (1, True)


# Models and providers.

CONFIG = """\
model_list:
  - model_name: smart  # first
    litellm_params:
      model: openai/gpt-5
      api_key: os.environ/OPENAI_API_KEY
  - model_name: own
    litellm_params: {model: openai/tiny, api_base: "%s", api_key: %s}
  - model_name: cloud
    litellm_params: {model: bedrock/claude, aws_region_name: eu}
router_settings:
  fallbacks: [{smart: [own]}]
"""


def litellm(cli: Program, tmp_path: Path, url: str, key: str = KEY, *more: str) -> Ran:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG % (url, key))
    return cli(["models", "auth", "import", "litellm", str(file), *more])


def test_a_proxys_models_come_with_their_provider_and_its_key(
    cli: Program, tmp_path: Path, server: ScriptedServer
) -> None:
    ran = litellm(cli, tmp_path, server.url, KEY, "--yes")
    assert ran.code == 0, ran
    assert KEY not in ran.text
    status = cli("models status --json").document
    assert status["defaultModel"] == "openai/gpt-5"
    (own,) = status["fallbacks"]
    provider, model = own.split("/")
    assert model == "tiny"
    (profile,) = profiles(cli)
    assert (profile["provider"], profile["baseUrl"]) == (provider, server.url)
    assert "entry 3" in ran.err
    cli.must(f"models ask hello --model {own}")
    assert {key for _, _, key in server.seen} == {KEY}


def test_a_provider_of_a_file_reads_only_variables_that_were_shown(
    cli: Program, tmp_path: Path, server: ScriptedServer
) -> None:
    cli.environ.update({"GITHUB_TOKEN": KEY, "MINE_API_KEY": "sk-mine-00000001"})
    shown = litellm(cli, tmp_path, server.url, "os.environ/GITHUB_TOKEN", "--yes")
    assert "another service" in shown.err
    (row,) = [
        p
        for p in cli("models providers list --json").document["providers"]
        if p["source"] == "user"
    ]
    assert row["envNames"] == []


def test_the_question_shows_the_variable_and_where_it_goes(
    cli: Program, tmp_path: Path, server: ScriptedServer
) -> None:
    shown = litellm(cli, tmp_path, server.url, "os.environ/MINE_API_KEY", "--yes")
    assert server.url in shown.err
    assert "the variable MINE_API_KEY goes there" in shown.err


def test_what_is_chosen_here_stays(cli: Program, tmp_path: Path, server: ScriptedServer) -> None:
    cli.must("models set groq/mine")
    litellm(cli, tmp_path, server.url, KEY, "--yes")
    assert cli("models status --json").document["defaultModel"] == "groq/mine"


def test_what_was_stored_is_private(cli: Program, home: Path) -> None:
    codex(home)
    cli.must("models auth import codex --yes")
    assert stat.S_IMODE(cli.store.stat().st_mode) == 0o600
    for content in cli.files().values():
        assert REFRESH.encode() not in content
        assert b"canary0signature" not in content
