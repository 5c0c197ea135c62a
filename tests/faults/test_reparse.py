"""An archive that older rules read, reparsed after an upgrade."""

from tests.support.pipeline import NewPipeline, Outcome
from tests.support.scenario import Scenario

STAGES = ("parse", "silver")


def test_a_reparse_gives_the_tables_of_a_fresh_ingest(
    new_pipeline: NewPipeline, fed: Scenario, undisturbed: tuple[Outcome, Outcome]
) -> None:
    """All pages are parsed and read by older rules; the newer ones read them again from the archive.

    Bronze keeps the first record of equal content, and with it the number of the parser that wrote it.
    """
    fresh = undisturbed[0]
    with new_pipeline() as pipeline:
        pipeline.processes.command = {
            name: ("-m", "tests.support.older_rules", "run", name) for name in STAGES
        }
        pipeline.feed(fed)
        pipeline.start()
        pipeline.drain()
        before = pipeline.concluded().without_bronze()
        assert fresh.without_bronze().differences(before), "the older rules read the same"

        pipeline.processes.stop()
        pipeline.processes.command = {}
        pipeline.start()
        pipeline.command("reparse", "1001tracklists", "--from", "earliest")
        pipeline.drain()

        pipeline.check()
        after = pipeline.concluded()
        assert not fresh.without_bronze().differences(after.without_bronze())
        assert after.tables.counts() == fresh.tables.counts()
