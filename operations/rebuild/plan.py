"""The plan of a rebuild and the record of its finished steps, in a directory: a rebuild can end anywhere."""

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

import msgspec
from confluent_kafka.admin import AdminClient

from operations.rebuild import gold, silver
from operations.rebuild.part_files import Layout
from operations.rebuild.scopes import GOLD, PARSE, SCOPES, SILVER, Scope
from songnodes import __version__
from songnodes.errors import UserError
from songnodes.messaging import log_offsets, topics
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

#: The stage continues with facts that are newer than this: the playlist of an older one is in the log.
FACTS_MARGIN = timedelta(minutes=10)
FACTS_PER_PLAYLIST = 40  # estimate, for the number of parts
PART_RECORDS = 60_000  # of a part; its state takes 3 kB per record in memory
PART_TRACKLISTS = 1_000  # of a part of sets; its state and outputs take 170 kB per tracklist
POSITIONS = "positions"  # recorded when the groups of the new versions have theirs


class OtherVersion(UserError):
    """The rebuild was begun by another version of the code"""

    remedy = "Drop it with `songnodes rebuild STAGE --drop`, and begin again"


class OtherInputs(UserError):
    """The rebuild was begun with other inputs"""

    remedy = "Continue with the same option `--from`, or drop it with `songnodes rebuild silver --drop`"


class OtherRebuild(UserError):
    """A rebuild of another stage is unfinished, and both would write the same version of gold"""

    remedy = "Finish it, or drop it with `songnodes rebuild STAGE --drop`"


class VersionInUse(UserError):
    """The topics of the next version have records already"""

    remedy = "Delete these topics, or set the version that is in use"


class VersionNotSet(UserError):
    """The tables have been swapped, and the version of the stage is still the old one"""


def next_step(versions: Mapping[str, int]) -> str:
    """Return what the operator does after the swap to these versions of stages."""
    values = " and ".join(
        f"SONGNODES_{stage.upper()}_VERSION={version}" for stage, version in versions.items()
    )
    return f"Set {values} for all processes and commands, then run `songnodes down` and `songnodes up`"


class _PlanVersion(msgspec.Struct, frozen=True):
    """Version of the code that made a plan, which also decides the other fields."""

    pipeline_version: str


class _PlanVersions(msgspec.Struct, frozen=True):
    """Versions that a plan builds, as far as the code that made it recorded them."""

    versions: dict[str, int] = {}


class RebuildPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A rebuild: versions of the stages, parts of each partition, and where the stages continue."""

    stage: str
    versions: dict[str, int]
    replaces: dict[str, int]
    pipeline_version: str
    started_at: datetime
    sets: int  # records in the log, with older versions
    parts: int
    set_parts: int
    #: Next offset by topic (name on the broker) and partition: of gold, where silver is not built.
    positions: dict[str, list[int]]
    #: First and next offset of each partition of the inputs (logical names) that other processes write.
    inputs: dict[str, list[tuple[int, int]]]

    @property
    def scope(self) -> Scope:
        """The stage that is built, with those that belong to it."""
        return SCOPES[self.stage]

    @property
    def version(self) -> int:
        """The new version of the stage."""
        return self.versions[self.stage]

    @property
    def from_pages(self) -> bool:
        """True if pages are parsed again."""
        return PARSE in self.versions

    @property
    def layout(self) -> Layout:
        """The parts of all partitions, by track and artist."""
        return Layout(topics.partitions(), self.parts)

    @property
    def set_layout(self) -> Layout:
        """The parts of all partitions, by set and event."""
        return Layout(topics.partitions(), self.set_parts)

    def input_bounds(self, logical: str, number: int) -> Bounds | None:
        """Return the range of an input that other processes write; None for another topic."""
        ranges = self.inputs.get(logical)
        return None if ranges is None else Bounds(start=ranges[number][0], end=ranges[number][1])

    def positions_by_partition(self) -> dict[Partition, int]:
        """Return the positions as `log_offsets` names partitions."""
        return {
            Partition(topic, number): offset
            for topic, offsets in self.positions.items()
            for number, offset in enumerate(offsets)
        }

    def target(self, settings: Settings) -> Settings:
        """Return the settings of the pipeline after the rebuild."""
        return target_settings(settings, self.versions)


def target_settings(settings: Settings, versions: Mapping[str, int]) -> Settings:
    """Return the settings with these versions of stages."""
    return settings.model_copy(update={f"{stage}_version": version for stage, version in versions.items()})


def make_plan(
    settings: Settings, admin: AdminClient, now: datetime, scope: Scope = GOLD, *, from_pages: bool = False
) -> RebuildPlan:
    """Return a plan for the current logs. Raises TopicMissing, KafkaUnreachable."""
    raised = scope.with_parse() if from_pages else scope.raised
    replaces = {stage: settings.version_of(stage) for stage in raised}
    inputs: dict[str, list[tuple[int, int]]] = {}
    positions: dict[str, list[int]] = {}
    if scope is SILVER:
        inputs = _input_ranges(settings, admin, from_pages)
        sets = _records_of(settings, admin, silver.TRACKLISTS)
    else:
        positions = _gold_positions(settings, admin, now)
        sets = _records_of(settings, admin, gold.PLAYLISTS)
    per_partition = sets / topics.partitions()
    return RebuildPlan(
        stage=scope.stage,
        versions={stage: version + 1 for stage, version in replaces.items()},
        replaces=replaces,
        pipeline_version=__version__,
        started_at=now,
        sets=sets,
        parts=max(1, ceil(per_partition * FACTS_PER_PLAYLIST / PART_RECORDS)),
        set_parts=max(1, ceil(per_partition / PART_TRACKLISTS)),
        positions=positions,
        inputs=inputs,
    )


def _input_ranges(
    settings: Settings, admin: AdminClient, from_pages: bool
) -> dict[str, list[tuple[int, int]]]:
    parsed = (silver.PAGES,) if from_pages else (silver.TRACKLISTS, silver.PROFILES, silver.EVENTS)
    ranges = {}
    for logical in (*parsed, *silver.TRACK_INPUTS):
        bounds = log_offsets.bounds(admin, _partitions(settings, admin, [logical]))
        ranges[logical] = [(log.start, log.end) for _, log in sorted(bounds.items())]
    return ranges


def _gold_positions(settings: Settings, admin: AdminClient, now: datetime) -> dict[str, list[int]]:
    facts = _partitions(settings, admin, gold.FACTS)
    since = log_offsets.offsets_at(admin, facts, now - FACTS_MARGIN)
    ends = log_offsets.end_offsets(admin, [*facts, *_partitions(settings, admin, gold.ENTITIES)])
    positions: dict[str, list[int]] = {}
    for partition, end in ends.items():
        start = since.get(partition)
        positions.setdefault(partition.topic, []).append(end if start is None else start)
    return positions


def _records_of(settings: Settings, admin: AdminClient, logical: str) -> int:
    bounds = log_offsets.bounds(admin, _partitions(settings, admin, [logical]))
    return sum(log.end - log.start for log in bounds.values())


def _partitions(settings: Settings, admin: AdminClient, logical: Iterable[str]) -> list[Partition]:
    return log_offsets.partitions(admin, [topics.physical(name, settings) for name in logical])


def check_unused(settings: Settings, admin: AdminClient, plan: RebuildPlan) -> None:
    """Raise VersionInUse if a topic of the new versions has a record."""
    target = plan.target(settings)
    names = [name for name, entry in topics.wanted(target).items() if entry.owner in plan.versions]
    ends = log_offsets.end_offsets(admin, log_offsets.partitions(admin, names))
    used = sorted({partition.topic for partition, end in ends.items() if end})
    if used:
        raise VersionInUse(", ".join(used))


class Workspace:
    """Directory of one rebuild: its plan, the inputs of the parts, and a file per finished step."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.inputs = directory / "inputs"
        self.suspects = directory / "suspects"  # records that failed in folds
        self._done = directory / "done"

    @classmethod
    def of(cls, settings: Settings, stage: str) -> "Workspace":
        """Return the workspace of a rebuild of the next version of the stage."""
        target = target_settings(settings, {stage: settings.version_of(stage) + 1})
        return cls(settings.home / "rebuild" / topics.app_id(stage, target))

    @property
    def has_plan(self) -> bool:
        """Return True while a rebuild of any version of the code is unfinished."""
        return (self.directory / "plan.json").exists()

    def load_plan(self) -> RebuildPlan | None:
        """Return the stored plan, None without one. Raises OtherVersion."""
        try:
            content = (self.directory / "plan.json").read_bytes()
        except FileNotFoundError:
            return None
        begun_by = msgspec.json.decode(content, type=_PlanVersion).pipeline_version
        if begun_by != __version__:
            raise OtherVersion(begun_by=begun_by, this=__version__)
        return msgspec.json.decode(content, type=RebuildPlan)

    def planned_versions(self) -> dict[str, int]:
        """Return the versions that the rebuild builds; empty if other code has recorded none."""
        try:
            content = (self.directory / "plan.json").read_bytes()
        except FileNotFoundError:
            return {}
        return msgspec.json.decode(content, type=_PlanVersions).versions

    def store_plan(self, plan: RebuildPlan) -> None:
        """Store the plan; after this the rebuild can be continued."""
        self._done.mkdir(parents=True, exist_ok=True)
        self.inputs.mkdir(exist_ok=True)
        write_atomically(self.directory / "plan.json", msgspec.json.encode(plan))

    def result(self, step: str) -> dict[str, int] | None:
        """Return the counts of a finished step, None for one that is not finished."""
        try:
            counts: dict[str, int] = msgspec.json.decode((self._done / step).read_bytes())
        except FileNotFoundError:
            return None
        return counts

    def finish(self, step: str, counts: Mapping[str, int]) -> None:
        """Record that a step is finished, durably."""
        write_atomically(self._done / step, msgspec.json.encode(counts))


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that has either this content or none after a crash."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)
