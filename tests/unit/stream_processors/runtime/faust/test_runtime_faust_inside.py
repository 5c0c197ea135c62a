"""Every name of Faust, mode and aiokafka that the runtime overrides or uses exists with its signature.

An upgrade that fails here would fail at a rebalance otherwise. Versions are pinned for the same reason.
"""

import inspect
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher

from songnodes.settings import Settings
from stream_processors.runtime import BytesValues, Record, Stage
from stream_processors.runtime.faust import app as apps
from stream_processors.runtime.faust import consumer, fetch_pace, producer
from stream_processors.runtime.faust import stream as streams
from stream_processors.runtime.faust import table as faust_tables

#: module:name(parameters)
USED = """
faust.app.base:App._new_transport(self)
faust.app.base:App._new_producer_transport(self)
faust.app.base:App._stop_consumer(self)
faust.app.base:App.crash(self, reason)
faust.streams:Stream.__aiter__(self)
faust.streams:Stream.maybe_start(self)
faust.streams:Stream.stop(self)
faust.streams:Stream.service_reset(self)
faust.streams:Stream._channel_stop_iteration(self, channel)
faust.tables.table:Table.on_start(self)
faust.tables.table:Table.on_stop(self)
faust.tables.table:Table.on_rebalance(self, assigned, revoked, newly_assigned, generation_id)
faust.tables.table:Table.on_recovery_completed(self, active_tps, standby_tps)
faust.tables.table:Table.need_active_standby_for(self, tp)
faust.tables.table:Table.persisted_offset(self, tp)
faust.tables.table:Table.apply_changelog_batch(self, batch)
faust.tables.table:Table.reset_state(self)
faust.tables.manager:TableManager.add(self, table)
faust.tables.recovery:Recovery.active_remaining(self)
faust.tables.recovery:Recovery.need_recovery(self)
faust.tables.recovery:Recovery._set_recovery_ended(self)
faust.transport.base:Transport.__init__(self, url, app, loop)
faust.transport.base:Producer.flush(self)
faust.transport.base:Producer.on_stop(self)
faust.transport.base:Producer.supports_headers(self)
faust.transport.consumer:ensure_TP(tp)
faust.transport.drivers.aiokafka:Consumer._new_consumer_thread(self)
faust.transport.drivers.aiokafka:Consumer.perform_seek(self)
faust.transport.drivers.aiokafka:Consumer.seek_to_committed(self)
faust.transport.drivers.aiokafka:Consumer.seek_wait(self, partitions)
faust.transport.drivers.aiokafka:Consumer.earliest_offsets(self, *partitions)
faust.transport.drivers.aiokafka:Consumer.highwaters(self, *partitions)
faust.transport.drivers.aiokafka:Consumer.highwater(self, tp)
faust.transport.drivers.aiokafka:Consumer.position(self, tp)
faust.transport.drivers.aiokafka:Consumer.assignment(self)
faust.transport.drivers.aiokafka:Consumer.stop_flow(self)
faust.transport.drivers.aiokafka:Consumer.resume_flow(self)
faust.transport.drivers.aiokafka:Consumer.on_partitions_assigned(self, assigned, generation_id)
faust.transport.drivers.aiokafka:Consumer.on_partitions_revoked(self, revoked)
faust.transport.drivers.aiokafka:Consumer.on_task_error(self, exc)
faust.transport.drivers.aiokafka:Consumer.commit(self, topics, start_new_transaction)
faust.transport.drivers.aiokafka:Consumer.force_commit(self, topics, start_new_transaction)
faust.transport.drivers.aiokafka:Consumer.maybe_wait_for_commit_to_finish(self)
faust.transport.drivers.aiokafka:Consumer._filter_tps_with_pending_acks(self, topics)
faust.transport.drivers.aiokafka:Consumer._commit_tps(self, tps, start_new_transaction)
faust.transport.drivers.aiokafka:Consumer._commit(self, offsets)
faust.transport.drivers.aiokafka:Consumer._drain_messages(self, fetcher)
faust.transport.drivers.aiokafka:Consumer._get_active_partitions(self)
faust.transport.drivers.aiokafka:Consumer.verify_event_path(self, now, tp)
faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.on_start(self)
faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.seek_wait(self, partitions)
faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer(self, transport)
faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._ensure_consumer(self)
faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._fetch_records(self, consumer, active_partitions, timeout, max_records)
aiokafka.consumer.group_coordinator:GroupCoordinator._do_heartbeat(self)
mode.worker:Worker._stop_on_signal(self, signal)
mode.utils.queues:FlowControlQueue.force_put_nowait(self, item)
"""  # noqa: E501

#: Our own names in classes that otherwise override Faust's.
NEW: dict[type, set[str]] = {
    apps.StageApp: {"discard_uncommitted"},
    faust_tables.FaustTable: {"restore", "advance_offset", "_open"},
    consumer.Consumer: {
        "is_member", "release", "offsets", "commit_offsets", "_is_commit_due",
        "_find_positions", "_ready_partitions", "_accepts_records", "_fetch", "_deliver", "_check_gap",
    },
    consumer.ConsumerThread: {"heartbeat", "run"},
    producer.Producer: {"_poll"},
    streams.Stream: {"_batches"},
}  # fmt: skip


@pytest.mark.parametrize("line", USED.split("\n")[1:-1])
def test_used_names_have_their_parameters(line: str) -> None:
    module, rest = line.split(":")
    path, parameters = rest.rstrip(")").split("(")
    target: Any = import_module(module)
    for name in path.split("."):
        target = getattr(target, name)
    kinds = inspect.signature(target).parameters.values()
    assert [f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name for p in kinds] == parameters.split(", ")


@pytest.mark.parametrize("ours", NEW, ids=lambda ours: ours.__name__)
def test_every_override_overrides_an_existing_name(ours: type) -> None:
    defined = {name for name, value in vars(ours).items() if callable(value) and not name.startswith("__")}
    inherited = {name for base in ours.__mro__[1:] for name in vars(base)}
    assert defined - inherited == {name for name in NEW[ours] if callable(vars(ours)[name])}


def test_versions_are_the_tested_ones() -> None:
    """0.13.1 to 0.15.1 of Faust break every rebalance; others were not tried."""
    assert version("faust-streaming") == "0.15.3"
    assert version("mode-streaming") == "0.7.1"
    assert version("aiokafka") == "0.14.0"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Any]:
    update = {"kafka_bootstrap": "127.0.0.1:1, 127.0.0.1:2", "home": tmp_path}
    stage = Stage("gold", Settings().model_copy(update=update), codec=None)  # type: ignore[arg-type]
    stage.table("tracks", BytesValues())

    @stage.agent("silver.appearances")
    def on_fact(record: Record) -> None: ...

    app: Any = apps.build_app(stage)
    yield app
    if app._consumer is not None:
        app._consumer._thread.thread_loop.close()


async def test_settings_are_settings_of_faust(app: Any) -> None:
    for name, value in apps._faust_settings(app.stage).items():
        faust_setting = getattr(app.conf, name)
        if name not in ("broker", "datadir"):
            assert faust_setting == value, name
    assert [str(url) for url in app.conf.broker] == ["kafka://127.0.0.1:1", "kafka://127.0.0.1:2"]
    assert app.conf.id == app.stage.app_id


async def test_changelogs_have_the_names_in_the_topics_file(app: Any) -> None:
    assert set(app.tables._changelogs) == set(app.stage.changelogs)


def attributes() -> Iterator[tuple[str, str]]:
    yield from (("", name) for name in ("_consumer", "flow_control", "topics", "tables", "conf"))
    yield from (("topics", name) for name in ("_tp_index", "acks_enabled_for"))
    yield from (("tables", name) for name in ("_changelogs", "recovery"))
    for name in ("active_tps", "active_offsets", "active_highwaters", "in_recovery", "signal_recovery_end"):
        yield "tables.recovery", name
    for name in ("_committed_offset", "_thread", "flow_active", "can_resume_flow", "should_stop"):
        yield "consumer", name
    yield "consumer._thread", "thread_loop"


async def test_used_attributes_exist(app: Any) -> None:
    for path, name in attributes():
        holder = app
        for step in filter(None, path.split(".")):
            holder = getattr(holder, step)
        assert hasattr(holder, name), f"{path}.{name}"


async def test_a_fetch_waits_for_the_configured_time(app: Any) -> None:
    worker_consumer = app.consumer._thread._create_worker_consumer(app.transport)
    assert worker_consumer._fetch_max_wait_ms == 1000 * fetch_pace.WAIT_S
    assert "fetch_max_wait_ms=self._fetch_max_wait_ms" in inspect.getsource(type(worker_consumer).start)
    assert "self._fetcher = Fetcher(" in inspect.getsource(type(worker_consumer).start)
    request = inspect.getsource(Fetcher._get_actions_per_node)
    assert "self._fetch_max_wait_ms" in request, "each request has the time of that moment"
    await worker_consumer.stop()


async def test_our_classes_replace_those_of_faust(app: Any) -> None:
    assert type(app.consumer) is consumer.Consumer
    assert type(app.consumer._thread) is consumer.ConsumerThread
    assert type(app.producer) is producer.Producer
    assert app.conf.Stream is streams.Stream
    assert app.consumer.offsets() == {}
    # Records are produced by the record producer alone: Faust's own way to produce must stay closed.
    with pytest.raises(NotImplementedError):
        await app.producer.send("topic", b"k", b"v", None, None, None)


async def test_deliveries_are_polled_less_often_while_none_is_pending(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Records:
        polls = 0
        pending_records = 3

        def poll(self) -> None:
            self.polls += 1

    class Stop(Exception):
        """Ends the task."""

    records, pauses = Records(), list[float]()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        records.pending_records -= 1
        if len(pauses) == 4:
            raise Stop

    monkeypatch.setattr(app, "record_producer", records)
    monkeypatch.setattr("stream_processors.runtime.faust.producer.asyncio.sleep", sleep)
    with pytest.raises(Stop):
        await app.producer._poll.fun(app.producer)
    assert records.polls == 4
    assert pauses == [producer.POLL_INTERVAL_S] * 3 + [producer.IDLE_POLL_INTERVAL_S]
