"""When a credential is too old: static, ok, expiring, expired, missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from domain.credentials.profile import Kind
from domain.instants import DAY, MINUTE

Health = Literal["static", "ok", "expiring", "expired", "missing"]
_WORST_FIRST: tuple[Health, ...] = ("missing", "expired", "expiring", "ok", "static")


@dataclass(frozen=True, slots=True)
class ExpiryPolicy:
    """How long before its end a credential counts as expiring, in ms.

    A day for what a person must replace by hand; five minutes for a grant that refreshes itself.
    """

    warn: int = DAY
    warn_refreshable: int = 5 * MINUTE

    def health(self, kind: Kind, expires_at: int | None, refreshable: bool, now: int) -> Health:
        """`expires_at` and `now` are epoch ms. An OAuth grant without an expiry is `missing`."""
        if expires_at is None:
            return "missing" if kind == "oauth" else "static"
        if expires_at <= now:
            return "expired"
        margin = self.warn_refreshable if refreshable else self.warn
        return "expiring" if expires_at - now <= margin else "ok"


def worst_of(healths: Iterable[Health]) -> Health:
    """The one to report for a group; `missing` for an empty one."""
    seen = frozenset(healths)
    return next((health for health in _WORST_FIRST if health in seen), "missing")
