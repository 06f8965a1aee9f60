"""What the sign-ins share: a request with its secrets, and the reply to it in our own words."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from application.ports.network import Flow, Request
from domain.answers.reading import parse
from domain.credentials.grants import oauth_error
from domain.errors import SignInFailed

_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
_SECRET = ("client_secret", "code", "code_verifier", "device_code", "refresh_token", "token")


class Reply(NamedTuple):
    """A reply of `host`. `document` is None unless it is a JSON object; `error` is what it says of
    an error, its code and its description.
    """

    host: str
    status: int
    document: Mapping[str, object] | None
    error: tuple[str, str] | None

    @property
    def code(self) -> str:
        return self.error[0] if self.error else ""

    @property
    def is_trouble(self) -> bool:
        """Whether it says nothing of what was asked: too many requests, a server that fails."""
        return self.status in (408, 429) or self.status >= 500

    @property
    def good(self) -> Mapping[str, object]:
        """The document of a good reply. Raises SignInFailed for any other."""
        if self.document is None or self.error or not 200 <= self.status < 300:
            raise SignInFailed(self.refusal)
        return self.document

    @property
    def refusal(self) -> str:
        """One line for a person."""
        if self.error is None:
            what = "" if self.document is not None else ", and no JSON object"
            return f"{self.host} answered with HTTP {self.status}{what}"
        said = " ".join(filter(None, (self.code, self.error[1] and f"({self.error[1]})")))
        return f"{self.host} refused: {said or f'HTTP {self.status}'}"


def asked(request: Request, secrets: Iterable[str] = ()) -> Flow[Reply]:
    """The reply to `request`; none of `secrets` is in its words."""
    response = yield request
    document = parse(response.body)
    return Reply(
        urlsplit(request.url).hostname or "",
        response.status,
        document if isinstance(document, dict) else None,
        oauth_error(document, secrets),
    )


def posted(url: str, fields: Mapping[str, str]) -> Flow[Reply]:
    """The reply to the form of `fields` (RFC 6749, appendix B); an empty field is left out."""
    sent = _filled(fields)
    secrets = [value for name, value in sent.items() if name in _SECRET]
    return asked(Request("POST", url, _FORM, urlencode(sent).encode()), secrets)


def with_query(url: str, fields: Mapping[str, str]) -> str:
    """`url` with `fields` in its query, which keeps what else it has (RFC 6749, 3.1)."""
    parts, sent = urlsplit(url), _filled(fields)
    own = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in sent]
    query = urlencode([*own, *sent.items()], quote_via=quote)
    return parts._replace(query=query, fragment="").geturl()


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
