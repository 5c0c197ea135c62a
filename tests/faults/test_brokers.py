"""Three brokers, each partition three times, two of them in sync: one may be killed at any time."""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import pytest
from confluent_kafka import KafkaException

from infra.embedded import cluster
from infra.embedded.stack import Stack
from operations import topic_log
from songnodes.messaging import clients, log_offsets, topics
from songnodes.settings import Settings
from tests.faults.conftest import opened
from tests.support import link_scenarios, linked_outcome, scenario
from tests.support.isolated_pipeline import migrated_template
from tests.support.pipeline import ALL, Pipeline
from tests.support.resolver_faults import RESOLVER
from tests.support.scenario import Scenario

KILLS = 12
KILL_INTERVAL_S = 20.0
MAX_PAUSE_S = 5.0  # from the records to the kill
DRAIN_LIMIT_S = 900.0
TIMEOUT_S = 60.0  # a killed broker is fenced after 9 s
FACTOR, IN_SYNC = cluster.replication(3)
REPLICAS: dict[str, Any] = {"replication_factor": FACTOR, "min_insync_replicas": IN_SYNC}


@pytest.fixture
def brokers(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Yield a stack of its own with three brokers; the parameter names servers that are not started."""
    home = Path(tempfile.mkdtemp(prefix="songnodes-brokers-"))
    absent: tuple[str, ...] = getattr(request, "param", ())
    stack = Stack(home, outside=dict.fromkeys(absent, "none"), brokers=3)
    try:
        stack.start(parent=os.getpid())
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize(
    "brokers", [("database_url", "redis_url", "schema_registry_url")], indirect=True, ids=["kafka"]
)
def test_acknowledged_records_survive_a_broker(brokers: Stack) -> None:
    settings = Settings().with_access(brokers.addresses).model_copy(update=REPLICAS)
    admin = clients.admin(settings)
    topics.apply(admin, settings)
    name = topics.physical("bronze.decisions", settings)
    partitions = admin.list_topics(name, timeout=TIMEOUT_S).topics[name].partitions
    assert all(sorted(partition.replicas) == [1, 2, 3] for partition in partitions.values())

    producer = clients.producer(settings)
    failed: list[str] = []
    keys = [b"%d" % number for number in range(300)]
    for number, key in enumerate(keys):
        if number == len(keys) // 2:
            assert producer.flush(TIMEOUT_S) == 0
            brokers.brokers[-1].kill()
            brokers.stop_process(brokers.brokers[-1].name)  # which the supervisor starts again
        producer.produce(
            name, b"", key, on_delivery=lambda error, _: failed.append(str(error)) if error else None
        )
    assert producer.flush(TIMEOUT_S) == 0
    assert not failed
    messages = topic_log.read(settings, log_offsets.bounds(admin, log_offsets.partitions(admin, [name])))
    assert sorted(message.key() or b"" for message in messages) == sorted(keys)


@pytest.mark.soak
def test_a_broker_killed_every_20_s_leaves_no_trace(brokers: Stack, tmp_path: Path) -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    fed = scenario.write(seed, pages=40, savings=20)
    with migrated_template(brokers.addresses) as template:
        with opened(brokers.addresses, template, tmp_path / "calm", REPLICAS) as calm:
            calm.feed(fed)
            calm.start()
            print(f"without faults {calm.drain(DRAIN_LIMIT_S):.0f} s")
            calm.check()
            expected = calm.concluded()
        with opened(brokers.addresses, template, tmp_path / "disturbed", REPLICAS) as pipeline:
            pipeline.start()
            feed_and_kill(pipeline, brokers, scenario.parts(fed, KILLS), Random(seed))
            print(f"drained after {pipeline.drain(DRAIN_LIMIT_S):.0f} s")
            pipeline.check()
            assert not expected.differences(pipeline.concluded()), f"seed {seed}"


@pytest.mark.soak
def test_killed_brokers_change_no_link_and_no_score(brokers: Stack, tmp_path: Path) -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    random = Random(seed)
    world = link_scenarios.make_world()
    records = link_scenarios.write(world)
    with migrated_template(brokers.addresses) as template:
        with opened(brokers.addresses, template, tmp_path / "calm", REPLICAS) as calm:
            calm.feed(records)
            calm.start(*ALL, RESOLVER)
            expected = linked_outcome.concluded(calm, world, DRAIN_LIMIT_S)
        with opened(brokers.addresses, template, tmp_path / "disturbed", REPLICAS) as pipeline:
            pipeline.start(*ALL, RESOLVER)
            parts = scenario.parts(random.sample(records, len(records)), KILLS // 2)
            feed_and_kill(pipeline, brokers, parts, random)
            after = linked_outcome.concluded(pipeline, world, DRAIN_LIMIT_S)
    assert not expected.differences(after), f"seed {seed}"
    assert after.measures == expected.measures


def feed_and_kill(pipeline: Pipeline, brokers: Stack, parts: Sequence[Scenario], random: Random) -> None:
    """Feed part by part; kill a broker during each, which its supervisor starts again."""
    for part in parts:
        due = time.monotonic() + KILL_INTERVAL_S
        pipeline.feed(part)
        time.sleep(random.uniform(0, MAX_PAUSE_S))
        unread = "unknown"  # right after a kill the coordinator may be another broker
        with suppress(KafkaException):
            unread = str(sum(pipeline.lag().values()))
        killed = random.choice(brokers.brokers)
        killed.kill()
        print(f"{killed.name} killed with {unread} records unread")
        time.sleep(max(0.0, due - time.monotonic()))
    exits = Counter(exit.slot[0] for exit in pipeline.processes.exits)
    print(f"exits of processes, which are started again: {dict(exits)}")
