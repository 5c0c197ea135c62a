"""Completeness of an installed directory: every file exists with its size."""

import json
from pathlib import Path

FILE = ".inventory.json"


def write(directory: Path) -> None:
    """Write the sizes of all files below the directory to its manifest."""
    (directory / FILE).write_text(json.dumps(_sizes(directory)))


def is_complete(directory: Path) -> bool:
    """Return True if all listed files exist with their sizes; False without a manifest."""
    try:
        expected_sizes = json.loads((directory / FILE).read_text())
    except (OSError, ValueError):
        return False
    sizes = _sizes(directory)
    return all(sizes.get(name) == size for name, size in expected_sizes.items())


def _sizes(directory: Path) -> dict[str, int]:
    return {
        str(file.relative_to(directory)): file.stat().st_size
        for file in directory.rglob("*")
        if file.is_file() and file.name != FILE
    }
