"""Whose fault an outcome is: what every figure of the history is made of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from domain.answers.outcome import Outcome

Blame = Literal["good", "provider", "mine", "throttled", "here"]
BLAMES: tuple[Blame, ...] = get_args(Blame)
_OUTCOMES: dict[Blame, tuple[Outcome, ...]] = {
    "good": (Outcome.OK,),
    "provider": (Outcome.OVERLOADED, Outcome.PROVIDER_ERROR, Outcome.TIMEOUT),
    "mine": (
        Outcome.AUTH,
        Outcome.EXPIRED,
        Outcome.BILLING,
        Outcome.QUOTA,
        Outcome.PERMISSION,
        Outcome.NO_MODEL,
    ),
    "throttled": (Outcome.RATE_LIMIT,),
    "here": (Outcome.NETWORK, Outcome.CANCELLED, Outcome.UNREADABLE, Outcome.FORMAT),
}
OUTCOMES: Mapping[Blame, tuple[Outcome, ...]] = MappingProxyType(_OUTCOMES)
"""What each blame is made of. An intent cut short and a clearing have none: nothing was learned."""
BLAME_OF: Mapping[str, Blame] = MappingProxyType(
    {outcome.value: blame for blame, outcomes in OUTCOMES.items() for outcome in outcomes}
)
FAILURES: frozenset[str] = frozenset(
    outcome for outcome, blame in BLAME_OF.items() if blame not in ("good", "here")
)
"""Outcomes that count against somebody."""
NO_REQUESTS = ("handout", "login", "cleared")
"""Kinds of records of which no figure is made: nothing was asked."""
