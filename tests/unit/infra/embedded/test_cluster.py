"""Several brokers in one data directory: their number, their configuration, the settings of their topics."""

from pathlib import Path

import pytest

from infra.embedded import addresses, cluster, ports
from infra.embedded.kafka import Kafka, nodes
from infra.embedded.secrets import Secrets
from infra.embedded.server import StackConfig
from infra.embedded.stack import Stack
from songnodes.messaging import topics
from songnodes.settings import Settings

PORTS = {"kafka": 1, "kafka_controller": 2, "redis": 3}
CLUSTER_PORTS = {
    **PORTS,
    "kafka-2": 4,
    "kafka-2_controller": 5,
    "kafka-3": 6,
    "kafka-3_controller": 7,
}


def configuration(count: int, node: int) -> dict[str, str]:
    """Return the properties of one of `count` brokers."""
    config = StackConfig(
        home=Path("/home"),
        cache=Path("/cache"),
        ports=CLUSTER_PORTS,
        secrets=Secrets.generate(),
        brokers=count,
    )
    text = nodes(count)[node - 1](config=config)._configuration(Path("/data"))
    lines = (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


def test_the_number_of_brokers_is_kept_by_the_data_directory() -> None:
    assert cluster.broker_count(None, {}) == 1
    assert cluster.broker_count(3, {}) == 3
    assert cluster.broker_count(None, PORTS) == 1
    assert cluster.broker_count(None, CLUSTER_PORTS) == cluster.broker_count(3, CLUSTER_PORTS) == 3
    for requested, stored in ((3, PORTS), (1, CLUSTER_PORTS)):
        with pytest.raises(cluster.BrokerCountChanged):
            cluster.broker_count(requested, stored)


def test_a_stack_of_three_brokers_is_found_by_its_directory(tmp_path: Path) -> None:
    created = Stack(tmp_path, outside={}, brokers=3)
    bootstrap = created.addresses.kafka_bootstrap
    assert [server.name for server in created.servers()][:3] == ["kafka", "kafka-2", "kafka-3"]
    assert len(set(bootstrap.split(","))) == 3
    assert Stack(tmp_path, outside={}).addresses.kafka_bootstrap == bootstrap
    assert set(cluster.broker_names(3)) <= ports.load(tmp_path).keys()
    addresses.save(created.addresses, {"kafka_bootstrap"}, tmp_path)
    assert addresses.is_own("kafka_bootstrap", bootstrap, tmp_path)
    assert not addresses.is_own("kafka_bootstrap", f"{bootstrap},127.0.0.1:9092", tmp_path)


def test_one_broker_replicates_nothing() -> None:
    properties = configuration(1, 1)
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:2"
    assert properties["default.replication.factor"] == properties["min.insync.replicas"] == "1"


def test_three_brokers_are_one_quorum_and_replicate_everything() -> None:
    all_properties = [configuration(3, node) for node in (1, 2, 3)]
    assert [properties["node.id"] for properties in all_properties] == ["1", "2", "3"]
    assert len({properties["listeners"] for properties in all_properties}) == 3
    for properties in all_properties:
        assert properties["controller.quorum.voters"] == "1@127.0.0.1:2,2@127.0.0.1:5,3@127.0.0.1:7"
        for name in ("default", "offsets.topic", "transaction.state.log", "share.coordinator.state.topic"):
            assert properties[f"{name}.replication.factor"] == "3"
        assert properties["min.insync.replicas"] == "2"
    assert nodes(3)[1].heap < Kafka.heap


def test_topics_take_their_replicas_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cluster.variables(1) == {}
    for name, value in cluster.variables(3).items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.replication_factor, settings.min_insync_replicas) == (3, 2)
    assert {topic.config["min.insync.replicas"] for topic in topics.wanted(settings).values()} == {"2"}
    without_minimum = settings.model_copy(update={"min_insync_replicas": 0})
    assert not any("min.insync.replicas" in topic.config for topic in topics.wanted(without_minimum).values())


def test_more_replicas_in_sync_than_replicas_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONGNODES_MIN_INSYNC_REPLICAS", "2")
    with pytest.raises(ValueError, match="replication_factor"):
        Settings()
