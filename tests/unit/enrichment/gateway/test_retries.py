"""Retries: which outcomes, how often, and delays within their bounds."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from enrichment.gateway.client import joined
from enrichment.gateway.retries import (
    FIRST_DELAY_S,
    MAX_DELAY_S,
    MAX_INLINE_DELAY_S,
    MAX_RETRIES,
    retry_delay,
)
from enrichment.types import Classified
from songnodes import retry_after


def delays(classified: Classified, random: float) -> list[float]:
    """Return the delays of all retries."""
    retries = 0
    result = []
    while (delay := retry_delay(classified, retries, random)) is not None:
        result.append(delay)
        retries += 1
    return result


def test_busy_is_retried_three_times_and_broken_once() -> None:
    assert delays(Classified(outcome="busy"), 1.0) == [0.5, 1.0, 2.0]
    assert delays(Classified(outcome="broken"), 1.0) == [FIRST_DELAY_S]
    for outcome in ("hit", "miss", "ours", "configuration", "quota"):
        assert delays(Classified(outcome=outcome), 1.0) == []


@given(st.floats(0, 1), st.floats(0, MAX_INLINE_DELAY_S))
def test_retry_after_is_a_lower_bound(random: float, retry_after: float) -> None:
    results = delays(Classified(outcome="busy", retry_after_s=retry_after), random)
    assert len(results) == MAX_RETRIES
    assert all(retry_after <= delay <= retry_after + MAX_DELAY_S for delay in results)


def test_hours_are_not_waited_for_inline() -> None:
    assert delays(Classified(outcome="busy", retry_after_s=MAX_INLINE_DELAY_S + 1), 0.0) == []


def test_a_repeated_header_is_one_list() -> None:
    """A proxy may add its own Retry-After: the longest counts, and the last one replaces none."""
    headers = joined([("Retry-After", "120"), ("Server", "x"), ("retry-after", "5")])
    assert headers == {"retry-after": "120, 5", "server": "x"}
    assert retry_after.seconds(headers, datetime(2026, 11, 30, tzinfo=UTC)) == 120.0
