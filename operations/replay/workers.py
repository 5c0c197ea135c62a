"""Stop and start the processes whose positions are moved."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from confluent_kafka.admin import AdminClient

from infra.embedded.supervisor import Supervisor
from operations.replay.readers import Reader, count_members
from songnodes.errors import UserError
from songnodes.settings import Settings

#: A killed worker is a member until its session times out; one that is stopped leaves at once.
SESSION_TIMEOUTS = 3
#: Times `Reader.membership_s` to wait for a member whose process has ended: the broker removes it later.
MEMBERSHIPS = 2
#: State of a process stopped by a user. One that keeps failing is in another state, and is started
#: afterwards.
STOPPED = "STOPPED"


class GroupNotEmpty(UserError):
    """Positions can only be moved while no worker runs, and the group has members"""

    remedy = (
        "`songnodes up` did not start these workers: stop them with SIGTERM, run the command, and start them "
        "again when it asks you to"
    )


class Workers:
    """Supervised processes of a pipeline's data directory; there may be none."""

    def __init__(self, settings: Settings, admin: AdminClient) -> None:
        self._supervisor = Supervisor(settings.home)
        self._admin = admin
        self._timeout = SESSION_TIMEOUTS * settings.session_timeout

    def supervised(self, process: str) -> list[str]:
        """Return the slots of a process that are not stopped by a user: NAME, NAME-1, ..."""
        slot = re.compile(re.escape(process) + r"(-\d+)?")
        return [
            process_status.name
            for process_status in self._supervisor.processes()
            if slot.fullmatch(process_status.name) and process_status.state != STOPPED
        ]

    def check(self, readers: Sequence[Reader]) -> None:
        """Raise GroupNotEmpty if a reader runs that this command cannot stop.

        Waits for members whose process may have ended just before.
        """
        for reader in readers:
            if not self.supervised(reader.process):
                self._wait_until_empty([reader], MEMBERSHIPS * reader.membership_s)

    @contextmanager
    def stopped(self, readers: Sequence[Reader]) -> Iterator[list[str]]:
        """Stop the readers within the block and start them again in any case. Raises GroupNotEmpty."""
        names = self._names(readers)
        try:
            self.stop(readers)
            yield names
        finally:
            for name in names:
                self._supervisor.start(name)

    def stop(self, readers: Sequence[Reader], *others: str) -> list[str]:
        """Stop the readers, and processes without a group; return their names. Raises GroupNotEmpty."""
        names = [*self._names(readers), *(name for process in others for name in self.supervised(process))]
        self._supervisor.stop(names)
        self._wait_until_empty(readers, self._timeout)
        return names

    def _names(self, readers: Sequence[Reader]) -> list[str]:
        return sorted({name for reader in readers for name in self.supervised(reader.process)})

    def _wait_until_empty(self, readers: Sequence[Reader], timeout_s: float) -> None:
        until = time.monotonic() + timeout_s
        for reader in readers:
            while count := count_members(self._admin, reader):
                if time.monotonic() > until:
                    raise GroupNotEmpty(group=reader.group, members=count)
                time.sleep(0.2)
