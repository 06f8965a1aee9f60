"""Which records are asked for, in the words of the command line."""

import binascii
from typing import NamedTuple, TypeVar

from domain.answers.outcome import Outcome
from domain.errors import Malformed
from domain.instants import iso, moment
from domain.journal.blame import BLAMES, OUTCOMES
from domain.journal.records import KINDS, HistoryQuery
from domain.providers.refs import provider_id
from domain.text import did_you_mean, shown
from entrypoints.cli.show import render

T = TypeVar("T")
_LARGEST_PAGE, _LARGEST = 1000, 10**9


class Asked(NamedTuple):
    """The filters of `models history`, as they were said.

    Parameters
    ----------
    provider
        Only this provider.
    profile
        Only this credential: a profile's id, or PROVIDER:env:NAME.
    model
        Only this model: its own name, or provider/model.
    outcome
        Only these outcomes: ok, auth, rate_limit, …; several with a comma.
    blame
        Only outcomes by this fault: good, provider, mine, throttled, here.
    kind
        Only these kinds: probe, use, handout, scan, login, cleared.
    since
        Only what began then or later: 7d, 2026-11-01, 2026-11-01T08:30, yesterday.
    until
        Only what began before.
    """

    provider: str | None = None
    profile: str | None = None
    model: str | None = None
    outcome: str | None = None
    blame: str | None = None
    kind: str | None = None
    since: str | None = None
    until: str | None = None

    def query(self, now: int, *, of: str, limit: int, before: str | None) -> HistoryQuery:
        """What they mean at `now` (epoch ms), from the page on that a cursor of command `of`
        tells. Raises Malformed.
        """
        since, until = span_of(self.since, self.until, now)
        query = HistoryQuery(
            provider=provider_id(self.provider) if self.provider is not None else None,
            profile=self.profile,
            model=self.model,
            outcomes=self._outcomes(),
            limit=limit,
            kinds=_known("kind", self.kind, KINDS),
            since=since,
            until=until,
        )
        return query if before is None else query._replace(before=self._place(of, before))

    def cursor(self, of: str, id: int) -> str:
        """Where the page after the record `id` begins; it holds for the same question only."""
        return (id.to_bytes(8, "big", signed=True) + self._mark(of)).hex()

    def _place(self, of: str, cursor: str) -> int:
        try:
            raw = bytes.fromhex(cursor) if len(cursor) == 24 else b""
        except ValueError:
            raw = b""
        if not raw:
            raise Malformed("--before takes a nextCursor of an earlier page", hint="see: --json")
        if raw[8:] != self._mark(of):
            raise Malformed(
                "that cursor is of another question",
                hint="repeat the options of the page it comes from; --limit may differ",
            )
        return int.from_bytes(raw[:8], "big", signed=True)

    def _mark(self, of: str) -> bytes:
        said = repr((of, self.provider and provider_id(self.provider), *self[1:]))
        return binascii.crc32(said.encode("utf-8", "surrogatepass")).to_bytes(4, "big")

    def _outcomes(self) -> tuple[Outcome, ...]:
        outcomes = _known("outcome", self.outcome, tuple(Outcome))
        blames = _known("blame", self.blame, BLAMES)
        of_blame = tuple(outcome for blame in blames for outcome in OUTCOMES[blame])
        both = tuple(outcome for outcome in outcomes if outcome in of_blame)
        if outcomes and blames and not both:
            raise Malformed(
                "no outcome that --outcome names is of that --blame", hint="say one of them"
            )
        return both or outcomes or of_blame


ALL = Asked()


def span_of(since: str | None, until: str | None, now: int) -> tuple[int | None, int | None]:
    """Both moments, epoch ms. Raises Malformed for a span that cannot have begun, or has no end."""
    first = moment(since, now) if since is not None else None
    last = moment(until, now) if until is not None else None
    if first is not None and first > now:
        raise Malformed("--since is in the future", hint="write 7d, 2026-11-01 or yesterday")
    if first is not None and last is not None and first >= last:
        raise Malformed(
            "--since is not before --until", hint="a day that --until names is not included"
        )
    return first, last


def refuse_limit(limit: int, *, streamed: bool) -> None:
    """Raises Malformed where `limit` is none; what is not `streamed` is one table."""
    largest = _LARGEST if streamed else _LARGEST_PAGE
    if not 1 <= limit <= largest:
        more = "" if streamed else "; more with --jsonl, --csv, --json or --plain"
        raise Malformed(
            f"--limit {limit} is out of range", hint=f"a whole number from 1 to {largest}{more}"
        )


def note_pruned(until: int, since: int | None, what: str) -> None:
    """Says of records that began before `until` (epoch ms) that they may be gone, if they are
    asked for, and `what` that means.
    """
    if until > (since or 0):
        render.note(f"records from before {iso(until)} may be pruned", what)


def _known(name: str, said: str | None, known: tuple[T, ...]) -> tuple[T, ...]:
    """`a,b` as those of `known`, each once. Raises Malformed for another name, and for none."""
    if said is None:
        return ()
    by_name = {str(each): each for each in known}
    named = [part.strip() for part in said.split(",")]
    for part in named:
        if part not in by_name:
            one_of = f"one of: {', '.join(by_name)}"
            raise Malformed(
                f"unknown {name}{shown(part)}", hint=did_you_mean(part, by_name, one_of)
            )
    return tuple(dict.fromkeys(by_name[part] for part in named))
