"""Codecs that know the schemas of this code and no others, so that no connection stays open."""

from typing import Any

from songnodes.messaging import schemas
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings


class NoRegistry:
    """All schemas are our own."""

    def by_id(self, schema_id: int) -> dict[str, Any] | None:
        return None


def offline() -> Codec:
    """Return a codec with ids of its own."""
    return Codec({name: number for number, name in enumerate(schemas.subjects(), 1)}, NoRegistry())


def registered(settings: Settings) -> Codec:
    """Register the schemas; return a codec with the ids of the registry."""
    with schemas.client(settings) as client:
        return Codec(schemas.register(client), NoRegistry())
