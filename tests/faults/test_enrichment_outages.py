"""Redis killed, and away for a while, while an enrichment worker runs: calls go on within their limits."""

import os
import signal
from datetime import date

import pytest

from demo.providers import Holdings, Providers
from demo.providers.faults import CALM
from demo.providers.holdings import PROVIDERS, Provider
from demo.world import world
from demo.world.sizes import SIZES
from infra.embedded.stack import Stack
from infra.embedded.supervisor import Supervisor
from tests.support import enrichment_chaos
from tests.support.enrichment_requests import send_records
from tests.support.pipeline import NewPipeline
from tests.support.timestamped_providers import TimestampedProviders
from tests.support.worker_processes import WorkerProcesses

AS_OF = date(2026, 11, 29)
SPEED = 5
#: Requests between two events.
STEP = 15
REDIS = "redis"
#: The others have longer windows, each of which passes twice before their next call.
SHORT_WINDOWS: tuple[Provider, ...] = ("deezer", "reccobeats", "musicbrainz")


@pytest.mark.parametrize(
    ("tracks", "enabled"),
    [(30, SHORT_WINDOWS), pytest.param(60, PROVIDERS, marks=pytest.mark.soak)],
    ids=["short windows", "all"],
)
def test_calls_go_on_within_the_limits_while_redis_is_away(
    fragile: Stack, new_pipeline: NewPipeline, tracks: int, enabled: tuple[Provider, ...]
) -> None:
    holdings = Holdings(world.make(SIZES["small"], AS_OF))
    requests = enrichment_chaos.requests_of(list(holdings.played.values())[:tracks])
    supervisor = Supervisor(fragile.home)
    with new_pipeline() as pipeline, TimestampedProviders(Providers(holdings, CALM)).serving() as servers:
        settings = enrichment_chaos.settings_for(servers, pipeline.settings, SPEED, enabled)
        send_records(settings, pipeline.codec, requests.values())
        workers = WorkerProcesses(settings)
        try:
            workers.start(enrichment_chaos.PROCESS)
            enrichment_chaos.wait_for_requests(servers, STEP)
            os.kill(pid_of_redis(supervisor), signal.SIGKILL)  # the supervisor starts it again
            enrichment_chaos.wait_for_requests(servers, STEP)
            supervisor.stop((REDIS,))
            try:
                assert enrichment_chaos.requests_left(settings)
                enrichment_chaos.wait_for_requests(servers, STEP)
            finally:
                supervisor.start(REDIS)
            enrichment_chaos.wait_until(lambda: not enrichment_chaos.requests_left(settings), servers)
            workers.stop()
            assert not workers.unexpected(), workers.tails()
            assert not workers.exits, workers.tails()  # a worker without Redis goes on
            log = (settings.home / "logs" / "enrich-0.log").read_text()
            assert "gateway_without_redis" in log and "gateway_with_redis_again" in log
            enrichment_chaos.check(settings, pipeline.codec, servers, holdings, requests)
        finally:
            workers.close()


def pid_of_redis(supervisor: Supervisor) -> int:
    """Return the process id of the server."""
    (pid,) = [process.pid for process in supervisor.processes() if process.name == REDIS]
    assert pid
    return pid
