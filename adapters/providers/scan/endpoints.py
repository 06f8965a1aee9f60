"""Who serves a model, as OpenRouter says it: a page of its own for each, and no inference."""

from urllib.parse import quote

from adapters.providers.dialects.requests import authorization
from application.ports.lists import LooksAtEndpoints
from application.ports.network import Flow, Request
from application.ports.providers import Access
from domain.answers.reading import parse
from domain.errors import WireFailure


class EndpointPages(LooksAtEndpoints):
    def __call__(self, access: Access, model: str) -> Flow[object]:
        if {".", ".."} & {*model.split("/")}:
            # It would be another page of that host, asked with the key.
            return None
        # Without a key it does not tell how quick they are.
        url = f"{access.base_url}/models/{quote(model, safe='/:')}/endpoints"
        try:
            response = yield Request("GET", url, authorization(access))
        except WireFailure:
            return None
        return parse(response.body) if response.status == 200 else None
