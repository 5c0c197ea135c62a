"""Values of the pipeline's state as text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.embedded.lag import GroupLag
from songnodes.cli.terminal import cut, escaped
from web.pipeline.rates import Rate
from web.pipeline.state import PipelineState

GROUP = re.compile(r"^(?:(?P<namespace>[^.]+)\.)?songnodes-(?P<name>.+?)(?:-v\d+)?$")
#: In the order of the flow; other groups follow.
ORDER = ("parse", "silver", "resolver", "gold", "sink")
#: Seconds behind from which a stage is shown as late.
LATE_S = 60
#: Seconds that the topics of repeated requests wait by design (`enrichment.retry.1h`, `enrichment.retry.1d`).
WAITS_S = {"enrich-1h": 3_600, "enrich-1d": 86_400}
MAX_TEXT_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStage:
    """A consumer group in the flow. Ages in seconds; `rate` is what it commits."""

    name: str
    group: str
    records: int
    lag_s: float
    rate: Rate | None
    processes: int
    running: int
    missing: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Return the state in a word, which is shown with its colour."""
        if self.processes and not self.running:
            return "stopped"
        if self.missing:
            return "without topic"
        wait_s = WAITS_S.get(self.name, 0)
        if self.lag_s >= wait_s + LATE_S:
            return "late"
        if not self.records:
            return "up to date"
        return f"waits for {duration(wait_s)}" if wait_s else "behind"


def flow(state: PipelineState) -> list[FlowStage]:
    """Return the consumer groups in the order of the flow."""
    stages = [_stage(group, state) for group in state.status.groups]
    rank = {name: number for number, name in enumerate(ORDER)}
    return sorted(stages, key=lambda stage: (rank.get(stage.name.partition("-")[0], len(ORDER)), stage.name))


def _stage(group: GroupLag, state: PipelineState) -> FlowStage:
    match = GROUP.match(group.group)
    name = match["name"] if match else group.group
    own = [
        process
        for process in state.status.processes
        if re.fullmatch(rf"{re.escape(name)}(-\d+)?", process.name)
    ]
    return FlowStage(
        name=name,
        group=group.group,
        records=group.records,
        lag_s=max(0.0, (state.at - group.oldest).total_seconds()) if group.oldest else 0.0,
        rate=state.groups.get(group.group),
        processes=len(own),
        running=sum(process.state == "RUNNING" for process in own),
        missing=group.missing,
    )


def duration(seconds: float) -> str:
    """Return a duration for people: 4 s, 3 min, 2 h 5 min, 6 days."""
    whole = max(0, round(seconds))
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min"
    if whole < 172_800:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} days"


def age(at: datetime | None, now: datetime) -> str:
    """Return how long ago a time was."""
    return duration((now - at) / timedelta(seconds=1)) if at else ""


def per_second(rate: Rate | None) -> str:
    """Return a rate; three dots until there are two looks."""
    if rate is None or rate.per_second is None:
        return "…"
    return f"{rate.per_second:,.1f}" if rate.per_second < 100 else f"{rate.per_second:,.0f}"


def committed(rate: Rate | None, now: datetime) -> str:
    """Return how long ago a commit was seen."""
    if rate is None:
        return ""
    return f"{age(rate.changed_at, now)} ago" if rate.changed_at else "none seen yet"


def plain(text: str | None) -> str:
    """Return text of data with hidden characters escaped, cut to a readable length."""
    return cut(text or "", MAX_TEXT_CHARS)


def whole(text: str | None) -> str:
    """Return text of data with hidden characters escaped, not cut: an id or a key."""
    return escaped(text or "")


def totals(rates: Mapping[str, Rate]) -> float:
    """Return the sum of the rates that are known."""
    return sum(rate.per_second or 0 for rate in rates.values())
