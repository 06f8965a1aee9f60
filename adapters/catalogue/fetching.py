"""How a catalogue of the shape of models.dev's is asked for, and what becomes of the answer."""

from urllib.parse import urlsplit

from adapters.catalogue.fetched import FetchedCatalogue
from adapters.catalogue.packing import packed, text_of
from adapters.catalogue.snapshot import Snapshot, bundled
from application.ports.lists import FetchesCatalogue
from application.ports.network import Flow, Request
from domain.answers.reading import parse
from domain.errors import Malformed, Unavailable
from domain.instants import DAY, iso
from domain.providers.row import is_loopback_url
from domain.selection.catalogue import FETCHED, merged, ranked
from domain.selection.live_lists import catalogued_rows

_LARGEST = 32 * 1024 * 1024
_LONGEST_ETAG = 200


def checked(url: str) -> str:
    """`url`, which no secret is sent to, and nothing by a network that others read. Raises
    Malformed, without repeating it.
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or is_loopback_url(url)
    if not (url.isprintable() and url.isascii() and parts.hostname and is_safe and "@" not in url):
        raise Malformed(
            "the address of the catalogue is not an https:// URL without a user name",
            hint="correct AURA_INTELLIGENCE_CATALOGUE_URL, or set it to off",
        )
    return url


class CatalogueAtUrl(FetchesCatalogue):
    """Kept in `file`. An empty `url` is never due."""

    def __init__(self, file: FetchedCatalogue, url: str) -> None:
        self._file, self.url = file, url

    def is_due(self, now: int) -> bool:
        head, _ = self._file.kept()
        is_old = head.get("url") != self.url or not 0 <= now - head["at"] < DAY
        return bool(self.url) and is_old

    def fetch(self, now: int) -> Flow[int]:
        head, packed = self._file.kept()
        etag = head["etag"] if head.get("url") == self.url else ""
        sent = {"if-none-match": etag} if etag else {}
        response = yield Request("GET", checked(self.url), sent, most=_LARGEST)
        if response.status == 304 and etag:
            self._file.keep(self.url, etag, packed, now)
            return sum(Snapshot(packed).counts.values())
        if response.status != 200:
            raise Unavailable(f"it answers with HTTP {response.status}")
        told = response.headers.get("etag", "")
        is_plain = told.isascii() and told.isprintable() and len(told) <= _LONGEST_ETAG
        return self._keep_new(parse(response.body), told if is_plain else "", now)

    def _keep_new(self, document: object, etag: str, now: int) -> int:
        day = iso(now)[:10]
        found = catalogued_rows(document, source=FETCHED, as_of=day)
        if not any(found.values()):
            raise Malformed("no models are in it")
        shipped = list(bundled().rows())
        rows = ranked(merged(*found.values(), shipped))
        dates = {row.source: row.as_of for row in shipped}
        self._file.keep(self.url, etag, packed(text_of(rows, {FETCHED: day, **dates})), now)
        return len(rows)
