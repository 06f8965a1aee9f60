"""Histograms of latencies: merged by adding, at most 5 % off."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.journal.latencies import BOUNDS, counts, one, packed, percentiles, unpacked

_LATENCIES = st.lists(st.integers(0, 10**7), min_size=1, max_size=60)


def histogram(latencies: list[int]) -> int:
    return sum(map(one, latencies))


def nearest_rank(latencies: list[int], percent: int) -> int:
    return sorted(latencies)[-(-len(latencies) * percent // 100) - 1]


@given(_LATENCIES, st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_is_at_most_five_percent_off(latencies: list[int], percent: int) -> None:
    (told,) = percentiles(histogram(latencies), percent)
    true = nearest_rank(latencies, percent)
    assert abs(told - true) <= 0.05 * true


@given(_LATENCIES, _LATENCIES)
def test_what_is_merged_is_the_histogram_of_both(some: list[int], more: list[int]) -> None:
    assert histogram(some) + histogram(more) == histogram(some + more)


@given(st.dictionaries(st.integers(0, 10**7), st.integers(1, 2**31), max_size=20))
def test_what_is_packed_comes_back(many: dict[int, int]) -> None:
    merged = sum(one(latency) * count for latency, count in many.items())
    assert unpacked(packed(merged)) == merged


def test_a_day_of_a_profile_takes_few_bytes() -> None:
    chance = random.Random(1)
    day = [round(chance.lognormvariate(6.3, 0.4)) for _ in range(28)]
    assert len(packed(histogram(day))) <= 30


def test_each_bucket_is_at_most_a_tenth_wide() -> None:
    assert all(low == 0 or 10 * (high - 1) <= 11 * low for low, high in pairwise(BOUNDS))


def test_the_longest_and_the_shortest_have_a_bucket() -> None:
    assert len(counts(one(2**62))) == len(BOUNDS) - 1
    assert percentiles(one(0), 50) == [0]
    assert one(-5) == one(0)
    assert percentiles(0, 50) == []


@pytest.mark.parametrize(
    "stored", [b"\x01", b"\x01\x03\x01", b"\x01\x02\x01", b"\xff\x01\x01\x01", b"\x01\x00"]
)
def test_what_nobody_packed_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match="not a histogram"):
        unpacked(stored)
