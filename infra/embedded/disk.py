"""Free disk space: checked before a start; a full disk is reported as `DiskFull`."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from songnodes.errors import UserError

FREE_BYTES = 1 << 30  # empty databases and logs take 0.2 GB, the installed parts 0.3 GB


class DiskFull(UserError):
    """There is too little space on the disk for the embedded servers"""

    remedy = "Free some space, or put SONGNODES_HOME and SONGNODES_CACHE elsewhere"


def check_free_space(directory: Path) -> None:
    """Raise `DiskFull` where a first start would not fit."""
    free = shutil.disk_usage(directory).free
    if free < FREE_BYTES:
        raise DiskFull(directory=directory, free_mb=free // 2**20, needed_mb=FREE_BYTES // 2**20)


@contextmanager
def disk_full_errors() -> Iterator[None]:
    """Within the block, raise `DiskFull` with the file's name where a write finds the disk full."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(file=error.filename or "unknown") from error
        raise
