"""Named statements in `.sql` files: `-- name: NAME` begins one, in the manner of procrastinate."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from songnodes.errors import Fatal

NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


class UnknownStatement(Fatal):
    """No SQL file has this statement"""


@cache
def load(package: str, file: str) -> Mapping[str, str]:
    """Return the statements of `PACKAGE/sql/FILE.sql` by name."""
    text = files(package).joinpath("sql", f"{file}.sql").read_text()
    _, *parts = NAME.split(text)
    return dict(zip(parts[::2], (part.strip().rstrip(";") for part in parts[1::2]), strict=True))


def query(package: str, file: str, name: str) -> str:
    """Return one statement. Raises UnknownStatement."""
    try:
        return load(package, file)[name]
    except (KeyError, FileNotFoundError):
        raise UnknownStatement(package=package, file=file, name=name) from None
