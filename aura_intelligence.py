"""`python -m aura_intelligence`, the interface for programs, and what a provider's author needs."""

import sys

if __name__ == "__main__":
    # `python -m` puts the current folder first, where a user's own `domain/` may lie.
    if not sys.flags.safe_path:
        del sys.path[0]
    from entrypoints.start import console

    console()

from adapters.memory import MemoryStore
from adapters.providers.conformance import Finding, check
from application.journal.history import History
from application.ports.network import Flow, Request, Response
from application.ports.providers import Access, Dialect, ProviderPlugin
from application.routing.router import ModelAccess, Router
from domain.answers.classification import classify
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.errors import AuraError, NoAnswer, NoCandidate, WireFailure
from domain.journal.records import HistoryQuery
from domain.providers.client import Client
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from entrypoints.python import open_history, open_router

__all__ = [
    "Access",
    "AuraError",
    "Client",
    "Dialect",
    "Finding",
    "Flow",
    "History",
    "HistoryQuery",
    "MemoryStore",
    "ModelAccess",
    "ModelRef",
    "NoAnswer",
    "NoCandidate",
    "Outcome",
    "ProbeVerdict",
    "Provider",
    "ProviderPlugin",
    "Request",
    "Response",
    "Router",
    "Secret",
    "WireFailure",
    "check",
    "classify",
    "open_history",
    "open_router",
]
