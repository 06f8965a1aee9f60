"""Whose application signs in at the providers shipped with the program: plain data.

A client id and a token URL each, then what else there is.
"""

from domain.providers.client import Client
from domain.providers.row import Provider

CLIENTS = {
    "openrouter": Client(
        "",
        "https://openrouter.ai/api/v1/auth/keys",
        authorize_url="https://openrouter.ai/auth",
        owner="official",
    ),
    # Open to every registered application; none is registered for this program.
    "huggingface": Client(
        "",
        "https://huggingface.co/oauth/token",
        authorize_url="https://huggingface.co/oauth/authorize",
        device_url="https://huggingface.co/oauth/device",
        scope="openid profile inference-api",
        owner="official",
    ),
    # No issuer, whose metadata would name a page for browsers: that one takes only known programs.
    "xai": Client(
        "b1a00492-073a-47ea-816f-4c329264a828",
        "https://auth.x.ai/oauth2/token",
        device_url="https://auth.x.ai/oauth2/device/code",
        scope="openid profile email offline_access grok-cli:access api:access",
        owner="borrowed",
        notice=(
            "This uses the application of xAI's Grok Build, as its page will say; xAI announced "
            "that for OpenClaw, and nothing says that it holds for other programs."
        ),
    ),
    # Its device codes are not those of RFC 8628.
    "openai-codex": Client(
        "app_EMoamEEZ73f0CkXaXp7hrann",
        "https://auth.openai.com/oauth/token",
        authorize_url="https://auth.openai.com/oauth/authorize",
        scope="openid profile email offline_access",
        redirect_uri="http://localhost:1455/auth/callback",
        parameters=(
            ("id_token_add_organizations", "true"),
            ("codex_cli_simplified_flow", "true"),
            ("originator", "aura_intelligence"),
        ),
        owner="borrowed",
        notice=(
            "This uses the application of OpenAI's Codex CLI; OpenAI is said to allow that to "
            "external tools, but no document of its own was found that says so."
        ),
    ),
}


def client_of(row: Provider) -> Client | None:
    """The application that signs in at `row`; None where nobody can."""
    return CLIENTS.get(row.id) if row.builtin else row.client
