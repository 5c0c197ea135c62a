"""What is asked of providers, and what is asked no more."""

from datetime import timedelta

from tests.support import sample_records
from tests.support.offline import OfflinePipeline

STROBE, ROSE = "Deadmau5 - Strobe", "Rose - Thorn"


def test_a_track_that_nobody_names_any_more_is_not_asked_for() -> None:
    pipeline = OfflinePipeline()
    later = sample_records.SEEN + timedelta(days=1)
    for page in (
        sample_records.tracklist("abc", STROBE, ROSE),
        sample_records.tracklist("abc", STROBE, observed_at=later),
    ):
        pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        pipeline.run()
    asked = [request["track_title"] for request in pipeline.held["enrichment.requests"].values()]
    assert asked == ["Strobe"]
    assert len(pipeline.held["silver.tracks"]) == 2, "the track itself is told to be gone, not forgotten"
