"""What the exit codes mean. A command gives some of them itself: what it did in part is kept."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.errors import AuraError

UNAVAILABLE = 69
INTERRUPTED = 130
# 1 and 2 are also what `--check` answers.
EXIT_CODES = {
    "Refused": 1,
    "Malformed": 64,
    "Unavailable": UNAVAILABLE,
    "bug": 70,
    "NotStarted": 126,
    "ProgramMissing": 127,
    "interrupted": INTERRUPTED,
}


def code_of(error: "AuraError") -> int:
    """The exit code of the nearest of its families that has one."""
    families = (kind.__name__ for kind in type(error).__mro__)
    return next(EXIT_CODES[name] for name in families if name in EXIT_CODES)
