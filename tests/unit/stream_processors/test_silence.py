"""Gold emits a record only if its content changed."""

from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline

STROBE = "Deadmau5 - Strobe"


def test_gold_emits_for_a_silver_record_only_new_content() -> None:
    pipeline = InProcessPipeline()

    def emitted() -> int:
        gold = pipeline.stages["gold"]
        return sum(output.topic == "gold.tracks" for output in gold.outputs)

    counts = []
    for number in range(4):
        if number == 3:
            pipeline.stages["gold"].crash()
        page = sample_records.tracklist(f"set{number}", STROBE)
        pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        before = emitted()
        pipeline.run()
        pipeline.stages["gold"].commit()
        counts.append(emitted() - before)
    # the play and the silver record, then the plays alone; after a crash the first output contains all
    assert counts[:1] == [2]
    assert counts[2] == 1
    assert counts[3] >= 1
    newest = next(iter(pipeline.live_records["gold.tracks"].values()))
    assert (newest["play_count"], newest["track_name"]) == (4, "Strobe")
