"""The providers shipped with the program: plain data (source: reference/providers.md).

Read on every command, so nothing is computed here and no dialect is loaded. A provider of a known
dialect is one row.
"""

from domain.providers import Provider

ROWS = (
    Provider(
        id="anthropic",
        label="Anthropic",
        base_url="https://api.anthropic.com",
        dialect="anthropic",
        env_names=("ANTHROPIC_API_KEY",),
        token_env_names=("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_OAUTH_TOKEN"),
        base_url_env="ANTHROPIC_BASE_URL",
        scheme="x-api-key",
        probe_model="claude-haiku-4-5",
        key_prefixes=("sk-ant-",),
        docs_url="https://console.anthropic.com/settings/keys",
    ),
    Provider(
        id="openai",
        label="OpenAI",
        base_url="https://api.openai.com/v1",
        dialect="openai",
        env_names=("OPENAI_API_KEY",),
        base_url_env="OPENAI_BASE_URL",
        probe_model="gpt-5-nano",
        key_prefixes=("sk-",),
        docs_url="https://platform.openai.com/api-keys",
    ),
    Provider(
        id="openrouter",
        label="OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        dialect="openai",
        env_names=("OPENROUTER_API_KEY",),
        base_url_env="OPENROUTER_BASE_URL",
        # The model list is public there; the key's own page is not (providers.md 5.4).
        check_path="/key",
        key_prefixes=("sk-or-",),
        docs_url="https://openrouter.ai/settings/keys",
    ),
    Provider(
        id="groq",
        label="Groq",
        base_url="https://api.groq.com/openai/v1",
        dialect="openai",
        env_names=("GROQ_API_KEY",),
        base_url_env="GROQ_BASE_URL",
        extra_path="/openai/v1",
        probe_model="llama-3.1-8b-instant",
        key_prefixes=("gsk_",),
        docs_url="https://console.groq.com/keys",
    ),
    Provider(
        id="mistral",
        label="Mistral AI",
        base_url="https://api.mistral.ai/v1",
        dialect="openai",
        env_names=("MISTRAL_API_KEY",),
        base_url_env="MISTRAL_BASE_URL",
        probe_model="mistral-small-latest",
        docs_url="https://console.mistral.ai/api-keys",
    ),
    Provider(
        id="deepseek",
        label="DeepSeek",
        base_url="https://api.deepseek.com",
        dialect="openai",
        env_names=("DEEPSEEK_API_KEY",),
        base_url_env="DEEPSEEK_BASE_URL",
        probe_model="deepseek-chat",
        key_prefixes=("sk-",),
        docs_url="https://platform.deepseek.com/api_keys",
    ),
)

BY_ID = {row.id: row for row in ROWS}
