"""What a run of probes may cost."""

from dataclasses import dataclass

from domain.errors import Malformed


# Without slots, so that a command shows the same figures in its help.
@dataclass(frozen=True)
class ProbeLimits:
    """`timeout` is the wall time of one probe in ms; `concurrency` of a run; `max_tokens` asked."""

    timeout: int = 8000
    concurrency: int = 4
    max_tokens: int = 16

    def __post_init__(self) -> None:
        for name, value, most in (
            ("timeout", self.timeout, 3_600_000),
            ("concurrency", self.concurrency, 64),
            ("max-tokens", self.max_tokens, 100_000),
        ):
            if not 1 <= value <= most:
                raise Malformed(
                    f"--probe-{name} {value} is out of range",
                    hint=f"a whole number from 1 to {most}",
                )
