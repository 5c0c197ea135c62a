"""Golden bytes of state: stored bytes of each version, in Avro or packed, are read as the newest version.

A new version brings a new file; `python -m tests.unit.stream_processors.runtime.state.state_golden` writes
missing ones.
"""

import io

import fastavro
import pytest

from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import SchemaValues
from tests.unit.stream_processors.runtime.state import state_golden
from tests.unit.stream_processors.runtime.state.state_golden import KEY

VERSIONS = list(state_golden.versions())


@pytest.mark.parametrize(("packed", "bare"), state_golden.FORMS)
@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_the_bytes_of_a_version_are_unchanged(name: str, version: int, packed: bool, bare: bool) -> None:
    written = state_golden.encoded(name, version, packed=packed, bare=bare)
    assert written.hex() == state_golden.stored(name, version, packed=packed, bare=bare).hex()


@pytest.mark.parametrize(("packed", "bare"), state_golden.FORMS)
@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_every_version_is_read_as_avro_resolves_it(name: str, version: int, packed: bool, bare: bool) -> None:
    schemas = state_schemas(name)
    avro = state_golden.stored(name, version, packed=False, bare=bare)
    resolved = fastavro.schemaless_reader(io.BytesIO(avro[1:]), schemas[version - 1], schemas[-1])
    raw = state_golden.stored(name, version, packed=packed, bare=bare)
    assert SchemaValues({KEY: schemas}).decode(KEY, raw) == resolved
    if version == len(schemas):
        assert resolved == state_golden.example(name, version, bare=bare)


def test_every_state_schema_has_golden_bytes_and_vice_versa() -> None:
    assert VERSIONS
    assert {file.name for file in state_golden.FOLDER.iterdir()} == {
        state_golden.file(name, version).name for name, version in VERSIONS
    }
