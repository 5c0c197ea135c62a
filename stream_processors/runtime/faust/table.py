"""What Faust sees of a table: its changelog, and partitions that come, are recovered, and go."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faust
from faust.types import TP

from stream_processors.runtime.errors import StateLocked
from stream_processors.runtime.state.rocksdb import OLD, RocksDatabase
from stream_processors.runtime.state.table import Table


class Collection(faust.Table[bytes, bytes]):
    """A Faust table without values: gets, writes and the commit go by `Table` and `Store`.

    Faust's own would send a changelog record per write, before the outputs that the write implies.
    """

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    def __init__(self, app: Any, *, table: Table[Any], directory: Path, partitions: int) -> None:
        super().__init__(app, name=table.name, key_type=bytes, value_type=bytes, partitions=partitions)
        self.table = table
        self._directory = directory

    async def on_start(self) -> None:
        """Nothing: changelogs are made by the deployment, and stores opened by assignment."""

    async def on_stop(self) -> None:
        self.table.assign(set(), self._open)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        changelog = self.changelog_topic_name
        self.table.assign({tp.partition for tp in assigned if tp.topic == changelog}, self._open)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Nothing: recovered records are in the database already."""

    async def need_active_standby_for(self, tp: TP) -> bool:
        return False  # table_standby_replicas is 0

    def persisted_offset(self, tp: TP) -> int | None:
        store = self.table.stores.get(tp.partition)
        return None if store is None else store.database.offset

    def restore(self, partition: int, records: Iterable[Any]) -> None:
        """Apply changelog records of one partition, in their order."""
        store = self.table.stores[partition]
        last = -1
        changes = []
        for record in records:
            changes.append((record.key, record.value))
            last = record.offset
        store.database.write(changes, last)

    def reach(self, partition: int, offset: int) -> None:
        """Note that the changelog has no more records up to this offset."""
        self.table.stores[partition].database.write([], offset)

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Faust's way of recovery, one event at a time, which the consumer replaces by `restore`."""
        for event in batch:
            self.restore(event.message.partition, [event.message])

    def reset_state(self) -> None:
        for store in self.table.stores.values():
            store.database.destroy()  # type: ignore[attr-defined]
        self.table.stores.clear()

    def _open(self, partition: int) -> RocksDatabase:
        path = self._directory / self.table.name / str(partition)
        try:
            database = RocksDatabase(path)
            if database.age > OLD:
                database.destroy()
                database = RocksDatabase(path)
            return database
        except Exception as error:  # rocksdict raises nothing narrower
            if "lock" in str(error).lower():
                raise StateLocked(path=path) from error
            raise
