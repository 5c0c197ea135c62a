"""The ends of log files, and what is added to them."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

POLL_INTERVAL_S = 0.3
BLOCK = 64 * 1024  # bytes read from the end per line block


def last(file: Path, count: int) -> list[str]:
    """Return the last `count` lines; empty if the file does not exist yet."""
    if count <= 0 or not file.exists():
        return []
    with file.open("rb") as stream:
        position = stream.seek(0, os.SEEK_END)
        tail = b""
        while position and tail.count(b"\n") <= count:
            step = min(BLOCK, position)
            position -= step
            stream.seek(position)
            tail = stream.read(step) + tail
    return tail.decode("utf-8", "replace").splitlines()[-count:]


def follow(files: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Lines as they are added from now on, each with the name of its file. Never ends.

    A file that shrank was rotated away: its successor is read from the start.
    """
    positions = {name: _size(file) for name, file in files.items()}
    rests = dict.fromkeys(files, b"")
    while True:
        quiet = True
        for name, file in files.items():
            size = _size(file)
            if size < positions[name]:
                positions[name] = 0
            if size == positions[name]:
                continue
            quiet = False
            with file.open("rb") as stream:
                stream.seek(positions[name])
                *lines, rests[name] = (rests[name] + stream.read(size - positions[name])).split(b"\n")
            positions[name] = size
            yield from ((name, line.decode("utf-8", "replace")) for line in lines)
        if quiet:
            time.sleep(POLL_INTERVAL_S)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
