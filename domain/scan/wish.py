"""What a person wants of a scan, and what the provider lets one ask."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from domain.errors import Malformed

OPENROUTER = "openrouter"
MOST = {
    "--max-candidates": 50,
    "--timeout": 3_600_000,
    "--concurrency": 64,
    "--max-age-days": 36_500,
    "--min-params": 1_000_000,
}


# Without slots, so that a command shows the same figures in its help.
@dataclass(frozen=True)
class Wish:
    """Of which models, how many, and how. `source` is the id of the provider that is asked.

    `min_params` is in billions and `max_age` in days: 0 asks for nothing. `maker` is what stands
    before the first slash of a model's name, or None. `timeout` is that of one request, in ms.
    """

    source: str = OPENROUTER
    min_params: float = 0.0
    max_age: int = 0
    maker: str | None = None
    candidates: int = 6
    timeout: int = 12_000
    concurrency: int = 3

    @property
    def settings(self) -> dict[str, Any]:
        return asdict(self)

    def checked(self) -> Self:
        """Itself. Raises Malformed for what is out of range, and for a maker without a name."""
        if self.maker is not None and not self.maker.strip():
            raise Malformed("--provider names nobody", hint="name one, or leave it out")
        for option, value, least in (
            ("--max-candidates", self.candidates, 1),
            ("--timeout", self.timeout, 1),
            ("--concurrency", self.concurrency, 1),
            ("--max-age-days", self.max_age, 0),
            ("--min-params", self.min_params, 0),
        ):
            if not least <= value <= MOST[option]:
                hint = f"a number from {least} to {MOST[option]}"
                raise Malformed(f"{option} {value:g} is out of range", hint=hint)
        return self


class Allowance(NamedTuple):
    """How many requests a provider lets one send: in a minute (None: as many as one likes), and
    what else it says of that, for a person.
    """

    per_minute: int | None = None
    more: str = ""


_ALLOWED = {
    OPENROUTER: Allowance(20, "of free models also 50 a day, 1000 once 10 credits were bought"),
}


def allowance(provider: str) -> Allowance:
    return _ALLOWED.get(provider, Allowance())


class Pace:
    """When the next request may be sent: never more than `most` in a minute, none while the
    provider wants to be left alone. Moments are ms of whatever clock the caller reads.

    A request counts from when it was answered: nobody knows when it arrived before that.
    """

    def __init__(self, most: int | None, before: Iterable[int] = (), minute: int = 60_000) -> None:
        """`before`: when requests of an earlier scan were answered."""
        self._most, self._minute = most, minute
        self._moments = [*before]
        self._shut_until = 0

    def wait(self, now: int) -> int:
        """How long still, in ms; at 0 it may be sent, and `sent` is to be told at once."""
        free = self._shut_until
        if self._most and len(self._moments) >= self._most:
            free = max(free, sorted(self._moments)[-self._most] + self._minute)
        return max(0, free - now)

    def sent(self, now: int) -> None:
        self._moments.append(now)

    def answered(self, sent: int, now: int) -> None:
        """That of `sent` was answered, or given up."""
        self._moments.remove(sent)
        self._moments.append(now)

    def shut(self, until: int) -> None:
        """Nothing is sent before `until`."""
        self._shut_until = max(self._shut_until, until)
