"""What a dead letter's bytes say, as far as anything can be made of them."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from operations.dead_letters.letter import DeadLetter
from operations.dead_letters.reinsertion import origins
from songnodes.cli import terminal
from songnodes.errors import SongNodesError
from songnodes.messaging import schemas
from songnodes.messaging.codec import Codec, LiveRegistry
from songnodes.settings import Settings

TEXT = 200  # characters of one text of a record
PREVIEW = 600  # characters of what cannot be decoded
ITEMS = 20  # of one list


def described(settings: Settings, letter: DeadLetter, value: bytes | None) -> tuple[str, str]:
    """How the value was read, and what it says in lines of safe text."""
    if value is None:
        return "tombstone", "null"
    logical = origins(settings).get(letter.reason.topic) if letter.reason else None
    if logical is None:
        return "raw", terminal.readable(value, PREVIEW)
    try:
        with schemas.client(settings) as registry:
            codec = Codec(schemas.known_ids(registry), LiveRegistry(registry))
            record = codec.decode(logical, value)
    except SongNodesError as error:
        why = terminal.cut(str(error), TEXT)
        return f"raw ({why})", terminal.readable(value, PREVIEW)
    lines = json.dumps(_short(record), indent=2, ensure_ascii=False).split("\n")
    return f"{logical} record", "\n".join(terminal.escaped(line) for line in lines)


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {terminal.cut(str(key), TEXT): _short(item) for key, item in value.items()}
    if isinstance(value, list):
        more = [f"… {len(value) - ITEMS} more"] if len(value) > ITEMS else []
        return [_short(item) for item in value[:ITEMS]] + more
    if isinstance(value, bytes):
        return f"<{len(value)} bytes> {terminal.readable(value, TEXT)}"
    if isinstance(value, str):
        return terminal.cut(value, TEXT)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
