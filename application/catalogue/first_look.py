"""The first look at a machine where nothing is kept yet: what is here, and what costs nothing."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from application.ports.elsewhere import KeyFiles, ListeningServers
from domain.providers.row import Provider
from domain.routing.state import State
from domain.selection.catalogue import CatalogueRow
from domain.selection.free import best_free


class Surroundings(NamedTuple):
    """`tools` have a file of credentials, `servers` take connections, `models` are free."""

    tools: tuple[str, ...]
    servers: tuple[Provider, ...]
    models: tuple[CatalogueRow, ...]


class FirstLook:
    """Writes nothing, opens no file of others, and sends nothing. Raises nothing.

    `rows` are the models of some providers, by their ids.
    """

    def __init__(
        self,
        key_files: KeyFiles,
        listening: ListeningServers,
        rows: Callable[[Iterable[str]], Iterable[CatalogueRow]],
    ) -> None:
        self._key_files, self._listening, self._rows = key_files, listening, rows

    def __call__(self, state: State) -> Surroundings:
        local = [row for row in state.providers.values() if row.is_loopback]
        answering = self._listening(row.base_url for row in local)
        # Read while the servers answer.
        elsewhere = [row.id for row in state.providers.values() if not row.is_loopback]
        models = best_free(self._rows(elsewhere), state.having)
        tools, taken = self._key_files(), answering()
        servers = tuple(row for row in local if row.base_url in taken)
        return Surroundings(tools, servers, tuple(models))
