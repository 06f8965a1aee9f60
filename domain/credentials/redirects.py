"""What a browser brings back from a sign-in, or a person pastes."""

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from domain.errors import SignInFailed
from domain.text import foreign

_LONGEST = 16_384
# Around what is pasted, and where a terminal or a mail folded it.
_QUOTES = "'\"`<>“”‘’"


class Answer(NamedTuple):
    """The parameters of a redirect (RFC 6749 4.1.2); empty where they are not there."""

    code: str = ""
    state: str = ""
    error: str = ""
    description: str = ""


def answer_of(query: str) -> Answer:
    """What the query of a redirect says; a parameter that is there twice says nothing."""
    try:
        told = parse_qs(query, max_num_fields=50)
    except ValueError:
        return Answer()
    once = {name: values[0] for name, values in told.items() if len(values) == 1}
    return Answer(
        once.get("code", ""),
        once.get("state", ""),
        once.get("error", ""),
        once.get("error_description", ""),
    )


def pasted_answer(text: str) -> Answer:
    """The same of what a person pasted: the whole address, its query, or `code#state`."""
    joined = "".join(text.split()).strip(_QUOTES)
    if len(joined) > _LONGEST:
        return Answer()
    if "code=" in joined or "error=" in joined:
        try:
            parts = urlsplit(joined)
        except ValueError:
            return Answer()
        return answer_of(parts.query or parts.fragment or joined.lstrip("?#"))
    code, _, state = joined.partition("#")
    return Answer(code, state)


def code_of(answer: Answer, state: str) -> str:
    """The code of `answer`. Raises SignInFailed unless it carries `state`, and a code."""
    import hmac

    if not hmac.compare_digest(answer.state.encode(), state.encode()):
        raise SignInFailed(
            "what came back is not the answer to this sign-in: its state is another",
            hint="nothing was saved; begin again",
        )
    if answer.error:
        said = foreign(answer.description or answer.error, ())
        raise SignInFailed(f"the provider refused the sign-in: {said}", hint="nothing was saved")
    if not answer.code or len(answer.code) > _LONGEST or not answer.code.isprintable():
        raise SignInFailed("there is no code in that answer", hint="nothing was saved")
    return answer.code
