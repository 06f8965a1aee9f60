"""`python -m aura_intelligence`, and what the author of a provider needs."""

import sys

if __name__ == "__main__":
    # `python -m` puts the current folder first, where a user's own `domain/` may lie.
    if not sys.flags.safe_path:
        del sys.path[0]
    from entrypoints.main import console

    console()

from adapters.providers.conformance import Finding, check
from application.exchange import Flow, Request, Response
from application.provider import Access, Dialect, ProviderPlugin
from domain.classification import classify
from domain.credentials import Secret
from domain.errors import WireFailure
from domain.probing import Outcome, ProbeVerdict
from domain.providers import Provider

__all__ = [
    "Access",
    "Dialect",
    "Finding",
    "Flow",
    "Outcome",
    "ProbeVerdict",
    "Provider",
    "ProviderPlugin",
    "Request",
    "Response",
    "Secret",
    "WireFailure",
    "check",
    "classify",
]
