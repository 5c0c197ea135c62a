"""The newest schema reads records of every older version: bronze is kept indefinitely."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from songnodes.messaging import schemas

Schema = dict[str, Any]
VERSIONS = [(name, number) for name, all_ in schemas.subjects().items() for number in range(len(all_))]


def reads(reader: Schema, writer: Schema) -> bool:
    """Return True if a reader's schema can read a writer's records."""
    result = ReaderWriterCompatibilityChecker().get_compatibility(
        parse(json.dumps(reader)), parse(json.dumps(writer))
    )
    return bool(result.compatibility is SchemaCompatibilityType.compatible)


@pytest.mark.parametrize(("subject", "number"), VERSIONS)
def test_the_newest_reader_reads_every_version(subject: str, number: int) -> None:
    assert reads(schemas.newest(subject), schemas.subjects()[subject][number])


@pytest.mark.parametrize(("subject", "number"), VERSIONS)
def test_every_reader_reads_the_newest(subject: str, number: int) -> None:
    """A rolling deployment has old readers and new writers."""
    assert reads(schemas.subjects()[subject][number], schemas.newest(subject))


def page() -> Schema:
    return deepcopy(schemas.newest("bronze.pages"))


def field(schema: Schema, name: str) -> Schema:
    fields: list[Schema] = schema["fields"]
    return next(entry for entry in fields if entry["name"] == name)


def test_a_new_field_with_a_default_is_accepted() -> None:
    newer = page()
    newer["fields"].append({"name": "proxy", "type": ["null", "string"], "default": None})
    assert reads(newer, page())


def incompatible() -> Iterator[tuple[str, Schema]]:
    newer = page()
    newer["fields"].append({"name": "must", "type": "string"})
    yield "a new field without default", newer
    newer = page()
    field(newer, "status")["type"] = "string"
    yield "another type", newer
    newer = page()
    field(newer, "url")["name"] = "address"
    yield "a renamed field", newer
    newer = page()
    newer["name"] = "Response"
    yield "a renamed record", newer
    newer = page()
    field(newer, "robots")["type"] = "string"
    del field(newer, "robots")["default"]
    yield "null no more", newer


@pytest.mark.parametrize("newer", [pytest.param(s, id=name) for name, s in incompatible()])
def test_an_incompatible_change_is_detected(newer: Schema) -> None:
    assert not reads(newer, page())


def test_a_retyped_field_is_detected_only_against_all_versions() -> None:
    """Every older version is compared because each step alone is compatible."""
    first, second, third = page(), page(), page()
    first["fields"].append({"name": "extra", "type": "string", "default": ""})
    third["fields"].append({"name": "extra", "type": "int", "default": 0})
    assert reads(second, first)
    assert reads(third, second)
    assert not reads(third, first)


@pytest.mark.parametrize(("subject", "number"), VERSIONS)
def test_optional_fields_have_defaults(subject: str, number: int) -> None:
    """Without defaults a later version could not drop them."""
    for entry in schemas.subjects()[subject][number]["fields"]:
        if isinstance(entry["type"], list) and "null" in entry["type"]:
            assert entry["type"][0] == "null", entry["name"]
            assert entry["default"] is None, entry["name"]


def test_no_text_has_empty_braces_as_its_default() -> None:
    """Apicurio 3 answers 422 ("Failed to discover artifact type") for such a schema; "{ }" is accepted."""
    for versions in schemas.subjects().values():
        assert '"default": "{}"' not in json.dumps(versions)
