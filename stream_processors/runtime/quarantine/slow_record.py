"""The record that a worker handles for too long, for `songnodes status` and the log."""

import sys
import time
from pathlib import Path, PurePath

from stream_processors.runtime.quarantine.alarm import is_library
from stream_processors.runtime.quarantine.suspect_file import replace_file


class SlowRecordFile:
    """The slow record that is being handled, if there is one; without a file it is not stored."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._noted = True  # by the process before, which may have ended by it

    def note(self, slow: dict[str, object] | None) -> None:
        """Store the slow record in a file for `status`; delete the file when there is none."""
        if self._file is None or (slow is None and not self._noted):
            return
        self._noted = slow is not None
        if slow is None:
            self._file.unlink(missing_ok=True)
        else:
            replace_file(self._file, {**slow, "at": time.time()}, durable=False)


def where(thread: int) -> str:
    """Return the place at which the thread works, as text to append."""
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_back is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return ""
    code = frame.f_code
    return f" ({PurePath(code.co_filename).name}:{frame.f_lineno} {code.co_name})"
