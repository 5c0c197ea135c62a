"""Records read again from anywhere, and state that is gone: the same comes out."""

import shutil
from random import Random, SystemRandom

from tests.support import scenario
from tests.support.pipeline import NewPipeline, Outcome
from tests.support.scenario import Scenario


def test_replays_and_lost_state_leave_no_trace(
    new_pipeline: NewPipeline, fed: Scenario, undisturbed: tuple[Outcome, Outcome]
) -> None:
    """Every topic is read again from a random offset in the middle; later all local state is deleted."""
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    first, second, third = scenario.parts(fed, 3)
    with new_pipeline() as pipeline:
        pipeline.feed(first)
        pipeline.start()
        pipeline.drain()

        pipeline.processes.stop()
        repeated = pipeline.rewind(Random(seed))
        assert repeated > len(first)
        pipeline.feed(second)
        pipeline.start()
        pipeline.drain()

        pipeline.processes.stop()
        shutil.rmtree(pipeline.settings.home / "state")
        pipeline.feed(third)
        pipeline.start()
        pipeline.drain()

        pipeline.check()
        assert not undisturbed[0].differences(pipeline.concluded()), f"seed {seed}"
