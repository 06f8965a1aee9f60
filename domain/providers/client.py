"""Whose application signs in at a provider, and where."""

from typing import Literal, NamedTuple

Owner = Literal["official", "own", "borrowed"]
"""Whose the client id is: meant for third parties, the user's own, or another program's."""


class Client(NamedTuple):
    """An OAuth client (RFC 6749) and the endpoints it speaks with.

    Without `authorize_url` there is no sign-in by a browser, without `device_url` none by a device
    code (RFC 8628), without `revoke_url` nothing to revoke at (RFC 7009). `issuer`: its metadata
    says the endpoints that are empty. `redirect_uri` is the one that is registered; empty: a random
    port of 127.0.0.1. `parameters` are sent beside those of the standard when a browser begins.
    `secret_file` is a file that holds the client's secret. `notice` is one sentence for whoever
    borrows it: whose application it is, and what its owner says.
    """

    client_id: str
    token_url: str = ""
    authorize_url: str = ""
    device_url: str = ""
    revoke_url: str = ""
    issuer: str = ""
    scope: str = ""
    redirect_uri: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    secret_file: str = ""
    owner: Owner = "own"
    notice: str = ""
