"""When a credential is too old: static, ok, expiring, expired, missing."""

from collections.abc import Iterable
from typing import Literal

from domain.credentials.profile import Kind
from domain.instants import DAY, MINUTE

Health = Literal["static", "ok", "expiring", "expired", "missing"]
_WORST_FIRST: tuple[Health, ...] = ("missing", "expired", "expiring", "ok", "static")


WARN = DAY
"""How long before its end (ms) a credential that a person must replace by hand is expiring."""
WARN_REFRESHABLE = 5 * MINUTE
"""The same of a grant that refreshes itself."""


def health_of(kind: Kind, expires_at: int | None, refreshable: bool, now: int) -> Health:
    """`expires_at` and `now` are epoch ms. An OAuth grant without an expiry is `missing`."""
    if expires_at is None:
        return "missing" if kind == "oauth" else "static"
    if expires_at <= now:
        return "expired"
    margin = WARN_REFRESHABLE if refreshable else WARN
    return "expiring" if expires_at - now <= margin else "ok"


def margin_of(wanted: int, expires_at: int | None, obtained_at: int) -> int:
    """How long before its end (ms) a grant is refreshed: `wanted`, or a tenth of its life where
    `wanted` is nearly all of it. Else one that lives shorter would be refreshed at every use.
    """
    life = expires_at - obtained_at if expires_at is not None else 0
    return max(life // 10, 0) if wanted * 10 > life * 9 else wanted


def worst_of(healths: Iterable[Health]) -> Health:
    """The one to report for a group; `missing` for an empty one."""
    seen = frozenset(healths)
    return next((health for health in _WORST_FIRST if health in seen), "missing")
