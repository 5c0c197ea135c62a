"""Merges, splits, same sets and events under faults: the same ids everywhere, and the same truth found."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random, SystemRandom

import psycopg
import pytest

from demo import pipeline_playlists, score
from demo.score import Measure
from demo.world.world import World
from tests.support import link_scenarios, link_tables, scenario
from tests.support.link_scenarios import spelled
from tests.support.pipeline import ALL, SHORT_SESSION, NewPipeline, Outcome, Pipeline
from tests.support.resolver_faults import RESOLVER, STOPPED, ResolverFaults
from tests.support.scenario import Scenario
from tests.support.set_builders import track
from tests.support.tables import Rows, differences

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Results of a run: tables and topics, tables of the resolver, and the score against the truth."""

    outcome: Outcome
    links: Mapping[str, Rows]
    measures: Mapping[str, Measure]

    def differences(self, other: "Linked") -> str:
        """Return a few rows of each difference; empty if both are equal."""
        parts = (self.outcome.differences(other.outcome), differences(self.links, other.links))
        return "\n".join(filter(None, parts))


@pytest.fixture(scope="module")
def world() -> World:
    """Return the simulated world."""
    return link_scenarios.make_world()


@pytest.fixture(scope="module")
def records(world: World) -> Scenario:
    """Return the records that both runs are fed: pages, decisions, ids of shops."""
    return link_scenarios.write(world)


@pytest.fixture(scope="module")
def calm(new_pipeline: NewPipeline, world: World, records: Scenario) -> Linked:
    """Return the results of the run without faults."""
    with new_pipeline() as pipeline:
        pipeline.feed(records)
        pipeline.start(*ALL, RESOLVER)
        return concluded(pipeline, world)


def concluded(pipeline: Pipeline, world: World) -> Linked:
    """Wait until all records are processed; return what two correct runs have in common."""
    pipeline.drain()
    pipeline.check()
    outcome = pipeline.concluded(any_order=True)
    true = score.of_world(world, link_scenarios.EDITION)
    with psycopg.connect(pipeline.settings.database_url) as connection:
        measures = score.score(true, pipeline_playlists.read(connection))
    return Linked(
        outcome=outcome,
        links=link_tables.read(pipeline.settings.database_url),
        measures={measure.name: measure for measure in measures},
    )


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


def test_the_truth_is_found_and_people_are_heard(calm: Linked) -> None:
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
    new_pipeline: NewPipeline, world: World, records: Scenario, calm: Linked
) -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    random = Random(seed)
    with new_pipeline(session_timeout=SHORT_SESSION) as pipeline:
        faults = disturbed(pipeline, random.sample(records, len(records)), random)
        print(f"kills {dict(faults.kills)}, of the resolver {faults.met} while marks were open")
        assert faults.kills.total() >= WANTED
        assert 2 * faults.kills[RESOLVER] >= WANTED
        after = concluded(pipeline, world)
    assert not calm.differences(after), f"seed {seed}"
    assert after.measures == calm.measures
