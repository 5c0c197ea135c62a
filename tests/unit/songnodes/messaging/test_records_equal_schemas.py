"""The TypedDicts of `songnodes.domain.records` match the newest schemas field by field."""

import types
from datetime import date, datetime
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from songnodes.domain import records
from songnodes.messaging import schemas

PRIMITIVE = {
    "string": str,
    "bytes": bytes,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": bool,
}
LOGICAL = {"timestamp-micros": datetime, "date": date}


def differences(subject: str) -> list[str]:
    return list(_compare(schemas.newest(subject), _python(schemas.newest(subject)), subject, {}))


def _python(schema: dict[str, Any]) -> Any:
    return getattr(records, schema["name"])


def _compare(schema: Any, annotation: Any, path: str, named: dict[str, Any]) -> list[str]:
    if isinstance(schema, list):
        return _union(schema, annotation, path, named)
    if isinstance(schema, str):
        named_schema = named.get(schema.removeprefix("songnodes."))
        wanted = PRIMITIVE.get(schema) if named_schema is None else _python(named_schema)
        return [] if annotation is wanted else [f"{path}: {annotation} for {schema}"]
    if "logicalType" in schema:
        wanted = LOGICAL[schema["logicalType"]]
        return [] if annotation is wanted else [f"{path}: {annotation} for {schema['logicalType']}"]
    match schema["type"]:
        case "record":
            return _record(schema, annotation, path, named)
        case "array":
            inner = get_args(annotation) or (None,)
            wrong = [] if get_origin(annotation) is list else [f"{path}: {annotation} for an array"]
            return wrong or _compare(schema["items"], inner[0], f"{path}[]", named)
        case "map":
            inner = get_args(annotation)
            wrong = (
                []
                if get_origin(annotation) is dict and inner[0] is str
                else [f"{path}: {annotation} for a map"]
            )
            return wrong or _compare(schema["values"], inner[1], f"{path}{{}}", named)
        case kind:
            return _compare(kind, annotation, path, named)


def _union(schema: list[Any], annotation: Any, path: str, named: dict[str, Any]) -> list[str]:
    (something,) = (branch for branch in schema if branch != "null")
    if get_origin(annotation) is not types.UnionType or types.NoneType not in get_args(annotation):
        return [f"{path}: {annotation} is not optional"]
    (inner,) = (member for member in get_args(annotation) if member is not types.NoneType)
    return _compare(something, inner, path, named)


def _record(schema: dict[str, Any], annotation: Any, path: str, named: dict[str, Any]) -> list[str]:
    named[schema["name"]] = schema
    if not is_typeddict(annotation) or annotation.__name__ != schema["name"]:
        return [f"{path}: {annotation} for record {schema['name']}"]
    hints = get_type_hints(annotation)
    fields = {field["name"]: field["type"] for field in schema["fields"]}
    wrong = [f"{path}.{name}: only in one of them" for name in sorted(fields.keys() ^ hints.keys())]
    for name in (
        field for field in fields if field in hints
    ):  # in order: types are named where they first occur
        wrong += _compare(fields[name], hints[name], f"{path}.{name}", named)
    return wrong


@pytest.mark.parametrize("subject", schemas.subjects())
def test_record_and_schema_are_the_same(subject: str) -> None:
    assert differences(subject) == []


def test_a_difference_is_detected() -> None:
    schema = {
        "type": "record",
        "name": "Origin",
        "fields": [
            {"name": "kind", "type": "int"},
            {"name": "id", "type": ["null", "string"]},
            {"name": "parser", "type": ["null", "int"]},
        ],
    }
    assert sorted(_compare(schema, records.Origin, "x", {})) == [
        "x.id: <class 'str'> is not optional",
        "x.kind: <class 'str'> for int",
        "x.parser: only in one of them",
        "x.parser_version: only in one of them",
    ]
