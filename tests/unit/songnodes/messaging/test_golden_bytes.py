"""Golden bytes: each schema version still writes the stored bytes, and the newest code reads them.

A new version brings a new file; `python -m tests.unit.songnodes.messaging.golden` writes missing ones.
"""

from typing import Any

import pytest

from songnodes.messaging import schemas
from songnodes.messaging.codec import Codec
from tests.unit.songnodes.messaging import examples, golden

VERSIONS = list(golden.versions())


@pytest.mark.parametrize(("subject", "number", "bare"), VERSIONS)
def test_the_bytes_of_a_version_are_unchanged(subject: str, number: int, bare: bool) -> None:
    assert golden.encoded(subject, number, bare).hex() == golden.stored(subject, number, bare)


@pytest.mark.parametrize(("subject", "number", "bare"), VERSIONS)
def test_the_current_code_reads_every_version(subject: str, number: int, bare: bool) -> None:
    writer = schemas.subjects()[subject][number]
    codec = Codec({}, examples.Schemas({golden.ID: writer}))
    read = codec.decode(subject, bytes.fromhex(golden.stored(subject, number, bare)))
    example = examples.of(writer, bare=bare)
    assert read.keys() == examples.record(subject).keys()
    assert restricted_to(read, example) == restricted_to(example, read)


def restricted_to(value: Any, template: Any) -> Any:
    """Return the value without fields, at any depth, that `template` lacks: versions add and drop some."""
    if isinstance(value, dict) and isinstance(template, dict):
        return {name: restricted_to(value[name], template[name]) for name in value if name in template}
    if isinstance(value, list) and isinstance(template, list) and len(value) == len(template):
        return [restricted_to(*pair) for pair in zip(value, template, strict=True)]
    return value


@pytest.mark.parametrize("subject", schemas.subjects())
@pytest.mark.parametrize("bare", [False, True])
def test_the_current_code_writes_the_newest_version(subject: str, bare: bool) -> None:
    newest = len(schemas.subjects()[subject]) - 1
    codec = Codec({subject: golden.ID}, examples.Schemas())
    raw = codec.encode(subject, examples.record(subject, bare=bare))
    assert raw.hex() == golden.stored(subject, newest, bare)


def test_every_golden_file_has_a_schema() -> None:
    assert {file.name for file in golden.FOLDER.iterdir()} == {
        golden.file(subject, number).name for subject, number, _ in VERSIONS
    }
