"""How an own provider is signed in at, as a plain document that travels or is shown."""

from domain.handover.documents import Document, refuse_unknown, table_of, text_of
from domain.providers.client import Client
from domain.providers.user_defined import own_client

# Fields of a client, and what `--json` calls them.
_FIELDS = {
    "client_id": "clientId",
    "issuer": "issuer",
    "device_url": "deviceUrl",
    "authorize_url": "authorizeUrl",
    "token_url": "tokenUrl",
    "revoke_url": "revokeUrl",
    "secret_file": "clientSecretFile",
    "scope": "scope",
}


def sign_in_table(client: Client) -> dict[str, str]:
    """What is exported of `client`; what is empty is absent."""
    return {name: getattr(client, name) for name in _FIELDS if getattr(client, name)}


def sign_in_of(value: object) -> Client:
    """The client that such a table says. Raises Malformed."""
    table: Document = table_of(value)
    refuse_unknown(table, _FIELDS, " of a sign-in")
    return own_client(**{name: text_of(text) for name, text in table.items()})


def sign_in_json(client: Client | None) -> dict[str, str | None] | None:
    """What `--json` says of `client`; its secret is in the file, and nowhere else."""
    if client is None:
        return None
    return {key: getattr(client, name) or None for name, key in _FIELDS.items()}
