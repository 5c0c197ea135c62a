"""The plan of a rebuild and the record of its finished steps, in a directory: a rebuild can end anywhere."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

import msgspec
from confluent_kafka.admin import AdminClient

from operations.rebuild import gold
from operations.rebuild.part_files import Layout
from songnodes import __version__
from songnodes.errors import UserError
from songnodes.messaging import log_offsets, topics
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings

#: The stage continues with facts that are newer than this: the playlist of an older one is in the log.
FACTS_MARGIN = timedelta(minutes=10)
FACTS_PER_PLAYLIST = 40  # estimate, for the number of parts
PART_RECORDS = 60_000  # of a part; its state takes 3 kB per record in memory


class OtherVersion(UserError):
    """The rebuild was begun by another version of the code"""

    remedy = "Drop it with `songnodes rebuild gold --drop`, and begin again"


class VersionNotSet(UserError):
    """The tables have been swapped, and the version of the stage is still the old one"""


def next_step(version: int) -> str:
    """Return what the operator does after the swap to this version."""
    setting = f"SONGNODES_{gold.STAGE.upper()}_VERSION={version}"
    return f"Set {setting} for all processes and commands, then run `songnodes down` and `songnodes up`"


class _PlanVersion(msgspec.Struct, frozen=True):
    """Version of the code that made a plan, which also decides the other fields."""

    pipeline_version: str


class RebuildPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A rebuild: versions of the stage, parts of each partition, and where the stage continues."""

    version: int
    replaces: int
    pipeline_version: str
    started_at: datetime
    playlists: int  # records in the log, with older versions
    parts: int
    #: Next offset by topic (name on the broker) and partition.
    positions: dict[str, list[int]]

    @property
    def layout(self) -> Layout:
        """The parts of all partitions."""
        return Layout(topics.partitions(), self.parts)

    def positions_by_partition(self) -> dict[Partition, int]:
        """Return the positions as `log_offsets` names partitions."""
        return {
            Partition(topic, number): offset
            for topic, offsets in self.positions.items()
            for number, offset in enumerate(offsets)
        }

    def target(self, settings: Settings) -> Settings:
        """Return the settings of the pipeline after the rebuild."""
        return settings.model_copy(update={f"{gold.STAGE}_version": self.version})


def make_plan(settings: Settings, admin: AdminClient, now: datetime) -> RebuildPlan:
    """Return a plan for the current logs. Raises TopicMissing, KafkaUnreachable."""
    current = settings.version_of(gold.STAGE)
    facts = _partitions(settings, admin, gold.FACTS)
    since = log_offsets.offsets_at(admin, facts, now - FACTS_MARGIN)
    ends = log_offsets.end_offsets(admin, [*facts, *_partitions(settings, admin, gold.ENTITIES)])
    positions: dict[str, list[int]] = {}
    for partition, end in ends.items():
        start = since.get(partition)
        positions.setdefault(partition.topic, []).append(end if start is None else start)
    bounds = log_offsets.bounds(admin, _partitions(settings, admin, [gold.PLAYLISTS]))
    playlists = sum(log.end - log.start for log in bounds.values())
    facts_per_partition = playlists * FACTS_PER_PLAYLIST / topics.partitions()
    return RebuildPlan(
        version=current + 1,
        replaces=current,
        pipeline_version=__version__,
        started_at=now,
        playlists=playlists,
        parts=max(1, ceil(facts_per_partition / PART_RECORDS)),
        positions=positions,
    )


def _partitions(
    settings: Settings, admin: AdminClient, logical: tuple[str, ...] | list[str]
) -> list[Partition]:
    return log_offsets.partitions(admin, [topics.physical(name, settings) for name in logical])


class Workspace:
    """Directory of one rebuild: its plan, the inputs of the parts, and a file per finished step."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.inputs = directory / "inputs"
        self._done = directory / "done"

    @classmethod
    def of(cls, settings: Settings, version: int) -> "Workspace":
        """Return the workspace of the rebuild of this version."""
        name = settings.model_copy(update={"gold_version": version})
        return cls(settings.home / "rebuild" / topics.app_id(gold.STAGE, name))

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
