"""Records with extreme values in the tables, and refresh over their rows: a row or a dead letter each.

`make nightly` runs the same over a large sample.
"""

import os
from typing import Any

import pytest

from sinks import database, tables
from sinks.contents import Record
from sinks.refresh.refresher import Refresher
from sinks.splitting import write_or_split
from songnodes.errors import Poison
from tests.support import codecs, sample_records
from tests.support.sink_bench import Bench
from tests.support.unpublished import Unpublished
from tests.support.value_fuzz import SEED, Case, Findings, place, record_cases

RECORDS = int(os.environ.get("SONGNODES_FUZZ_ROWS", "400"))
#: Records between two refreshes.
TURN = 100
CODEC = codecs.offline()

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


async def test_rows_with_extreme_values_end_neither_sink_nor_refresh(bench: Bench) -> None:
    connection = await database.connect(bench.settings)
    findings = Findings()
    refresher = Refresher(connection, Unpublished())  # type: ignore[arg-type]
    as_of = sample_records.SEEN.date()
    try:
        sessions = {topic: await writer.prepare(connection) for topic, writer in tables.WRITERS.items()}
        await refresher.tick(as_of, pinned=True)
        last: Case | None = None
        for at, case in enumerate(record_cases(RECORDS, SEED, tuple(sorted(tables.WRITERS)))):
            last = case
            try:
                await _write(connection, sessions, case)
            except Exception as error:  # the test is about any of them
                findings.note(case, place(error))
            if at % TURN == TURN - 1:
                await _refresh(refresher, findings, case, as_of)
        assert last is not None
        await _refresh(refresher, findings, last, as_of)
    finally:
        await connection.close()
    assert not findings.count, f"\n{findings}"


async def _write(connection: Any, sessions: Any, case: Case) -> None:
    writer = tables.WRITERS[case.topic]
    try:
        value = CODEC.decode(case.topic, case.value)
        record = Record(message=None, entry=writer.entry(value))  # type: ignore[arg-type]
    except (Poison, KeyError, TypeError, ValueError):
        return  # a dead letter, as in `sinks.loop`
    async with connection.transaction():
        await write_or_split(connection, writer, sessions[case.topic], [record])


async def _refresh(refresher: Refresher, findings: Findings, case: Case, as_of: Any) -> None:
    for step in (refresher.some, refresher.whole, refresher.everything):
        try:
            await step(as_of)
        except Exception as error:  # the test is about any of them
            findings.note(case, f"{step.__name__}: {place(error)}")
