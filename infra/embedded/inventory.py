"""Whether an installed directory is still whole: every file is there with its size."""

import json
from pathlib import Path

FILE = ".inventory.json"


def write(directory: Path) -> None:
    """Note all files below the directory."""
    (directory / FILE).write_text(json.dumps(_sizes(directory)))


def complete(directory: Path) -> bool:
    """Whether all noted files are there, with the sizes noted. False where nothing was noted."""
    try:
        noted = json.loads((directory / FILE).read_text())
    except (OSError, ValueError):
        return False
    found = _sizes(directory)
    return all(found.get(name) == size for name, size in noted.items())


def _sizes(directory: Path) -> dict[str, int]:
    return {
        str(file.relative_to(directory)): file.stat().st_size
        for file in directory.rglob("*")
        if file.is_file() and file.name != FILE
    }
