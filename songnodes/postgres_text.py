"""Text in the form that PostgreSQL can store: one rule for all that writes to it.

PostgreSQL's text cannot hold the character NUL, and its JSON neither NUL nor half a surrogate pair. Such a
character becomes U+FFFD, the replacement character: the row is kept, the damage is visible, and the bytes as
received are in `bronze_pages` and in the topic. A dead letter would lose a whole set for one character that
no reader can see.
"""

import re
from collections.abc import Mapping
from typing import Any

NUL = "\x00"
REPLACEMENT = "\ufffd"
SURROGATES = re.compile("[\ud800-\udfff]")
#: Escapes that `repr` writes for what has to be replaced; text that only contains such an escape is scanned
#: in full and not changed. `repr` runs in C: 20 times as fast as visiting every value.
_SUSPECT = re.compile(r"\\x00|\\ud[89a-f]")


def storable_text(value: str) -> str:
    """Return the text with U+FFFD in place of each character that PostgreSQL refuses."""
    if NUL in value:
        value = value.replace(NUL, REPLACEMENT)
    return value if value.isascii() else SURROGATES.sub(REPLACEMENT, value)


def storable(value: Any) -> Any:
    """Return the value with `storable_text` applied to all its text, keys included, at any depth."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def storable_record(record: dict[str, Any]) -> dict[str, Any]:
    """Return a decoded record with storable text only: the record itself where nothing has to be replaced."""
    if not _SUSPECT.search(repr(record)):
        return record
    replaced: dict[str, Any] = storable(record)
    return replaced
