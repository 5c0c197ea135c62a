"""Folds that no record stops: a part is folded again without the records that failed.

The rules are those of a worker that ends and starts again (`runtime/quarantine`): a record that raises an
unforeseen error twice, or whose state or outputs cannot be encoded, becomes a dead letter; so does one that
ended the process, if it also ends a child process. A task has a directory for what a worker stores.
"""

from collections.abc import Callable

from operations.rebuild.job import Counts, Job
from songnodes import logs
from stream_processors.runtime import Stage
from stream_processors.runtime.bulk import RecordsFailed
from stream_processors.runtime.errors import OutputFailed, StateTooLarge
from stream_processors.runtime.quarantine.alarm import Alarm
from stream_processors.runtime.quarantine.suspects import Suspects

log = logs.get(__name__)


def fold_until_passed(
    job: Job, name: str, build: Callable[[], Stage], fold: Callable[[Stage], Counts]
) -> Counts:
    """Call `fold` with a new stage until no record fails unforeseen in it; return its counts.

    Raises the errors of `fold`; OutputFailed and StateTooLarge only where the record is not identified.
    """
    directory = job.workspace.suspects / name
    directory.mkdir(parents=True, exist_ok=True)
    alarm = Alarm(directory / "traceback")
    try:
        while True:
            stage = job.limited(build())
            stage.suspects = Suspects(directory, sorted(stage.agents), alarm)
            was_careful = stage.suspects.careful
            try:
                return fold(stage)
            except RecordsFailed as failure:
                log.warning("fold_again", task=name, error=str(failure))
            except (OutputFailed, StateTooLarge) as error:
                if was_careful:
                    raise
                stage.suspects.become_careful()
                log.warning("fold_again", task=name, error=str(error))
    finally:
        alarm.close()
