"""Enrichment requests to providers, and their retraction."""

from datetime import timedelta

from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline

STROBE, ROSE = "Deadmau5 - Strobe", "Rose - Thorn"


def test_a_track_without_claims_is_not_requested() -> None:
    pipeline = InProcessPipeline()
    later = sample_records.SEEN + timedelta(days=1)
    for page in (
        sample_records.tracklist("abc", STROBE, ROSE),
        sample_records.tracklist("abc", STROBE, observed_at=later),
    ):
        pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        pipeline.run()
    requested = [request["track_title"] for request in pipeline.live_records["enrichment.requests"].values()]
    assert requested == ["Strobe"]
    assert len(pipeline.live_records["silver.tracks"]) == 2, (
        "the track itself is told to be gone, not forgotten"
    )


def test_an_equal_request_is_sent_once_and_again_after_a_crash() -> None:
    pipeline = InProcessPipeline()

    def requests() -> int:
        silver = pipeline.stages["silver"]
        return sum(output.topic == "enrichment.requests" for output in silver.outputs)

    for number, wanted in enumerate((1, 1, 2)):
        if number == 2:
            pipeline.stages["silver"].crash()
        page = sample_records.tracklist(f"set{number}", STROBE)
        pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        pipeline.run()
        pipeline.stages["silver"].commit()
        assert requests() == wanted
