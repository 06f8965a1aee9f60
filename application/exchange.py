"""A conversation described, not held: a provider yields requests and is sent responses."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `headers` may hold a secret and stay out of the repr."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, whole: header names in lower case, at most 256 KiB of body, not decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# A provider's side of a conversation: it yields what to send and returns what it learned. The
# wire throws a WireFailure into it where no answer came.
Flow = Generator[Request, Response, T]
