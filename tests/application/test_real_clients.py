"""The exceptions of the real client libraries, where they are installed; none is needed."""

from collections.abc import Callable
from typing import Any

import pytest

from aura_intelligence import ModelAccess, open_router
from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer

ASKED: list[Any] = [{"role": "user", "content": "hello"}]


def by_openai(access: ModelAccess) -> str:
    openai: Any = pytest.importorskip("openai", reason="the library openai is not installed")
    with openai.OpenAI(base_url=access.base_url, api_key=access.api_key, max_retries=0) as client:
        answer = client.chat.completions.create(model=access.model, messages=ASKED)
    return f"{access.ref}: {answer.choices[0].message.content}"


def by_anthropic(access: ModelAccess) -> str:
    reason = "the library anthropic is not installed"
    anthropic: Any = pytest.importorskip("anthropic", reason=reason)
    made = anthropic.Anthropic(base_url=access.base_url, api_key=access.api_key, max_retries=0)
    with made as client:
        answer = client.messages.create(model=access.model, messages=ASKED, max_tokens=9)
    return f"{access.ref}: {answer.content[0].text}"


@pytest.mark.parametrize(
    ("model", "outcome"),
    [
        ("unauthorized", "auth"),
        ("payment", "billing"),
        ("limited", "rate_limit"),
        ("missing", "no_model"),
        ("broken", "provider_error"),
        ("busy", "overloaded"),
    ],
)
@pytest.mark.parametrize(("call", "dialect"), [(by_openai, "openai"), (by_anthropic, "anthropic")])
def test_what_a_library_raises_is_judged_by_the_table(
    cli: Program,
    server: ScriptedServer,
    call: Callable[[ModelAccess], str],
    dialect: str,
    model: str,
    outcome: str,
) -> None:
    url = server.url if dialect == "openai" else server.url.removesuffix("/v1")
    for id in ("gate", "spare"):
        cli.must(f"models providers add {id} --base-url {url} --dialect {dialect}")
        cli.must(f"models auth add --provider {id} --stdin --no-verify", stdin=GOOD)
    cli.must("models set spare/ok")
    with open_router(cli.environment()) as router:
        assert router.run(f"gate/{model}", call) == "spare/ok: OK."
    records = cli("models history --json").document["records"]
    assert [record["outcome"] for record in records] == ["ok", outcome]
