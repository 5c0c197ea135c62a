"""Errors by response of a registry: unavailable, refused and unknown are distinguished."""

from collections.abc import Callable

import pytest
from confluent_kafka.schema_registry import RegisteredSchema, Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.common._httpx_compat import httpx
from confluent_kafka.schema_registry.error import SchemaRegistryError

from songnodes.errors import RegistryUnreachable
from songnodes.messaging import schemas
from songnodes.messaging.codec import LiveRegistry

Ask = Callable[[SchemaRegistryClient], object]


class StubClient(SchemaRegistryClient):
    """A client that returns or raises the same response for every call."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def _give(self, *_: object, **__: object) -> object:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    get_schema = lookup_schema = register_schema = _give  # type: ignore[assignment]

    def set_compatibility(self, *_: object, **__: object) -> None:  # type: ignore[override]
        if isinstance(self._answer, Exception) and not isinstance(self._answer, SchemaRegistryError):
            raise self._answer


AWAY = [
    pytest.param(httpx.ConnectError("refused"), id="refused"),
    pytest.param(httpx.ReadTimeout("silent"), id="silent"),
    pytest.param(SchemaRegistryError(500, 50001, "store"), id="500"),
    pytest.param(SchemaRegistryError(503, -1, "starting"), id="503"),
    pytest.param(SchemaRegistryError(429, -1, "slower"), id="429"),
]
QUESTIONS: list[Ask] = [schemas.known_ids, schemas.register, lambda client: LiveRegistry(client).by_id(7)]


@pytest.mark.parametrize("answer", AWAY)
@pytest.mark.parametrize("ask", QUESTIONS, ids=["known_ids", "register", "by_id"])
def test_an_unavailable_registry_is_a_transient_error(ask: Ask, answer: Exception) -> None:
    with pytest.raises(RegistryUnreachable):
        ask(StubClient(answer))


def test_an_unknown_subject_is_not_registered() -> None:
    unknown = StubClient(SchemaRegistryError(404, 40403, "no schema"))
    with pytest.raises(schemas.SchemasMissing, match="schemas register"):
        schemas.known_ids(unknown)
    assert LiveRegistry(unknown).by_id(7) is None


@pytest.mark.parametrize("code", [409, 422])
def test_a_refused_schema_is_an_error(code: int) -> None:
    with pytest.raises(schemas.SchemaRefused, match="reader"):
        schemas.register(StubClient(SchemaRegistryError(code, code, "reader cannot read writer")))


def test_a_schema_that_is_not_avro_is_foreign() -> None:
    proto = Schema('syntax = "proto3"; message Page { string url = 1; }', "PROTOBUF")
    assert LiveRegistry(StubClient(proto)).by_id(7) is None


def test_a_lookup_without_id_is_not_registered() -> None:
    answer = RegisteredSchema(
        subject="x", version=1, schema_id=None, guid=None, schema=Schema('"int"', "AVRO")
    )
    with pytest.raises(schemas.SchemasMissing):
        schemas.known_ids(StubClient(answer))
