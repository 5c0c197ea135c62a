"""The calls of a Kafka consumer that a positioned consumer uses.

`confluent_kafka.Consumer` has them; tests replace it by a log in memory.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol, overload

from confluent_kafka import Message, TopicPartition

RebalanceCallback = Callable[[Any, list[TopicPartition]], None]
"""Called inside a poll with the consumer and the partitions assigned, revoked or lost."""


class TopicConsumer(Protocol):
    """Member of a consumer group, or a reader of assigned partitions without a group."""

    def subscribe(
        self,
        topics: list[str],
        on_assign: RebalanceCallback | None = None,
        on_revoke: RebalanceCallback | None = None,
        on_lost: RebalanceCallback | None = None,
    ) -> None:
        """Join the group; the callbacks are called inside `poll`, `consume` and `close`."""

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions from their offsets; records fetched before are dropped."""

    def unassign(self) -> None:
        """Read no partition."""

    def pause(self, partitions: list[TopicPartition]) -> None:
        """Fetch no records of these partitions."""

    def resume(self, partitions: list[TopicPartition]) -> None:
        """Fetch records of these partitions again."""

    def poll(self, timeout: float = -1) -> Message | None:
        """Return a record or an event, None if there is none within `timeout` seconds."""

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        """Return at most so many records and events, waiting `timeout` seconds at most."""

    def get_watermark_offsets(
        self, partition: TopicPartition, timeout: float = -1, cached: bool = False
    ) -> tuple[int, int]:
        """Return the first and the next offset of a partition. Raises KafkaException."""

    @overload
    def commit(self, *, offsets: list[TopicPartition], asynchronous: Literal[True] = ...) -> None: ...
    @overload
    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: Literal[False]
    ) -> list[TopicPartition]: ...
    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: bool = True
    ) -> list[TopicPartition] | None:
        """Commit offsets to the group, in the background or at once. Raises KafkaException."""

    def close(self) -> None:
        """Revoke the partitions and leave the group; a static member keeps its place."""
