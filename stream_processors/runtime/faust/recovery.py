"""Recovery of tables from their changelogs, a fetched batch at a time.

Faust's own passes each record through two queues and a task: 20.8 s for 300,000 keys, against 1.7 s.
"""

from faust.types import TP

from songnodes import logs
from stream_processors.runtime.errors import RecoveryIncomplete
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust.protocol import ChangelogTable, RecoveryService, RuntimeApp
from stream_processors.runtime.records import RawRecord

log = logs.get(__name__)


class TableRecovery:
    """Applies changelog records for Faust's recovery service, which decides the range of offsets."""

    def __init__(self, app: RuntimeApp) -> None:
        self._app = app
        self._restored_records = 0  # since the recovery began

    @property
    def _service(self) -> RecoveryService:
        return self._app.tables.recovery

    @property
    def remaining_records(self) -> int:
        """Number of changelog records to read until the tables are complete."""
        if not self._service.in_recovery:
            return 0
        return sum(count for count in self._service.active_remaining().values() if count > 0)

    def on_flow_resumed(self) -> None:
        """Start a recovery that is due.

        Faust clears this signal only every five seconds: a recovery shortly after another one would end
        at once, and the worker would continue with the state before the writes of other workers.
        """
        service = self._service
        if service.in_recovery and service.need_recovery():
            service.signal_recovery_end.clear()

    def restore(self, tp: TP, records: list[RawRecord]) -> None:
        """Apply records of a changelog, if its table is being recovered."""
        service = self._service
        if tp not in service.active_tps or not service.in_recovery:
            return
        restored_offset = service.active_offsets.get(tp)
        new_records = [
            record for record in records if restored_offset is None or record.offset > restored_offset
        ]
        if new_records:
            self._table(tp).restore(tp.partition, new_records)
            service.active_offsets[tp] = new_records[-1].offset
            self._restored_records += len(new_records)
        self._end_if_complete()

    async def skip_compacted(self) -> None:
        """Count records as read that compaction removed from the end of a changelog.

        Called after an empty fetch. Otherwise recovery would wait for an offset that no record has.
        """
        service = self._service
        if not service.in_recovery:
            return
        for tp, remaining in service.active_remaining().items():
            if remaining > 0:
                position = await self._app.consumer.position(tp)
                highwater = service.active_highwaters[tp]
                if position is not None and position > highwater and self._app.consumer.flow_active:
                    self._table(tp).advance_offset(tp.partition, highwater)
                    service.active_offsets[tp] = highwater
        self._end_if_complete()

    def verify_complete(self) -> None:
        """End the process if a table is incomplete after Faust ended the recovery.

        A worker with incomplete state would write it over the rest of the changelog, commit by commit.
        """
        service = self._service
        for tp in service.active_tps:
            offset, highwater = self._table(tp).persisted_offset(tp), service.active_highwaters[tp]
            if highwater >= 0 and (offset is None or offset < highwater):
                crash(RecoveryIncomplete(topic=tp.topic, part=tp.partition, offset=offset, end=highwater))

    def _end_if_complete(self) -> None:
        service = self._service
        if service.in_recovery and not service.need_recovery():
            log.info("tables_recovered", records=self._restored_records)
            self._restored_records = 0
            service._set_recovery_ended()
            service.signal_recovery_end.set()

    def _table(self, tp: TP) -> ChangelogTable:
        return self._app.tables._changelogs[tp.topic]
