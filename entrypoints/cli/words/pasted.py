"""Words of the command line that may be a pasted key: refused, and never repeated."""

import re
from collections.abc import Iterable

from domain.errors import Malformed

# What providers put in front of their keys, then a run that no name of a model has.
_KEY_SHAPED = (
    r"\bsk-(?:ant|or|proj|svcacct|admin|None)-[\w-]{12,}"
    r"|\b(?:sk|rk|pk|gsk|csk|xai|pplx|hf|gh[opsur]|tgp_v1|nvapi|github_pat)[-_][A-Za-z0-9_]{20,}"
    r"|\bAIza[\w-]{30,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}"
    r"|\bya29\.[\w-]{20,}"
)
# A whole word of one run; a run's id, 32 hex digits, is no key.
_RANDOM = r"(?=.*[0-9])(?=.*[A-Za-z])(?![0-9a-f]{32}$)[A-Za-z0-9]{32,}"
# In front of what is no secret, and at some providers one run all the same.
_PUBLIC = ("--client-id", "client_id")
# No key is shorter, and an ordinary line has no such word: the patterns are not even compiled.
_SHORTEST_KEY = 16


def refuse_pasted(words: Iterable[str]) -> None:
    """Raises Malformed if one of `words` is shaped like a credential, wherever it stands."""
    before = ""
    for word in words:
        if word == "--":
            return
        if looks_like_a_key(word, before):
            raise Malformed(
                "a word of this line looks like a credential; it was not used",
                hint="give secrets by --stdin, --from-env or --from-file; other users and your "
                "shell's history can see that one, so revoke it",
            )
        before = word


def looks_like_a_key(word: str, before: str = "") -> bool:
    """Whether `word`, or the value it gives an option, is shaped like a credential. `before` is
    the word in front of it.
    """
    if len(word) < _SHORTEST_KEY:
        return False
    if re.search(_KEY_SHAPED, word):
        return True
    option, _, value = word.rpartition("=") if word.startswith("--") else (before, "", word)
    return option not in _PUBLIC and bool(re.fullmatch(_RANDOM, value.rpartition(":")[2]))
