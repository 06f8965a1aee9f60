"""Runs every command that has `--json` beside a scripted provider, for docs/json.md."""

import json
import shutil
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from entrypoints.cli.app import build
from tests.cli.issuers import BROKEN, Issuer, issuer
from tests.cli.program import Program, Ran
from tests.cli.routers import SEES, Router, entry
from tests.cli.servers import BAD, GOOD, Answer, ScriptedServer, refusal, scripted_server
from tests.cli.sites import ROW, Site

Command = tuple[str, ...]
PLUGIN = ROW.format(url="https://acme.test/v1")
SETUP_TOKEN = f"sk-ant-oat01-{'a' * 90}"
_HOUR = 3600


@dataclass(slots=True)
class LimitedServer(ScriptedServer):
    """A good answer says how much is left; one page of OpenRouter's says it too."""

    def answer(self, path: str, model: str, key: str) -> Answer | None:
        if path.endswith("/key") and key.endswith("bad"):
            return refusal(401, "unauthorized")
        if path.endswith("/key"):
            page = {"data": {"limit": 10, "limit_remaining": 4, "usage": 6}}
            return Answer(200, json.dumps(page).encode())
        if path.endswith("/credits"):
            return refusal(403, "forbidden")
        found = ScriptedServer.answer(self, path, model, key)
        left = (
            ("x-ratelimit-limit-requests", "100"),
            ("x-ratelimit-remaining-requests", "75"),
            ("x-ratelimit-reset-requests", "1h"),
            ("x-request-id", "req-1"),
        )
        return found and Answer(found.status, found.body, (*found.headers, *left))


@dataclass(slots=True)
class Runs:
    """What each command printed: its JSON documents, and its first `--plain` record."""

    cli: Program
    documents: dict[Command, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    records: dict[Command, list[str]] = field(default_factory=dict)

    def see(self, words: str, stdin: str = "", *, code: int = 0) -> None:
        self.keep(words, self.cli(f"{words} --json", stdin=stdin), code)

    def keep(self, words: str, ran: Ran, code: int = 0) -> None:
        assert ran.code == code, (words, ran)
        self.documents[command_of(words)].append(ran.document)

    def keep_lines(self, words: str, ran: Ran, code: int = 0) -> None:
        """As `keep`, of a command that prints an object a line."""
        assert ran.code == code, (words, ran)
        for line in ran.out.splitlines():
            self.documents[command_of(words)].append(json.loads(line))

    def plain(self, words: str) -> None:
        first, *_ = self.cli.must(f"{words} --plain").out.splitlines()
        self.records[command_of(words)] = first.split("\t")


def command_of(words: str) -> Command:
    """The command that `words` begin with."""
    path: Command = ()
    app = build()
    for word in words.split():
        if word not in app:
            break
        app, path = app[word], (*path, word)
    return path


def every_run() -> Runs:
    with tempfile.TemporaryDirectory() as folder, scripted_server(LimitedServer()) as server:
        home = Path(folder)
        environ = {
            "ANTHROPIC_API_KEY": "sk-ant-api03-scripted-key-00001",
            "GROQ_API_KEY": BAD,
            "GROQ_BASE_URL": server.url,
            "GOOGLE_API_KEY": "AIza-scripted-key-0000000000000000001",
            "VLLM_API_KEY": GOOD,
            "VLLM_BASE_URL": server.url,
            "MISTRAL_API_KEY": "no key of\tanything",
        }
        runs = Runs(Program(home / "home", environ))
        runs.see("models status")
        runs.see("models resolve", code=1)
        for part in (_choose, _store, _models, _try, _hand_over, _look):
            part(runs, server)
        with issuer() as signer:
            _sign_in(runs, signer)
        _scan(runs, home)
        _plugins(runs, Site(home / "site"))
        _plain(runs)
        _end(runs)
        return runs


def _choose(runs: Runs, server: ScriptedServer) -> None:
    own = f"--base-url {server.url} --dialect openai"
    runs.see(f"models providers add gate {own} --env GATE_API_KEY")
    signs_in = "--oauth-issuer https://id.test --client-id mine"
    runs.see(f"models providers add sso --base-url https://sso.test/v1 --dialect openai {signs_in}")
    runs.see(f"models providers add gone {own}")
    runs.see("models providers remove gone")
    runs.see("models set gate/limited")
    runs.see("models set-image gate/limited")
    for chain in ("fallbacks", "image-fallbacks"):
        for last in ("remove gate/ok", "clear"):
            runs.see(f"models {chain} add gate/ok")
            runs.see(f"models {chain} {last}")
        runs.see(f"models {chain} add gate/ok")
        runs.see(f"models {chain} list")
    runs.see("models aliases add quick gate/ok")
    runs.see("models aliases add gone gate/ok")
    runs.see("models aliases remove gone")


def _store(runs: Runs, server: ScriptedServer) -> None:
    runs.see("models auth add --provider gate --stdin", GOOD)
    runs.see("models auth add --provider gate --stdin --profile-id gate:bad --no-verify", BAD)
    lan = "--base-url http://192.168.7.7/v1 --dialect openai --allow-http"
    runs.see(f"models providers add lan {lan}")
    runs.see("models auth add --provider lan --stdin --no-verify", "sk-lan-scripted-0001")
    openrouter = f"--provider openrouter --base-url {server.url}"
    runs.see(f"models auth add {openrouter} --stdin --no-verify", "sk-or-v1-scripted-0001")
    other = f"{openrouter} --profile-id openrouter:bad"
    runs.see(f"models auth add {other} --stdin --no-verify", "sk-or-v1-scripted-bad")
    runs.see("models auth paste-token --provider gate --expires-in 1h", "token-scripted-0001")
    printed = "--provider lan --kind command --profile-id lan:c --json -- echo sk-lan-0002"
    runs.keep("models auth add", runs.cli(f"models auth add {printed}"))
    given = runs.cli.home.parent / "given.env"
    given.write_text("COHERE_API_KEY=scripted-cohere-0001\nXAI_API_KEY=op://a/b\n")
    runs.see(f"models auth import dotenv {given} --yes")
    runs.see("models auth order set --provider gate gate:default")
    runs.see("models auth order get")
    runs.see("models auth order get --provider gate")
    runs.see("models auth order get --provider groq")
    runs.see("models auth order clear --provider gate")
    runs.see("models auth order set --provider gate gate:default gate:bad")


def _models(runs: Runs, server: ScriptedServer) -> None:
    runs.see("models list")
    runs.see("models list --refresh --provider gate")
    for place in ("models", "nowhere.json"):
        url = f"{server.url}/{place}"
        runs.cli.environ["AURA_INTELLIGENCE_CATALOGUE_URL"] = url
        runs.see("models list --refresh")
    runs.see("models list --search gpt-5-mini")
    runs.see("models aliases list")
    runs.see("models providers list")
    runs.see("models auth list")
    runs.see("models status --check")


def _try(runs: Runs, server: ScriptedServer) -> None:
    for only in ("--probe-provider gate", "--probe-provider vllm"):
        runs.see(f"models status --probe {only}")
    runs.see("models status --probe --probe-provider groq --probe-mode free")
    runs.see("models status --probe --probe-profile gate:bad --probe-model gate/ok")
    runs.see("models status --probe --probe-provider gate --probe-model quick")
    runs.see("models resolve")
    runs.see("models resolve --image")
    runs.see("models ask hello")
    runs.see("models ask hello --model gate/missing")
    runs.see("models resolve gate/unknown-to-it")
    for name in ("gate", "gate/limited", "vllm", "groq", "lmstudio", "anthropic", "google"):
        runs.see(f"models auth explain {name}")
    runs.see("models status --usage")
    runs.see("models auth list")
    runs.see("models auth clear-cooldown gate --dry-run")
    runs.see("models auth clear-cooldown --all")


def _hand_over(runs: Runs, server: ScriptedServer) -> None:
    runs.see("models env")
    runs.see("models env --reveal")
    for model in (
        "openai-codex/gpt-5-codex",
        "google/gemini-2.5-flash",
        "anthropic/claude-haiku-4-5",
    ):
        runs.see(f"models fallbacks add {model}")
    for format in ("litellm", "openai-compatible", "dotenv", "toml"):
        runs.see(f"models export {format}")
    for words in ("--dry-run", "--yes", "--yes"):
        runs.see(f"models export opencode --install {words}")
    text = runs.cli.must("models export toml").out
    runs.see("models import - --dry-run", text)
    more = '[auth_order]\ngate = ["gate:default", "gate:nosuch"]\n'
    more += '[aliases]\nslow = "gate/ok"\n[[providers]]\nid = "new"\nlabel = "New"\n'
    more += 'base_url = "https://new.test/v1"\ndialect = "openai"\n'
    chosen = 'version = 1\ndefault = "gate/ok"\nfallbacks = ["gate/busy"]\n'
    runs.see("models import - --dry-run", chosen + more)


def _look(runs: Runs, server: ScriptedServer) -> None:
    runs.see("models auth setup-token --yes --expires-in 30d", SETUP_TOKEN)
    server.pages["/v1/models"] = {"data": [{"id": "limited", "shutdown_date": "2020-01-31"}]}
    runs.see("models list --refresh --provider gate")
    runs.see("models outlook --within 3650d")
    runs.see("models status")
    runs.see("models auth list")
    runs.see("models history list --limit 3")
    runs.see("models history list")
    _ask_the_history(runs)
    runs.see("models history prune --keep 1")
    runs.see("paths")
    runs.see("--version")
    words = "--install-completion --shell bash"
    runs.keep(words, runs.cli.process(f"{words} --json"))


def _scan(runs: Runs, home: Path) -> None:
    free = [entry("a/m-7b:free", architecture=SEES), entry("b/liar:free"), entry("c/paid", price=1)]
    with scripted_server(Router(models=free)) as router:
        environ = {"OPENROUTER_API_KEY": GOOD, "OPENROUTER_BASE_URL": router.url}
        program = Program(home / "scan", environ)
        for words in ("--no-probe", "--dry-run", "--again --yes"):
            runs.keep("models scan", program(f"models scan {words} --json"))
        program.environ["OPENROUTER_API_KEY"] = BAD
        runs.keep("models scan", program("models scan --again --yes --json"), 1)
        program.environ["OPENROUTER_BASE_URL"] = "http://127.0.0.1:9/v1"
        runs.keep("models scan", program("models scan --no-probe --json"))


def _ask_the_history(runs: Runs) -> None:
    (record,) = runs.cli("models history --limit 1 --json").document["records"]
    runs.see(f"models history show {record['runId']}")
    for by in ("profile", "outcome", "day"):
        runs.see(f"models history summary --by {by}")
    runs.see("models history summary --since 1h")
    runs.see("models history changes --limit 1")
    runs.see("models history changes")
    runs.see("models history incidents")
    runs.see(f"models history export --openmetrics {runs.cli.home.parent}/aura.prom")
    runs.see("models history retention off")
    runs.see("models history retention 180 500000")
    runs.see("models history rebuild --dry-run")


def _sign_in(runs: Runs, server: Issuer) -> None:
    own = f"--base-url {server.api} --dialect openai --oauth-issuer {server.url}"
    runs.cli.must(f"models providers add own {own} --client-id aura")
    by_code = "models auth login --provider own --device-code --json"
    server.device = "denied"
    runs.keep_lines(by_code, runs.cli(by_code), 1)
    server.device = "approved"
    runs.keep_lines(by_code, runs.cli(by_code))
    _by_browser(runs)
    runs.see("models auth refresh own:alice@example.test")
    runs.see("models auth refresh --force")
    server.answers("/token", BROKEN)
    runs.see("models auth refresh own:alice@example.test --force", code=69)
    runs.see("models auth token own")
    runs.see("models auth token gate:default")
    runs.see("models history list --limit 3")
    runs.keep_lines(by_code, runs.cli(f"{by_code} --profile-id own:second"))
    server.answers("/revoke", BROKEN)
    runs.see("models auth remove own:second --yes")
    runs.see("models auth logout own:alice@example.test --yes")


def _by_browser(runs: Runs) -> None:
    words = "models auth login --provider own --method browser --json"
    process = runs.cli.start(words)
    first = process.stdout.readline() if process.stdout else ""
    # The page sends whoever opens it back to the program.
    with urllib.request.urlopen(json.loads(first)["url"], timeout=30):
        pass
    rest, err = process.communicate(timeout=30)
    runs.keep_lines(words, Ran(process.returncode, first + rest, err))


def _plugins(runs: Runs, site: Site) -> None:
    site.install(PLUGIN)
    for words in ("list", "info acme", "info groq"):
        runs.keep(f"plugins {words}", site.see(runs.cli, f"plugins {words} --json"))
    for words in ("enable acme --yes", "disable acme"):
        runs.keep(f"plugins {words}", site.run(runs.cli, f"plugins {words} --json"))


def _plain(runs: Runs) -> None:
    (record,) = runs.cli("models history --limit 1 --json").document["records"]
    run: dict[Command, list[str]] = {("models", "history", "show"): [record["runId"]]}
    for command in plain_commands():
        runs.plain(" ".join([*command, *run.get(command, [])]))


def _end(runs: Runs) -> None:
    runs.see("models auth remove gate:bad --yes")
    runs.see("models auth logout gate:manual --yes")
    runs.see("models auth set gate:default --label Mine")
    runs.see("models auth rename gate:default gate:mine")
    runs.see("models providers show gate")
    runs.see("models providers set gate --label Mine --yes")
    runs.see("models unset")
    runs.see(f"store copy current {runs.cli.home / 'copy.db'}")
    uninstall = "--uninstall-completion --shell bash"
    runs.keep(uninstall, runs.cli.process(f"{uninstall} --json"))
    shutil.rmtree(runs.cli.home / "config" / "keys")
    runs.see("vault reset --yes")


def _leaves(path: Command = ()) -> Iterator[tuple[Command, str]]:
    """Every command with its parameters' names."""
    import io

    from rich.console import Console

    from docs.generate import commands

    for command, is_group in commands(build(), path):
        if not is_group:
            written = io.StringIO()
            console = Console(file=written, width=96, color_system=None)
            build().help_print(list(command), console=console)
            yield command, written.getvalue()


def json_commands() -> list[Command]:
    """Not `models exec`: it prints nothing of its own but a failure."""
    found = [command for command, text in _leaves() if "--json" in text]
    return [command for command in found if command != ("models", "exec")]


def plain_commands() -> list[Command]:
    return [command for command, text in _leaves() if "--plain" in text]
