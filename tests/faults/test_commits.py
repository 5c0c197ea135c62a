"""Workers that die between two acknowledged records of a commit: the same comes out."""

from random import Random

from tests.support import scenario
from tests.support.crashing_worker import DEATH
from tests.support.pipeline import NewPipeline, Outcome
from tests.support.scenario import Scenario
from tests.support.worker_processes import STAGES

PARTS = 8  # drained one by one, so that there are many commits
WANTED = 3  # deaths at least; 7 are to be expected


def test_deaths_inside_commits_leave_no_trace(
    new_pipeline: NewPipeline, fed: Scenario, undisturbed: tuple[Outcome, Outcome]
) -> None:
    with new_pipeline() as pipeline:
        pipeline.processes.expected = {DEATH}
        pipeline.processes.command = {name: ("-m", "tests.support.crashing_worker", name) for name in STAGES}
        pipeline.start()
        for part in scenario.parts(fed, PARTS):
            pipeline.feed(part)
            pipeline.drain_stages()
        pipeline.drain()
        while (deaths := sum(end.code == DEATH for end in pipeline.processes.exits)) < WANTED:
            pipeline.processes.stop()
            pipeline.rewind(Random(), *STAGES)  # the same once more, until enough have died
            pipeline.start()
            pipeline.drain()
        print(f"{deaths} deaths inside commits")
        pipeline.check()
        assert not undisturbed[0].differences(pipeline.concluded())
