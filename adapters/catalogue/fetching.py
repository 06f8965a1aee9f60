"""How a catalogue of the shape of models.dev's is asked for, and what becomes of the answer."""

from adapters.catalogue.fetched import FetchedCatalogue
from adapters.catalogue.packing import packed, text_of
from adapters.catalogue.snapshot import Snapshot, bundled
from application.ports.lists import FetchesCatalogue
from application.ports.network import Flow, Request
from domain.answers.reading import parse
from domain.errors import Malformed, Unavailable
from domain.instants import DAY, iso
from domain.providers.endpoints import base_url
from domain.selection.catalogue import FETCHED, merged, ranked
from domain.selection.live_lists import catalogued_rows

_LARGEST = 32 * 1024 * 1024
_LONGEST_ETAG = 200


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
        response = yield Request("GET", base_url(self.url), sent, most=_LARGEST)
        if response.status == 304 and etag:
            self._file.keep(self.url, etag, packed, now)
            return sum(Snapshot(packed).counts.values())
        if response.status != 200:
            raise Unavailable(f"it answers with HTTP {response.status}")
        told = response.headers.get("etag", "")
        return self._keep_new(parse(response.body), told[:_LONGEST_ETAG], now)

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
