"""Decode the bytes of dead letters, as far as possible."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from operations.dead_letters.letters import DeadLetter
from operations.dead_letters.reinsertion import origins
from songnodes.cli import terminal
from songnodes.errors import SongNodesError
from songnodes.messaging import schemas
from songnodes.messaging.codec import Codec, LiveRegistry
from songnodes.settings import Settings

MAX_TEXT_CHARS = 200  # of one text of a record
PREVIEW_CHARS = 600  # of a value that cannot be decoded
MAX_ITEMS = 20  # of one list


def describe_value(settings: Settings, letter: DeadLetter, value: bytes | None) -> tuple[str, str]:
    """Return how the value was decoded, and its content as lines that are safe to print."""
    if value is None:
        return "tombstone", "null"
    logical = origins(settings).get(letter.reason.topic) if letter.reason else None
    if logical is None:
        return "raw", terminal.readable(value, PREVIEW_CHARS)
    try:
        with schemas.client(settings) as registry:
            codec = Codec(schemas.known_ids(registry), LiveRegistry(registry))
            record = codec.decode(logical, value)
    except SongNodesError as error:
        why = terminal.cut(str(error), MAX_TEXT_CHARS)
        return f"raw ({why})", terminal.readable(value, PREVIEW_CHARS)
    lines = json.dumps(_short(record), indent=2, ensure_ascii=False).split("\n")
    return f"{logical} record", "\n".join(terminal.escaped(line) for line in lines)


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {terminal.cut(str(key), MAX_TEXT_CHARS): _short(item) for key, item in value.items()}
    if isinstance(value, list):
        more = [f"… {len(value) - MAX_ITEMS} more"] if len(value) > MAX_ITEMS else []
        return [_short(item) for item in value[:MAX_ITEMS]] + more
    if isinstance(value, bytes):
        return f"<{len(value)} bytes> {terminal.readable(value, MAX_TEXT_CHARS)}"
    if isinstance(value, str):
        return terminal.cut(value, MAX_TEXT_CHARS)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
