"""What usage endpoints answer: the windows in each reply, whatever else stands there."""

from collections.abc import Iterator
from typing import Any

from domain.answers.limits import number, share_of
from domain.answers.resets import parse_reset
from domain.answers.usage import UsageWindow, length_name, window
from domain.instants import DAY, HOUR, MINUTE, SECOND

_FURTHEST = 400 * DAY


def _part(document: object, *names: str) -> dict[str, Any]:
    """The object under `names`, one within the other; an empty one where there is none."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def _items(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    listed = document.get(name)
    return [i for i in listed[:32] if isinstance(i, dict)] if isinstance(listed, list) else []


def _amount(value: object) -> float | None:
    """A number that may be below zero: then nothing is left."""
    below = isinstance(value, int | float) and not isinstance(value, bool) and value < 0
    return 0 if below else number(value)


def _word(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    return value[:64].lower() if isinstance(value, str) else ""


_ANTHROPIC = {
    "five_hour": ("5h", 5 * HOUR),
    "seven_day": ("week", 7 * DAY),
    "seven_day_sonnet": ("week sonnet", 7 * DAY),
    "seven_day_opus": ("week opus", 7 * DAY),
}
_ANTHROPIC_KINDS = {
    "session": ("5h", 5 * HOUR),
    "weekly_all": ("week", 7 * DAY),
    "weekly_scoped": ("week one model", 7 * DAY),
}


def anthropic(document: dict[str, Any], now: int) -> Iterator[UsageWindow | None]:
    """Percent here, where the headers of an answer tell fractions."""
    for name, (label, length) in _ANTHROPIC.items():
        yield _share(label, length, _part(document, name), "utilization", now)
    for limit in _items(document, "limits"):
        kind = limit.get("kind")
        if isinstance(kind, str) and kind in _ANTHROPIC_KINDS:
            label, length = _ANTHROPIC_KINDS[kind]
            yield _share(label, length, limit, "percent", now)
    extra = _part(document, "extra_usage")
    if extra.get("is_enabled") is not False:
        yield window("extra usage", used=share_of(extra.get("utilization"), 100))


def _share(
    label: str, length: int, told: dict[str, Any], field: str, now: int
) -> UsageWindow | None:
    reset = parse_reset(told.get("resets_at"), now)
    return window(label, used=share_of(told.get(field), 100), resets_at=reset, length=length)


def codex(document: dict[str, Any], now: int) -> Iterator[UsageWindow | None]:
    for which in ("primary", "secondary"):
        told = _part(document, "rate_limit", f"{which}_window")
        seconds = number(told.get("limit_window_seconds"))
        length = int(seconds * SECOND) if seconds and seconds * SECOND <= _FURTHEST else None
        yield window(
            length_name(length) if length else which,
            used=share_of(told.get("used_percent"), 100),
            resets_at=parse_reset(told.get("reset_at"), now)
            or parse_reset(told.get("reset_after_seconds"), now),
            length=length,
        )
    credits = _part(document, "credits")
    if credits.get("has_credits") is True and credits.get("unlimited") is not True:
        yield window("credits", remaining=_amount(credits.get("balance")))


_COPILOT = {"premium_interactions": "premium", "chat": "chat", "completions": "completions"}


def copilot(document: dict[str, Any], now: int) -> Iterator[UsageWindow | None]:
    reset = parse_reset(
        document.get("quota_reset_date_utc")
        or document.get("quota_reset_date")
        or document.get("limited_user_reset_date"),
        now,
    )
    for name, label in _COPILOT.items():
        told = _part(document, "quota_snapshots", name)
        if told and told.get("unlimited") is not True:
            left = share_of(_amount(told.get("percent_remaining")), 100)
            yield window(
                label,
                used=None if left is None else max(0.0, round(1 - left, 6)),
                limit=_amount(told.get("entitlement")),
                remaining=_amount(told.get("remaining")),
                resets_at=reset,
            )
        # Of a free plan.
        yield window(
            label,
            limit=_amount(_part(document, "monthly_quotas").get(name)),
            remaining=_amount(_part(document, "limited_user_quotas").get(name)),
            resets_at=reset,
        )


_RESETS = {"daily": "day", "weekly": "week", "monthly": "month"}


def openrouter(document: dict[str, Any], _: int) -> Iterator[UsageWindow | None]:
    data = _part(document, "data")
    every = _RESETS.get(_word(data, "limit_reset"))
    limit, remaining = _amount(data.get("limit")), _amount(data.get("limit_remaining"))
    yield window(f"key limit/{every}" if every else "key limit", limit=limit, remaining=remaining)


_CURRENCIES = ("cny", "eur", "usd")


def deepseek(document: dict[str, Any], _: int) -> Iterator[UsageWindow | None]:
    for info in _items(document, "balance_infos"):
        currency = _word(info, "currency")
        label = f"balance {currency.upper()}" if currency in _CURRENCIES else "balance"
        yield window(label, remaining=_amount(info.get("total_balance")))


_ZAI_UNITS = {1: DAY, 3: HOUR, 5: MINUTE, 6: 7 * DAY}


def zai(document: dict[str, Any], now: int) -> Iterator[UsageWindow | None]:
    for limit in _items(_part(document, "data"), "limits"):
        length = None
        if limit.get("type") == "TOKENS_LIMIT":
            length = _zai_length(limit)
            label = length_name(length) if length else "tokens"
        elif limit.get("type") == "TIME_LIMIT":
            label = "tools/month"
        else:
            continue
        used = share_of(limit.get("percentage"), 100)
        reset = parse_reset(limit.get("nextResetTime"), now)
        yield window(label, used=used, resets_at=reset, length=length)


def _zai_length(limit: dict[str, Any]) -> int | None:
    unit, count = number(limit.get("unit")), number(limit.get("number"))
    length = int(_ZAI_UNITS.get(int(unit or 0), 0) * (count or 0))
    return length if 0 < length <= _FURTHEST else None


def minimax(document: dict[str, Any], now: int) -> Iterator[UsageWindow | None]:
    """The plan for models of text. A `usage_count` is what remains, whatever its name says."""
    data = document if "model_remains" in document else _part(document, "data")
    for row in _items(data, "model_remains"):
        name = _word(row, "model_name")
        if name == "general" or name.startswith("minimax-m"):
            yield _minimax_window(row, "current_interval", "", 5 * HOUR, now)
            yield _minimax_window(row, "current_weekly", "weekly_", 7 * DAY, now)


def _minimax_window(
    row: dict[str, Any], fields: str, times: str, usual: int, now: int
) -> UsageWindow | None:
    start, end = number(row.get(f"{times}start_time")), number(row.get(f"{times}end_time"))
    length = round((end or 0) - (start or 0), -3) if start and end else usual
    length = int(length) if 0 < length <= _FURTHEST else usual
    left = share_of(_amount(row.get(f"{fields}_remaining_percent")), 100)
    limit = _amount(row.get(f"{fields}_total_count")) or None
    return window(
        length_name(length),
        used=None if left is None else max(0.0, round(1 - left, 6)),
        limit=limit,
        remaining=_amount(row.get(f"{fields}_usage_count")) if limit else None,
        resets_at=parse_reset(row.get(f"{times}end_time"), now),
        length=length,
    )
