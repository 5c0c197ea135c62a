"""Kafka messages as the client returns them: headers are declared as more than they can be when read."""

from typing import cast

from confluent_kafka import Message


def headers_of(message: Message) -> list[tuple[str, bytes | None]]:
    """Return the headers of a message read from Kafka; empty when it has none."""
    return cast(list[tuple[str, bytes | None]], list(message.headers() or ()))
