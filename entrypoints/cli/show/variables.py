"""Variables written down for a shell or for a file, so that each value is read as it is."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.handover.variables import Handover

Format = Literal["shell", "dotenv", "powershell"]
Assignments = Callable[[Mapping[str, str], Sequence[str]], Iterator[str]]
# What no reader of such a file takes for anything else, so that it needs no quotes.
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
# PowerShell closes a string with any of these.
_POWERSHELL_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


def shell(given: Mapping[str, str], unset: Sequence[str]) -> Iterator[str]:
    """For `eval` of any POSIX shell."""
    for name in unset:
        yield f"unset {name}"
    for name, value in given.items():
        quoted = value.replace("'", "'\\''")
        yield f"export {name}='{quoted}'"


def powershell(given: Mapping[str, str], unset: Sequence[str]) -> Iterator[str]:
    """For `Invoke-Expression`."""
    for name in unset:
        yield f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
    for name, value in given.items():
        quoted = _POWERSHELL_QUOTES.sub(r"\g<0>\g<0>", value)
        yield f"$env:{name} = '{quoted}'"


def dotenv(given: Mapping[str, str], unset: Sequence[str]) -> Iterator[str]:
    """For a file, which can set and not remove: `unset` is only told of."""
    for name in unset:
        yield f"# {name} is not to be set"
    for name, value in given.items():
        yield f"{name}={value if _PLAIN.fullmatch(value) else _in_dotenv_quotes(value)}"


def _in_dotenv_quotes(value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    # python-dotenv puts in variables even here and knows no escape: what stands for a variable
    # without a name is its default.
    return "'" + quoted.replace("${", "${:-$}{") + "'"


ASSIGNMENTS: Mapping[Format, Assignments] = {
    "shell": shell,
    "dotenv": dotenv,
    "powershell": powershell,
}


def remarks(
    found: Handover, credential: ProfileSummary | EnvironmentCredential | None
) -> Iterator[str]:
    """What would be set, as lines each of these readers skips; nothing secret is among it."""
    if credential is not None:
        mark = f", fingerprint {credential.fingerprint}" if credential.fingerprint else ""
        for name in found.secret:
            yield f"# {name}: {credential.id}{mark}"
    for name, value in found.plain.items():
        yield f"# {name}: {value}"
    for name in found.unset:
        yield f"# {name}: removed"
