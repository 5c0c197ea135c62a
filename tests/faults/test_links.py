"""Merges, splits, same sets and events under faults: the same ids everywhere, and the same truth found."""

import time
from random import Random, SystemRandom

import pytest

from demo.world.world import World
from tests.support import link_scenarios, linked_outcome, scenario
from tests.support.link_scenarios import spelled
from tests.support.linked_outcome import LinkedOutcome
from tests.support.pipeline import ALL, SHORT_SESSION, NewPipeline, Pipeline
from tests.support.resolver_faults import RESOLVER, STOPPED, ResolverFaults
from tests.support.scenario import Scenario
from tests.support.set_builders import track

#: Minimum (precision, recall).
FLOORS = {
    "tracks": (0.99, 0.97),
    "appearances": (0.99, 0.99),
    "same sets": (1.0, 0.95),
    "events": (1.0, 0.95),
}
BEFORE, AFTER = (RESOLVER, RESOLVER, "silver", "gold"), (RESOLVER, RESOLVER, "silver", "sink")
"""Processes killed before and after a resolver is stopped while another one waits for its lock."""
WANTED = 8  # kills at least, half of them of the resolver
PAUSES = (0.3, 2.0)  # seconds between two faults


@pytest.fixture(scope="module")
def world() -> World:
    """Return the simulated world."""
    return link_scenarios.make_world()


@pytest.fixture(scope="module")
def records(world: World) -> Scenario:
    """Return the records that both runs are fed: pages, decisions, ids of shops."""
    return link_scenarios.write(world)


@pytest.fixture(scope="module")
def calm(new_pipeline: NewPipeline, world: World, records: Scenario) -> LinkedOutcome:
    """Return the results of the run without faults."""
    with new_pipeline() as pipeline:
        pipeline.feed(records)
        pipeline.start(*ALL, RESOLVER)
        return linked_outcome.concluded(pipeline, world)


def disturbed(pipeline: Pipeline, records: Scenario, random: Random) -> ResolverFaults:
    """Feed part by part with a fault behind each, a stopped resolver and a replay of silver in the middle."""
    faults = ResolverFaults(pipeline, random)
    parts = iter(scenario.parts(records, len(BEFORE) + len(AFTER) + 3))

    def kill_each(names: tuple[str, ...]) -> None:
        for name in random.sample(names, len(names)):
            pipeline.feed(next(parts))
            faults.kill(name)
            time.sleep(random.uniform(*PAUSES))

    pipeline.start(*ALL, RESOLVER)
    kill_each(BEFORE)
    faults.stop()
    began = time.monotonic()
    pipeline.feed(next(parts))
    pipeline.processes.stop([("silver", "0")])
    assert pipeline.rewind(random, "silver") > 0
    pipeline.start("silver")
    pipeline.feed(next(parts))
    time.sleep(max(0.0, began + STOPPED - time.monotonic()))
    faults.go_on()
    pipeline.feed(next(parts))
    faults.kill(RESOLVER)
    kill_each(AFTER)
    return faults


def test_the_truth_is_found_and_people_are_heard(calm: LinkedOutcome) -> None:
    for name, (precision, recall) in FLOORS.items():
        measure = calm.measures[name]
        assert (measure.precision or 0) >= precision, measure
        assert (measure.recall or 0) >= recall, measure
    linked = {
        number
        for number in range(len(link_scenarios.TITLES))
        if any(set(map(track, spelled(number))) <= set(row.split('"')) for row in calm.links["canonical"])
    }
    assert linked == {
        link_scenarios.MERGED,
        link_scenarios.SPLIT_WITHDRAWN,
        link_scenarios.FORCED,
        link_scenarios.LINKED,
    }


def test_faults_leave_no_trace_in_links(
    new_pipeline: NewPipeline, world: World, records: Scenario, calm: LinkedOutcome
) -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    random = Random(seed)
    with new_pipeline(session_timeout=SHORT_SESSION) as pipeline:
        faults = disturbed(pipeline, random.sample(records, len(records)), random)
        print(f"kills {dict(faults.kills)}, of the resolver {faults.met} while marks were open")
        assert faults.kills.total() >= WANTED
        assert 2 * faults.kills[RESOLVER] >= WANTED
        after = linked_outcome.concluded(pipeline, world)
    assert not calm.differences(after), f"seed {seed}"
    assert after.measures == calm.measures
