"""`python -m aura_intelligence`, and what the author of a provider needs."""

import sys

if __name__ == "__main__":
    # `python -m` puts the current folder first, where a user's own `domain/` may lie.
    if not sys.flags.safe_path:
        del sys.path[0]
    from entrypoints.main import console

    console()

from application.exchange import Flow, Request, Response
from application.provider import Access, Dialect
from domain.classification import classify
from domain.credentials import Secret
from domain.probing import Outcome, ProbeVerdict
from domain.providers import Provider

__all__ = [
    "Access",
    "Dialect",
    "Flow",
    "Outcome",
    "ProbeVerdict",
    "Provider",
    "Request",
    "Response",
    "Secret",
    "classify",
]
