"""What a free check finds: a list of models, or a page about the key or the account."""

from domain.answers.outcome import Outcome
from domain.answers.reading import parse

# Lists: OpenAI and most, Gemini and Ollama, Perplexity's jobs. A bare list is Together's.
_LISTS = ("data", "models", "requests")
# A field no page about a key or an account lacks: xAI, DeepSeek, Hugging Face, Vercel, Copilot.
_PAGES = ("redacted_api_key", "balance_infos", "auth", "balance", "token")
_BLOCKED = ("api_key_blocked", "api_key_disabled", "team_blocked")

# OpenRouter's limit of a key, Moonshot's balance: at nothing, no request is let through.
_PURSES = {
    "limit_remaining": "the limit of this key is used up",
    "available_balance": "the balance does not allow a request",
}


def is_page(document: object) -> bool:
    """Whether a free check may be answered so."""
    if isinstance(document, list):
        return True
    if not isinstance(document, dict):
        return False
    if any(isinstance(document.get(name), list | dict) for name in _LISTS):
        return True
    return any(document.get(name) is not None for name in _PAGES)


def trouble(body: bytes) -> tuple[Outcome, str] | None:
    """What a page says against the use of a key that is known, and why."""
    page = parse(body)
    if not isinstance(page, dict):
        return None
    if any(page.get(name) is True for name in _BLOCKED):
        return Outcome.PERMISSION, "the key or its team is blocked"
    if page.get("is_available") is False:
        return Outcome.BILLING, "the balance does not allow a request"
    data = page.get("data")
    return _purse(data) if isinstance(data, dict) else None


def _purse(data: dict[str, object]) -> tuple[Outcome, str] | None:
    for name, why in _PURSES.items():
        left = data.get(name)
        if isinstance(left, int | float) and not isinstance(left, bool) and left <= 0:
            return Outcome.BILLING, why
    return None
