"""The part of docs/json.md about errors: each `error.type`, its exit code, and what to do."""

from collections.abc import Iterator

from domain import errors
from domain.errors import AuraError
from entrypoints.codes import EXIT_CODES

_INTRODUCTION = """\
## Errors

A failure is an object with `error`, which has `type` (a word of this table, which scripts may rely
on), `message` (one line for people) and `hint` (what to do next, or null). Where a command has an
answer beside the failure, such as `models resolve`, the same three keys are in its `problem`.

| type | exit code | what happened | what to do |
|---|---|---|---|"""

REMEDIES: dict[str, str] = {
    "malformed": "correct the command line; the message names the word",
    "refused": "read the message; nothing was changed",
    "not_found": "list what there is: `models auth list`, `models aliases list`, …",
    "already_exists": "choose another name, or remove the old one first",
    "changed": "run the command again",
    "in_use": "remove what the message names first",
    "provider_unknown": "write the model as provider/model",
    "credential_rejected": "check the key at the provider; `--no-verify` saves it unchecked",
    "sign_in_failed": "nothing was saved; see [signing in](sign-in.md#when-it-goes-wrong)",
    "needs_login": "sign in again: `models auth login`; see "
    "[needs login](troubleshooting.md#a-sign-in-has-ended)",
    "no_candidate": "`models resolve` says why and until when; the hint has the command",
    "plugin_failed": "`plugins list --verbose` says why",
    "not_started": "check the file's permissions and its first line (`#!`)",
    "program_missing": "check the name, and PATH",
    "unavailable": "read the message",
    "key_missing": "put the key file back; see [lost key](troubleshooting.md#the-key-is-lost)",
    "key_malformed": "restore the key file, or correct the variable that holds the key",
    "wrong_key": "use the key that belongs to this store; `paths` says where both are",
    "record_damaged": "remove the profile that is named and add it again",
    "provider_tampered": "look at it with `models providers show`, then confirm it: "
    "`models providers set`",
    "selection_tampered": "look at `models status`, and choose your models again",
    "endpoint_moved": "add the credential again: its address is not the one it was saved for",
    "unsafe_file": "run the command of the hint (`chmod`, `chown`)",
    "not_a_store": "move the file away, or restore a backup",
    "store_newer": "update this program",
    "store_damaged": "keep a copy, and restore a backup",
    "store_readonly": "check the file, its folder and the disk",
    "store_full": "free some space, and run the command again",
    "store_busy": "run the command again when the other process is done",
    "store_failed": "read the message; check the disk",
    "store_gone": "the server of the team's store went away or was too busy: try again",
    "output_failed": "check where the output goes: a full disk, a closed pipe",
    "network": "check the connection, the address, and `AURA_INTELLIGENCE_PROXY`",
    "grant_lost": "mend the disk, then sign in again: `models auth login`",
    "refresh_failed": "what is stored is as it was; run the command again",
    "command_not_confirmed": "look at the command that is named, and add it here as the hint says",
    "command_failed": "run the command in a terminal; it has to print the credential alone",
    "no_answer": "every candidate was tried and failed: see `models history`",
    "interrupted": "what was finished is kept",
    "bug": "report it; the line holds nothing secret",
}
OUTSIDE = {
    "interrupted": (EXIT_CODES["interrupted"], "Ctrl-C, or the signal SIGINT"),
    "bug": (EXIT_CODES["bug"], "something nobody expected"),
}


def kinds(root: type[AuraError] = AuraError) -> Iterator[type[AuraError]]:
    """Every class below `root`, as they are written."""
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from kinds(child)


def exit_code(kind: type[AuraError]) -> int:
    return next(EXIT_CODES[one.__name__] for one in kind.__mro__ if one.__name__ in EXIT_CODES)


def happened(kind: type[AuraError]) -> str:
    """What the tree at the top of domain/errors.py says of it."""
    lines = (errors.__doc__ or "").splitlines()
    (line,) = (line for line in lines if f"── {kind.__name__} " in line)
    return line.partition(f"── {kind.__name__} ")[2].partition("  exit ")[0].strip()


def errors_section() -> str:
    rows = [(kind.type, exit_code(kind), happened(kind)) for kind in kinds()]
    rows += [(type, *OUTSIDE[type]) for type in OUTSIDE]
    lines = [f"| `{type}` | {code} | {what} | {REMEDIES[type]} |" for type, code, what in rows]
    return "\n".join([_INTRODUCTION, *lines]) + "\n"
