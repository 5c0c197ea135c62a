"""Laws of the stages together, without servers: order and crashes do not show in what comes out.

What random kills on real servers rarely hit, a crash between any two changelog records, is drawn here.
"""

from collections.abc import Sequence
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songnodes.domain.records import Page
from tests.support import changing_pages
from tests.support.in_process_stages import InProcessPipeline
from tests.support.tables import Rows, differences
from tests.support.worker_processes import STAGES

SEEDS = st.integers(0, 2**32 - 1)
CRASHES = 6  # in one history; each lets the stages behind do their work again
FEW_EXAMPLES = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(pages: Sequence[Page], random: Random | None = None, crashes: int = 0) -> dict[str, Rows]:
    """Return the records of all stages; with `random` topics interleave freely, and stages crash.

    Stages then also keep outputs over a random number of records.
    """
    pipeline = InProcessPipeline()
    if random:
        pipeline.defers = lambda: random.random() < 0.7
    for page in pages:
        pipeline.publish("bronze.pages", page["page_id"], page)

    left = crashes

    def choose(waiting: Sequence[str]) -> str:
        nonlocal left
        assert random is not None
        if left and random.random() < 0.05:
            left -= 1
            pipeline.crash(random.choice(STAGES), keep=random.randrange(6))
        return random.choice(waiting)

    pipeline.run(choose) if random else pipeline.run()
    assert not pipeline.dead_letters
    return pipeline.newest()


@FEW_EXAMPLES
@given(seed=SEEDS, order=SEEDS)
def test_any_order_of_arrival_gives_the_same(seed: int, order: int) -> None:
    pages = changing_pages.make(seed, pages=2, savings=4).pages
    random = Random(order)
    shuffled = random.sample(pages, len(pages))
    assert not differences(outcome(pages), outcome(shuffled, random))


@FEW_EXAMPLES
@given(seed=SEEDS, faults=SEEDS)
def test_crashes_at_any_moment_give_the_same(seed: int, faults: int) -> None:
    pages = changing_pages.make(seed, pages=2, savings=4).pages
    assert not differences(outcome(pages), outcome(pages, Random(faults), crashes=CRASHES))


def test_the_law_can_fail() -> None:
    """Two worlds that differ in one late page differ in the outcome."""
    pages = changing_pages.make(5, pages=2, savings=4).pages
    assert differences(outcome(pages), outcome(pages[:-2]))
