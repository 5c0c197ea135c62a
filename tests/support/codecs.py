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
    """With ids of its own."""
    return Codec({name: number for number, name in enumerate(schemas.subjects(), 1)}, NoRegistry())


def registered(settings: Settings) -> Codec:
    """With the ids under which the registry has the schemas, after registering them."""
    with schemas.client(settings) as client:
        return Codec(schemas.register(client), NoRegistry())
