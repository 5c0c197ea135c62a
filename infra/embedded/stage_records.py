"""Records that a stage set aside, or has been handling for long, from the files that its workers keep."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.embedded.refresh_state import MAX_SET_ASIDE, SetAside
from songnodes.messaging import topics
from songnodes.settings import STAGES, Settings

#: Kinds of entries: set aside or tried again; being handled; a file that is not as workers write it.
RECORD, SLOW_RECORD, DAMAGED = "record", "slow record", "damaged file"


def set_aside(home: Path, settings: Settings) -> list[SetAside]:
    """Return the records of all stages and slots, those being handled first, then the latest first.

    At most MAX_SET_ASIDE.
    """
    entries = [
        entry
        for stage in sorted(STAGES)
        for slot in sorted((home / "suspects" / topics.app_id(stage, settings)).glob("*"))
        for file, read in ((slot / "slow.json", _slow), (slot / "suspects.json", _suspects))
        for entry in _entries(stage, file, read)
    ]
    entries.sort(key=lambda entry: (entry.kind == SLOW_RECORD, entry.last_at), reverse=True)
    return entries[:MAX_SET_ASIDE]


def _entries(stage: str, file: Path, read: Callable[[str, Any], Iterator[SetAside]]) -> list[SetAside]:
    try:
        return list(read(stage, json.loads(file.read_text("utf-8"))))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return [_entry(stage, DAMAGED, str(file), 0.0, error=f"{type(error).__name__}: {error}")]


def _suspects(stage: str, content: Any) -> Iterator[SetAside]:
    for entry in content:
        yield _entry(
            stage,
            RECORD,
            _place(entry),
            entry["at"],
            error=entry["error"],
            attempts=entry["errors"] + entry["kills"],
            is_set_aside=entry["set_aside"],
        )


def _slow(stage: str, entry: Any) -> Iterator[SetAside]:
    why = f"being handled for {entry['seconds']} s, key {entry['key']}"
    yield _entry(stage, SLOW_RECORD, _place(entry), entry["at"], error=why)


def _entry(
    stage: str, kind: str, name: str, at: float, *, error: str, attempts: int = 0, is_set_aside: bool = False
) -> SetAside:
    return SetAside(
        process=stage,
        kind=kind,
        id=name,
        attempts=attempts,
        is_set_aside=is_set_aside,
        error=error,
        last_at=datetime.fromtimestamp(at, UTC),
    )


def _place(entry: Any) -> str:
    return f"{entry['topic']}[{entry['partition']}]@{entry['offset']}"
