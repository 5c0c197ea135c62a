"""Golden bytes: what each schema version wrote once is what it writes today, and the newest code reads it.

A new version brings a new file; `python -m tests.unit.songnodes.messaging.golden` writes missing ones.
"""

from typing import Any

import pytest

from songnodes.messaging import schemas
from songnodes.messaging.codec import Codec
from tests.unit.songnodes.messaging import examples, golden

VERSIONS = list(golden.versions())


@pytest.mark.parametrize(("subject", "number", "bare"), VERSIONS)
def test_the_bytes_of_a_version_stay(subject: str, number: int, bare: bool) -> None:
    assert golden.written(subject, number, bare).hex() == golden.kept(subject, number, bare)


@pytest.mark.parametrize(("subject", "number", "bare"), VERSIONS)
def test_todays_code_reads_every_version(subject: str, number: int, bare: bool) -> None:
    writer = schemas.subjects()[subject][number]
    codec = Codec({}, examples.Schemas({golden.ID: writer}))
    read = codec.decode(subject, bytes.fromhex(golden.kept(subject, number, bare)))
    example = examples.of(writer, bare=bare)
    assert read.keys() == examples.record(subject).keys()
    assert kept_of(read, example) == kept_of(example, read)


def kept_of(value: Any, other: Any) -> Any:
    """The value without the fields, at any depth, that the other lacks: versions add and drop some."""
    if isinstance(value, dict) and isinstance(other, dict):
        return {name: kept_of(value[name], other[name]) for name in value if name in other}
    if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        return [kept_of(*pair) for pair in zip(value, other, strict=True)]
    return value


@pytest.mark.parametrize("subject", schemas.subjects())
@pytest.mark.parametrize("bare", [False, True])
def test_todays_code_writes_the_newest_version(subject: str, bare: bool) -> None:
    newest = len(schemas.subjects()[subject]) - 1
    codec = Codec({subject: golden.ID}, examples.Schemas())
    raw = codec.encode(subject, examples.record(subject, bare=bare))
    assert raw.hex() == golden.kept(subject, newest, bare)


def test_no_golden_file_is_without_schema() -> None:
    assert {file.name for file in golden.FOLDER.iterdir()} == {
        golden.file(subject, number).name for subject, number, _ in VERSIONS
    }
