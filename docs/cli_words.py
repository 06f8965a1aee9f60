"""What docs/cli.md says beside the help of each command."""

INTRODUCTION = """\
# The command line

<!-- Written by docs/generate.py: change the text in docs/cli_words.py. -->

For every command:

- Data goes to stdout; prompts, progress, warnings and hints go to stderr.
- `--json` prints one JSON object with `schemaVersion`, for errors too
  (`{"schemaVersion": 1, "error": {"type", "message", "hint"}}`), and does not change the exit code.
  `--plain` prints one record a line, separated by tabs. Both at once is an error.
- Text fits the terminal it is shown at: what does not fit beside the rest stands beneath it, and no
  id is ever cut. There `✓` (green) can be used or went well, `~` (yellow) cools down, and `✗` (red)
  cannot be used or failed; where the encoding has no such signs they are `ok`, `~` and `x`.
  `NO_COLOR` and `TERM=dumb` leave the colour out. In a pipe there are neither marks nor colour, and
  no line is folded.
- A secret comes in by a hidden prompt, a pipe, `--from-env` or `--from-file`, never as a word of
  the command line. What is shown of it is a keyed fingerprint.
- A command that only reads writes nothing, creates nothing and opens no connection; `status`
  does so only with `--probe`, and opens one with `--usage`. One exception: where no store exists
  yet, `models` at a terminal, without a flag, looks whether servers of this machine listen (it
  connects, for 50 ms at most, and sends nothing) and whether files of other tools exist.
- Short options mean one thing everywhere: `-m` `--model`, `-p` `--provider`, `-q` `--search`, `-h`
  `--help`, `-V` `--version`.
- A group followed by nothing, or by an option, means its first reading command:
  `aura_intelligence models` is `aura_intelligence models status`.

Exit codes:

- 0: fine.
- 1: what is named is not there, or what is stored forbids it. Of `--check`: a model in use has no
  usable credential, or the default's provider says that it is gone.
- 2: of `--check` only: the best credential of a model in use is expiring, or the default should be
  gone by now.
- 64: words that cannot be understood: an unknown command, option, or name given to an option; or
  there is no terminal to ask on.
- 69: the store, its key, or the network cannot be used now; `error.type` says which.
- 70: a bug.
- 126, 127: of `models exec` only: the program cannot be run; there is no such program. Once it
  runs, the code is the program's.
- 130: interrupted; what was finished is kept.
"""

_READS = "Reads only. Exit codes: 0, 64, 69."
_CHANGES = "Exit codes: 0, 1, 64, 69."
_CHOOSES = f"The model is chosen as by `models set`. {_CHANGES} 130 at the list."

PROMISES: dict[tuple[str, ...], str] = {
    ("models", "status"): (
        "Writes nothing without `--probe`. A probe sends one request for each stored profile and "
        "each environment credential, with the first configured model of its provider, and "
        "retries nothing; only a grant that answers 401 is refreshed and asked once more. Each "
        "intent is written to the history before anything is sent; if that "
        "fails, nothing is sent. Ctrl-C keeps what finished. `--probe --check` is also 1 when a "
        "credential in use was refused; what could not be checked changes nothing. A default "
        "that is to be retired within 30 days is said in a line. From that day on "
        "`--check` is 2, for a date may be wrong or have been moved; it is 1 once the provider's "
        "own list, kept by `list --refresh`, or an answer says that the model is gone, and 0 where "
        "it answered since. What an answer "
        "says about limits is kept with its record and shown until its window ends. `--usage` asks "
        "how much is left, one request of at most 3.5 s for each credential of anthropic (tokens), "
        "openai-codex (tokens), github-copilot, openrouter, deepseek, zai and minimax; it stores "
        "nothing and fails softly, with a reason. A credential goes below its own base URL, or to "
        "the one address the built-in provider has for this on a host of its own: chatgpt.com for "
        "openai-codex, api.github.com for github-copilot, api.z.ai for zai. "
        "Exit codes: 0, 64, 69, 130; with `--check` also 1 and 2."
    ),
    ("models", "list"): (
        "The models you chose, each once, and why it is listed; `missing` is one that its "
        "provider's list does not have (or, without such a list, the catalogue), `retires on` the "
        "day its provider retires it. `--provider` and `--local` alone leave out others of these. "
        "With another filter, every model of the catalogue that matches all of them, those you "
        "chose first; with `--all` of providers that are unknown here, too. The catalogue comes "
        "with the program: facts and prices of models.dev, retirements and replacements of "
        "LiteLLM, each with its date; it may lag behind. Prices are USD per million tokens. "
        "`--refresh` asks every provider that has a usable credential for its list, at once, and "
        "servers of this machine at their usual ports; what they say is kept in the cache and "
        "comes before the catalogue. One that fails is a line with its reason, and no failure of "
        "the command. Once a day it fetches the catalogue of models.dev as well, unless a provider "
        "is named. Without it nothing is sent or written ([more](catalogue.md)). "
        "Exit codes: 0, 64, 69, 130 while it waits."
    ),
    ("models", "outlook"): (
        "The earliest first, each with who says so. Models in use that are retired, with what "
        "the provider advises instead: by the provider's own list, where `list --refresh` kept "
        "one, else by the catalogue; not before that day, and those that should be gone stay in "
        "the list. Keys, tokens and grants that a person has to replace; no grant that is "
        "refreshed, and nothing that another tool keeps. Limits that start again. Credit, and "
        "limits that run out before they start again: about when, where answers of an hour or "
        "more show that it falls. Nothing is asked. Reads only. Exit codes: 0, 64, 69."
    ),
    ("models", "scan"): (
        "Of OpenRouter only models that are free (`:free`, or at no price) and not said to be "
        "without tools; of another `--source` those that are free, else all, the cheapest first. "
        "What is not known of a model, it has not. They are ranked before anything is spent: by "
        "your own history, a day at a time, by who serves them at OpenRouter (uptime, latency, "
        "tools; no inference), by size and age. Then at most `--max-candidates` are tried: a tool "
        "`ping` has to be called, and once more where that answers 404 or after a limit that "
        "passes within a minute; a model that reads images is shown one pixel. It says before how "
        "many requests that are, and keeps to 20 a minute at OpenRouter. The first one goes alone: "
        "a key that is refused costs one request. Only what really called the tool is chosen. Each "
        "request is in the history, kind `scan`. At a terminal you choose, in the order you want; "
        "without one `--yes`, `--dry-run` or `--no-probe` is needed, before anything is sent. "
        "Without a credential, and offline, it lists what is known, with its day. See "
        "docs/scanning.md. Exit codes: 0; 1 where no model passed, the key is refused or no scan "
        "is kept; 64; 69 where a limit, the network or the store ended it; 130, what was learned "
        "is kept and nothing chosen."
    ),
    ("models", "set"): (
        "A bare model name belongs to the default provider. A model found among the fallbacks is "
        "moved out of them. One that its provider does not list is refused ([which was "
        "meant](catalogue.md#which-one-was-meant)). Without a word, at a terminal, it lists the "
        "models in use and those of providers with a credential; any other can be typed. "
        f"{_CHANGES} 130 at the list, nothing changed."
    ),
    ("models", "set-image"): f"For images. {_CHOOSES}",
    ("models", "resolve"): (
        "The default (or what you name), then its fallbacks, and the default last where the list "
        "began elsewhere; within a model by the auth order, else OAuth, tokens, API keys, and of "
        "one kind the one that was not used for longest; variables last. What is out or cooling "
        "down is listed with its reason and is not to be tried. "
        "Reads only. Exit codes: 0; 1 where nothing can be tried now; 64, 69."
    ),
    ("models", "exec"): (
        "The credential is that of the first usable attempt of `models resolve`, with `--model` "
        "of that model alone; `--profile` is used even while it cools down. It is in the "
        "program's environment under all of its provider's names, with `…_BASE_URL` where the "
        "address is not the provider's own, and in no command line. For a provider of your own it "
        "is also under the names that client libraries of its dialect read. Every other variable "
        "of that provider and the key of the store are removed; `AURA_INTELLIGENCE_MODEL` says "
        "which model was chosen. The program takes the place of this one (execve): nobody waits "
        "for it, and streams, terminal, signals, umask, limits and exit code are those of the "
        "shell that called. With `--mask` it is run beside this one: its output comes through a "
        "pipe, and known credentials in it are `[redacted]`: whole ones, in the forms they "
        "usually take; no help against a program that hides them; signals are passed on, and 128 "
        "plus its number is the exit code where one ended it. Before it runs, a record of kind "
        "`handout` says that it got the credential, in a store that is made if there is none; "
        "where that cannot be written nothing is run, unless `--unrecorded`. A stored credential "
        "that is damaged ends it, unless `--skip-damaged`. Exit codes: the program's, 126 if it "
        "cannot be run, 127 if there is none; before it runs 1, 64, 69."
    ),
    ("models", "env"): (
        "Without `--reveal` the lines are comments: which variables, from which credential. With "
        "it they are for `eval`, a dotenv file or `Invoke-Expression`, and the key of the store "
        "stays as it is; a record of kind `handout` is written first, unless `--unrecorded`. "
        "Without it this reads only. Exit codes: 0, 1, 64, 69."
    ),
    ("models", "ask"): (
        "What comes through a pipe or from a file is read to its end and follows the words, after "
        "an empty line; a loop that reads the same file gives it `< /dev/null`. "
        "Follows the list of `models resolve`. A candidate that refuses, is limited, fails or is "
        "silent for longer than its share of the time left (an equal one, at least a sixth) is "
        "given up for the next one; the last one has all of it. The answer goes to stdout as it "
        "comes; who gave it, and what was passed over, to stderr. Once a part of it was shown, "
        "one that breaks off "
        "is an error; with `--json` nothing is shown before it is whole and the next one is asked. "
        "What an attempt shows about a credential counts for its other models in the same run. "
        "A grant that answers 401 is refreshed and asked once more. "
        "Every attempt is in the history as a record of kind `use`. Plug-ins whose dialect "
        "has no `ask` cannot be asked and are passed over. Exit codes: 0; 1 where nothing "
        "can be tried now; 64; 69 where nothing answered; 130."
    ),
    ("models", "export"): (
        "Keys are named, never written: os.environ/NAME for litellm, `apiKeyEnv` for "
        "openai-compatible, the names alone for dotenv. NAME is the variable the key comes from "
        "now, else the provider's first one. A model that the other program cannot reach is left "
        "out, and named on stderr or in `leftOut`. litellm and dotenv say how to get the keys "
        "there; toml is read back by `models import`. opencode, codex, claude and aider are what "
        "these programs keep in files of their own: codex and claude run `models auth token`, the "
        "other two look for a variable. `--install` puts it there: what differs is shown on "
        "stderr, without what stood there, unless that is a name; nothing is written without a "
        "yes, or `--yes`. Whatever else is in the file stays, comments too; the old one is kept "
        "beside it. One that is a link, another's, malformed, larger than 256 KiB, or would lose a "
        "comment is refused. Without `--install` this reads only. Exit codes: 0, 1, 64, 69."
    ),
    ("models", "import"): (
        "Takes all of the file or nothing, and replaces everything you chose; what the file does "
        "not name is cleared. A provider of your own that it does not have goes, unless a stored "
        "profile or the file itself refers to it; one with stored profiles is not moved to another "
        "address. Profiles that are not stored here are left out of the orders, and said. At most "
        "256 KiB, no credential in it. Providers of the file are shown and asked about, or `--yes` "
        "is needed; a variable of another service is refused. `changed` says whether anything "
        f"differs, `--dry-run` writes nothing. {_CHANGES}"
    ),
    ("models", "history", "list"): (
        "A request that was begun and has no result is shown as `interrupted`. Pages go by cursor: "
        "`nextCursor` of one page is `--before` of the next, with the same options; a cursor of "
        "another question is refused. Days are UTC, and one that `--until` names is not included. "
        "With `--json`, `--jsonl`, `--csv` or `--plain` any number of records is written as it is "
        "read. In CSV a text that a spreadsheet would take for a formula has a quote before it. "
        f"See docs/history.md. {_READS}"
    ),
    ("models", "history", "show"): (
        "The beginning of an id is enough where no other run's begins so. Exit codes: 0, 1, 64, 69."
    ),
    ("models", "history", "summary"): (
        "What each figure is made of is in docs/history.md, and in `definitions` of `--json`. "
        "Whole days are looked up where they are counted, so that it takes no longer for a million "
        "records, and pruned ones still count; percentiles are then near (`~`), at most 5 % off. "
        "A span that begins or ends within a day is read from records there. The mean time to "
        "recovery is told by profile and provider, of at most 2,000 failures; `incidents` has it "
        f"of any number. {_READS}"
    ),
    ("models", "history", "changes"): (
        "A record counts whose outcome is not the one its credential had before, with `--model` "
        "before with that model; what was cancelled, cleared or never answered says nothing. "
        f"Filters are of what it changed to. Pages go by cursor. {_READS}"
    ),
    ("models", "history", "incidents"): (
        "One for each credential and fault, newest first, of 30 days unless `--since` says "
        "otherwise; filters are of the failures. Several providers that were all out of reach in "
        f"one run are one incident of ours: we were offline. {_READS}"
    ),
    ("models", "history", "retention"): (
        "180 days and 500,000 records, unless you say otherwise. It acts after runs that wrote, on "
        "a few thousand records at a time; what `prune` keeps stays, and what was counted of the "
        "days does. Without words it only says how it is. Exit codes: 0, 64, 69."
    ),
    ("models", "history", "rebuild"): (
        "The days are counted along with every record, so this finds nothing to do unless somebody "
        "changed the store, or it is older than they are and was hardly used since. Days that lost "
        "records to pruning stay as they are. Other writers get their turn; Ctrl-C keeps what is "
        "done. Exit codes: 0, 64, 69, 130."
    ),
    ("models", "history", "export"): (
        "Any number of records, newest first, in as little room as one; `--csv` and `--jsonl` are "
        "on stdout, as in `history list`. A file is replaced as a whole, or stays as it was; what "
        "does not look like one that was written before is left alone. `--openmetrics` has figures "
        "of the last 30 days by profile, and requests by outcome since ever; it takes no filter. "
        "`--parquet` needs `pip install 'aura-intelligence[parquet]'`. See docs/history.md. Exit "
        "codes: 0, 64, 69."
    ),
    ("models", "history", "prune"): (
        "Says with `--older-than`, `--keep` or both what may go; with both, a record goes that is "
        "older and not among the newest N. Whatever the status, a cooldown, the usage or the order "
        "of credentials follows from stays: of each credential and model the newest record of "
        "every outcome and the failures since the last success (at most 64), and what was begun "
        "in the last 24 hours and has no result; `kept` says how many old ones did. Works in short "
        "steps, between which other writers get their turn; Ctrl-C keeps what is done. The file "
        "does not shrink: its space is used again. Exit codes: 0, 64, 69, 130."
    ),
    ("models", "unset"): f"The fallbacks stay. {_CHANGES}",
    ("models", "aliases", "list"): _READS,
    ("models", "aliases", "add"): (
        "Names are letters, digits and `_ . : -`, and two may not differ by case alone. An alias "
        f"of an alias is resolved when it is added. {_CHOOSES}"
    ),
    ("models", "aliases", "remove"): _CHANGES,
    ("models", "fallbacks", "list"): _READS,
    ("models", "fallbacks", "add"): (
        f"Refuses the default model and a model that is in the chain already. {_CHOOSES}"
    ),
    ("models", "fallbacks", "remove"): _CHANGES,
    ("models", "fallbacks", "clear"): _CHANGES,
    ("models", "image-fallbacks", "list"): _READS,
    ("models", "image-fallbacks", "add"): (
        f"Refuses the image model and a model that is in the chain already. {_CHOOSES}"
    ),
    ("models", "image-fallbacks", "remove"): _CHANGES,
    ("models", "image-fallbacks", "clear"): _CHANGES,
    ("models", "providers", "list"): _READS,
    ("models", "providers", "add"): (
        "The row is signed with the store's key, so the first provider of your own makes the key. "
        f"Plain http is for this machine, or with `--allow-http` for a private network. {_CHANGES}"
    ),
    ("models", "providers", "show"): "Reads only. Exit codes: 0, 1, 64, 69.",
    ("models", "providers", "set"): (
        "An address or variables that change are shown with what goes there, and asked about, or "
        "`--yes` is needed; the profiles of this provider are sealed for the new address. Confirms "
        "a row that nobody vouches for, as after `vault reset`. "
        f"{_CHANGES} 1 also where the answer was no."
    ),
    ("models", "providers", "remove"): (
        f"Refused while a profile, a chain, an alias or an auth order refers to it. {_CHANGES}"
    ),
    ("models", "auth", "list"): (
        "Stored profiles come first and win over variables; a shadowed one names what shadows it. "
        f"{_READS}"
    ),
    ("models", "auth", "login"): (
        "Where a browser can be opened on this machine, that; over SSH, in a container or with "
        "`--no-browser` a code that is typed elsewhere, where the provider has those, else a page "
        "that is opened elsewhere, whose address is pasted. Address and code are printed before "
        "anything is waited for. A provider without a sign-in is asked for by its API key, as "
        "`auth add` does; openrouter issues a key. Asks once before it signs in as another "
        "program (xai, openai-codex), or `--yes` is needed; that and the sign-in are in the "
        "history, as a record of kind `login`. Nothing is saved of another account than that of "
        "`--expect`. With `--json` each line is one object with `event`, and the last one is "
        "`auth_success` or `auth_error`; docs/sign-in.md shows them. "
        f"{_CHANGES} 130 while it waits, nothing saved."
    ),
    ("models", "auth", "add"): (
        "Checks the credential first with a request that spends no token. It is refused only if "
        "the provider refused it; if that is not sure, it is saved, and a note says so. A refused "
        "credential never replaces one that works. At a terminal a typing mistake is asked for "
        "again. A command (`--kind command`) is run at once, without a shell, without input, for "
        "30 s at most; it must print the credential alone, on one line. What it prints is sealed, "
        "and used until `--ttl` has passed. It runs on this machine only, and for this address: "
        "that is kept in `commands.json` of the configuration, never in the store. "
        f"{_CHANGES} 130 at a prompt, nothing saved."
    ),
    ("models", "auth", "import"): (
        "Shows what it found: the profile it would be, its type, its end, its fingerprint (once "
        "there is a key), where it was found, and whether it is here already; files that other "
        "users can read are named. What is not understood, and every reference to a secret "
        "elsewhere, is "
        "left out and said. Asks on a terminal; elsewhere `--yes` is needed. A yes also takes the "
        "providers of the file, which are shown with the variables they read. Nothing is checked, "
        "nothing is sent, and no file of the tool is changed. "
        f"{_CHANGES} 1 also where the answer was no, 130 at the question."
    ),
    ("models", "auth", "paste-token"): (
        f"Reads a pipe as readily as a terminal. Nothing is checked. {_CHANGES} 130 at a prompt."
    ),
    ("models", "auth", "setup-token"): (
        "Checks the prefix and the length, joins a wrapped paste, and warns of the provider's "
        f"terms. {_CHANGES} 130 at a prompt."
    ),
    ("models", "auth", "set"): (
        "Its secret stays and is not asked for. Another address is shown and asked about, or "
        f"`--yes` is needed. {_CHANGES} 1 also where the answer was no."
    ),
    ("models", "auth", "rename"): (
        f"Its place in the auth order goes with it; the history stays under the old id. {_CHANGES}"
    ),
    ("models", "auth", "remove"): (
        "Asks on a terminal; elsewhere `--yes` is needed. The history stays. A grant is revoked at "
        "the address its provider has for that, one request, unless `--local-only`; the profile "
        "is removed whatever comes of it, and what came of it is said. Without `--yes`, nothing "
        f"is sent before the answer. {_CHANGES} 1 also where the answer was no."
    ),
    ("models", "auth", "logout"): "The same command as `auth remove`.",
    ("models", "auth", "refresh"): (
        "One refresh at a time for each account of a provider, across processes; what another one "
        "stored meanwhile is taken instead of asking. The grant is stored before it is used. Each "
        "profile is `good`, `refreshed`, `failed` (what is stored is as it was) or `needs login`. "
        "Where several fail it exits with the highest of their codes. " + _CHANGES
    ),
    ("models", "auth", "token"): (
        "Prints the credential that is used now, or that of the profile that is named, and nothing "
        "else; refused at a terminal without `--reveal`. A grant that ends within `--min-ttl` is "
        "refreshed first; what ends sooner and cannot be is refused. A record of kind `handout` "
        "is written before it is printed, one within the hour for the same credential; where that "
        "cannot be written nothing is printed. Exit codes: 0, 1, 64, 69."
    ),
    ("models", "auth", "explain"): (
        "For a model its own limits count as well. Reads only. Exit codes: 0, 1, 64, 69."
    ),
    ("models", "auth", "clear-cooldown"): (
        "Cooldowns are not stored: they follow from the history. This appends a record of kind "
        "`cleared` to it, after which nothing older counts against the credential. Where nothing "
        f"does, nothing is written. {_CHANGES}"
    ),
    ("models", "auth", "order", "get"): _READS,
    ("models", "auth", "order", "set"): (
        f"A stored profile that is not named is not used any longer. {_CHANGES}"
    ),
    ("models", "auth", "order", "clear"): _CHANGES,
    ("plugins", "list"): (
        "The program's own providers, and entries of other distributions, which are listed from "
        f"their metadata: their code is not imported. {_READS}"
    ),
    ("plugins", "info"): (
        "Base URL, where to get a key, quirks, what is uncertain, its profiles, and why it is not "
        "usable. Imports nothing. Reads only. Exit codes: 0, 1, 64, 69."
    ),
    ("plugins", "enable"): (
        "Asks on a terminal; elsewhere `--yes` is needed. Imports the plug-in, tries it with "
        "canned answers, and remembers its distribution, version and files, which are shown; it is "
        "trusted code from then on. Another version has "
        f"to be enabled again. Nothing is sent. {_CHANGES} 1 also where the answer was no."
    ),
    ("plugins", "disable"): f"Its profiles stay, unused. {_CHANGES}",
    ("vault", "reset"): (
        "Refused where the key opens the store. What you chose and the history stay; profiles that "
        "cannot be opened go. Your own providers are shown one by one; with `--yes` they stay and "
        "are not used before `models providers set`, unless `--keep-providers`. "
        f"{_CHANGES} 1 also where the answer was no."
    ),
    ("store", "copy"): (
        "All in one transaction: where a row reads differently afterwards, nothing was written. "
        "Secrets stay encrypted on the way. A password in an address is refused, exit 64: it comes "
        "from `AURA_INTELLIGENCE_DATABASE_URL_FILE`, which is used where it names the same "
        "database and user, from pgpass or from a service file. With `--dry-run` it only counts. "
        f"{_CHANGES}"
    ),
    ("paths",): f"Creates none of them. {_READS}",
    ("--version",): "Opens nothing. Exit codes: 0, 64.",
    ("--install-completion",): (
        "Writes a script where your shell looks for one, and for bash and zsh one line at the end "
        "of `.bashrc` or `.zshrc` that reads it; in zsh it calls `compinit` where nobody did. Each "
        "file is named, in `files` of `--json` with what was done to it. At every Tab the script "
        "asks the hidden command `complete`, which reads names and opens nothing secret. "
        "Exit codes: 0, 64, 69."
    ),
    ("--uninstall-completion",): (
        "Removes the script and that line; the rest of the file is as it was. "
        "Exit codes: 0, 64, 69."
    ),
}
