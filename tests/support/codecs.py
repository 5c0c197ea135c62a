"""Codecs that know the schemas of this code and no others, so that no connection stays open."""

import json
from contextlib import suppress
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

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


#: The ids that each registry gave, by its address.
_ids_by_registry: dict[str, dict[str, int]] = {}


def registered(settings: Settings) -> Codec:
    """Register the schemas; return a codec with the ids of the registry."""
    return Codec(registered_ids(settings), NoRegistry())


def registered_ids(settings: Settings) -> dict[str, int]:
    """Register the schemas; return the ids of the newest.

    A registry that has them is asked once: to register all takes 50 requests, and all tests of a process
    share a registry.
    """
    address = settings.schema_registry_url
    with schemas.client(settings) as registry:
        if not _has_all(registry, _ids_by_registry.get(address)):
            _ids_by_registry[address] = schemas.register(registry)
    return _ids_by_registry[address]


def _has_all(registry: SchemaRegistryClient, ids: dict[str, int] | None) -> bool:
    """Return True if the registry gave these ids: another one may have its address since."""
    if ids is None:
        return False
    subject, schema_id = list(ids.items())[-1]
    newest = Schema(json.dumps(schemas.newest(subject)), "AVRO")
    with suppress(SchemaRegistryError):
        return registry.lookup_schema(schemas.registry_subject(subject), newest).schema_id == schema_id
    return False
