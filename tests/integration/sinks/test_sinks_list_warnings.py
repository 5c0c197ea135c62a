"""Warnings about written lists are counted per source, by the newest content of each page."""

import asyncio
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from infra.embedded.refresh_state import ListWarnings, list_warnings
from infra.embedded.report import report
from infra.embedded.stack import Stack
from infra.embedded.status import status
from sinks import tables
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench, write_directly

UNREAD = "list_unread: a tracklist is announced and could not be read"
MISSING = "rows_missing: the counter leaves out 2"


async def test_warnings_are_counted_per_source(bench: Bench, tmp_path: Path) -> None:
    def page(native_id: str, day: int, line: str, *warnings: str) -> dict[str, Any]:
        record = sample.tracklist(native_id, line, warnings=list(warnings))
        return {**record, "source": "mixcloud", "observed_at": datetime(2026, 3, day, tzinfo=UTC)}

    await write_directly(
        bench.settings,
        tables.WRITERS["bronze.tracklists"],
        [
            page("one", 1, "A - One", UNREAD),
            page("two", 1, "A - One", MISSING, "date_of_upload: of the upload"),
            page("three", 1, "A - One", MISSING, MISSING),
            page("corrected", 1, "A - One", UNREAD),
            page("corrected", 2, "A - Two"),
            sample.tracklist("plain"),
        ],
    )
    counts = [
        ListWarnings(source="mixcloud", code="rows_missing", pages=2),
        ListWarnings(source="mixcloud", code="list_unread", pages=1),
    ]
    assert list_warnings(bench.settings.database_url) == counts
    outside = {"database_url": bench.settings.database_url, **_unreachable_addresses()}
    current = await asyncio.to_thread(status, Stack(tmp_path, outside=outside))
    assert current.list_warnings == counts
    console = StringIO()
    Console(file=console, width=160).print(report(current, datetime.now(UTC)))
    assert "list_unread" in console.getvalue()


def _unreachable_addresses() -> dict[str, str]:
    """Return addresses at which no server listens."""
    return {
        "kafka_bootstrap": "127.0.0.1:1",
        "redis_url": "redis://127.0.0.1:1/0",
        "schema_registry_url": "http://127.0.0.1:1",
    }
