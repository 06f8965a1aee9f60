"""Providers that serve models they make."""

from domain.providers.row import Provider

ROWS = (
    Provider(
        id="anthropic",
        label="Anthropic",
        base_url="https://api.anthropic.com",
        dialect="anthropic",
        env_names=("ANTHROPIC_API_KEY",),
        token_env_names=(
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_OAUTH_TOKEN",
            "CLAUDE_CODE_OAUTH_TOKEN",
        ),
        base_url_env="ANTHROPIC_BASE_URL",
        scheme="x-api-key",
        probe_model="claude-haiku-4-5",
        key_prefixes=("sk-ant-",),
        token_prefixes=("sk-ant-oat",),
        login_methods=("api_key", "token", "setup_token"),
        usage="anthropic",
        list_pages="after_id",
        docs_url="https://console.anthropic.com/settings/keys",
        quirks=(
            "Keys travel in x-api-key, tokens as Bearer; a setup-token may be refused outside "
            "Anthropic's own programs, which says nothing against the token."
        ),
    ),
    Provider(
        id="openai",
        label="OpenAI",
        base_url="https://api.openai.com/v1",
        dialect="openai",
        env_names=("OPENAI_API_KEY",),
        base_url_env="OPENAI_BASE_URL",
        limit_field="max_completion_tokens",
        responses_models=(
            r".*-codex(-.*)?",
            r"codex-.*",
            r"(gpt|o)[-.0-9]+-pro(-\d.*)?",
            r".*-deep-research(-.*)?",
            r"computer-use-preview.*",
        ),
        probe_model="gpt-5.4-nano",
        key_prefixes=("sk-",),
        docs_url="https://platform.openai.com/api-keys",
        quirks=(
            "A restricted key may lack the scope for the list of models (403) and still chat: the "
            "free check calls that a permission, not a wrong key."
        ),
    ),
    Provider(
        id="openai-codex",
        label="OpenAI Codex (ChatGPT plan)",
        base_url="https://chatgpt.com/backend-api/codex",
        dialect="openai",
        synonyms=("codex",),
        probe_model="gpt-5.5",
        responses_models=(r".*",),
        # A client version is asked for; what it may be is not written down.
        check_path="/models?client_version=1.0.0",
        login_methods=("token",),
        usage="openai-codex",
        extra_headers=(("originator", "aura_intelligence"),),
        list_shape="models",
        docs_url="https://developers.openai.com/codex/auth",
        uncertain=("base_url", "check_path", "probe_model", "extra_headers"),
        quirks=(
            "A private interface of the ChatGPT plan: it takes the plan's access token, not an API "
            "key, sends the account named in the token as ChatGPT-Account-Id, answers as a stream, "
            "and takes no token limit."
        ),
    ),
    Provider(
        id="google",
        label="Google Gemini",
        base_url="https://generativelanguage.googleapis.com",
        dialect="google",
        synonyms=("gemini",),
        env_names=("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"),
        base_url_env="GOOGLE_GEMINI_BASE_URL",
        scheme="x-goog-api-key",
        probe_model="gemini-2.5-flash-lite",
        list_shape="models",
        list_pages="page_token",
        docs_url="https://aistudio.google.com/apikey",
        quirks="A wrong key is a 400 there; the list of models still answers without any credit.",
    ),
    Provider(
        id="mistral",
        label="Mistral AI",
        base_url="https://api.mistral.ai/v1",
        dialect="openai",
        synonyms=("mistralai", "mistral-ai"),
        env_names=("MISTRAL_API_KEY",),
        base_url_env="MISTRAL_BASE_URL",
        probe_model="mistral-small-latest",
        docs_url="https://console.mistral.ai/api-keys",
        quirks="Refuses fields it does not know (422) and calls an unknown model a 400.",
    ),
    Provider(
        id="xai",
        label="xAI",
        base_url="https://api.x.ai/v1",
        dialect="openai",
        synonyms=("x-ai", "x.ai", "grok"),
        env_names=("XAI_API_KEY",),
        base_url_env="XAI_BASE_URL",
        limit_field="max_completion_tokens",
        responses_models=(r"grok-.*-multi-agent.*",),
        probe_model="grok-4.3",
        check_path="/api-key",
        key_prefixes=("xai-",),
        docs_url="https://console.x.ai",
        uncertain=("base_url_env", "probe_model"),
        quirks="A wrong key is a 400 there; the key's own page says whether it is blocked.",
    ),
    Provider(
        id="deepseek",
        label="DeepSeek",
        base_url="https://api.deepseek.com",
        dialect="openai",
        synonyms=("deep-seek",),
        env_names=("DEEPSEEK_API_KEY",),
        base_url_env="DEEPSEEK_BASE_URL",
        probe_model="deepseek-v4-flash",
        check_path="/user/balance",
        key_prefixes=("sk-",),
        usage="deepseek",
        docs_url="https://platform.deepseek.com/api_keys",
        quirks="The free check reads the balance, so it tells an empty purse as well.",
    ),
    Provider(
        id="perplexity",
        label="Perplexity",
        base_url="https://api.perplexity.ai",
        dialect="openai",
        env_names=("PERPLEXITY_API_KEY", "PPLX_API_KEY"),
        base_url_env="PERPLEXITY_BASE_URL",
        probe_model="sonar",
        # It has no list of models beside these jobs that asks for a key.
        check_path="/async/chat/completions?limit=1",
        key_prefixes=("pplx-",),
        list_shape="",
        docs_url="https://www.perplexity.ai/account/api/keys",
        uncertain=("base_url_env", "check_path"),
        quirks="There is no documented list of models; the free check lists your deferred jobs.",
    ),
    Provider(
        id="cohere",
        label="Cohere",
        base_url="https://api.cohere.ai/compatibility/v1",
        dialect="openai",
        env_names=("COHERE_API_KEY", "CO_API_KEY"),
        base_url_env="COHERE_BASE_URL",
        probe_model="command-r7b-12-2024",
        check_url="https://api.cohere.com/v1/models?page_size=1",
        list_shape="models",
        list_pages="page_token",
        docs_url="https://dashboard.cohere.com/api-keys",
        uncertain=("base_url_env",),
        quirks=(
            "Spoken to through its OpenAI-compatible interface; the free check uses its own one. "
            "CO_API_KEY, the name of its client library, is read second."
        ),
    ),
    Provider(
        id="moonshot",
        label="Moonshot AI (Kimi)",
        base_url="https://api.moonshot.ai/v1",
        dialect="openai",
        synonyms=("moonshotai", "moonshot-ai", "kimi"),
        env_names=("MOONSHOT_API_KEY",),
        base_url_env="MOONSHOT_BASE_URL",
        probe_model="kimi-k2.6",
        check_path="/users/me/balance",
        key_prefixes=("sk-",),
        docs_url="https://platform.moonshot.ai/console/api-keys",
        uncertain=("base_url_env", "probe_model"),
        quirks=(
            "Keys of the Chinese platform (api.moonshot.cn) are others: give such a profile "
            "--base-url https://api.moonshot.cn/v1."
        ),
    ),
    Provider(
        id="zai",
        label="Z.AI (GLM)",
        base_url="https://api.z.ai/api/paas/v4",
        dialect="openai",
        synonyms=("z.ai", "z-ai"),
        env_names=("ZAI_API_KEY", "Z_AI_API_KEY"),
        base_url_env="ZAI_BASE_URL",
        probe_model="glm-4.5-flash",
        usage="zai",
        docs_url="https://z.ai/manage-apikey/apikey-list",
        uncertain=("base_url_env", "check_path", "probe_model", "usage"),
        quirks=(
            "A coding plan is served at https://api.z.ai/api/coding/paas/v4: give its profile that "
            "--base-url."
        ),
    ),
    Provider(
        id="minimax",
        label="MiniMax",
        base_url="https://api.minimax.io/v1",
        dialect="openai",
        env_names=("MINIMAX_API_KEY", "MINIMAX_CODE_PLAN_KEY", "MINIMAX_CODING_API_KEY"),
        base_url_env="MINIMAX_BASE_URL",
        probe_model="MiniMax-M2",
        usage="minimax",
        docs_url="https://platform.minimax.io/user-center/basic-information/interface-key",
        uncertain=("base_url_env", "check_path", "probe_model", "usage"),
        quirks=(
            "Failures may come under HTTP 200, in base_resp.status_code. Keys of the Chinese "
            "platform need --base-url https://api.minimaxi.com/v1."
        ),
    ),
    Provider(
        id="qwen",
        label="Qwen (Alibaba Model Studio)",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        dialect="openai",
        synonyms=("dashscope", "alibaba", "modelstudio"),
        env_names=("MODELSTUDIO_API_KEY", "DASHSCOPE_API_KEY", "QWEN_API_KEY"),
        base_url_env="DASHSCOPE_BASE_URL",
        probe_model="qwen-flash",
        key_prefixes=("sk-",),
        docs_url="https://modelstudio.console.alibabacloud.com/?tab=playground#/api-key",
        uncertain=("base_url_env", "check_path", "probe_model"),
        quirks=(
            "Keys belong to a region: those of Beijing need --base-url "
            "https://dashscope.aliyuncs.com/compatible-mode/v1."
        ),
    ),
)
