"""When Faust begins and ends to restore tables: the same two calls in the stock recovery and in ours."""

from typing import Any

from faust.tables.recovery import Recovery

from benchmarks.jobs.meter import Meter


def mark_restoring(meter: Meter) -> None:
    """Note the times as "restoring" and "restored"."""
    started, ended = Recovery._set_recovery_started, Recovery._set_recovery_ended

    def begin(self: Any) -> None:
        meter.mark("restoring")
        started(self)

    def end(self: Any) -> None:
        ended(self)
        meter.mark("restored")

    Recovery._set_recovery_started = begin  # type: ignore[method-assign]
    Recovery._set_recovery_ended = end  # type: ignore[method-assign]
