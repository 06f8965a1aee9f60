"""What can be known of an auth profile without its secret: the page every listing reads."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from domain.errors import Changed, Malformed, NotFound
from domain.providers.refs import provider_id
from domain.providers.row import Scheme
from domain.text import did_you_mean, shown

Kind = Literal["api_key", "token", "oauth"]
_PROFILE_NAME = r"[A-Za-z0-9_.@+-]{1,128}"
_RESERVED = ("env", "none")


class ProfileSummary(NamedTuple):
    """What can be known of a profile WITHOUT opening its secret; every listing uses only this.

    A tuple, not a dataclass: `status` makes one for each row it reads, and this costs a third.
    Times are epoch ms. `fingerprint` is 8 hex digits of a keyed hash of the secret.
    `custom_base_url`: the person gave this profile an endpoint of its own. `refreshable`: a newer
    secret is had without a person. `origin`: who keeps the secret, `command` for a program that
    prints it, None for one that is kept here alone.
    """

    id: str
    provider: str
    kind: Kind
    label: str
    base_url: str
    custom_base_url: bool
    scheme: Scheme
    expires_at: int | None
    refreshable: bool
    created_at: int
    updated_at: int
    revision: int
    fingerprint: str
    origin: str | None = None


def profile_id(text: str, provider: str) -> str:
    """The id `provider:name` a person chose; a bare name gets the provider in front.

    Raises Malformed: another provider's id, a reserved name (`env`, `none`), or characters other
    than letters, digits and `_ . @ + -`.
    """
    head, colon, name = text.strip().rpartition(":")
    if colon and provider_id(head) != provider:
        raise Malformed(
            f"a profile of {provider} has an id that starts with {provider}:",
            hint=f"for example {provider}:work",
        )
    if not re.fullmatch(_PROFILE_NAME, name):
        raise Malformed(
            "a profile's name has letters, digits and _ . @ + - only",
            hint=f"for example {provider}:work",
        )
    if name.lower() in _RESERVED:
        raise Malformed(f"the profile name {name} is reserved", hint=f"for example {provider}:work")
    return f"{provider}:{name}"


def named_for(account: str) -> str:
    """The name of a profile of `account`, an e-mail or what else a provider calls it.

    Two accounts never have one name: where it cannot be the account itself, a mark of that follows.
    """
    if not account:
        return "default"
    if re.fullmatch(_PROFILE_NAME, account) and account.lower() not in (*_RESERVED, "default"):
        return account
    import hashlib

    mark = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    name = re.sub(r"[^A-Za-z0-9_.@+-]+", "-", account).strip("-")[:100]
    return f"{name}-{mark}" if name else mark


def unknown_profile(
    id: str, known: Iterable[str], error: type[Malformed] | type[NotFound] = NotFound
) -> Malformed | NotFound:
    """The `error` that says so, with the nearest names. A long word may be a key: it is unshown."""
    return error(
        f"no auth profile{shown(id)}",
        hint=did_you_mean(id, known, "see: aura_intelligence models auth list"),
    )


def changed(id: str) -> Changed:
    """The error of who would write over what he has not read."""
    return Changed(f"{id} was changed by somebody else meanwhile", hint="read it again")
