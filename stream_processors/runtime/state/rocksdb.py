"""RocksDB database of one partition of a table."""

import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rocksdict

from stream_processors.runtime.state.store import Change

#: Not a key of a table: those begin with a letter.
OFFSET_KEY = b"\0offset"

MIB = 1024 * 1024
#: Age of local state beyond which it is deleted and recovered. Compaction removes a tombstone 24 hours after
#: its record (`delete.retention.ms`): older state would keep keys that were deleted since.
MAX_AGE_S = 12 * 3600
#: Blocks read from disk and write buffers, for all databases of the process together. RocksDB's wrapper in
#: Faust takes 2 GiB for each.
_BLOCK_CACHE = rocksdict.Cache(64 * MIB)
#: A database flushes its write buffer at this size, or when those of all databases (silver has 24) exceed
#: MAX_BUFFERED_BYTES. Buffers of 8 MiB without a common bound took 94 MB.
WRITE_BUFFER_BYTES = 4 * MIB
MAX_WRITE_BUFFERS = 2
MAX_BUFFERED_BYTES = 32 * MIB
_WRITE_BUFFERS = rocksdict.WriteBufferManager.new_write_buffer_manager_with_cache(
    MAX_BUFFERED_BYTES, allow_stall=False, cache=_BLOCK_CACHE
)
MAX_OPEN_FILES = 256
BLOOM_BITS_PER_KEY = 10  # 1 % of the look-ups of absent keys read a block


def _options() -> rocksdict.Options:
    blocks = rocksdict.BlockBasedOptions()
    blocks.set_block_cache(_BLOCK_CACHE)
    blocks.set_bloom_filter(BLOOM_BITS_PER_KEY, block_based=False)
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_max_open_files(MAX_OPEN_FILES)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(MAX_WRITE_BUFFERS)
    options.set_write_buffer_manager(_WRITE_BUFFERS)
    options.set_keep_log_file_num(2)
    options.set_block_based_table_factory(blocks)
    return options


class RocksDatabase:
    """Directory with the keys and values of a partition, and the changelog offset they correspond to.

    The changes of one `write` are atomic. The write-ahead log is not synced: after a loss of power the
    directory may be some commits behind, and recovery reads them from the changelog.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._db: Any = rocksdict.Rdict(str(path), options=_options())

    @classmethod
    def open_recent(cls, path: Path) -> "RocksDatabase":
        """Open the database at `path`; one older than MAX_AGE_S is replaced by an empty one."""
        database = cls(path)
        if database.age_s > MAX_AGE_S:
            database.destroy()
            database = cls(path)
        return database

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._db.get(key)
        return value

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        for key, value in self._db.items(from_key=prefix):
            if not key.startswith(prefix):
                return
            if key != OFFSET_KEY:
                yield key, value

    def write(self, changes: Iterable[Change], offset: int | None = None) -> None:
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        if offset is not None:
            batch.put(OFFSET_KEY, b"%d %d" % (offset, time.time()))
        self._db.write(batch)

    @property
    def offset(self) -> int | None:
        stored = self._db.get(OFFSET_KEY)
        return None if stored is None else int(stored.split()[0])

    @property
    def age_s(self) -> float:
        """Seconds since the last commit; 0 for a new directory."""
        stored = self._db.get(OFFSET_KEY)
        return 0.0 if stored is None else max(0.0, time.time() - int(stored.split()[1]))

    def close(self) -> None:
        self._db.close()

    def destroy(self) -> None:
        """Close the database and delete its directory; recovery reads the changelog from the start."""
        self.close()
        shutil.rmtree(self._path, ignore_errors=True)
