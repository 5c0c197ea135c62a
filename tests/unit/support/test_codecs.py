"""The codec of tests that registers schemas once per registry."""

from contextlib import nullcontext
from typing import Any, cast

import pytest
from confluent_kafka.schema_registry.error import SchemaRegistryError

from songnodes.messaging import schemas
from songnodes.settings import Settings
from tests.support import codecs
from tests.unit.songnodes.messaging import examples


class Registry:
    """A registry in memory; counts its registrations."""

    def __init__(self, first_id: int) -> None:
        self.ids: dict[str, int] = {}
        self.first_id = first_id
        self.registrations = 0

    def set_compatibility(self, subject: str, level: str) -> None: ...

    def register_schema(self, subject: str, schema: Any) -> int:
        self.registrations += 1
        return self.ids.setdefault(subject, self.first_id + len(self.ids))

    def lookup_schema(self, subject: str, schema: Any) -> Any:
        if subject not in self.ids:
            raise SchemaRegistryError(404, 40401, "no such subject")
        return type("Registered", (), {"schema_id": self.ids[subject]})


def test_schemas_are_registered_once_per_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codecs, "_ids_by_registry", {})
    settings = Settings()
    versions = sum(map(len, schemas.subjects().values()))
    first, second = Registry(1), Registry(501)
    for registry in (first, first, second, second):  # another one at the same address
        monkeypatch.setattr(schemas, "client", lambda _, of=registry: nullcontext(cast(Any, of)))
        raw = codecs.registered(settings).encode("bronze.pages", examples.record("bronze.pages"))
        assert int.from_bytes(raw[1:5], "big") == registry.ids["bronze.pages-value"]
    assert (first.registrations, second.registrations) == (versions, versions)
