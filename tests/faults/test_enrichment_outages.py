"""Servers killed, and away for a while, while an enrichment worker runs.

Without Redis calls go on within their limits. Without PostgreSQL the worker waits: it reads the archive of a
track there before it calls a provider.
"""

import os
import signal
import time
from datetime import date
from pathlib import Path

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
REDIS, POSTGRES = "redis", "postgres"
#: Attempts to reach PostgreSQL before it starts again: about 10 s. The long run has it away for a minute.
ATTEMPTS, MINUTE_S = 4, 60.0
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
            os.kill(pid_of(REDIS, supervisor), signal.SIGKILL)  # the supervisor starts it again
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


@pytest.mark.soak
@pytest.mark.parametrize(("tracks", "away_s"), [(24, 0.0), (120, MINUTE_S)], ids=["short", "minute"])
def test_the_worker_goes_on_after_postgresql_and_redis_were_away(
    fragile: Stack, new_pipeline: NewPipeline, tracks: int, away_s: float
) -> None:
    holdings = Holdings(world.make(SIZES["small"], AS_OF))
    requests = enrichment_chaos.requests_of(list(holdings.played.values())[:tracks])
    parts = [list(requests.values())[number::4] for number in range(4)]
    supervisor = Supervisor(fragile.home)
    with new_pipeline() as pipeline, TimestampedProviders(Providers(holdings, CALM)).serving() as servers:
        settings = enrichment_chaos.settings_for(servers, pipeline.settings, SPEED, SHORT_WINDOWS)
        log = settings.home / "logs" / "enrich-0.log"
        workers = WorkerProcesses(settings)
        try:
            workers.start(enrichment_chaos.PROCESS, "sink")
            send_records(settings, pipeline.codec, parts[0])
            enrichment_chaos.wait_for_requests(servers, STEP)
            os.kill(pid_of(POSTGRES, supervisor), signal.SIGKILL)  # the supervisor starts it again
            send_records(settings, pipeline.codec, parts[1])
            enrichment_chaos.wait_for_requests(servers, STEP)
            supervisor.stop((POSTGRES, REDIS))
            try:
                failed, stopped = attempts_in(log), time.monotonic()
                send_records(settings, pipeline.codec, parts[2])
                enrichment_chaos.wait_until(
                    lambda: attempts_in(log) >= failed + ATTEMPTS and time.monotonic() > stopped + away_s,
                    servers,
                )
                assert enrichment_chaos.requests_left(settings) >= len(parts[2])
            finally:
                for name in (POSTGRES, REDIS):
                    supervisor.start(name)
            send_records(settings, pipeline.codec, parts[3])
            enrichment_chaos.wait_until(lambda: not enrichment_chaos.requests_left(settings), servers)
            workers.stop([enrichment_chaos.SLOT])
            assert not workers.unexpected(), workers.tails()
            assert not [exit_ for exit_ in workers.exits if exit_.slot == enrichment_chaos.SLOT], (
                workers.tails()
            )
            enrichment_chaos.check(settings, pipeline.codec, servers, holdings, requests)
        finally:
            workers.close()


def attempts_in(log: Path) -> int:
    """Return how often the worker began again after an error of a server."""
    return log.read_text().count("enrichment_interrupted")


def pid_of(name: str, supervisor: Supervisor) -> int:
    """Return the process id of a server."""
    (pid,) = [process.pid for process in supervisor.processes() if process.name == name]
    assert pid
    return pid
