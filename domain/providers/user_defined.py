"""Providers of one's own: what they may be called, where they may be, what they may read."""

import re
from collections.abc import Iterable

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
        revision=1,
    )
