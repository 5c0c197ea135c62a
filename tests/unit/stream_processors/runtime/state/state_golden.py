"""The golden files of state: per schema and version the full and the bare example, in hex, one per line.

First both in Avro, the encoding before values were packed, then both packed.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro

from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import SchemaValues
from tests.support.project_files import ROOT
from tests.unit.songnodes.messaging import examples

FOLDER = Path(__file__).parent / "golden"
KEY = b"k"
FORMS = tuple((packed, bare) for packed in (False, True) for bare in (False, True))


def names() -> list[str]:
    """Return the names of all state schemas."""
    return sorted(folder.name for folder in (ROOT / "schemas" / "state").iterdir() if folder.is_dir())


def versions() -> Iterator[tuple[str, int]]:
    """Yield each schema and version, from 1."""
    for name in names():
        for version in range(1, len(state_schemas(name)) + 1):
            yield name, version


def file(name: str, version: int) -> Path:
    """Return the golden file of a version."""
    return FOLDER / f"{name}.v{version:03}.hex"


def example(name: str, version: int, *, bare: bool) -> dict[str, Any]:
    """Return the example of a version."""
    return examples.of(state_schemas(name)[version - 1], bare=bare)


def stored(name: str, version: int, *, packed: bool, bare: bool) -> bytes:
    """Return the bytes in the golden file."""
    return bytes.fromhex(file(name, version).read_text().splitlines()[FORMS.index((packed, bare))])


def encoded(name: str, version: int, *, packed: bool, bare: bool) -> bytes:
    """Return the bytes that this code writes when the version is the newest."""
    schema_versions, value = state_schemas(name)[:version], example(name, version, bare=bare)
    if packed:
        return SchemaValues({KEY: schema_versions}).encode(KEY, value)
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema_versions[-1]), value)
    return bytes((version,)) + out.getvalue()


def main() -> None:
    """Write the files that are missing; existing ones are never changed."""
    FOLDER.mkdir(exist_ok=True)
    for name, version in versions():
        if not file(name, version).exists():
            lines = [encoded(name, version, packed=packed, bare=bare).hex() for packed, bare in FORMS]
            file(name, version).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
