"""Cache: times by outcome, the end of a licence, and the stored form."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from enrichment.gateway import cache_rules
from enrichment.gateway.cache_rules import MAX_NEGATIVE_TTL_S, STALE_S, Entry, entry_of, stored_s, ttl_s
from enrichment.types import Operation, Outcome, Response

DAY_S = 86400.0
NOW = 1_800_000_000.0
OPERATION = Operation(name="track", cache_ttl_s=30 * DAY_S, negative_ttl_s=DAY_S)
RESPONSE = Response(
    status=200,
    headers={"content-type": "application/json", "set-cookie": "session=1", "x-account": "me"},
    body=b"{}",
    latency_ms=20,
    received=datetime.fromtimestamp(NOW, UTC),
)


def entry(outcome: Outcome, previous: Entry | None = None) -> Entry:
    """Return the entry of an answer at NOW."""
    return entry_of(RESPONSE, outcome, OPERATION, previous, now=NOW)


def test_misses_in_succession_double_the_time_up_to_32_days() -> None:
    assert [ttl_s(OPERATION, misses) / DAY_S for misses in range(8)] == [30, 1, 2, 4, 8, 16, 32, 32]
    third = entry("miss", entry("miss", entry("miss")))
    assert (third.misses, third.fresh_until) == (3, NOW + 4 * DAY_S)
    assert entry("hit", third).misses == 0
    assert ttl_s(OPERATION, 10_000) == MAX_NEGATIVE_TTL_S


def test_an_entry_is_kept_while_it_is_stale_but_not_beyond_its_licence() -> None:
    hit = entry("hit")
    assert stored_s(hit, NOW, None) == 30 * DAY_S + STALE_S
    assert stored_s(hit, NOW, 7 * DAY_S) == 7 * DAY_S
    assert stored_s(hit, NOW + 8 * DAY_S, 7 * DAY_S) == 0
    assert cache_rules.is_fresh(hit, NOW + 29 * DAY_S) and not cache_rules.is_fresh(hit, NOW + 30 * DAY_S)


def test_headers_that_may_identify_the_account_are_not_stored() -> None:
    assert entry("hit").headers == {"content-type": "application/json"}


@given(st.binary(max_size=2000))
def test_the_stored_form_is_read_back(body: bytes) -> None:
    stored = cache_rules.entry_of(
        Response(status=200, headers={}, body=body, latency_ms=1, received=RESPONSE.received),
        "hit",
        OPERATION,
        None,
        now=NOW,
    )
    assert cache_rules.load(cache_rules.dump(stored)) == stored


@given(st.binary(max_size=100))
def test_what_another_version_wrote_is_no_entry(stored: bytes) -> None:
    assert cache_rules.load(stored) is None or isinstance(cache_rules.load(stored), Entry)
    assert cache_rules.load(b"\0" + stored[:3]) is None


def test_only_hits_and_misses_are_cached() -> None:
    outcomes: tuple[Outcome, ...] = ("hit", "miss", "ours", "configuration", "quota", "busy", "broken")
    assert [outcome for outcome in outcomes if cache_rules.is_cacheable(outcome)] == ["hit", "miss"]
