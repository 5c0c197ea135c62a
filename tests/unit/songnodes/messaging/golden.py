"""The golden files: per subject and version the full and the bare example, in hex, one per line."""

import io
from collections.abc import Iterator
from pathlib import Path

import fastavro

from songnodes.messaging import schemas
from songnodes.messaging.codec import HEADER, MAGIC
from tests.unit.songnodes.messaging import examples

FOLDER = Path(__file__).parent / "golden"
ID = 7  # the registry's id in all of them
KINDS = (False, True)  # not bare, bare


def versions() -> Iterator[tuple[str, int, bool]]:
    """Yield subject, version (from 0), and whether the example is the bare one."""
    for subject, schema_versions in schemas.subjects().items():
        for number in range(len(schema_versions)):
            for bare in KINDS:
                yield subject, number, bare


def file(subject: str, number: int) -> Path:
    return FOLDER / f"{subject}.v{number + 1:03}.hex"


def stored(subject: str, number: int, bare: bool) -> str:
    """Return the stored bytes, in hex."""
    return file(subject, number).read_text().splitlines()[KINDS.index(bare)]


def encoded(subject: str, number: int, bare: bool) -> bytes:
    """Return the bytes that the version's schema writes now."""
    schema = schemas.subjects()[subject][number]
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), examples.of(schema, bare=bare))
    return HEADER.pack(MAGIC, ID) + out.getvalue()


def main() -> None:
    """Write the missing files; existing files are never changed."""
    FOLDER.mkdir(exist_ok=True)
    for subject, number, _ in versions():
        if not file(subject, number).exists():
            lines = [encoded(subject, number, bare).hex() for bare in KINDS]
            file(subject, number).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
