"""What an agent's file says already that would send a key where nobody chose."""

from typing import Any

import pytest

from domain.handover.agents.obstacles import obstacles

GATEWAY = {"openai-api-base": "https://gw.test/v1"}
OPENAI = {"provider": {"openai": {"options": {"apiKey": "{env:OPENAI_API_KEY}"}}}}
ELSEWHERE = {"provider": {"openai": {"options": {"baseURL": "https://other.test"}}}}


@pytest.mark.parametrize(
    ("tool", "old", "new", "names"),
    [
        ("opencode", ELSEWHERE, OPENAI, ["provider.openai.options.baseURL"]),
        ("opencode", {"provider": {"openai": {"npm": "x"}}}, OPENAI, ["provider.openai.npm"]),
        ("opencode", OPENAI, OPENAI, []),
        ("opencode", {"provider": {"groq": {"npm": "x"}}}, OPENAI, []),
        ("opencode", {"provider": "odd"}, OPENAI, []),
        ("claude", {"env": {"ANTHROPIC_MODEL": "x"}}, {}, ["env.ANTHROPIC_MODEL"]),
        (
            "claude",
            {"env": {"ANTHROPIC_AUTH_TOKEN": "x"}},
            {"env": {"ANTHROPIC_AUTH_TOKEN": ""}},
            [],
        ),
        ("claude", {"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}, {}, ["env.CLAUDE_CODE_USE_BEDROCK"]),
        ("aider", GATEWAY, {"model": "groq/x"}, ["openai-api-base"]),
        ("aider", GATEWAY, {"openai-api-base": "https://new.test"}, []),
        ("aider", {"openai-api-key": "sk"}, GATEWAY, ["openai-api-key"]),
        ("aider", {"openai-api-key": "sk"}, {"model": "groq/x"}, []),
        ("aider", {"set-env": "OPENAI_API_KEY=sk"}, GATEWAY, ["set-env OPENAI_API_KEY"]),
        ("aider", {"set-env": ["A_API_BASE=https://a"]}, {}, ["set-env A_API_BASE"]),
        ("codex", {"model_provider": "x"}, {}, []),
    ],
)
def test_what_is_in_the_way_is_named(
    tool: str, old: dict[str, Any], new: dict[str, Any], names: list[str]
) -> None:
    assert list(obstacles(tool, old, new)) == names
