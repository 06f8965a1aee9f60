"""The one look around: what is stored, beside the providers and environment of this moment."""

from collections.abc import Mapping

from application.ports.keys import KeyProbe
from application.ports.reading import StateReader
from application.ports.registry import ProviderRegistry
from domain.credentials.environment import environment_credentials
from domain.routing.state import State, by_credential


class Survey:
    """Reads, never writes. Raises Unavailable where the store cannot be read."""

    def __init__(
        self,
        reader: StateReader,
        registry: ProviderRegistry,
        keys: KeyProbe,
        environ: Mapping[str, str],
    ) -> None:
        self.reader = reader
        self.registry = registry
        self.keys = keys
        self.environ = environ

    def __call__(self) -> State:
        stored = self.reader.read()
        providers = {**self.registry.builtin(), **{p.id: p for p in stored.selection.providers}}
        # A plug-in never stands before a provider that was here first.
        for id, row in self.registry.enabled().items():
            providers.setdefault(id, row)
        problem = None
        if stored.vault_id is not None:
            problem = self.keys.problem(stored.vault_id, stored.slots)
        return State(
            selection=stored.selection,
            providers=providers,
            profiles=stored.profiles,
            environment=environment_credentials(
                providers.values(),
                self.environ,
                self.keys.fingerprint(None if problem else stored.vault_id),
            ),
            # Oldest first: the newest of each credential stays.
            heads={head.credential_id: head for head in stored.heads},
            usage={h.credential_id: h for h in stored.heads if h.usage},
            # What proved or refused a credential may be older than its last failures.
            trail=by_credential({r.id: r for r in (*stored.heads, *stored.trail)}.values()),
            last_used=stored.last_used,
            key_problem=problem,
            gone=self.registry.gone(),
            unconfirmed=frozenset(p.id for p in stored.selection.providers if not p.mac),
            signed=stored.signed,
            damaged=stored.damaged,
            unreadable=stored.unreadable,
        )
