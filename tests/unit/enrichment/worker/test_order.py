"""Order of the requests of one fetch."""

from datetime import UTC, datetime, timedelta
from typing import cast

from enrichment.worker.intake import Requested
from enrichment.worker.process import in_order
from songnodes.domain.records import EnrichmentRequest
from songnodes.messaging.log_offsets import Partition
from tests.support.sample_records import envelope

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def requested(plays: int, due: datetime) -> Requested:
    """Return a request of a track with so many plays."""
    values: dict[str, object] = {
        "track_id": "deadmau5-strobe",
        "request_id": "r",
        "artist_name": "Deadmau5",
        "track_title": "Strobe",
        "text": "Deadmau5 - Strobe",
        "duration_ms": None,
        "known_ids": {},
        "missing": ["bpm"],
        "recheck": 0,
        "plays": plays,
        "first_set_date": NOW.date(),
        "artist_id": None,
    }
    request = cast(EnrichmentRequest, {**envelope("request"), **values})
    return Requested(
        partition=Partition("enrichment.requests", 0), offset=plays, request=request, due=due, generation=1
    )


def test_requests_that_are_due_come_by_worth_and_the_others_by_time() -> None:
    hour = timedelta(hours=1)
    requests = [
        requested(1, NOW - hour),
        requested(9, NOW + 2 * hour),
        requested(3, NOW),
        requested(2, NOW + hour),
        requested(8, NOW - 3 * hour),
    ]
    assert [entry.request["plays"] for entry in in_order(requests, NOW, frozenset())] == [8, 3, 1, 2, 9]
