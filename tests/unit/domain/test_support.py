"""Support of a DJ's entry."""

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
    whole = support.apply_entry(support.empty(), "dj", None, entry, "nobody")
    _, _, week = support.support_counts(entry)
    summed = support.apply_week_counts(support.empty(), {}, week)
    assert whole["support_halves"] == summed["support_halves"]
    assert support.apply_entry(support.empty(), "nobody", None, entry, "nobody")["support_halves"] == {}
