"""A publisher of refresh for tests and measurements without Kafka."""

from collections.abc import Mapping
from typing import Any


class Unpublished:
    """Takes the records of refresh and drops them."""

    async def store(self, connection: Any, topic: str, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Store nothing."""

    async def send(self, connection: Any) -> None:
        """Send nothing."""
