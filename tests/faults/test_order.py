"""Pages in another order, two workers per stage, workers joining and leaving: the same comes out.

One order on real servers; many more, with topics interleaved at will, in `test_laws.py`.
"""

from random import Random, SystemRandom

from tests.support import scenario
from tests.support.pipeline import SHORT_SESSION, NewPipeline, Outcome
from tests.support.scenario import Scenario
from tests.support.worker_processes import STAGES


def test_any_order_and_two_workers_leave_no_trace(
    new_pipeline: NewPipeline, fed: Scenario, undisturbed: tuple[Outcome, Outcome]
) -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    first, second, third = scenario.parts(scenario.shuffled(fed, Random(seed)), 3)
    with new_pipeline(session_timeout=SHORT_SESSION) as pipeline:
        pipeline.start()
        pipeline.feed(first)
        pipeline.start(*STAGES, slot="1")
        pipeline.feed(second)
        pipeline.drain_stages()
        pipeline.processes.stop([(name, "0") for name in STAGES])
        pipeline.feed(third)
        pipeline.drain()
        pipeline.check()
        outcome = pipeline.concluded(any_order=True)
    assert not undisturbed[1].differences(outcome), f"seed {seed}"
