"""Passwords of the embedded servers: generated at first start, kept where only the owner can read them."""

import json
import os
import secrets
from pathlib import Path

FILE = "secrets.json"
NAMES = ("postgres_superuser", "postgres_owner", "postgres_writer", "postgres_analyst", "redis")
#: Bytes; hexadecimal, so that a URL, SQL and a configuration file need no quoting.
LENGTH = 24


def passwords(home: Path) -> dict[str, str]:
    """Return the passwords of a data directory by name; those that are missing are generated and kept."""
    file = home / FILE
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in NAMES if name not in known]
    if missing:
        known |= {name: secrets.token_hex(LENGTH) for name in missing}
        write_private(file, json.dumps(known, indent=2) + "\n")
    return known


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on; a reader sees all of it or none."""
    half = file.with_name(f"{file.name}.new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    half.replace(file)
