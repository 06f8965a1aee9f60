"""A histogram of latencies (ms) that is one whole number: to merge two is to add them.

Bucket n holds the latencies from BOUNDS[n] to below BOUNDS[n + 1], of which the largest is at most
1.1 times the smallest: whatever it is told as is at most 5 % off. Bits 32 n to 32 n + 31 of the
number are how many there are.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate
from struct import unpack

_LANE, _BYTES = 32, 4
_WIDTHS = (1, 2, 4)


def _bounds() -> tuple[int, ...]:
    bounds = [0, 1]
    while len(bounds) < 256:
        bounds.append(bounds[-1] * 11 // 10 + 1)
    return tuple(bounds)


BOUNDS = _bounds()
_LAST = len(BOUNDS) - 2


def one(latency: int) -> int:
    """The histogram of one latency."""
    return 1 << _LANE * min(max(bisect_right(BOUNDS, latency) - 1, 0), _LAST)


def counts(histogram: int) -> tuple[int, ...]:
    """How many there are in each bucket, from the first on."""
    buckets = -(-histogram.bit_length() // _LANE)
    return unpack(f"<{buckets}I", histogram.to_bytes(buckets * _BYTES, "little"))


def ranks(count: int, *percents: int) -> list[int]:
    """The nearest ranks among so many, counted from 1; none among none."""
    return [-(-count * percent // 100) for percent in percents if count]


def percentiles(histogram: int, *percents: int) -> list[float]:
    """The latencies of those ranks, each at most 5 % off; nothing where there are none."""
    sums = [0, *accumulate(counts(histogram))]
    return [_told(bisect_left(sums, rank) - 1) for rank in ranks(sums[-1], *percents)]


def _told(bucket: int) -> float:
    low, high = BOUNDS[bucket], BOUNDS[bucket + 1] - 1
    return round(2 * low * high / (low + high), 1) if high else 0.0


def packed(histogram: int) -> bytes:
    """As it is stored: the first bucket that is not empty, how many bytes each count has, and the
    counts up to the last that is not empty. Nothing for none.
    """
    lanes = counts(histogram)
    if not any(lanes):
        return b""
    first = next(at for at, count in enumerate(lanes) if count)
    largest = max(lanes)
    width = next(width for width in _WIDTHS if largest < 1 << 8 * width)
    return bytes((first, width)) + b"".join(n.to_bytes(width, "little") for n in lanes[first:])


def unpacked(stored: bytes) -> int:
    """The histogram of what `packed` made. Raises ValueError for anything else."""
    if not stored:
        return 0
    if len(stored) < 3:
        raise ValueError("not a histogram")
    width, body = stored[1], stored[2:]
    if width not in _WIDTHS or len(body) % width or stored[0] + len(body) // width > _LAST + 1:
        raise ValueError("not a histogram")
    # Widened byte by byte of all counts at once: there may be thousands of rows.
    wide = bytearray(len(body) // width * _BYTES)
    wide[::_BYTES] = body[::width]
    for byte in range(1, width):
        wide[byte::_BYTES] = body[byte::width]
    return int.from_bytes(wide, "little") << _LANE * stored[0]
