"""Where a secret may come from: a variable, a file, standard input, a hidden prompt."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from application.ports import Prompter
from domain.errors import Malformed

_LARGEST_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class SecretSources:
    prompter: Prompter
    environ: Mapping[str, str]

    def read(
        self,
        question: str,
        *,
        from_env: str | None,
        from_file: Path | None,
        stdin: bool,
        instead: str,
        no_input: bool = False,
    ) -> str:
        """The text of the one source that was named, else of a hidden prompt. Raises Malformed."""
        if sum((from_env is not None, from_file is not None, stdin)) > 1:
            raise Malformed(
                "--from-env, --from-file and --stdin exclude each other", hint="choose one"
            )
        if from_env is not None:
            if not self.environ.get(from_env, "").strip():
                raise Malformed("the variable named by --from-env is not set", hint="export it")
            return self.environ[from_env]
        if from_file is not None:
            return _file(from_file)
        if stdin:
            return self.read_any(question, instead=instead, no_input=no_input)
        refuse_to_ask(no_input, instead)
        return self.prompter.ask_secret(question, instead=instead)

    def read_any(self, question: str, *, instead: str, no_input: bool = False) -> str:
        """A pipe is read to its end; at a terminal the question is asked, hidden."""
        if self.prompter.is_terminal:
            refuse_to_ask(no_input, instead)
            return self.prompter.ask_secret(question, instead=instead)
        return self.prompter.read_all(instead=instead)


def refuse_to_ask(no_input: bool, instead: str) -> None:
    """Raises Malformed where a question is due and none is wanted."""
    if no_input:
        raise Malformed("--no-input: nothing is asked", hint=f"use: {instead}")


def _file(path: Path) -> str:
    try:
        # Not blocking: a pipe somebody forgot to write to would hang for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as failure:
        reason = os.strerror(failure.errno or 0)
        raise Malformed("the file of --from-file cannot be read", hint=reason) from None
    if len(content or b"") > _LARGEST_FILE:
        raise Malformed(
            "the file of --from-file is too large to be a credential", hint="name another file"
        )
    try:
        return (content or b"").decode()
    except UnicodeDecodeError:
        raise Malformed("the file of --from-file is not text", hint="name another file") from None
