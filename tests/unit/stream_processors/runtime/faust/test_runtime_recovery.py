"""The end of a recovery: a model of Faust's service, and our check."""

import asyncio
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from faust.types import TP

from stream_processors.runtime.errors import RecoveryIncomplete
from stream_processors.runtime.faust import recovery as recoveries
from stream_processors.runtime.faust.recovery import TableRecovery

TOPIC = "a-changelog"
HERE = TP(TOPIC, 0)


class Service:
    """Faust's recovery: from an offset to a highwater."""

    def __init__(self) -> None:
        self.active_tps = {HERE}
        self.active_offsets: dict[TP, int | None] = {HERE: 3}
        self.active_highwaters = {HERE: 9}
        self.in_recovery = True
        self.signal_recovery_end = asyncio.Event()

    def active_remaining(self) -> dict[TP, int]:
        return {tp: end - (self.active_offsets[tp] or 0) for tp, end in self.active_highwaters.items()}

    def need_recovery(self) -> bool:
        return any(remaining > 0 for remaining in self.active_remaining().values())

    def _set_recovery_ended(self) -> None:
        self.in_recovery = False


class Changelog:
    def __init__(self) -> None:
        self.offset: int | None = 3
        self.restored: list[int] = []

    def restore(self, partition: int, records: list[Any]) -> None:
        self.restored += [record.offset for record in records]
        self.offset = records[-1].offset

    def advance_offset(self, partition: int, offset: int) -> None:
        self.offset = offset

    def persisted_offset(self, tp: TP) -> int | None:
        return self.offset


class Lab:
    def __init__(self) -> None:
        self.service = Service()
        self.collection = Changelog()
        self.position = 0
        self.consumer = SimpleNamespace(position=self.get_position, flow_active=True)
        tables = SimpleNamespace(recovery=self.service, _changelogs={TOPIC: self.collection})
        self.recovery = TableRecovery(SimpleNamespace(tables=tables, consumer=self.consumer))

    async def get_position(self, tp: TP) -> int:
        return self.position

    def feed(self, *offsets: int) -> None:
        self.recovery.restore(HERE, [SimpleNamespace(offset=offset) for offset in offsets])

    @property
    def over(self) -> bool:
        return self.service.signal_recovery_end.is_set()


@pytest.fixture
async def lab() -> Lab:
    return Lab()


async def test_a_recovery_ends_when_the_initial_highwater_is_read(lab: Lab) -> None:
    lab.recovery.on_flow_resumed()
    assert lab.recovery.remaining_records == 6
    lab.feed(2, 3, 4, 7)
    assert (lab.collection.restored, lab.over, lab.recovery.remaining_records) == ([4, 7], False, 2)
    lab.feed(9, 10)
    assert (lab.collection.restored, lab.over, lab.recovery.remaining_records) == ([4, 7, 9, 10], True, 0)


async def test_a_second_recovery_ends_independently_of_the_first(lab: Lab) -> None:
    lab.feed(9)
    assert lab.over
    lab.service.in_recovery, lab.service.active_highwaters = True, {HERE: 20}
    lab.recovery.on_flow_resumed()
    assert not lab.over


async def test_the_end_of_a_changelog_may_be_compacted(lab: Lab) -> None:
    lab.feed(7)
    lab.position = 8
    await lab.recovery.skip_compacted()
    assert not lab.over
    lab.position = 10
    await lab.recovery.skip_compacted()
    assert lab.over
    assert lab.collection.offset == 9, "otherwise the next commit sees a hole in the changelog"


async def test_nothing_is_skipped_while_the_assignment_changes(lab: Lab) -> None:
    lab.position = 10
    lab.consumer.flow_active = False
    await lab.recovery.skip_compacted()
    assert not lab.over
    assert lab.collection.offset == 3


async def test_records_of_another_assignment_are_not_applied(lab: Lab) -> None:
    lab.service.active_tps = set()
    lab.feed(4)
    lab.service.active_tps, lab.service.in_recovery = {HERE}, False
    lab.feed(4)
    assert lab.collection.restored == []


async def test_an_incomplete_table_ends_the_process(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(reason: BaseException) -> NoReturn:
        raise reason

    monkeypatch.setattr(recoveries, "crash", crash)
    with pytest.raises(RecoveryIncomplete):
        lab.recovery.verify_complete()
    lab.feed(9)
    lab.recovery.verify_complete()
    lab.service.active_highwaters = {HERE: -1}
    lab.collection.offset = None
    lab.recovery.verify_complete()  # an empty changelog
