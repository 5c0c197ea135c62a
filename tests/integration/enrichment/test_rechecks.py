"""Rechecks of misses by a worker as a process: by the schedule, without a request, in spite of a kill."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from demo.providers import Holdings, Providers
from demo.providers.faults import CALM
from demo.providers.holdings import Provider
from demo.world import world
from demo.world.sizes import SIZES
from enrichment.answers import evaluate
from enrichment.gateway.archive import attempt_record
from enrichment.gateway.cache import RedisAnswerCache
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.opening import key_prefix, opened_archive
from enrichment.gateway.question import Answered, Question
from enrichment.plan import Budgets, PlanConfiguration, PlannedCall, plan, question_of
from enrichment.plan.types import TrackQuestion
from enrichment.providers import ALL
from enrichment.types import Call
from enrichment.worker.intake import REQUESTS
from songnodes.domain.waterfall import DEFAULT
from songnodes.messaging import clients, topics
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import connection
from tests.support import codecs, enrichment_chaos
from tests.support.enrichment_requests import send_records
from tests.support.timestamped_providers import TimestampedProviders
from tests.support.worker_processes import WorkerProcesses

AS_OF = date(2026, 11, 29)
OVERDUE, RECENT = 12, 4
SPEED = 20
DAY = timedelta(days=1)
DEEZER: tuple[Provider, ...] = ("deezer",)


def test_misses_are_looked_up_again_when_they_are_due_in_spite_of_a_kill(pipeline_settings: Settings) -> None:
    holdings = Holdings(world.make(SIZES["small"], AS_OF))
    recordings = list(holdings.played.values())[: OVERDUE + RECENT]
    requests = list(enrichment_chaos.requests_of(recordings).values())
    overdue, recent = requests[:OVERDUE], requests[OVERDUE:]
    now = datetime.now(UTC).replace(microsecond=0)
    with TimestampedProviders(Providers(holdings, CALM)).serving() as servers:
        settings = enrichment_chaos.settings_for(servers, pipeline_settings, SPEED, DEEZER)
        topics.apply(clients.admin(settings), settings)
        codec = codecs.registered(settings)
        old = [miss for request in overdue for miss in misses(request, now - 40 * DAY)]
        new = [miss for request in recent for miss in misses(request, now - DAY / 2)]
        asyncio.run(archive(settings, [record for _, record in (*old, *new)]))
        asyncio.run(cache(settings, {call.key for call, _ in old}))  # a recheck does not use the entry
        send_records(settings, codec, requests)
        workers = WorkerProcesses(settings)
        try:
            workers.start(enrichment_chaos.PROCESS)
            enrichment_chaos.wait_for_requests(servers, OVERDUE // 3)
            workers.kill(enrichment_chaos.SLOT)
            enrichment_chaos.wait_until(
                lambda: (
                    all(row["due_at"] > now for row in rows(settings).values())
                    and looked_up(settings, codec, now) >= {request["track_id"] for request in overdue}
                ),
                servers,
            )
            assert not enrichment_chaos.requests_left(settings)
            end(settings, recent[0]["track_id"])
            enrichment_chaos.wait_until(lambda: recent[0]["track_id"] not in rows(settings), servers)
            workers.stop()
            assert not workers.unexpected(), workers.tails()
        finally:
            workers.close()
        attempts = [
            record
            for record in enrichment_chaos.records_of(settings, codec, enrichment_chaos.ARCHIVE)
            if record["attempted_at"] >= now
        ]
        assert not {record["track_id"] for record in attempts} & {request["track_id"] for request in recent}
        missed = {call_of(record) for _, record in old}
        again = [record for record in attempts if call_of(record) in missed]
        assert {record["track_id"] for record in again} == {request["track_id"] for request in overdue}
        # The provider was asked. Calls that follow a hit may be answered from the cache, as after the kill.
        assert not any(record["cached"] for record in again)
        calls = [call_of(record) for record in attempts]
        assert len(calls) == len(set(calls))
        scheduled = rows(settings)
        for request in recent[1:]:
            assert scheduled[request["track_id"]]["due_at"] == now + DAY / 2
        for request in overdue:
            own = [record for record in attempts if record["track_id"] == request["track_id"]]
            assert own
            if all(record["status"] == "miss" for record in own):  # the second in succession
                first = min(record["attempted_at"] for record in own)
                assert scheduled[request["track_id"]]["due_at"] == first + 2 * DAY
        assert any(evaluate(record)["status"] == "hit" for record in attempts)  # type: ignore[arg-type]
        enrichment_chaos.check_limits(settings, servers)


def call_of(record: dict[str, Any]) -> tuple[str, str, str]:
    """Return the track and the call of an attempt."""
    return record["track_id"], record["operation"], str(record["parameters"])


def misses(request: dict[str, Any], at: datetime) -> list[tuple[Call, dict[str, Any]]]:
    """Return the calls and records of a track that Deezer did not have."""
    off = {name: "off" for name in ALL if name != "deezer"}
    configuration = PlanConfiguration(waterfall=DEFAULT, now=at, off=off, rechecks=False)
    track = question_of(request, frozenset(DEFAULT.fields))  # type: ignore[arg-type]
    assert isinstance(track, TrackQuestion)
    missed: list[tuple[Call, dict[str, Any]]] = []
    while True:
        entries = [evaluate(record) for _, record in missed]  # type: ignore[arg-type]
        decisions = plan(track, entries, configuration, Budgets())
        planned = [decision for decision in decisions if isinstance(decision, PlannedCall)]
        if not planned:
            return missed
        for decision in planned:
            question = Question(
                track_id=track.track_id,
                request_id=track.request_id,
                call=decision.call,
                lookup=decision.lookup,
                claim=dict(track.claim),
            )
            record = attempt_record(question, Answered(status="miss", attempts=1), at)
            missed.append((decision.call, record))


async def archive(settings: Settings, records: list[dict[str, Any]]) -> None:
    """Archive records of the past."""
    async with opened_archive(settings) as opened:
        await opened.write(records)


async def cache(settings: Settings, keys: Iterable[str]) -> None:
    """Put a miss into the cache for each of these calls, fresh for a day."""
    now = time.time()
    entry = Entry(
        status=200,
        headers={},
        body=b'{"data": []}',
        latency_ms=1,
        received=now,
        outcome="miss",
        fresh_until=now + DAY.total_seconds(),
        misses=1,
    )
    async with connection(settings, decode=False) as redis:
        answers = RedisAnswerCache(redis, key_prefix(settings))
        for key in keys:
            await answers.put(key, entry, DAY.total_seconds())


def end(settings: Settings, track_id: str) -> None:
    """Publish that a track needs no enrichment any more."""
    delivery = Delivery(clients.producer(settings), timeout_s=30.0)
    delivery.send(topics.physical(REQUESTS, settings), track_id, None)
    delivery.finish()


def rows(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the schedule by subject."""
    with closing(psycopg.connect(settings.database_url, row_factory=dict_row)) as connection:
        stored = connection.execute("SELECT * FROM enrichment_rechecks").fetchall()
    return {row["subject"]: row for row in stored}


def looked_up(settings: Settings, codec: Any, since: datetime) -> set[str]:
    """Return the tracks with attempts since a time."""
    records = enrichment_chaos.records_of(settings, codec, enrichment_chaos.ARCHIVE)
    return {record["track_id"] for record in records if record["attempted_at"] >= since}
