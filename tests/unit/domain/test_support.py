"""Support of a DJ's entry."""

from collections import Counter
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import support
from songnodes.domain.support import DjEntry

SEEN = datetime(2024, 5, 1, tzinfo=UTC)


@given(
    day=st.none() | st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    precision=st.none() | st.sampled_from(["day", "month", "year"]),
    plays=st.integers(0, 3),
    layered_only=st.booleans(),
    live=st.booleans(),
)
def test_an_entry_of_one_playlist_has_the_support_of_its_counts(
    day: date | None, precision: str | None, plays: int, layered_only: bool, live: bool
) -> None:
    entry: DjEntry = {
        "playlists": {
            "set": {
                "version": 1,
                "live": live,
                "lead": True,
                "day": day.isoformat() if day else None,
                "precision": precision,
                "plays": plays,
                "component_plays": 0,
                "layered_only": layered_only,
                "own": False,
            }
        },
        "observed_at": SEEN,
        "split": False,
    }
    whole = support.apply_entry(support.empty(), None, entry)
    _, _, week = support.support_counts(entry)
    summed = support.apply_week_counts(support.empty(), {}, week)
    assert whole["support_halves"] == summed["support_halves"]
    without = support.apply_entry(support.empty(), None, entry, has_support=False)
    assert (without["support_halves"], without["djs"]) == ({}, 0)


counts_by_day = st.dictionaries(
    st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"]), st.integers(1, 3)
)


@given(counts_by_day, counts_by_day, counts_by_day)
def test_sums_change_by_the_difference_and_have_no_zeros(
    others: dict[str, int], before: dict[str, int], after: dict[str, int]
) -> None:
    sums = Counter(others) + Counter(before)
    changed = support.add_delta(dict(sums), before, after)
    assert changed == dict(sums - Counter(before) + Counter(after))
