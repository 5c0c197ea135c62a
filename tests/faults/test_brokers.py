"""Three brokers, each partition three times, two of them in sync: one may be killed at any time."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import pytest

from infra.embedded import cluster
from infra.embedded.stack import Stack
from operations import topic_log
from songnodes.messaging import clients, log_offsets, topics
from songnodes.settings import Settings
from tests.faults.conftest import opened
from tests.support import scenario
from tests.support.isolated_pipeline import migrated_template

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
    random = Random(seed)
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
            for part in scenario.parts(fed, KILLS):
                due = time.monotonic() + KILL_INTERVAL_S
                pipeline.feed(part)
                time.sleep(random.uniform(0, MAX_PAUSE_S))
                unread = sum(pipeline.lag().values())
                killed = random.choice(brokers.brokers)
                killed.kill()
                print(f"{killed.name} killed with {unread} records unread")
                time.sleep(max(0.0, due - time.monotonic()))
            print(f"drained after {pipeline.drain(DRAIN_LIMIT_S):.0f} s")
            print(f"exits {[(exit.slot, exit.code) for exit in pipeline.processes.exits]}")
            pipeline.check()
            assert not expected.differences(pipeline.concluded()), f"seed {seed}"
