"""Every field of the newest version of every schema has a description, for the data dictionary."""

from collections.abc import Iterator
from typing import Any

import pytest

from songnodes.messaging import schemas


def undescribed(schema: Any) -> Iterator[str]:
    """Yield the records and fields without a `doc`."""
    if isinstance(schema, list):
        for branch in schema:
            yield from undescribed(branch)
    elif isinstance(schema, dict) and schema["type"] == "record":
        if not schema.get("doc"):
            yield schema["name"]
        for field in schema["fields"]:
            if not field.get("doc"):
                yield f"{schema['name']}.{field['name']}"
            yield from undescribed(field["type"])
    elif isinstance(schema, dict):
        for inner in (schema.get("items"), schema.get("values"), schema["type"]):
            yield from undescribed(inner)


@pytest.mark.parametrize("subject", schemas.subjects())
def test_every_field_is_described(subject: str) -> None:
    assert list(undescribed(schemas.newest(subject))) == []


def test_a_field_without_a_description_is_detected() -> None:
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "a", "type": "int", "doc": "a number"}]}
    outer = {"type": "array", "items": ["null", inner]}
    assert list(undescribed(outer)) == ["Inner"]
