"""A provider plug-in: one row, with the application that signs in there, one dialect, one value
that says both.
"""

import json
from typing import Any

from aura_intelligence import (
    Access,
    Client,
    Flow,
    ProbeVerdict,
    Provider,
    ProviderPlugin,
    Request,
    Response,
    classify,
)

ROW = Provider(
    id="example",
    label="Example Models",
    base_url="https://models.example.com/v1",
    # What the dialect below is most like; it decides nothing where a plug-in brings its own.
    dialect="openai",
    env_names=("EXAMPLE_API_KEY",),
    probe_model="small",
    docs_url="https://models.example.com/keys",
    # Data, as all of the row: the program holds the conversation, and none of the code below.
    client=Client(
        "example-app",
        token_url="https://id.example.test/token",
        device_url="https://id.example.test/device/auth",
        revoke_url="https://id.example.test/revoke",
        scope="models offline_access",
        owner="official",
    ),
    quirks="Answers are plain text in `text`; there are no choices.",
    source="plugin",
)


class ExampleDialect:
    """POST /generate asks a model; GET /account says whether the key is known."""

    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        body = {"model": model, "prompt": "Reply with OK.", "limit": max_tokens}
        response = yield Request(
            "POST",
            f"{access.base_url}/generate",
            {"content-type": "application/json", **_authorization(access)},
            json.dumps(body).encode(),
        )
        return _verdict(response, "text", now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        response = yield Request("GET", f"{access.base_url}/account", _authorization(access))
        return _verdict(response, "account", now)


def _authorization(access: Access) -> dict[str, str]:
    return {"authorization": f"Bearer {access.secret.reveal()}"} if access.secret else {}


def _verdict(response: Response, field: str, now: int) -> ProbeVerdict:
    """All that is our own is what a good answer looks like; the rest `classify` knows."""

    def is_good(document: Any) -> bool:
        return isinstance(document, dict) and isinstance(document.get(field), str)

    return classify(response.status, response.headers, response.body, is_good, now)


PLUGIN = ProviderPlugin(
    provider=ROW,
    dialect=ExampleDialect(),
    completion=b'{"text": "OK"}',
    listing=b'{"account": "me@example.com"}',
)
