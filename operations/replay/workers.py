"""The processes that must not run while their positions are moved."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from confluent_kafka.admin import AdminClient

from infra.embedded.supervisor import Supervisor
from operations.replay.readers import Reader, members
from songnodes.errors import NotUsable
from songnodes.settings import Settings

#: A worker that was killed is a member until its session is over; one that is told to stop leaves at once.
SESSIONS = 3
#: Somebody wanted it so. One that fails again and again is in another state, and is to run afterwards.
STOPPED = "STOPPED"


class StillRunning(NotUsable):
    """Positions can only be moved while nobody reads, and the group has members"""

    remedy = (
        "These workers are not ours to stop: end them with SIGTERM, run the replay, and start them again "
        "when it says so"
    )


class Workers:
    """The supervised processes of a pipeline's data directory; there may be none."""

    def __init__(self, settings: Settings, admin: AdminClient) -> None:
        self._supervisor = Supervisor(settings.home)
        self._admin = admin
        self._patience = SESSIONS * settings.session_timeout

    def supervised(self, process: str) -> list[str]:
        """The slots of a process that are meant to run: NAME, NAME-1, ..."""
        slot = re.compile(re.escape(process) + r"(-\d+)?")
        return [
            each.name
            for each in self._supervisor.processes()
            if slot.fullmatch(each.name) and each.state != STOPPED
        ]

    def check(self, readers: Sequence[Reader]) -> None:
        """Raise StillRunning where somebody reads whom we cannot stop."""
        for reader in readers:
            if not self.supervised(reader.process) and (count := members(self._admin, reader)):
                raise StillRunning(group=reader.group, members=count)

    @contextmanager
    def stopped(self, readers: Sequence[Reader]) -> Iterator[list[str]]:
        """While nobody reads; what was stopped is started again, whatever happens. Raises StillRunning."""
        names = sorted({name for reader in readers for name in self.supervised(reader.process)})
        try:
            self._supervisor.stop(names)
            self._await_empty(readers)
            yield names
        finally:
            for name in names:
                self._supervisor.start(name)

    def _await_empty(self, readers: Sequence[Reader]) -> None:
        until = time.monotonic() + self._patience
        for reader in readers:
            while count := members(self._admin, reader):
                if time.monotonic() > until:
                    raise StillRunning(group=reader.group, members=count)
                time.sleep(0.2)
