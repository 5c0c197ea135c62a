"""PostgreSQL, Redis and the registry away for a while: lag, then catching up, and nothing lost or refused."""

from infra.embedded import lag
from infra.embedded.stack import SERVERS, Stack
from infra.embedded.supervisor import Supervisor
from tests.support import scenario
from tests.support.pipeline import NewPipeline, Outcome
from tests.support.scenario import Scenario

AWAY = ("postgres", "redis", "registry")


def test_an_outage_leaves_no_trace(
    fragile: Stack, new_pipeline: NewPipeline, fed: Scenario, undisturbed: tuple[Outcome, Outcome]
) -> None:
    first, second, third = scenario.parts(fed, 3)
    supervisor = Supervisor(fragile.home)
    with new_pipeline() as pipeline:
        pipeline.processes.excused = ("The schema registry does not respond",)
        pipeline.feed(first)
        pipeline.start()
        pipeline.drain()
        supervisor.stop(AWAY)
        try:
            pipeline.feed(second)
            pipeline.drain_stages()  # stages need Kafka alone
            pipeline.processes.kill(("sink", "0"))  # it must wait for its servers when it comes back
            pipeline.processes.kill(("silver", "0"))
            pipeline.feed(third)
            waiting = lag.groups(pipeline.settings, pipeline.settings.namespace)
            assert sum(group.records for group in waiting if "sink" in group.group) > 0
        finally:
            for name in AWAY:
                supervisor.start(name)
        assert set(AWAY) <= {server.name for server in SERVERS}
        pipeline.drain()
        pipeline.check()
        assert not undisturbed[0].differences(pipeline.concluded())
