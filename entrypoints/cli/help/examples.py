"""What a help page ends with: two examples and the exit codes. Read only when help is shown."""

from functools import cache

PROGRAM = "aura_intelligence"

_MEANINGS = {
    0: "done",
    1: "absent or refused",
    64: "not understood",
    69: "store, key or network unavailable",
    126: "it cannot be run",
    127: "no such program",
    130: "interrupted",
}
_OWN = {
    "models status": {1: "not usable, or gone (--check)", 2: "expiring (--check)"},
    "models resolve": {1: "nothing can be tried now"},
    "models scan": {1: "no model passed, or refused"},
    "models ask": {1: "nothing can be tried now"},
    "models exec": {0: "and all others are the program's", 1: "no credential"},
}
# A command and its exit codes, then its examples; `$` is the program.
_TABLE = """\
models status: 0 1 2 64 69 130
  $ models status --probe
  $ models status --check --json
models list: 0 64 69 130
  $ models list --free --tools
  $ models list --all -p openai --plain
models scan: 0 1 64 69 130
  $ models scan --no-probe --min-params 20
  $ models scan --yes --set-default
models set: 0 1 64 69 130
  $ models set openai/gpt-5.4-mini
  $ models set fast
models set-image: 0 1 64 69 130
  $ models set-image openai/gpt-image-1
  $ models set-image google/gemini-2.5-flash-image --json
models unset: 0 1 64 69
  $ models unset
  $ models unset --json
models outlook: 0 64 69
  $ models outlook
  $ models outlook --within 90d --json
models resolve: 0 1 64 69
  $ models resolve
  $ models resolve fast --plain
models exec: 0 1 64 69 126 127
  $ models exec -- python app.py
  $ models exec -m groq/llama-3.1-8b-instant --mask -- npm test
models env: 0 1 64 69
  $ models env -m fast
  eval "$($ models env --reveal)"
models ask: 0 1 64 69 130
  $ models ask 'What is a monad?'
  git diff | $ models ask -m fast 'Review this'
models export: 0 1 64 69
  $ models export litellm > config.yaml
  $ models export toml > models.toml
models import: 0 1 64 69
  $ models import models.toml --dry-run
  $ models import - < models.toml
models history list: 0 64 69
  $ models history --blame mine --since 7d
  $ models history list -p openai --limit 5 --json
models history show: 0 1 64 69
  $ models history show 5f1c2d
  $ models history show 5f1c2d --json
models history summary: 0 64 69
  $ models history summary
  $ models history summary --by day --since 2026-11-01 --json
models history changes: 0 64 69
  $ models history changes --since yesterday
  $ models history changes --profile openai:default --plain
models history incidents: 0 64 69
  $ models history incidents --confirm 2
  $ models history incidents --since 90d --json
models history retention: 0 64 69
  $ models history retention
  $ models history retention 365 1000000
models history rebuild: 0 64 69 130
  $ models history rebuild --dry-run
  $ models history rebuild
models history export: 0 64 69
  $ models history export --csv --since 30d
  $ models history export --openmetrics aura.prom
models history prune: 0 64 69 130
  $ models history prune --older-than 90d
  $ models history prune --keep 1000 --dry-run
models aliases list: 0 64 69
  $ models aliases
  $ models aliases list --plain
models aliases add: 0 1 64 69 130
  $ models aliases add fast openai/gpt-5.4-nano
  $ models aliases add quick -q gpt -q mini
models aliases remove: 0 1 64 69
  $ models aliases remove fast
  $ models aliases remove fast --json
models fallbacks list: 0 64 69
  $ models fallbacks
  $ models fallbacks list --plain
models fallbacks add: 0 1 64 69 130
  $ models fallbacks add groq/llama-3.1-8b-instant
  $ models fallbacks add fast --position 1
models fallbacks remove: 0 1 64 69
  $ models fallbacks remove fast
  $ models fallbacks remove groq/llama-3.1-8b-instant
models fallbacks clear: 0 1 64 69
  $ models fallbacks clear
  $ models fallbacks clear --json
models image-fallbacks list: 0 64 69
  $ models image-fallbacks
  $ models image-fallbacks list --plain
models image-fallbacks add: 0 1 64 69 130
  $ models image-fallbacks add openai/gpt-5.4-mini
  $ models image-fallbacks add fast --position 1
models image-fallbacks remove: 0 1 64 69
  $ models image-fallbacks remove fast
  $ models image-fallbacks remove openai/gpt-5.4-mini
models image-fallbacks clear: 0 1 64 69
  $ models image-fallbacks clear
  $ models image-fallbacks clear --json
models providers list: 0 64 69
  $ models providers
  $ models providers list --plain
models providers add: 0 1 64 69
  $ models providers add lab --dialect openai --base-url "$URL"
  $ models providers add gpu --dialect ollama --base-url "$URL"
models providers show: 0 1 64 69
  $ models providers show lab
  $ models providers show openai --json
models providers set: 0 1 64 69
  $ models providers set lab --base-url "$URL"
  $ models providers set lab --label "The lab" --yes
models providers remove: 0 1 64 69
  $ models providers remove lab
  $ models providers remove lab --json
models auth list: 0 64 69
  $ models auth
  $ models auth list -p openai --json
models auth login: 0 1 64 69 130
  $ models auth login -p openrouter
  $ models auth login -p xai --device-code --json
models auth add: 0 1 64 69 130
  $ models auth add -p openai
  $ models auth add -p openai --kind command -- pass show openai
models auth import: 0 1 64 69 130
  $ models auth import openclaw --dry-run
  $ models auth import dotenv .env --yes
models auth paste-token: 0 1 64 69 130
  $ models auth paste-token -p openai --expires-in 30d
  $ models auth paste-token -p github-copilot < token.txt
models auth setup-token: 0 1 64 69 130
  $ models auth setup-token
  $ models auth setup-token --yes < token.txt
models auth set: 0 1 64 69
  $ models auth set openai:default --label Work
  $ models auth set openai:default --base-url "$URL" --yes
models auth rename: 0 1 64 69
  $ models auth rename openai:default openai:work
  $ models auth rename openai:default work --json
models auth remove: 0 1 64 69
  $ models auth remove openai:default
  $ models auth remove openai:default --yes
models auth logout: 0 1 64 69
  $ models auth logout openai:default
  $ models auth logout openai:default --yes
models auth refresh: 0 1 64 69
  $ models auth refresh
  $ models auth refresh xai:default --force
models auth token: 0 1 64 69
  $ models auth token openai
  $ models auth token xai:default --min-ttl 30m --json
models auth explain: 0 1 64 69
  $ models auth explain openai
  $ models auth explain openai/gpt-5.4-mini
models auth clear-cooldown: 0 1 64 69
  $ models auth clear-cooldown openai:default
  $ models auth clear-cooldown --all --dry-run
models auth order get: 0 64 69
  $ models auth order
  $ models auth order get -p openai
models auth order set: 0 1 64 69
  $ models auth order set -p openai openai:work openai:default
  $ models auth order set -p groq groq:default --json
models auth order clear: 0 1 64 69
  $ models auth order clear -p openai
  $ models auth order clear -p openai --json
plugins list: 0 64 69
  $ plugins
  $ plugins list --enabled --verbose
plugins info: 0 1 64 69
  $ plugins info openai
  $ plugins info groq --json
plugins enable: 0 1 64 69
  $ plugins enable example
  $ plugins enable example --yes
plugins disable: 0 1 64 69
  $ plugins disable example
  $ plugins disable example --json
store copy: 0 1 64 69
  $ store copy current postgresql://team@db/aura --dry-run
  $ store copy postgresql://team@db/aura /srv/store.db
vault reset: 0 1 64 69
  $ vault reset
  $ vault reset --yes --keep-providers
paths: 0 64 69
  $ paths
  $ paths --plain
--version: 0 64
  $ --version
  $ --version --json
--install-completion: 0 64 69
  $ --install-completion
  $ --install-completion --shell zsh
--uninstall-completion: 0 64 69
  $ --uninstall-completion
  $ --uninstall-completion --shell zsh
"""


@cache
def _read() -> dict[str, tuple[list[int], list[str]]]:
    found: dict[str, tuple[list[int], list[str]]] = {}
    shown: list[str] = []
    for line in _TABLE.splitlines():
        if line.startswith(" "):
            shown.append(line.strip().replace("$ ", f"{PROGRAM} "))
        else:
            name, _, numbers = line.partition(": ")
            shown = []
            found[name] = ([int(number) for number in numbers.split()], shown)
    return found


def examples(path: tuple[str, ...]) -> list[str]:
    return _read()[" ".join(path)][1]


def codes(path: tuple[str, ...]) -> dict[int, str]:
    """What each exit code of the command means."""
    name = " ".join(path)
    meanings = {**_MEANINGS, **_OWN.get(name, {})}
    return {code: meanings[code] for code in _read()[name][0]}


def ending(path: tuple[str, ...]) -> str | None:
    """The end of the command's help page."""
    if " ".join(path) not in _read():
        return None
    shown = [f"  {example}" for example in examples(path)]
    told = [f"  {code:<3}  {meaning}" for code, meaning in codes(path).items()]
    return "\n".join(("Examples:", *shown, "", "Exit codes:", *told))
