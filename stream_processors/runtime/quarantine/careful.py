"""Careful mode: values are encoded within their record, after an end that names no record.

Values of tables are encoded in the commit and outputs at the flush, for many records at once. A failure there
ends the process and shows no record. The next process is careful: each record encodes its own values and
outputs, and becomes a dead letter if it cannot. It costs time, so it lasts until the end of that process.

A flush that ends the process without an exception (native code, lack of memory, a kill) is found by a mark in
a mapped file, as in `suspects.py`. It may be a kill from outside: the process becomes careful after
KILL_LIMIT of them with fewer than CALM_COMMITS commits in one process between. A single commit shows nothing:
it may be of other partitions, with the guilty output still to come.
"""

import mmap
import struct
from pathlib import Path

from songnodes import logs
from songnodes.attempts import KILL_LIMIT

_FLUSH = struct.Struct("<?i")  # is a flush in progress, earlier processes that ended in one
CALM_COMMITS = 60  # of one process, after which earlier ends count no more; a minute or more

log = logs.get(__name__)


class CarefulMode:
    """Careful mode of one worker; without a directory it ends with the process, as tests need it."""

    def __init__(self, directory: Path | None = None) -> None:
        self._file = directory / "careful" if directory else None
        self._flush: mmap.mmap | None = None
        self._commits = 0
        self.is_enabled = self._file is not None and self._file.exists()
        if directory:
            self._open_mark(directory / "flush")

    def begin_flush(self) -> None:
        """Note that outputs are being encoded."""
        if self._flush is not None:
            self._flush[0] = 1

    def end_flush(self) -> None:
        """Note that no outputs are being encoded."""
        if self._flush is not None:
            self._flush[0] = 0

    def enable(self) -> None:
        """Make this process careful, and the next one: it starts with the record still to come."""
        if not self.is_enabled:
            log.warning("careful_mode")
        self.is_enabled = True
        if self._file is not None:
            self._file.touch()

    def pass_commit(self) -> None:
        """Note that a commit of records succeeded. This process stays careful; the next one need not be."""
        self._commits += 1
        if self._flush is not None and self._commits == CALM_COMMITS:
            _FLUSH.pack_into(self._flush, 0, self._flush[0], 0)
        if self.is_enabled and self._file is not None:
            self._file.unlink(missing_ok=True)

    def _open_mark(self, file: Path) -> None:
        if not file.exists() or file.stat().st_size < _FLUSH.size:
            file.write_bytes(bytes(_FLUSH.size))
        with file.open("r+b") as opened:
            self._flush = mmap.mmap(opened.fileno(), _FLUSH.size)
        is_in_progress, ends = _FLUSH.unpack_from(self._flush)
        if is_in_progress:
            ends += 1
            _FLUSH.pack_into(self._flush, 0, False, ends)
            if ends >= KILL_LIMIT:
                self.enable()
