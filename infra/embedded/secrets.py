"""Passwords of the embedded servers, generated at the first start, in a file that only the owner can read.

To change them stop the servers, remove the file and start the servers again.
"""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from songnodes.errors import UserError

FILE = "secrets.json"
BYTES = 24  # of randomness in each password, written as hexadecimal digits


class SecretsUnreadable(UserError):
    """The passwords of the embedded servers cannot be read"""

    remedy = f"Stop the servers, remove {FILE} from the data directory and start again: it generates new ones"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """One password per login. Hexadecimal, so that no file or address has to quote them."""

    postgres_owner: str = field(repr=False)
    postgres_writer: str = field(repr=False)
    postgres_analyst: str = field(repr=False)
    redis: str = field(repr=False)
    kafka: str = field(repr=False)

    @classmethod
    def generate(cls) -> "Secrets":
        """Return new random passwords."""
        return cls(**{login.name: secrets.token_hex(BYTES) for login in fields(cls)})


def load(home: Path) -> Secrets:
    """Return the passwords of a data directory, generated at the first call. Raises SecretsUnreadable.

    Passwords that a file of an earlier version lacks are added to it.
    """
    file = home / FILE
    with suppress(FileExistsError):
        if not file.exists():
            write_private(file, _text(Secrets.generate()), replace=False)
    names = [login.name for login in fields(Secrets)]
    try:
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
        stored = {name: str(text) for name, text in json.loads(file.read_text()).items() if name in names}
    except (OSError, ValueError, AttributeError) as error:
        raise SecretsUnreadable(str(file)) from error
    passwords = Secrets(**{**asdict(Secrets.generate()), **stored})
    if len(stored) < len(names):
        write_private(file, _text(passwords))
    return passwords


def _text(secrets: Secrets) -> str:
    return json.dumps(asdict(secrets), indent=2) + "\n"


def write_private(file: Path, text: str, *, replace: bool = True) -> None:
    """Write a file for its owner alone; a reader gets the old content or the new, never a part.

    Raises FileExistsError for an existing file that is not to be replaced.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    try:
        if replace:
            partial.replace(file)
        else:
            os.link(partial, file)
    finally:
        partial.unlink(missing_ok=True)
