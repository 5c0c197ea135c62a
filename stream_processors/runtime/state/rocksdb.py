"""RocksDB of one partition of a table."""

import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rocksdict

from stream_processors.runtime.state.store import Change

#: Not a key of ours: ours begin with a letter.
OFFSET_KEY = b"\0offset"

MIB = 1024 * 1024
#: Seconds after which local state is not used any more. Compaction drops the mark of a deletion 24 hours
#: after it (`delete.retention.ms`): who was away for longer would keep what was deleted.
OLD = 12 * 3600
#: Blocks read from disk, for all databases of the process together. RocksDB's wrapper in Faust takes 2 GiB
#: for each.
_CACHE = rocksdict.Cache(64 * MIB)
WRITE_BUFFER = 8 * MIB
WRITE_BUFFERS = 2
OPEN_FILES = 256
BLOOM_BITS = 10  # per key: 1 % of the look-ups of absent keys read a block


def _options() -> rocksdict.Options:
    blocks = rocksdict.BlockBasedOptions()
    blocks.set_block_cache(_CACHE)
    blocks.set_bloom_filter(BLOOM_BITS, block_based=False)
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_max_open_files(OPEN_FILES)
    options.set_write_buffer_size(WRITE_BUFFER)
    options.set_max_write_buffer_number(WRITE_BUFFERS)
    options.set_keep_log_file_num(2)
    options.set_block_based_table_factory(blocks)
    return options


class RocksDatabase:
    """A directory with keys, values and the changelog offset they stand for.

    The changes of one `write` take place together or not at all. The write-ahead log is not synced: after a
    loss of power the directory may be a commit or more behind, and the rest comes from the changelog.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._db: Any = rocksdict.Rdict(str(path), options=_options())

    def get(self, key: bytes) -> bytes | None:
        found: bytes | None = self._db.get(key)
        return found

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
        found = self._db.get(OFFSET_KEY)
        return None if found is None else int(found.split()[0])

    @property
    def age(self) -> float:
        """Seconds since the last commit; 0 for a new directory."""
        found = self._db.get(OFFSET_KEY)
        return 0.0 if found is None else max(0.0, time.time() - int(found.split()[1]))

    def close(self) -> None:
        self._db.close()

    def destroy(self) -> None:
        """Remove the directory; the next worker recovers from the changelog."""
        self.close()
        shutil.rmtree(self._path, ignore_errors=True)
