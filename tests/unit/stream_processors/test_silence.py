"""When gold says something, and when it need not."""

from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline

STROBE = "Deadmau5 - Strobe"


def test_gold_speaks_of_a_silver_record_only_where_it_shows_something_new() -> None:
    pipeline = InProcessPipeline()

    def said() -> int:
        gold = pipeline.stages["gold"]
        return sum(each.topic == "gold.tracks" for each in gold.outputs)

    told = []
    for number in range(4):
        if number == 3:
            pipeline.stages["gold"].crash()
        page = sample_records.tracklist(f"set{number}", STROBE)
        pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        before = said()
        pipeline.run()
        pipeline.stages["gold"].commit()
        told.append(said() - before)
    # the play and the silver record, then the plays alone; after a crash the first word says all
    assert told[:1] == [2]
    assert told[2] == 1
    assert told[3] >= 1
    newest = next(iter(pipeline.live_records["gold.tracks"].values()))
    assert (newest["play_count"], newest["track_name"]) == (4, "Strobe")
