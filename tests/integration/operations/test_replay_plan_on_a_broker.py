"""Plans of replays against real logs and groups, without running processes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from operations.replay.plan import OffsetOutOfRange, TopicNotRead, plan
from operations.replay.readers import (
    Reader,
    SinkReader,
    StageReader,
    all_readers,
    count_members,
    enrichment_readers,
    select_readers,
)
from operations.replay.start import Earliest, FromOffset, FromTime
from operations.replay.workers import GroupNotEmpty, Workers
from songnodes.errors import PositionLost, UnknownName
from songnodes.messaging import clients, topics
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from tests.integration.operations.topic_records import RecordWriter, make_topics, wait_until


@pytest.fixture
def admin(pipeline: Settings) -> AdminClient:
    return clients.admin(pipeline)


@pytest.fixture
def parse(pipeline: Settings, admin: AdminClient) -> StageReader:
    return StageReader(pipeline, admin, "parse")


def written(pipeline: Settings, count: int) -> Partition:
    """Write `count` records to `bronze.pages`; return their partition."""
    writer = RecordWriter.of(pipeline)
    messages = [writer.record("bronze.pages", b"one key", str(number).encode()) for number in range(count)]
    return Partition(str(messages[0].topic()), messages[0].partition() or 0)


def delete_records_before(admin: AdminClient, at: Partition, start: int) -> None:
    """Delete the records below an offset, as retention does."""
    for future in admin.delete_records([TopicPartition(at.topic, at.number, start)]).values():
        future.result()


@contextmanager
def member(pipeline: Settings, reader: Reader) -> Iterator[None]:
    """Yield while another member is in the reader's group."""
    consumer = clients.consumer(pipeline, reader.group)
    consumer.subscribe(list(reader.topics))
    wait_until(lambda: consumer.poll(0.1) is None and bool(consumer.assignment()))
    try:
        yield
    finally:
        consumer.close()


def test_only_the_group_is_moved_back(pipeline: Settings, admin: AdminClient, parse: StageReader) -> None:
    at = written(pipeline, 10)
    assert parse.positions() == {}
    assert plan(pipeline, admin, [parse], Earliest()).moving == ()
    parse.move({at: 8})
    todo = plan(pipeline, admin, [parse], FromOffset(3))
    assert [(move.partition, move.position, move.target) for move in todo.moving] == [(at, 8, 3)]
    assert todo.to_reread == 5
    parse.move(todo.targets(parse))
    assert parse.positions() == {at: 3}


def test_a_time_refers_to_record_timestamps(
    pipeline: Settings, admin: AdminClient, parse: StageReader
) -> None:
    at = written(pipeline, 4)
    time.sleep(0.05)
    noon = datetime.now(UTC)
    time.sleep(0.05)
    written(pipeline, 3)
    parse.move({at: 7})
    todo = plan(pipeline, admin, [parse], FromTime(noon))
    assert [(move.position, move.target) for move in todo.moving] == [(7, 4)]
    assert plan(pipeline, admin, [parse], FromTime(datetime.now(UTC))).moving == ()


def test_deleted_records_are_counted_as_lost(
    pipeline: Settings, admin: AdminClient, parse: StageReader
) -> None:
    at = written(pipeline, 10)
    parse.move({at: 8})
    delete_records_before(admin, at, 5)
    with pytest.raises(OffsetOutOfRange, match="log_start=5"):
        plan(pipeline, admin, [parse], FromOffset(4))
    assert plan(pipeline, admin, [parse], Earliest()).targets(parse) == {at: 5}
    delete_records_before(admin, at, 9)
    with pytest.raises(PositionLost):
        plan(pipeline, admin, [parse], FromOffset(9))
    todo = plan(pipeline, admin, [parse], Earliest())
    assert (todo.targets(parse), todo.lost) == ({at: 9}, 1)


def test_only_the_requested_topic_is_planned(
    pipeline: Settings, admin: AdminClient, parse: StageReader
) -> None:
    at = written(pipeline, 2)
    parse.move({at: 2})
    assert plan(pipeline, admin, [parse], Earliest(), "bronze.pages").to_reread == 2
    with pytest.raises(TopicNotRead, match=r"gold\.tracks"):
        plan(pipeline, admin, [parse], Earliest(), "gold.tracks")
    with pytest.raises(UnknownName):
        plan(pipeline, admin, [parse], Earliest(), "bronze.pagez")


def test_a_sinks_position_is_in_its_rows(pipeline: Settings, admin: AdminClient) -> None:
    at = written(pipeline, 10)
    with psycopg.connect(pipeline.database_url, autocommit=True) as connection:
        sink = SinkReader(pipeline, connection, "bronze.pages")
        assert sink.positions() == {}
        connection.execute(
            "INSERT INTO sink_offsets (sink, topic, part, next_offset, topic_id) "
            "VALUES (%s, %s, %s, 10, 'x')",
            ("bronze.pages", at.topic, at.number),
        )
        todo = plan(pipeline, admin, [sink], FromOffset(7))
        assert todo.to_reread == 3
        sink.move(todo.targets(sink))
        assert sink.positions() == {at: 7}


def test_readers_are_selected_by_name(pipeline: Settings, admin: AdminClient) -> None:
    with psycopg.connect(pipeline.database_url) as connection:
        readers = all_readers(pipeline, admin, connection)
        assert [reader.name for reader in select_readers("gold", readers)] == ["gold"]
        assert [reader.name for reader in select_readers("sink:gold.tracks", readers)] == ["sink:gold.tracks"]
        assert {reader.process for reader in select_readers("sink", readers)} == {"sink"}
        assert len(select_readers("sink", readers)) > 10
        for unknown in ("refresh", "sink:x", "sil", ""):
            with pytest.raises(UnknownName):
                select_readers(unknown, readers)
        read = {topic for reader in readers for topic in reader.topics}
    chain = ("bronze.tracklists", "silver.playlists", "silver.appearances", "silver.credits", "silver.tracks")
    assert {topics.physical(name, pipeline) for name in chain} <= read


def test_the_worker_of_the_enrichment_is_moved(pipeline: Settings, admin: AdminClient) -> None:
    make_topics(pipeline, "enrichment.requests", "enrichment.artist_requests")
    readers = enrichment_readers(pipeline, admin)
    assert select_readers("enrich", readers) == readers
    assert [reader.name for reader in readers] == ["enrich", "enrich-artists"]
    for reader in readers:
        at = Partition(reader.topics[0], 0)
        reader.move({at: 0})
        assert reader.positions() == {at: 0}


def test_a_group_with_members_is_not_moved(
    pipeline: Settings, admin: AdminClient, parse: StageReader
) -> None:
    workers = Workers(pipeline.model_copy(update={"session_timeout": 0.1}), admin)
    workers.check([parse])
    with member(pipeline, parse):
        assert count_members(admin, parse) == 1
        with pytest.raises(GroupNotEmpty, match="SIGTERM"):
            workers.check([parse])
        with pytest.raises(GroupNotEmpty), workers.stopped([parse]):
            pytest.fail("somebody reads")
    workers.check([parse])
    with workers.stopped([parse]) as names:
        assert names == []
