"""`topics apply` and `topics check` on a real broker: missing topics and all differences."""

import threading

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from songnodes.messaging import clients, topics
from songnodes.settings import Settings
from tests.integration.operations.topic_records import make_topics, wait_until


@pytest.fixture
def admin(pipeline_settings: Settings) -> AdminClient:
    return clients.admin(pipeline_settings)


def configure(admin: AdminClient, topic: str, key: str, value: str) -> None:
    entry = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()


def test_topics_are_created_once_and_all_differences_reported(
    admin: AdminClient, pipeline_settings: Settings
) -> None:
    with pytest.raises(topics.TopicsDiffer, match=r"bronze\.pages is missing"):
        topics.check(admin, pipeline_settings)
    assert set(topics.apply(admin, pipeline_settings)) == set(topics.wanted(pipeline_settings))
    assert topics.apply(admin, pipeline_settings) == []
    topics.check(admin, pipeline_settings)

    pages = topics.physical("bronze.pages", pipeline_settings)
    letters = topics.physical("gold.dlq", pipeline_settings)
    deleted = topics.changelog("gold", "tracks", pipeline_settings)
    configure(admin, pages, "retention.ms", "1000")
    admin.create_partitions([NewPartitions(letters, 7)])[letters].result()
    admin.delete_topics([deleted])[deleted].result()
    wait_until(lambda: deleted not in admin.list_topics(timeout=10).topics)
    wait_until(lambda: len(admin.list_topics(timeout=10).topics[letters].partitions) == 7)
    with pytest.raises(topics.TopicsDiffer) as caught:
        topics.check(admin, pipeline_settings)
    assert f"{pages} has retention.ms=1000, not -1" in str(caught.value)
    assert f"{letters} has 7 partitions, not 6" in str(caught.value)
    assert f"{deleted} is missing" in str(caught.value)
    with pytest.raises(topics.TopicsDiffer) as caught:
        topics.apply(admin, pipeline_settings)
    assert "is missing" not in str(caught.value)  # missing topics are created
    assert "has 7 partitions" in str(caught.value)  # and this it does not touch


def test_created_topics_accept_records_at_once(admin: AdminClient, pipeline_settings: Settings) -> None:
    """A broker lists a topic before it has its partitions."""
    created = topics.apply(admin, pipeline_settings)
    partitions = {
        TopicPartition(name, number): OffsetSpec.latest()
        for name in created
        for number in range(topics.wanted(pipeline_settings)[name].partitions)
    }
    answers = admin.list_offsets(partitions).values()  # one request, without a repeat
    assert [answer.exception() for answer in answers] == [None] * len(partitions)


def test_topics_that_the_broker_does_not_list_yet_are_waited_for(
    admin: AdminClient, pipeline_settings: Settings
) -> None:
    name = f"{pipeline_settings.namespace}.late"
    threading.Timer(0.5, admin.create_topics, [[NewTopic(name, 2, 1)]]).start()
    topics.wait_for_leaders(admin, {name: 2})
    assert len(admin.list_topics(timeout=10).topics[name].partitions) == 2


def test_a_process_checks_only_its_own_topics(admin: AdminClient, pipeline_settings: Settings) -> None:
    make_topics(pipeline_settings, "bronze.pages")
    topics.check(admin, pipeline_settings, ["bronze.pages"])
    with pytest.raises(topics.TopicsDiffer, match=r"parse\.dlq"):
        topics.check(admin, pipeline_settings, ["bronze.pages", "parse.dlq"])


def test_a_broker_that_does_not_know_a_listed_topic_is_asked_again(
    admin: AdminClient, pipeline_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request goes to any broker of a cluster: one lists the topic, another does not know it yet."""
    topics.apply(admin, pipeline_settings)
    listed = admin.list_topics(timeout=10)
    late = topics.changelog("gold", "tracks", pipeline_settings)
    admin.delete_topics([late])[late].result()
    wait_until(lambda: late not in admin.list_topics(timeout=10).topics)
    lists = [admin.list_topics(timeout=10)]
    monkeypatch.setattr(
        type(admin), "list_topics", lambda self, **kw: lists.pop() if lists else listed, raising=False
    )
    create = admin.create_topics

    def create_later(new: list[NewTopic]) -> dict[str, object]:
        with pytest.raises(topics.TopicsDiffer, match=f"{late} is missing"):
            topics.check(admin, pipeline_settings)
        threading.Timer(1.0, create, [new]).start()
        return {}

    monkeypatch.setattr(
        type(admin), "create_topics", lambda self, new, **kw: create_later(new), raising=False
    )
    assert topics.apply(admin, pipeline_settings) == [late]


def test_concurrent_applies_both_succeed(
    admin: AdminClient, pipeline_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both find all topics missing; one creates them, the other gets an error that they exist."""
    listed = admin.list_topics(timeout=10)
    topics.apply(clients.admin(pipeline_settings), pipeline_settings)
    stale = clients.admin(pipeline_settings)
    answers = iter([listed])
    fresh = stale.list_topics
    monkeypatch.setattr(
        type(stale), "list_topics", lambda self, **kw: next(answers, None) or fresh(**kw), raising=False
    )
    topics.apply(stale, pipeline_settings)
