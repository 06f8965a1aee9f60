"""Providers that pass requests on to others."""

from domain.providers.row import Provider

ROWS = (
    Provider(
        id="openrouter",
        names_its_own=True,
        label="OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        dialect="openai",
        synonyms=("open-router",),
        env_names=("OPENROUTER_API_KEY",),
        base_url_env="OPENROUTER_BASE_URL",
        # The model list is public there; the key's own page is not.
        check_path="/key",
        key_prefixes=("sk-or-",),
        usage="openrouter",
        docs_url="https://openrouter.ai/settings/keys",
        quirks=(
            "The list of models is public, so the free check reads the key's own page: it tells "
            "the key's limit, not the account's credit."
        ),
    ),
    Provider(
        id="huggingface",
        label="Hugging Face",
        base_url="https://router.huggingface.co/v1",
        dialect="openai",
        synonyms=("hugging-face",),
        env_names=("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
        base_url_env="HUGGINGFACE_BASE_URL",
        probe_model="meta-llama/Llama-3.1-8B-Instruct",
        check_url="https://huggingface.co/api/whoami-v2",
        key_prefixes=("hf_",),
        docs_url="https://huggingface.co/settings/tokens",
        uncertain=("base_url_env", "probe_model"),
        quirks=(
            "The router's list of models is public, so the free check asks who you are; the token "
            "must also be allowed to call Inference Providers."
        ),
    ),
    Provider(
        id="github-copilot",
        label="GitHub Copilot",
        base_url="https://api.githubcopilot.com",
        dialect="openai",
        synonyms=("copilot",),
        # Not GH_TOKEN or GITHUB_TOKEN: those were made for GitHub itself.
        token_env_names=("COPILOT_GITHUB_TOKEN",),
        responses_models=(
            r"gpt-5\.4-(mini|nano)",
            r"gpt-5\.[5-9].*",
            r"gpt-[6-9].*",
            r".*-codex(-.*)?",
            r"mai-code-.*",
        ),
        probe_model="gpt-5-mini",
        check_url="https://api.github.com/copilot_internal/v2/token",
        key_prefixes=("gho_", "ghu_"),
        login_methods=("token",),
        usage="github-copilot",
        extra_headers=(
            ("editor-version", "aura_intelligence/1.0"),
            ("editor-plugin-version", "aura_intelligence/1.0"),
            ("copilot-integration-id", "vscode-chat"),
        ),
        docs_url="https://docs.github.com/en/copilot",
        uncertain=("check_url", "extra_headers", "responses_models", "probe_model"),
        quirks=(
            "Two requests: the GitHub token is exchanged for one of half an hour, which asks the "
            "model. The exchange is a private interface, and takes tokens of an editor's or the "
            "command line's login only, no personal access token. A profile with an address of its "
            "own is asked directly."
        ),
    ),
    Provider(
        id="vercel-ai-gateway",
        label="Vercel AI Gateway",
        base_url="https://ai-gateway.vercel.sh/v1",
        dialect="openai",
        synonyms=("vercel",),
        env_names=("AI_GATEWAY_API_KEY", "VERCEL_AI_GATEWAY_API_KEY"),
        base_url_env="AI_GATEWAY_BASE_URL",
        probe_model="openai/gpt-5.4-nano",
        check_path="/credits",
        docs_url="https://vercel.com/docs/ai-gateway/authentication",
        uncertain=("base_url_env", "probe_model"),
        quirks="The list of models is public, so the free check reads the credits.",
    ),
    Provider(
        id="opencode",
        label="OpenCode Zen",
        base_url="https://opencode.ai/zen/v1",
        dialect="openai",
        synonyms=("opencode-zen",),
        env_names=("OPENCODE_API_KEY", "OPENCODE_ZEN_API_KEY"),
        base_url_env="OPENCODE_BASE_URL",
        responses_models=(r"gpt-.*",),
        check_proves=False,
        docs_url="https://opencode.ai/auth",
        uncertain=("base_url_env", "check_proves", "responses_models"),
        quirks=(
            "The list of models is public. Its Claude and Gemini models speak other dialects: add "
            "providers of your own at the same address for them."
        ),
    ),
)
