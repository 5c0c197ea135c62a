"""Recovery of tables from their changelogs, a fetched batch at a time.

Faust's own passes each record through two queues and a task: 20.8 s for 300,000 keys, against 1.7 s.
"""

from typing import Any

from faust.types import TP

from songnodes import logs
from stream_processors.runtime.errors import RecoveryIncomplete
from stream_processors.runtime.exit import crash

log = logs.get(__name__)


class Recovery:
    """Feeds Faust's recovery service: it decides from where and to where, this applies the records."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._restored = 0  # records since the recovery began

    @property
    def left(self) -> int:
        """Changelog records to read until the tables are complete."""
        service = self._app.tables.recovery
        if not service.in_recovery:
            return 0
        return sum(left for left in service.active_remaining().values() if left > 0)

    def begin(self) -> None:
        """The flow of records is resumed, and where a recovery is due, what follows belongs to it.

        Faust clears this signal only every five seconds: a recovery soon after another one would be taken as
        over at once, and the worker would go on with the state it had before others wrote.
        """
        service = self._app.tables.recovery
        if service.in_recovery and service.need_recovery():
            service.signal_recovery_end.clear()

    def restore(self, tp: TP, records: list[Any]) -> None:
        """Apply records of a changelog, if its table is being recovered."""
        service = self._app.tables.recovery
        if tp not in service.active_tps or not service.in_recovery:
            return
        seen = service.active_offsets.get(tp)
        fresh = [record for record in records if seen is None or record.offset > seen]
        if fresh:
            self._collection(tp).restore(tp.partition, fresh)
            service.active_offsets[tp] = fresh[-1].offset
            self._restored += len(fresh)
        self._maybe_end()

    async def skip_compacted(self) -> None:
        """Nothing was fetched: count records as read that compaction took from the end of a changelog.

        Else recovery waits for ever for an offset that has no record any more.
        """
        service = self._app.tables.recovery
        if not service.in_recovery:
            return
        for tp, left in service.active_remaining().items():
            if left > 0:
                position = await self._app.consumer.position(tp)
                highwater = service.active_highwaters[tp]
                if position is not None and position > highwater and self._app.consumer.flow_active:
                    self._collection(tp).reach(tp.partition, highwater)
                    service.active_offsets[tp] = highwater
        self._maybe_end()

    def check(self) -> None:
        """The tables are said to be complete: end the process if one is not.

        Going on with half a state would write it over the rest of the changelog, commit by commit.
        """
        service = self._app.tables.recovery
        for tp in service.active_tps:
            offset, highwater = self._collection(tp).persisted_offset(tp), service.active_highwaters[tp]
            if highwater >= 0 and (offset is None or offset < highwater):
                crash(RecoveryIncomplete(topic=tp.topic, part=tp.partition, offset=offset, end=highwater))

    def _maybe_end(self) -> None:
        service = self._app.tables.recovery
        if service.in_recovery and not service.need_recovery():
            log.info("tables recovered", records=self._restored)
            self._restored = 0
            service._set_recovery_ended()
            service.signal_recovery_end.set()

    def _collection(self, tp: TP) -> Any:
        return self._app.tables._changelogs[tp.topic]
