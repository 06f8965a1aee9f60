"""What a person names on the command line."""

from collections.abc import Mapping

from domain.errors import Malformed
from domain.providers.refs import provider_id
from domain.providers.row import Provider, known_provider


def named_provider(text: str, providers: Mapping[str, Provider]) -> Provider:
    """The provider that `text` is the name of, in any spelling. Raises Malformed."""
    return known_provider(provider_id(text), providers, Malformed)
