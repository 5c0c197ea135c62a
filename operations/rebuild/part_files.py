"""Files of records between the two passes of a rebuild.

A part is a share of one partition, small enough to be folded in memory. Each process of the first pass writes
files of its own, one per part, and renames its directory when all are complete.
"""

import os
import shutil
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

import msgspec

from songnodes.messaging.partitioner import partition_of

BLOCK_RECORDS = 64
CACHED_KEYS = 100_000  # whose parts are remembered: the hash takes 15 µs
_SIZE = struct.Struct("<I")


class Part(NamedTuple):
    """A share of the keys of one partition."""

    partition: int
    number: int

    @property
    def name(self) -> str:
        """Name of its files."""
        return f"{self.partition}-{self.number}"


class PartRecord(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An input record of a stage, as `RawRecord` describes it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes | None

    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """No headers: no stage with tables reads them."""
        return ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[PartRecord])


class Layout(NamedTuple):
    """Partitions of the input topics, and parts per partition."""

    partitions: int
    parts: int

    def part_of(self, key: bytes) -> Part:
        """Return the part of a key. A key has the same part in every topic."""
        return _part_of(self, key)

    def all_parts(self) -> list[Part]:
        """Return all parts, in order."""
        return [Part(part, number) for part in range(self.partitions) for number in range(self.parts)]


@lru_cache(CACHED_KEYS)
def _part_of(layout: Layout, key: bytes) -> Part:
    return Part(partition_of(key, layout.partitions), hash_of(key) % layout.parts)


def hash_of(key: bytes) -> int:
    """Return a number that depends on the key alone, and differently than its partition."""
    return int.from_bytes(key[-8:], "big") * 0x9E3779B97F4A7C15 % 2**64 >> 32


class PartWriter:
    """Writes records to the files of their parts, in a directory that appears when all are complete."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._partial = directory.with_name(f"{directory.name}.partial")
        for earlier in (self._partial, directory):  # of a task that was killed before it was recorded
            shutil.rmtree(earlier, ignore_errors=True)
        self._partial.mkdir(parents=True)
        self._files: dict[Part, BinaryIO] = {}
        self._blocks: dict[Part, list[PartRecord]] = {}

    def __enter__(self) -> Self:
        return self

    def write(self, part: Part, record: PartRecord) -> None:
        """Append a record to the file of its part."""
        block = self._blocks.setdefault(part, [])
        block.append(record)
        if len(block) == BLOCK_RECORDS:
            self._write_block(part)

    def _write_block(self, part: Part) -> None:
        raw = _ENCODER.encode(self._blocks[part])
        self._blocks[part] = []
        if part not in self._files:
            self._files[part] = (self._partial / part.name).open("wb")
        self._files[part].write(_SIZE.pack(len(raw)) + raw)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part, block in self._blocks.items():
            if block and error is None:
                self._write_block(part)
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
            file.close()
        if error is None:
            self._partial.rename(self._directory)


def read_part(directories: Iterable[Path], part: Part) -> Iterator[PartRecord]:
    """Yield the records of a part, directory by directory."""
    for directory in directories:
        path = directory / part.name
        if not path.exists():
            continue
        with path.open("rb") as file:
            while size := file.read(_SIZE.size):
                yield from _DECODER.decode(file.read(_SIZE.unpack(size)[0]))
