"""One fixed record per schema, built from the names and types of its fields; a registry in memory."""

import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from songnodes.messaging import schemas

Schema = Any
EPOCH = datetime(2026, 1, 1, 12, tzinfo=UTC)
#: Text with all that goes wrong with text: accents, an emoji outside the BMP, right-to-left, a quote.
FLAVOUR = "é 🎧 שלום '"


def record(subject: str, *, bare: bool = False) -> dict[str, Any]:
    """Return a record of the newest version of a subject."""
    return of(schemas.newest(subject), bare=bare)


def of(schema: Schema, *, bare: bool = False) -> dict[str, Any]:
    """Return a record that follows a schema: with all optional fields, or with none if `bare`."""
    value = _ExampleBuilder(bare).value(schema, schema["name"])
    assert isinstance(value, dict)
    return value


class _ExampleBuilder:
    def __init__(self, bare: bool) -> None:
        self._bare = bare
        self._named: dict[str, Schema] = {}

    def value(self, schema: Schema, path: str) -> Any:
        if isinstance(schema, list):
            return None if self._bare and "null" in schema else self.value(_something(schema), path)
        if isinstance(schema, str):
            return (
                self.value(self._named[schema], path) if schema in self._named else _primitive(schema, path)
            )
        if "logicalType" in schema:
            return _moment(schema["logicalType"], path)
        return self._complex(schema, path)

    def _complex(self, schema: Schema, path: str) -> Any:
        kind = schema["type"]
        if kind == "record":
            self._named[schema["name"]] = self._named[
                f"{schema.get('namespace', 'songnodes')}.{schema['name']}"
            ] = schema
            return {f["name"]: self.value(f["type"], f"{path}.{f['name']}") for f in schema["fields"]}
        if kind == "array":
            return [] if self._bare else [self.value(schema["items"], f"{path}[{i}]") for i in range(2)]
        if kind == "map":
            return {} if self._bare else {"a": self.value(schema["values"], f"{path}.a")}
        if kind == "enum":
            return schema["symbols"][-1]
        return self.value(kind, path)


def _something(union: list[Schema]) -> Schema:
    return next(branch for branch in union if branch != "null")


def _number(path: str) -> int:
    return zlib.crc32(path.encode())


def _primitive(kind: str, path: str) -> Any:
    number = _number(path)
    values: Mapping[str, Any] = {
        "string": f"{path} {FLAVOUR}",
        "bytes": number.to_bytes(4, "big") + b"\x00\xff",
        "int": number % 2**31 * (-1) ** number,
        "long": number * 2**20,
        "boolean": bool(number % 2),
        "float": number % 1000 / 8,
        "double": number / 1024,
        "null": None,
    }
    return values[kind]


def _moment(kind: str, path: str) -> datetime | date:
    moment = EPOCH + timedelta(seconds=_number(path) % 10**8, microseconds=_number(path) % 10**6)
    return {"timestamp-micros": moment, "date": moment.date()}[kind]


class Schemas:
    """A registry in memory; counts its lookups."""

    def __init__(self, schemas_by_id: Mapping[int, dict[str, Any]] | None = None) -> None:
        self.known = dict(schemas_by_id or {})
        self.lookups: list[int] = []

    def by_id(self, schema_id: int) -> dict[str, Any] | None:
        self.lookups.append(schema_id)
        return self.known.get(schema_id)
