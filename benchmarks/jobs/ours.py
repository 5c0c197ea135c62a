"""The jobs as stages of this project, nothing left out: decoding, poison, guard, commit in five steps."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from benchmarks.events import recovered
from benchmarks.jobs.meter import Meter
from benchmarks.jobs.restoring import mark_restoring
from benchmarks.jobs.task import COMMIT_SECONDS, NOTHING, PAIR, Task, read_fact
from songnodes.settings import Settings
from stream_processors.runtime import BytesValues, EntityState, Record, Stage
from stream_processors.runtime.faust import worker
from stream_processors.runtime.state.entity import TOTAL

#: The stage, table and topics whose names are borrowed.
STAGE, TABLE, INPUT, OUTPUT = "gold", "tracks", "silver.appearances", "gold.tracks"


class RawCodec:
    """Bytes as they are: no peer decodes the values."""

    def decode(self, logical: str, raw: bytes | None) -> dict[str, Any]:
        return {"raw": raw}

    def encode(self, logical: str, value: Mapping[str, Any]) -> bytes:
        raw: bytes = value["raw"]
        return raw


class Pairs:
    """Count and guard, decoded while they are in memory."""

    def encode(self, key: bytes, value: tuple[int, int]) -> bytes:
        return PAIR.pack(*value)

    def decode(self, key: bytes, raw: bytes) -> tuple[int, int]:
        events, last = PAIR.unpack(raw)
        return events, last


def build(task: Task, settings: Settings) -> Stage:
    """Build the stage of a job."""
    stage = Stage(STAGE, settings, RawCodec(), emits=(OUTPUT,) if task.job == "forward" else ())
    meter = Meter(task.report, task.events)
    if task.job == "count":
        _count(stage, meter)
    elif task.job == "retract":
        _retract(stage, meter)
    elif task.job == "recover":
        _recover(stage, meter)
    else:
        _pass_on(stage, meter, forward=task.job == "forward")
    return stage


def _count(stage: Stage, meter: Meter) -> None:
    counts = stage.table(TABLE, Pairs())

    @stage.agent(INPUT)
    def count(record: Record) -> None:
        key = record.key.encode()
        events, last = counts.get(key) or NOTHING
        if record.offset > last:
            events, last = events + 1, record.offset
        counts[key] = events, last
        meter()


class EntryValues:
    """Totals (last applied offset, plays) and entries (version, plays)."""

    def __init__(self, source: str) -> None:
        self._source = source

    def encode(self, key: bytes, value: Any) -> bytes:
        if key.startswith(TOTAL):
            return PAIR.pack(value["applied"][self._source], value["accumulators"])
        return PAIR.pack(*value)

    def decode(self, key: bytes, raw: bytes) -> Any:
        first, plays = PAIR.unpack(raw)
        return (
            {"applied": {self._source: first}, "accumulators": plays}
            if key.startswith(TOTAL)
            else (first, plays)
        )


def _retract(stage: Stage, meter: Meter) -> None:
    """Keep an entity per track and DJ with a part per playlist, guarded as the plays of `gold`."""
    table = stage.table(TABLE, EntryValues(f"{INPUT}.v{stage.settings.silver_version}"))
    state = EntityState(table, lambda: 0, _fold)

    @stage.agent(INPUT)
    def retract(record: Record) -> None:
        version, plays, dj, playlist = read_fact(record.value["raw"])
        state.apply(record, record.key + dj.decode(), {playlist: partial(_newer, (version, plays))})
        meter()


def _newer(new: tuple[int, int], old: tuple[int, int] | None) -> tuple[int, int]:
    return new if old is None or new[0] > old[0] else old


def _fold(total: int, _part: bytes, old: tuple[int, int] | None, new: tuple[int, int], _all: object) -> int:
    return total + new[1] - (old[1] if old else 0)


def _recover(stage: Stage, meter: Meter) -> None:
    mark_restoring(meter)
    table = stage.table(TABLE, BytesValues())

    @stage.agent(INPUT)
    def look(record: Record) -> None:
        key = record.key.encode()
        assert table.get(key) == recovered(key), key
        meter()


def _pass_on(stage: Stage, meter: Meter, *, forward: bool) -> None:
    @stage.agent(INPUT)
    def handle(record: Record) -> None:
        if forward:
            stage.emit(OUTPUT, record.key, record.value)
        meter()


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings().model_copy(update={"commit_interval": COMMIT_SECONDS})  # as the peers
    worker.run(build(Task.from_command_line(), settings))


if __name__ == "__main__":
    main()
