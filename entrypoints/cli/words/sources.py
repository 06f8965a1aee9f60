"""Where a secret may come from: a variable, a file, standard input, a hidden prompt."""

import os
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from application.ports.people import Prompter
from domain.errors import Malformed
from entrypoints.cli.show import render

T = TypeVar("T")

_LARGEST_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class SecretSources:
    prompter: Prompter
    environ: Mapping[str, str]

    def read(
        self,
        question: str,
        made: Callable[[str], T],
        *,
        from_env: str | None,
        from_file: Path | None,
        stdin: bool,
        instead: str,
        no_input: bool = False,
        docs_url: str | None = None,
    ) -> T:
        """What `made` makes of the one source that was named, else of a hidden prompt, before which
        `docs_url` is shown. Raises Malformed.
        """
        if sum((from_env is not None, from_file is not None, stdin)) > 1:
            raise Malformed(
                "--from-env, --from-file and --stdin exclude each other", hint="choose one"
            )
        if from_env is not None:
            if not self.environ.get(from_env, "").strip():
                raise Malformed("the variable named by --from-env is not set", hint="export it")
            return made(self.environ[from_env])
        if from_file is not None:
            return made(_file(from_file))
        if stdin and not self.prompter.is_terminal:
            return made(self.prompter.read_all(instead=instead))
        refuse_to_ask(no_input, instead)
        if docs_url and self.prompter.is_terminal:
            render.note(f"get one at {docs_url}")
        return self._asked(question, made, instead)

    def read_any(
        self, question: str, made: Callable[[str], T], *, instead: str, no_input: bool = False
    ) -> T:
        """A pipe is read to its end; at a terminal the question is asked, hidden."""
        if not self.prompter.is_terminal:
            return made(self.prompter.read_all(instead=instead))
        refuse_to_ask(no_input, instead)
        return self._asked(question, made, instead)

    def _asked(self, question: str, made: Callable[[str], T], instead: str) -> T:
        """Asks again where `made` refuses."""
        while True:
            text = self.prompter.ask_secret(question, instead=instead)
            try:
                return made(text)
            except Malformed as wrong:
                render.note(str(wrong), wrong.hint)


def refuse_to_ask(no_input: bool, instead: str) -> None:
    """Raises Malformed where a question is due and none is wanted."""
    if no_input:
        raise Malformed("--no-input: nothing is asked", hint=f"use: {instead}")


def _file(path: Path) -> str:
    what = "the file of --from-file"
    content = _content(path, what, _LARGEST_FILE)
    if len(content) > _LARGEST_FILE:
        raise Malformed(f"{what} is too large to be a credential", hint="name another file")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Malformed(f"{what} is not text", hint="name another file") from None


def whole_text(path: Path, most: int) -> str:
    """A regular file of at most `most` bytes, or standard input where `path` is `-`, as text.

    Raises Malformed.
    """
    piped = str(path) == "-"
    what = "standard input" if piped else "the file"
    content = _piped(most) if piped else _content(path, what, most, regular=True)
    if len(content) > most:
        raise Malformed(f"{what} is larger than {most // 1024} KiB", hint="name another file")
    try:
        # Editors of other systems put a mark in front.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed(f"{what} is not text", hint="it must be UTF-8") from None


def _content(path: Path, what: str, most: int, *, regular: bool = False) -> bytes:
    """The first bytes of a file, one more than `most` where there are more. Raises Malformed."""
    try:
        # Not blocking: a pipe somebody forgot to write to would hang for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            content = file.read(most + 1) if is_regular or not regular else None
    except (OSError, ValueError) as failure:
        reason = os.strerror(getattr(failure, "errno", 0) or 0)
        raise Malformed(f"{what} cannot be read", hint=reason) from None
    if regular and not is_regular:
        raise Malformed(f"{what} is not a regular file", hint="for standard input, write -")
    return content or b""


def _piped(most: int) -> bytes:
    hint = "name a file"
    if sys.stdin is None or sys.stdin.closed:
        raise Malformed("standard input is closed", hint=hint)
    try:
        return sys.stdin.buffer.read(most + 1)
    except (OSError, ValueError):
        raise Malformed("standard input cannot be read", hint=hint) from None
