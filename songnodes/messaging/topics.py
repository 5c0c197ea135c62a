"""Topics: one declarative file, their names on the broker, creation and checks.

Stages refer to topics by their logical name ("silver.playlists"). On the broker the name carries the version
of the application that writes it, so that a rebuild never mixes with the running one, and the namespace of
the pipeline where one is set.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from songnodes import yaml_text
from songnodes.errors import Fatal, KafkaUnreachable, TopicMissing, UnknownName
from songnodes.messaging import log_offsets
from songnodes.settings import STAGES, Settings

ADMIN_TIMEOUT_S = 30.0  # creating 40 topics takes 2 s on a cold broker
BY_PRODUCER = "producer"  # topics that are stored as they were sent
#: Of records that are read soon and not kept for long.
DEFAULT_COMPRESSION = "lz4"


class TopicsDiffer(Fatal):
    """The topics on the broker are not as declared"""

    remedy = "`songnodes topics apply` creates missing ones; a partition count never changes in place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One declared topic. `schema` is the subject its values follow, None for raw bytes.

    `by_first_part`: the partition derives from the key up to its first "|" (`partitioning`).
    """

    name: str
    partitions: int
    owner: str | None
    schema: str | None
    config: Mapping[str, str]
    by_first_part: bool = False


@cache
def _file() -> dict[str, Any]:
    text = files("songnodes.messaging").joinpath("topics.yaml").read_text()
    loaded: dict[str, Any] = yaml_text.load(text)
    return loaded


@cache
def declared() -> dict[str, Topic]:
    """Return all topics by logical name, changelogs excluded."""
    spec = _file()
    by_name = {}
    for name, entry in spec["topics"].items():
        by_name[name] = Topic(
            name=name,
            partitions=spec["defaults"]["partitions"],
            owner=entry.get("owner"),
            schema=entry.get("schema", name),
            config=_config(entry["kind"]),
            by_first_part=entry.get("partition_by") == "first_part",
        )
    return by_name


def _config(kind: str) -> dict[str, str]:
    spec = _file()
    return {"compression.type": spec["defaults"]["compression.type"], **spec["kinds"][kind]}


def topic(logical: str) -> Topic:
    """Return the declaration of a topic. Raises UnknownName."""
    try:
        return declared()[logical]
    except KeyError:
        raise UnknownName("topic", logical, declared()) from None


@cache
def is_compacted(logical: str) -> bool:
    """Return True if a topic keeps the newest record per key only. Raises UnknownName."""
    return topic(logical).config["cleanup.policy"] == "compact"


def owned(owner: str) -> list[str]:
    """Return the logical names of the topics that this application writes, changelogs excluded."""
    return [name for name, entry in declared().items() if entry.owner == owner]


def compression(logical: Iterable[str]) -> str:
    """Return the codec for a producer of these topics: the one in which all of them are stored, or else lz4.

    A batch in another codec is decompressed and compressed again by the broker.
    """
    stored = {topic(name).config["compression.type"] for name in logical}
    codec = stored.pop() if len(stored) == 1 else BY_PRODUCER
    return DEFAULT_COMPRESSION if codec == BY_PRODUCER else codec


def partitions() -> int:
    """Return the partition count of all keyed topics."""
    return int(_file()["defaults"]["partitions"])


def physical(logical: str, settings: Settings) -> str:
    """Return the name on the broker."""
    owner = topic(logical).owner
    name = logical if owner is None else f"{logical}.v{settings.version_of(owner)}"
    return f"{settings.namespace}.{name}" if settings.namespace else name


def app_id(stage: str, settings: Settings) -> str:
    """Return the id of a stage's application: its consumer group, and the start of its changelogs' names."""
    name = f"songnodes-{stage}-v{settings.version_of(stage)}"
    return f"{settings.namespace}.{name}" if settings.namespace else name


def group(process: str, settings: Settings) -> str:
    """Return the consumer group of a process that is no stage."""
    name = f"songnodes-{process}"
    return f"{settings.namespace}.{name}" if settings.namespace else name


def changelog(stage: str, table: str, settings: Settings) -> str:
    """Return the changelog topic of a stage's table."""
    return f"{app_id(stage, settings)}-{table}-changelog"


def tables(stage: str) -> list[str]:
    """Return the declared tables of a stage."""
    return list(_file()["tables"].get(stage, []))


def readers(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the consumer groups of the pipeline and the topics each reads, by their names on the broker.

    Those of optional processes are included where the settings start them.
    """
    declared = dict(_file()["readers"])
    if settings.enrichment_workers:
        declared |= _file()["optional_readers"]
    return {
        (app_id if name in STAGES else group)(name, settings): tuple(
            physical(logical, settings) for logical in read
        )
        for name, read in declared.items()
    }


def wanted(settings: Settings) -> dict[str, Topic]:
    """Return all topics required on the broker, by their name there, changelogs included."""
    replicas = _replica_config(settings)
    required = {
        physical(name, settings): replace(entry, config={**entry.config, **replicas})
        for name, entry in declared().items()
    }
    for stage, names in _file()["tables"].items():
        for table in names:
            name = changelog(stage, table, settings)
            required[name] = Topic(
                name=name,
                partitions=partitions(),
                owner=stage,
                schema=None,
                config={**_config("changelog"), **replicas},
            )
    return required


def _replica_config(settings: Settings) -> dict[str, str]:
    """Return the topic settings of a cluster; empty where the broker's default applies."""
    if not settings.min_insync_replicas:
        return {}
    return {"min.insync.replicas": str(settings.min_insync_replicas)}


def apply(admin: AdminClient, settings: Settings) -> list[str]:
    """Create missing topics with the replication factor of the settings; return their names.

    The leader of each of their partitions accepts records then. Raises TopicsDiffer for a topic not as
    declared, TopicMissing and KafkaUnreachable.
    """
    todo = wanted(settings)
    there = admin.list_topics(timeout=ADMIN_TIMEOUT_S).topics
    missing = {name: entry for name, entry in todo.items() if name not in there}
    if missing:
        _create(admin, missing, settings.replication_factor)
    until = time.monotonic() + ADMIN_TIMEOUT_S
    while differences := _differences(admin, todo):
        # each request may go to another broker, and each broker learns by itself what the controller created
        if time.monotonic() > until or missing.keys().isdisjoint(differences):
            raise TopicsDiffer("; ".join(differences.values()))
        time.sleep(0.1)
    wait_for_leaders(admin, {name: entry.partitions for name, entry in missing.items()})
    return list(missing)


def wait_for_leaders(admin: AdminClient, partitions_by_name: Mapping[str, int]) -> None:
    """Return when the leader of each partition of new topics accepts records.

    A broker lists a topic 50 ms before it has its partitions, under load 0.5 s. If an idempotent producer
    sends two batches of a partition in this time, the broker may refuse the first and store the second. The
    first is out of sequence then, which librdkafka treats as fatal (its issue 3584). Raises TopicMissing and
    KafkaUnreachable.
    """
    all_partitions = [
        log_offsets.Partition(name, number)
        for name, count in partitions_by_name.items()
        for number in range(count)
    ]
    until = time.monotonic() + ADMIN_TIMEOUT_S
    while True:
        try:
            log_offsets.end_offsets(admin, all_partitions, timeout_s=ADMIN_TIMEOUT_S)
            return
        except (KafkaUnreachable, TopicMissing):  # as long as the broker asked does not list the topics
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _create(admin: AdminClient, missing: Mapping[str, Topic], replication: int) -> None:
    futures = admin.create_topics(
        [
            NewTopic(name, entry.partitions, replication, config=dict(entry.config))
            for name, entry in missing.items()
        ],
        operation_timeout=ADMIN_TIMEOUT_S,
    )
    for name, future in futures.items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].name() != "TOPIC_ALREADY_EXISTS":  # another process creates them too
                raise TopicsDiffer(f"cannot create {name}: {error.args[0].str()}") from error


def check(admin: AdminClient, settings: Settings, logical: Iterable[str] | None = None) -> None:
    """Raise TopicsDiffer unless every wanted topic (or those named) has its partitions and settings."""
    entries = wanted(settings)
    if logical is not None:
        names = {physical(name, settings) for name in logical}
        entries = {name: entry for name, entry in entries.items() if name in names}
    differences = _differences(admin, entries)
    if differences:
        raise TopicsDiffer("; ".join(differences.values()))


def _differences(admin: AdminClient, entries: Mapping[str, Topic]) -> dict[str, str]:
    """Return how topics differ from what is wanted, by name."""
    there = admin.list_topics(timeout=ADMIN_TIMEOUT_S).topics
    differences = {}
    present = []
    for name, entry in entries.items():
        if name not in there:
            differences[name] = f"{name} is missing"
        elif len(there[name].partitions) != entry.partitions:
            count = len(there[name].partitions)
            differences[name] = f"{name} has {count} partitions, not {entry.partitions}"
        else:
            present.append(name)
    if present:
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in present]
        for resource, future in admin.describe_configs(resources).items():
            try:
                actual = future.result(ADMIN_TIMEOUT_S)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise
                differences[resource.name] = f"{resource.name} is missing"
                continue
            different = [
                f"{resource.name} has {key}={actual[key].value}, not {value}"
                for key, value in entries[resource.name].config.items()
                if actual[key].value != value
            ]
            if different:
                differences[resource.name] = "; ".join(different)
    return differences
