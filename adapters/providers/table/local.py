"""Servers people run themselves, at the addresses they have when nobody changed them.

Shown and tried only when something of theirs is configured.
"""

from domain.providers.row import Provider

ROWS = (
    Provider(
        id="ollama",
        label="Ollama",
        base_url="http://localhost:11434",
        dialect="ollama",
        env_names=("OLLAMA_API_KEY",),
        base_url_env="OLLAMA_BASE_URL",
        check_proves=False,
        login_methods=("none", "api_key"),
        list_shape="models",
        docs_url="https://docs.ollama.com/api",
        uncertain=("base_url_env",),
        quirks="Needs no key; a model that was not pulled is an unknown one.",
    ),
    Provider(
        id="lmstudio",
        label="LM Studio",
        base_url="http://localhost:1234/v1",
        dialect="openai",
        synonyms=("lm-studio",),
        env_names=("LM_API_TOKEN", "LMSTUDIO_API_KEY"),
        base_url_env="LMSTUDIO_BASE_URL",
        check_proves=False,
        login_methods=("none", "api_key"),
        docs_url="https://lmstudio.ai/docs/developer",
        uncertain=("base_url_env",),
        quirks="Needs no key unless its server was set to want one; it may load a model first.",
    ),
    Provider(
        id="vllm",
        label="vLLM",
        base_url="http://localhost:8000/v1",
        dialect="openai",
        env_names=("VLLM_API_KEY",),
        base_url_env="VLLM_BASE_URL",
        check_proves=False,
        login_methods=("none", "api_key"),
        docs_url="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
        uncertain=("base_url_env",),
        quirks="Wants the key it was started with (--api-key), or none.",
    ),
    Provider(
        id="llama-cpp",
        label="llama.cpp",
        base_url="http://localhost:8080/v1",
        dialect="openai",
        synonyms=("llama.cpp", "llamacpp"),
        env_names=("LLAMA_API_KEY",),
        check_proves=False,
        login_methods=("none", "api_key"),
        docs_url="https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
        quirks="Wants the key it was started with (--api-key), or none.",
    ),
    Provider(
        id="litellm",
        label="LiteLLM proxy",
        base_url="http://localhost:4000/v1",
        dialect="openai",
        synonyms=("litellm-proxy",),
        env_names=("LITELLM_API_KEY", "LITELLM_PROXY_API_KEY"),
        base_url_env="LITELLM_BASE_URL",
        check_proves=False,
        key_prefixes=("sk-",),
        login_methods=("none", "api_key"),
        docs_url="https://docs.litellm.ai/docs/proxy/virtual_keys",
        uncertain=("base_url_env",),
        quirks=(
            "A refusal may be of the proxy's own key further up, which says nothing against yours."
        ),
    ),
)
