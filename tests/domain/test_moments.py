"""Moments in sentences: when a limit ends, as providers write it."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers.moments import FURTHEST, told_moment

HERE = datetime(2026, 11, 27, 22, 40, tzinfo=UTC)
NOW = round(HERE.timestamp() * 1000)
iso = datetime.fromisoformat


def plus(**given: float) -> datetime:
    return HERE + timedelta(**given)


def epoch(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("prose", "at"),
    [
        (
            "usage limit reached for 5 hour. your limit will reset at 2026-11-28 11:45:34",
            iso("2026-11-28T11:45:34+08:00"),
        ),
        (
            "weekly usage quota exceeded. it will reset at 2026-11-30 08:46:08 +0800 cst. we say",
            iso("2026-11-30T08:46:08+08:00"),
        ),
        ("limit resets at: 2026-11-27 23:46:08 utc", iso("2026-11-27T23:46:08+00:00")),
        ("resets at 2026-11-28t11:46:08+08:00 (2056)", iso("2026-11-28T11:46:08+08:00")),
        ("resets at 2026-11-28t11:46:08.123z.", iso("2026-11-28T11:46:08+00:00")),
        ("claude ai usage limit reached|1795900000", epoch(1_795_900_000)),
        ("you've hit your limit · resets 3pm (america/new_york)", iso("2026-11-28T15:00:00-05:00")),
        ("you've hit your session limit · resets 12:30am (utc)", iso("2026-11-28T00:30:00+00:00")),
        ("resets dec 1 at 9am (utc)", iso("2026-12-01T09:00:00+00:00")),
        ("resets nov 29, 10am (asia/shanghai)", iso("2026-11-29T10:00:00+08:00")),
        ("try again at dec 3rd, 2026 6:13 pm.", iso("2026-12-03T18:13:00+00:00")),
        ("you will regain access on 2026-12-01 at 00:00 utc.", iso("2026-12-01T00:00:00+00:00")),
        (
            "your quota will reset on sat, 28 nov 2026 10:00:00 gmt",
            iso("2026-11-28T10:00:00+00:00"),
        ),
        ("您的限额将在 2026-11-29 10:00:00 重置", iso("2026-11-29T10:00:00+08:00")),
        (
            "已达到 5 小时的使用上限。您的限额将在 2026-11-28 11:00:00 重置。",
            iso("2026-11-28T11:00:00+08:00"),
        ),
        ("请在2026年11月29日10时30分后重试", iso("2026-11-29T10:30:00+08:00")),
        ("请于 11月29日 10:30 后再试", iso("2026-11-29T10:30:00+08:00")),
        ("请5分钟后重试", plus(minutes=5)),
        ("请在30秒后重试", plus(seconds=30)),
        ("3 小时后恢复", plus(hours=3)),
        ("请等待 2 小时 15 分钟后再试", plus(hours=2, minutes=15)),
        ("rate limit reached; retry-after: 90 minutes", plus(minutes=90)),
        ("rate limit reached. retry after 6h.", plus(hours=6)),
        ("please retry after 120", plus(seconds=120)),
        ("retry-after: 45", plus(seconds=45)),
        ("please try again in 7m12.5s. need more tokens?", plus(minutes=7, seconds=12.5)),
        ("please retry in 25.7s.", plus(seconds=25.7)),
        ("try again in 4 days 20 hours 9 minutes.", plus(days=4, hours=20, minutes=9)),
        ("try again in 3 hours and 20 minutes", plus(hours=3, minutes=20)),
        ("resets in 1 day, 2 hours", plus(days=1, hours=2)),
        ("try again in an hour", plus(hours=1)),
        ("available again in 1 week", plus(days=7)),
        ("quota will be replenished in 02:12:15.", plus(hours=2, minutes=12, seconds=15)),
        ("your quota will reset in 3 days.", plus(days=3)),
        ("please wait 2 hours before retrying", plus(hours=2)),
        ("please wait 30 seconds", plus(seconds=30)),
        ("too many tokens per day. please try again tomorrow.", iso("2026-11-28T00:00:00+00:00")),
        ("resets daily at midnight utc", iso("2026-11-28T00:00:00+00:00")),
        ("your limit will reset at oct 31, 11:59 pm pt.", None),
        ("your limit will reset at nov 30, 11:59 pm pt.", iso("2026-12-01T07:59:00+00:00")),
        ("rate limit resets in ~30s", plus(seconds=30)),
        ("you can retry in 1h30m", plus(minutes=90)),
        (
            "limit: 3 / min. please try again in 20s. visit https://x to learn more",
            plus(seconds=20),
        ),
        ("next request is allowed in 500ms", plus(milliseconds=500)),
        ("500 requests per 1 minute exceeded", None),
        ("limit of 5 requests every 30 seconds, resets every 30 seconds", None),
        ("model released 2025-08-07 is rate limited", None),
        ("gpt-4o-2026-12-05 rate limit reached, try again later", None),
        ("the model will be retired on 2026-12-10. rate limit reached", None),
        ("window started at 2026-11-27 20:00:00", None),
        ("retry 3 times, then wait in 5 lines.", None),
        ("reset at 2027-03-01 00:00:00", None),
        ("5h limit resets every 5h", None),
        ("will reset at 2026/11/29 08:00 (utc+8)", iso("2026-11-29T08:00:00+08:00")),
        ("will reset after 29 november 2026 08:00 gmt+1", iso("2026-11-29T08:00:00+01:00")),
        ("resets on december 1", iso("2026-12-01T00:00:00+00:00")),
        ("quota resets on 2026-12-01.", iso("2026-12-01T00:00:00+00:00")),
        ("quota reset time: 2026-11-28 00:00:00 pst", iso("2026-11-28T00:00:00-08:00")),
        ("retry-after=3600", plus(hours=1)),
        ("retry in 90 sec", plus(seconds=90)),
        ("try again after 10 mins", plus(minutes=10)),
        ("90 minutes remaining", plus(minutes=90)),
        ("limit lifts at 18:00 utc+8", iso("2026-11-28T18:00:00+08:00")),
        ("please slow down and retry after 2026-11-27t22:41:00z", iso("2026-11-27T22:41:00+00:00")),
        ("配额将于明天重置", iso("2026-11-29T00:00:00+08:00")),
        ("限额将在北京时间 2026-11-28 12:00 恢复", iso("2026-11-28T12:00:00+08:00")),
        ("retry after 15 seconds (limit 20 rpm)", plus(seconds=15)),
        ("expected available in 12 seconds", plus(seconds=12)),
        (
            "quota exceeded. your allowance of 100 requests renews at 2026-11-28t00:00:00.000z",
            iso("2026-11-28T00:00:00+00:00"),
        ),
        ("resets at 1795900000000", epoch(1_795_900_000)),
        ("you have reached the limit, come back in 2 hours", plus(hours=2)),
        ("usage limit: try again at 11:15 pm", iso("2026-11-27T23:15:00+00:00")),
        ("try again in 2 hours, 5 minutes and 3 seconds", plus(hours=2, minutes=5, seconds=3)),
        ("your limit resets on nov 30 at 12am", iso("2026-11-30T00:00:00+00:00")),
        ("resets monday at 9am", iso("2026-11-30T09:00:00+00:00")),
        ("cooldown: 45 seconds remaining", plus(seconds=45)),
        ("wait for 60 seconds", plus(seconds=60)),
        ("temporarily blocked for 10 minutes", plus(minutes=10)),
        ("try again in few minutes", None),
        ("limit reached. reset: 2026-11-28 01:00:00+00:00", iso("2026-11-28T01:00:00+00:00")),
        ("reset_at=2026-11-28t01:00:00z", iso("2026-11-28T01:00:00+00:00")),
        ("resets_in=3600s", plus(hours=1)),
    ],
)
def test_a_sentence_says_when_a_limit_ends(prose: str, at: datetime | None) -> None:
    assert told_moment(prose, NOW) == (None if at is None else round(at.timestamp() * 1000))


def test_a_stamp_without_a_zone_is_of_the_provider_that_wrote_it() -> None:
    prose = "your limit will reset at 2026-11-28 11:45:34"

    assert told_moment(prose, NOW) == round(iso("2026-11-28T11:45:34+00:00").timestamp() * 1000)
    told = told_moment(prose, NOW, is_of_china=True)
    assert told == round(iso("2026-11-28T11:45:34+08:00").timestamp() * 1000)


@given(st.text(alphabet="0123456789 -:/.tzinretyagmhsd后重试年月日", max_size=200))
def test_whatever_is_said_the_moment_is_ahead_and_near(prose: str) -> None:
    at = told_moment(f"try again in {prose}", NOW)

    assert at is None or NOW < at <= NOW + FURTHEST


@given(st.integers(1, 30 * 86_400))
def test_a_length_in_words_is_read_back(seconds: int) -> None:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    said = f"try again in {days} days {hours} hours {minutes} minutes and {rest} seconds."

    assert told_moment(said, NOW) == NOW + seconds * 1000


@pytest.mark.parametrize("piece", ["1s", "resets 3pm ", "2026-11-28 ", "9", "retry nov 29 ", "后"])
def test_a_hostile_sentence_is_read_once(piece: str) -> None:
    began = time.process_time()
    told_moment((piece * 8_000)[:8_000], NOW)
    assert time.process_time() - began < 1


# Of a Wednesday, 2026-11-18T11:06:40Z.
@pytest.mark.parametrize(
    ("prose", "at"),
    [
        (
            "Please wait for your limit to reset on 11/20/2026, 2:00:00 AM",
            iso("2026-11-20T02:00:00+00:00"),
        ),
        ("Your limit will reset on 11/20/2026", iso("2026-11-20T00:00:00+00:00")),
        ("将于 2026-11-22 17:00 CST 自动恢复", iso("2026-11-22T09:00:00+00:00")),
        ("冷却中，剩余 45 秒", iso("2026-11-18T11:07:25+00:00")),
        ("Daily quota resets at midnight Pacific time", iso("2026-11-19T08:00:00+00:00")),
        ("Daily quota resets at midnight Pacific Time (PT).", iso("2026-11-19T08:00:00+00:00")),
        ("resets at 9am Pacific", iso("2026-11-18T17:00:00+00:00")),
        ("resets at 9am Eastern Time", iso("2026-11-18T14:00:00+00:00")),
        ("resets 3pm (America/Port_of_Spain)", iso("2026-11-18T19:00:00+00:00")),
        (
            "Limit will reset at 2026-11-18 22:00:00 China Standard Time",
            iso("2026-11-18T14:00:00+00:00"),
        ),
        ("gpt-4o will be available until 2026-12-05. Rate limit reached", None),
        ("Rate limit reached. Falling back to gpt-4o-2026-11-20", None),
        ("Rate limit reached; switched back to model gpt-4o-2026-11-20", None),
        ("The free promotion ends on December 1. Rate limit exceeded.", None),
        ("You may send 3 requests again within any 10 second window", None),
        ("Retry with model gpt-5-2026-12-01", None),
        ("Your billing cycle ends Dec 5; rate limit 5 RPM", None),
        ("Please retry your request up to 3 times with 10s backoff", None),
        ("timeout: wait exceeded 30s", None),
        ("Wait time exceeded 30s; queue is full", None),
        ("You have used 100% of available tokens in 5h window", None),
    ],
)
def test_what_is_no_end_of_a_limit_is_not_taken_for_one(prose: str, at: datetime | None) -> None:
    told = told_moment(prose.lower(), 1_795_000_000_000)

    assert told == (None if at is None else round(at.timestamp() * 1000))
