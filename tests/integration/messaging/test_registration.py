"""Schemas in a real registry."""

import json
from collections.abc import Iterator
from copy import deepcopy
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from fastavro.schema import to_parsing_canonical_form as canonical

from songnodes.messaging import schemas
from songnodes.messaging.codec import Codec, LiveRegistry
from songnodes.settings import Settings
from tests.unit.songnodes.messaging import examples

LATER = {"name": "later", "type": ["null", "string"], "default": None}


@pytest.fixture
def registry(pipeline_settings: Settings) -> Iterator[SchemaRegistryClient]:
    with schemas.client(pipeline_settings) as client:
        yield client


def versions(*changes: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return versions of an unused page schema, each with these further fields."""
    name = f"T{uuid4().hex}"
    built = []
    for fields in changes:
        schema = deepcopy(schemas.newest("bronze.pages"))
        schema["name"] = name
        schema["fields"] += fields
        built.append(schema)
    return built


def test_registering_again_returns_the_same_ids(registry: SchemaRegistryClient) -> None:
    first = schemas.register(registry)
    assert schemas.register(registry) == first == schemas.known_ids(registry)
    assert len(set(first.values())) == len(first)


def test_another_process_reads_with_the_registrys_schema(
    registry: SchemaRegistryClient, pipeline_settings: Settings
) -> None:
    ids = schemas.register(registry)
    raw = Codec(ids, examples.Schemas()).encode("gold.tracks", examples.record("gold.tracks"))
    stranger = Codec({}, LiveRegistry(registry))
    assert stranger.decode("gold.tracks", raw) == examples.record("gold.tracks")
    assert LiveRegistry(registry).by_id(2**30) is None


def test_a_version_that_cannot_read_its_predecessor_is_refused(registry: SchemaRegistryClient) -> None:
    subject = f"test-{uuid4().hex}"
    first, good, bad = versions([], [dict(LATER)], [dict(LATER), {"name": "must", "type": "string"}])
    schemas.register(registry, {subject: [first, good]})
    with pytest.raises(schemas.SchemaRefused, match=subject):
        schemas.register(registry, {subject: [first, good, bad]})
    assert len(registry.get_versions(schemas.registry_subject(subject))) == 2


def test_every_older_version_is_checked_not_only_the_last(registry: SchemaRegistryClient) -> None:
    """A field is dropped and returns with another type: BACKWARD alone would accept it."""
    subject = f"test-{uuid4().hex}"
    text: dict[str, object] = {"name": "later", "type": "string", "default": ""}
    number: dict[str, object] = {"name": "later", "type": "int", "default": 0}
    first, without, retyped = versions([text], [], [number])
    schemas.register(registry, {subject: [first, without]})
    with pytest.raises(schemas.SchemaRefused):
        schemas.register(registry, {subject: [first, without, retyped]})


def test_an_invalid_schema_is_refused(registry: SchemaRegistryClient) -> None:
    subject = f"test-{uuid4().hex}"
    with pytest.raises(schemas.SchemaRefused):
        schemas.register(registry, {subject: [{"type": "record", "name": "X"}]})


def test_a_protobuf_schema_is_poison(registry: SchemaRegistryClient) -> None:
    proto = f'syntax = "proto3"; message M{uuid4().hex} {{ string a = 1; }}'
    number = registry.register_schema(f"test-{uuid4().hex}-value", Schema(proto, "PROTOBUF"))
    assert LiveRegistry(registry).by_id(number) is None


def test_the_registry_stores_the_schemas_of_the_files(registry: SchemaRegistryClient) -> None:
    """Compared in canonical form: the registry drops a repeated inner namespace."""
    for subject, schema_id in schemas.register(registry).items():
        stored = json.loads(registry.get_schema(schema_id).schema_str or "null")
        assert canonical(stored) == canonical(schemas.newest(subject)), subject
