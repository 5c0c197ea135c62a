"""The newest schema reads what every older version wrote: bronze is kept for ever."""

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
    """Whether a reader's schema can read a writer's records."""
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
    return next(each for each in fields if each["name"] == name)


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
def test_an_incompatible_change_is_seen(newer: Schema) -> None:
    assert not reads(newer, page())


def test_a_type_that_comes_back_as_another_is_seen_only_against_all_versions() -> None:
    """Why every older version is compared: each step alone looks harmless."""
    first, second, third = page(), page(), page()
    first["fields"].append({"name": "extra", "type": "string", "default": ""})
    third["fields"].append({"name": "extra", "type": "int", "default": 0})
    assert reads(second, first)
    assert reads(third, second)
    assert not reads(third, first)


@pytest.mark.parametrize(("subject", "number"), VERSIONS)
def test_optional_fields_have_defaults(subject: str, number: int) -> None:
    """Else a later version could not drop them."""
    for each in schemas.subjects()[subject][number]["fields"]:
        if isinstance(each["type"], list) and "null" in each["type"]:
            assert each["type"][0] == "null", each["name"]
            assert each["default"] is None, each["name"]
