"""Who serves a model, and how well, as OpenRouter's endpoints say it."""

from typing import Any, NamedTuple

from domain.selection.list_values import number


class Serving(NamedTuple):
    """Of the endpoints that are up: the best uptime in percent, the best median of the latency in
    ms, whether one of them takes tools. None: not told. `up` is how many there are.
    """

    up: int
    uptime: float | None = None
    latency: float | None = None
    tools: bool | None = None

    @property
    def is_useful(self) -> bool:
        return self.up > 0 and self.tools is not False

    @property
    def uptime_class(self) -> int:
        """0 is as good as it gets; what was not told lies between good and bad."""
        if self.up == 0:
            return 4
        if self.uptime is None:
            return 2
        return sum(self.uptime < least for least in (99, 95, 80))


def serving(document: object) -> Serving | None:
    """What a page of endpoints says; None where it is no such page."""
    data = document.get("data") if isinstance(document, dict) else None
    endpoints = data.get("endpoints") if isinstance(data, dict) else None
    if not isinstance(endpoints, list):
        return None
    up = [e for e in endpoints if isinstance(e, dict) and _is_up(e)]
    uptimes = [told for e in up if (told := _uptime(e)) is not None]
    latencies = [told for e in up if (told := _median(e)) is not None]
    parameters = [p for e in up if isinstance(p := e.get("supported_parameters"), list)]
    return Serving(
        len(up),
        max(uptimes, default=None),
        min(latencies, default=None),
        any("tools" in told for told in parameters) if parameters else None,
    )


def _is_up(endpoint: dict[str, Any]) -> bool:
    """Its status is 0, or negative for what is out or retired."""
    status = endpoint.get("status", 0)
    return not (isinstance(status, int | float) and status < 0)


def _uptime(endpoint: dict[str, Any]) -> float | None:
    for name in ("uptime_last_1d", "uptime_last_30m", "uptime_last_5m"):
        if (told := number(endpoint.get(name))) is not None:
            return min(told, 100)
    return None


def _median(endpoint: dict[str, Any]) -> float | None:
    told = endpoint.get("latency_last_30m")
    return number(told.get("p50")) if isinstance(told, dict) else None
