"""A mask for text that comes in pieces: known secrets leave it, wherever the pieces are cut."""

from collections.abc import Iterable, Iterator

from domain.text import REDACTED, forms

Span = tuple[int, int]


class StreamMask:
    """Text goes in by `feed` and comes out without any of `secrets`, each `[redacted]`.

    A secret is found whole, in either case and in every form of `domain.text.forms`. What comes
    out does not depend on how the text was cut. Only what may yet become a secret is held back.
    Bytes go through as latin-1. The time it takes grows with the text alone.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {_lowered(form) for secret in secrets for form in forms(secret)}
        self._needles = [_Needle(form) for form in sorted(found)]
        self._held = ""
        # Where secrets are in what is held; one that was already told of begins before it.
        self._spans: list[Span] = []

    def feed(self, text: str) -> str:
        """What can be told of `text` and of what was held back before it."""
        lowered, before = _lowered(text), len(self._held)
        self._held += text
        for needle in self._needles:
            ends = needle.ends(lowered)
            self._spans += [(before + end - needle.size, before + end) for end in ends]
        return self._released(len(self._held) - max((n.matched for n in self._needles), default=0))

    def finish(self) -> str:
        """The rest; the next text is another one."""
        rest = self._released(len(self._held))
        for needle in self._needles:
            needle.matched = 0
        self._spans = []
        return rest

    def _released(self, until: int) -> str:
        out, at, later = [], 0, []
        for begin, end in _merged(self._spans):
            if begin < until:
                if begin >= 0:
                    out += [self._held[at:begin], REDACTED]
                at = end
            if end > until:
                later.append((begin - until, end - until))
        out.append(self._held[at:until])
        self._held, self._spans = self._held[until:], later
        return "".join(out)


class _Needle:
    """One form of a secret, looked for as Knuth, Morris and Pratt do.

    `matched` is how much of its beginning the text so far ends with.
    """

    def __init__(self, form: str) -> None:
        self.size = len(form)
        self.matched = 0
        self._form = form
        # For each length of a beginning of the form, that of the longest one it ends with.
        self._shorter = [0] * (self.size + 1)
        for size in range(2, self.size + 1):
            self._shorter[size] = self._step(self._shorter[size - 1], form[size - 1])

    def ends(self, text: str) -> Iterator[int]:
        """Where in `text` an occurrence ends."""
        at = 0
        while at < len(text):
            if not self.matched:
                at = self._leap(text, at)
            if at < len(text):
                self.matched = self._step(self.matched, text[at])
                at += 1
            if self.matched == self.size:
                yield at
                self.matched = self._shorter[self.size]

    def _leap(self, text: str, at: int) -> int:
        """The next place worth a look: a whole occurrence, else what may begin at the end."""
        found = text.find(self._form, at)
        if found < 0:
            found = text.find(self._form[0], max(at, len(text) - self.size + 1))
        return found if found >= 0 else len(text)

    def _step(self, matched: int, char: str) -> int:
        while matched and self._form[matched] != char:
            matched = self._shorter[matched]
        return matched + 1 if self._form[matched] == char else 0


def _lowered(text: str) -> str:
    """`text` with ASCII letters in lower case; nothing else moves."""
    if text.isascii():
        return text.lower()
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order, those that overlap as one."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
