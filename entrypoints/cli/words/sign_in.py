"""How an own provider is signed in at: the options that say it, and how it is shown."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from domain.providers.client import Client
from domain.providers.user_defined import own_client


@dataclass(frozen=True, slots=True)
class SignIn:
    """The options of an own provider's application; what is None was not given."""

    oauth_issuer: Annotated[
        str | None, Parameter(help="Who signs in there; its metadata says the URLs.")
    ] = None
    device_url: Annotated[str | None, Parameter(help="Where a device code is asked for.")] = None
    authorize_url: Annotated[str | None, Parameter(help="The page a browser begins with.")] = None
    token_url: Annotated[str | None, Parameter(help="Where a grant is got and refreshed.")] = None
    revoke_url: Annotated[str | None, Parameter(help="Where a grant is given back.")] = None
    client_id: Annotated[
        str | None, Parameter(help="The id your application is registered with there.")
    ] = None
    client_secret_file: Annotated[
        Path | None, Parameter(help="The file that holds its secret, if it has one.")
    ] = None
    scope: Annotated[str | None, Parameter(help="What a grant is asked for, in words.")] = None

    def client(self) -> Client:
        """Raises Malformed."""
        given = {name: text or "" for name, text in asdict(self).items()}
        file = given.pop("client_secret_file")
        issuer = given.pop("oauth_issuer")
        return own_client(**given, issuer=issuer, secret_file=_expanded(file))


def _expanded(path: Path | str) -> str:
    try:
        return str(Path(path).expanduser()) if path else ""
    except RuntimeError:
        # A user nobody knows: it stays as it is, and is no absolute path.
        return str(path)


def sign_in_lines(client: Client | None) -> list[tuple[str, str]]:
    """What is known of it for people: a name and a value each."""
    if client is None:
        return []
    told = [
        ("Client ID", client.client_id),
        ("Issuer", client.issuer),
        ("Device", client.device_url),
        ("Authorize", client.authorize_url),
        ("Token", client.token_url),
        ("Revoke", client.revoke_url),
        ("Secret in", client.secret_file),
        ("Scope", client.scope),
    ]
    return [(name, value) for name, value in told if value]
