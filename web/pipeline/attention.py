"""Faults of the pipeline now, each with the command or page that mends it: the first part of the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from web.pipeline import shown
from web.pipeline.shown import FlowStage
from web.pipeline.state import PipelineState

#: Restarts within an hour from which a process is shown: a crash every 20 minutes is no accident.
MANY_RESTARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault in a sentence, the commands to run, and a page about it."""

    what: str
    commands: tuple[str, ...] = ()
    address: str | None = None


def findings(state: PipelineState, flow: list[FlowStage]) -> list[Finding]:
    """Return all that an operator has to act on, causes before their effects."""
    away = [server.name for server in state.status.servers if not server.answers]
    servers = [
        Finding(
            what=f"{name} does not answer", commands=(f"songnodes logs {name}", f"songnodes start {name}")
        )
        for name in away
    ]
    return [*servers, *_processes(state, away), *_stages(flow), *_refresh(state), *_records(state)]


def _processes(state: PipelineState, away: list[str]) -> Iterator[Finding]:
    for process in state.status.processes:
        if process.state != "RUNNING" and process.name not in away:
            # the supervisor says STOPPED only of what a command stopped
            by_command = process.state == "STOPPED"
            state_now = "was stopped by a command" if by_command else f"is {process.state.lower()}"
            yield Finding(
                what=f"{process.name} {state_now}",
                commands=(f"songnodes logs {process.name}", f"songnodes start {process.name}"),
            )
        elif process.restarts >= MANY_RESTARTS:
            yield Finding(
                what=f"{process.name} ended {process.restarts} times within an hour",
                commands=(f"songnodes logs {process.name}",),
            )


def _stages(flow: list[FlowStage]) -> Iterator[Finding]:
    for stage in flow:
        for topic in stage.missing:
            yield Finding(
                what=f"{stage.name} reads topic {shown.plain(topic)}, which does not exist",
                commands=("songnodes topics apply",),
            )
        if stage.state == "late":
            records = f"{stage.records:,} record{'s' if stage.records != 1 else ''}"
            yield Finding(
                what=f"{stage.name} is {shown.duration(stage.lag_s)} late with {records}",
                commands=(f"songnodes logs {stage.name.partition('-')[0]}",),
            )


def _refresh(state: PipelineState) -> Iterator[Finding]:
    for step in state.status.refresh:
        if step.error:
            yield Finding(
                what=f"The step {step.step} of refresh failed {step.failures} times",
                commands=("songnodes logs refresh",),
            )


def _records(state: PipelineState) -> Iterator[Finding]:
    open_by_stage: dict[str, int] = {}
    for row in state.slow.letters:
        open_by_stage[row["stage"]] = open_by_stage.get(row["stage"], 0) + row["open"]
    for stage, count in open_by_stage.items():
        if count:
            yield Finding(
                what=f"{count:,} dead letter{'s' if count != 1 else ''} of {stage}",
                commands=(f"songnodes dlq list {stage}",),
                address=f"/pipeline/letters/{quote(stage, safe='')}",
            )
    aside = sum(entry.is_set_aside for entry in state.status.set_aside)
    if aside:
        yield Finding(what=f"{aside:,} set aside after failing", address="#aside-title")
    if state.slow.alarms:
        yield Finding(
            what=f"{len(state.slow.alarms)} sites or kinds of page seem to have changed",
            commands=("songnodes drift",),
            address="#drift-title",
        )
    for provider in state.status.providers:
        if provider.closed:
            yield Finding(
                what=f"{provider.name} is not called: {shown.plain(provider.closed[0])}",
                commands=("songnodes providers",),
                address="#providers-title",
            )
