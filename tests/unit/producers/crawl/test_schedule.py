"""The next fetch of a page: the rule and its invariants."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.crawl import schedule
from producers.crawl.schedule import DAY, PageFacts, next_retry, next_visit

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
JITTER = 1 + schedule.JITTER


def facts(days_ago: int | None = None, **facts: object) -> PageFacts:
    day = None if days_ago is None else NOW.date() - timedelta(days=days_ago)
    return PageFacts(page_id="a:b:c", found_at=NOW, set_date=day, **facts)  # type: ignore[arg-type]


def wait(facts: PageFacts) -> timedelta:
    return next_visit(facts, NOW) - NOW


@pytest.mark.parametrize(
    ("days_ago", "days"), [(-30, 1), (0, 1), (14, 1), (15, 7), (90, 7), (91, 91), (9000, 91), (None, 1)]
)
def test_interval_is_daily_then_weekly_then_quarterly(days_ago: int | None, days: int) -> None:
    assert days * DAY <= wait(facts(days_ago)) <= days * DAY * JITTER


def test_a_page_without_a_date_is_as_old_as_its_first_fetch() -> None:
    old = PageFacts(page_id="a:b:c", found_at=NOW - 200 * DAY)
    assert wait(old) >= schedule.QUARTERLY


def test_unidentified_rows_shorten_and_unchanged_fetches_lengthen_the_interval() -> None:
    plain = wait(facts(30))
    assert wait(facts(30, unidentified=3)) / plain == pytest.approx(0.5)
    assert wait(facts(30, unidentified=0)) == plain
    ratios = [wait(facts(30, unchanged=count)) / plain for count in (1, 2, 3, 9)]
    assert ratios == pytest.approx([2, 4, 8, 8])


def test_sites_that_announce_changes_are_fetched_rarely_and_lists_weekly() -> None:
    assert wait(facts(0, announced=True)) >= schedule.QUARTERLY
    assert 7 * DAY <= wait(facts(0, is_list=True)) <= 7 * DAY * JITTER


FACTS = st.builds(
    PageFacts,
    page_id=st.text(min_size=1, max_size=20),
    found_at=st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    set_date=st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    unidentified=st.none() | st.integers(0, 500),
    unchanged=st.integers(0, 10_000),
    is_list=st.booleans(),
    announced=st.booleans(),
)


@given(FACTS)
def test_the_interval_has_a_minimum_and_a_maximum(facts: PageFacts) -> None:
    assert DAY / 2 <= wait(facts) <= schedule.MAX_INTERVAL * JITTER
    assert next_visit(facts, NOW) == next_visit(facts, NOW)


@given(FACTS, st.integers(0, 50))
def test_more_unchanged_fetches_never_shorten_the_interval(facts: PageFacts, more: int) -> None:
    patient = replace(facts, unchanged=facts.unchanged + more)
    assert wait(patient) >= wait(facts)


@given(FACTS, st.integers(0, 5_000))
def test_an_older_set_never_has_a_shorter_interval(facts: PageFacts, days: int) -> None:
    if facts.set_date is None or facts.set_date.toordinal() <= days:
        return
    older = replace(facts, set_date=facts.set_date - timedelta(days=days))
    assert wait(older) >= wait(facts)


def test_failures_back_off_and_finally_stop() -> None:
    times = [next_retry(attempts, "a:b:c", NOW) for attempts in range(1, schedule.MAX_ATTEMPTS + 1)]
    waits = [time - NOW for time in times[:-1] if time]
    assert len(waits) == schedule.MAX_ATTEMPTS - 1
    assert all(later >= 3 * sooner for sooner, later in pairwise(waits))
    assert waits[0] < timedelta(seconds=11)
    assert times[-1] is None


def test_a_blocked_page_waits_for_hours_then_days_and_at_most_a_month() -> None:
    waits = [schedule.next_block_retry(attempts, NOW) - NOW for attempts in (1, 2, 3, 500)]
    assert waits == [DAY / 4, DAY / 2, DAY, 30 * DAY]
