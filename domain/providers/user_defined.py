"""Providers of one's own: what they may be called, where they may be, what they may read."""

import re
from collections.abc import Iterable

from domain.errors import Malformed
from domain.providers.client import Client
from domain.providers.endpoints import base_url as endpoint
from domain.providers.refs import label_of
from domain.providers.row import Dialect, Provider, env_name, scheme_for

# What services other than those of models call the variables of their secrets.
_OTHER_SERVICES = re.compile(
    r"(AWS|AMAZON|ARM|GH|GITHUB|GITLAB|BITBUCKET|CI|NPM|NODE|YARN|PYPI|TWINE|CARGO|GEM|DOCKER|QUAY"
    r"|SSH|GPG|PGP|DATABASE|DB|POSTGRES|PG|MYSQL|REDIS|MONGO|ELASTIC|SNOWFLAKE|HEROKU|NETLIFY|FLY"
    r"|DIGITALOCEAN|DO|LINODE|HCLOUD|CF|CLOUDFLARE|KUBE|VAULT|CONSUL|TF|TERRAFORM|PULUMI|STRIPE"
    r"|PAYPAL|SQUARE|SLACK|DISCORD|TELEGRAM|TWILIO|SENDGRID|MAILGUN|SENTRY|DATADOG|DD|NEWRELIC"
    r"|JIRA|ATLASSIAN|NOTION|LINEAR|FIREBASE|SUPABASE|GCP|GOOGLE_APPLICATION|DJANGO|RAILS|FLASK"
    r"|JWT|SESSION|SIGNING|ENCRYPTION|PRIVATE|SECRET|MASTER)_\w*|\w*(SECRET|PRIVATE|PASSWORD)\w*"
)


def of_another_service(name: str) -> bool:
    """Whether the variable `name` is, by its name, no key of a provider of models."""
    return _OTHER_SERVICES.fullmatch(name) is not None


def own_provider(
    id: str,
    *,
    label: str | None,
    base_url: str,
    dialect: Dialect,
    env: Iterable[str],
    allow_http: bool,
    others: Iterable[Provider] = (),
    client: Client | None = None,
) -> Provider:
    """The row of an endpoint of the user's own, not signed yet; `id` is canonical.

    `others` are the providers whose variables it may not read. Raises Malformed, Refused.
    """
    known = tuple(others)
    return Provider(
        id=id,
        label=label_of(label or id),
        base_url=endpoint(base_url, allow_http=allow_http),
        dialect=dialect,
        env_names=tuple(env_name(text, known) for text in env),
        scheme=scheme_for(dialect, "api_key"),
        check_proves=False,
        allow_http=allow_http,
        source="user",
        client=client,
        revision=1,
    )


def own_client(
    *,
    client_id: str = "",
    issuer: str = "",
    device_url: str = "",
    token_url: str = "",
    authorize_url: str = "",
    revoke_url: str = "",
    scope: str = "",
    secret_file: str = "",
) -> Client:
    """The application of a user's own that signs in at a provider of theirs; empty: not given.

    `secret_file` is a path, and is not looked at. Raises Malformed.
    """
    if not re.fullmatch(r"[!-~]{1,200}", client_id):
        raise Malformed(
            "to sign in takes a client id, of 1 to 200 visible ASCII characters",
            hint="give the id your application is registered with",
        )
    _refuse_odd_endpoints(issuer, device_url, token_url, authorize_url)
    if secret_file and not (secret_file.startswith("/") and secret_file.isprintable()):
        raise Malformed(
            "the file of the client's secret is no absolute path", hint="begin it with / or ~/"
        )
    return Client(
        client_id,
        token_url=_sign_in_url("token URL", token_url),
        authorize_url=_sign_in_url("authorize URL", authorize_url),
        device_url=_sign_in_url("device URL", device_url),
        revoke_url=_sign_in_url("revoke URL", revoke_url),
        issuer=_sign_in_url("issuer", issuer),
        scope=_scope(scope),
        secret_file=secret_file,
    )


def _refuse_odd_endpoints(issuer: str, device: str, token: str, authorize: str) -> None:
    """Raises Malformed: what an issuer says, nobody else does, and who has a code asks for more."""
    if issuer and (device or token or authorize):
        raise Malformed(
            "an issuer says its own device, token and authorize URLs",
            hint="give --oauth-issuer, or the URLs",
        )
    if not issuer and not (token and (device or authorize)):
        raise Malformed(
            "to sign in takes an issuer, or a token URL with a device or an authorize URL",
            hint="give --oauth-issuer URL, or --token-url URL with --device-url or --authorize-url",
        )


def _sign_in_url(name: str, text: str) -> str:
    """`text` by the rules of base URLs; its last slash stays: an issuer is compared as it is."""
    text = text.strip()
    try:
        return endpoint(text) + "/" * (len(text) - len(text.rstrip("/"))) if text else ""
    except Malformed:
        raise Malformed(
            f"the {name} is no address to sign in at",
            hint="write it as https://host/path, without a user name or a query "
            "(http only for localhost, 127.0.0.1 or [::1])",
        ) from None


def _scope(text: str) -> str:
    """Words as RFC 6749, 3.3 has them, one space between two. Raises Malformed."""
    words = text.split()
    if not all(re.fullmatch(r"[!#-\[\]-~]+", word) for word in words):
        raise Malformed(
            "a scope is words of printable ASCII, without quotes and backslashes",
            hint='for example "openid offline_access"',
        )
    return " ".join(words)
