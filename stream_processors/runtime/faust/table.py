"""Faust's side of a table: its changelog, and partitions that are assigned, recovered and revoked."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import faust
from faust.types import TP, AppT, EventT

from stream_processors.runtime.errors import StateLocked
from stream_processors.runtime.records import RawRecord
from stream_processors.runtime.state.rocksdb import RocksDatabase
from stream_processors.runtime.state.table import Table


class FaustTable(faust.Table[bytes, bytes]):
    """A Faust table without values: reads, writes and the commit use `Table` and `Store`.

    Faust's own would send a changelog record per write, before the outputs that the write implies.
    """

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    def __init__(self, app: AppT, *, table: Table[Any], directory: Path, partitions: int) -> None:
        super().__init__(app, name=table.name, key_type=bytes, value_type=bytes, partitions=partitions)
        self.table = table
        self._directory = directory

    async def on_start(self) -> None:
        """Do nothing: the deployment creates changelogs, and the assignment opens stores."""

    async def on_stop(self) -> None:
        self.table.assign(set(), self._open)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        changelog = self.changelog_topic_name
        self.table.assign({tp.partition for tp in assigned if tp.topic == changelog}, self._open)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Do nothing: recovered records are in the database already."""

    async def need_active_standby_for(self, tp: TP) -> bool:
        return False  # table_standby_replicas is 0

    def persisted_offset(self, tp: TP) -> int | None:
        store = self.table.stores.get(tp.partition)
        return None if store is None else store.database.offset

    def restore(self, partition: int, records: Iterable[RawRecord]) -> None:
        """Apply changelog records of one partition, in their order."""
        last_offset = -1
        changes = []
        for record in records:
            changes.append((cast(bytes, record.key), record.value))  # records of a changelog have keys
            last_offset = record.offset
        self.table.stores[partition].database.write(changes, last_offset)

    def advance_offset(self, partition: int, offset: int) -> None:
        """Store that the changelog has no more records up to this offset."""
        self.table.stores[partition].database.write([], offset)

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]]) -> None:
        """Apply events one at a time, as Faust recovers; the consumer uses `restore` instead."""
        for event in batch:
            self.restore(event.message.partition, [cast(RawRecord, event.message)])

    def reset_state(self) -> None:
        for store in self.table.stores.values():
            store.database.destroy()
        self.table.stores.clear()

    def _open(self, partition: int) -> RocksDatabase:
        path = self._directory / self.table.name / str(partition)
        try:
            return RocksDatabase.open_recent(path)
        except Exception as error:  # rocksdict raises nothing narrower
            if "lock" in str(error).lower():
                raise StateLocked(path=path) from error
            raise
