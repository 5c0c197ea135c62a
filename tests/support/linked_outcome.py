"""Outcome of a pipeline with a resolver over the simulated world, with its score against the truth."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from demo import pipeline_playlists, score
from demo.score import Measure
from demo.world.world import World
from tests.support import link_scenarios, link_tables
from tests.support.pipeline import DRAIN_TIMEOUT_S, Outcome, Pipeline
from tests.support.tables import Rows, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedOutcome:
    """Results of a run: tables and topics, tables of the resolver, and the score against the truth."""

    outcome: Outcome
    links: Mapping[str, Rows]
    measures: Mapping[str, Measure]

    def differences(self, other: "LinkedOutcome") -> str:
        """Return a few rows of each difference; empty if both are equal."""
        parts = (self.outcome.differences(other.outcome), differences(self.links, other.links))
        return "\n".join(filter(None, parts))


def concluded(pipeline: Pipeline, world: World, drain_limit_s: float = DRAIN_TIMEOUT_S) -> LinkedOutcome:
    """Wait until all records are processed; return what two correct runs have in common."""
    pipeline.drain(drain_limit_s)
    pipeline.check()
    outcome = pipeline.concluded(any_order=True)
    true = score.of_world(world, link_scenarios.EDITION)
    with psycopg.connect(pipeline.settings.database_url) as connection:
        measures = score.score(true, pipeline_playlists.read(connection))
    return LinkedOutcome(
        outcome=outcome,
        links=link_tables.read(pipeline.settings.database_url),
        measures={measure.name: measure for measure in measures},
    )
