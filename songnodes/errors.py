"""Errors under four roots, and those that more than one package raises. docs/errors.md lists all of them.

The docstring of a class is its message; data go in as keyword arguments and stay readable as attributes.
`remedy` is the next step for the user: one per class, or one per error where it depends on the command.

    Poison      this record can never be processed: dead letter
    Transient   a server is unavailable: the same work again
    Fatal       going on would lose or damage data: the process exits before it commits
    UserError   the command cannot run as given

Exit codes (sysexits.h): `songnodes.process.exit_codes`.
"""

from collections.abc import Iterable
from typing import Any

EXIT_DATA = 65
EXIT_SOFTWARE = 70
EXIT_TEMPORARY = 75
EXIT_CONFIGURATION = 78


class SongNodesError(Exception):
    """An error of SongNodes"""

    remedy: str | None = None

    def __init__(self, detail: str = "", *, remedy: str | None = None, **data: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.data = data
        if remedy is not None:
            self.remedy = remedy

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __str__(self) -> str:
        text = (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]
        if self.detail:
            text += f": {self.detail}"
        if self.data:
            text += " (" + ", ".join(f"{k}={v}" for k, v in self.data.items()) + ")"
        if self.remedy:
            text += f". {self.remedy}"
        return text


class Poison(SongNodesError):
    """This record can never be processed as it is, so it goes to the dead-letter queue"""

    #: Short code of the dead letter, one per class.
    reason = "poison"
    #: True if it counts against a stage's dead-letter budget. Foreseen ones that wait for an operator do not.
    counts = True


class Transient(SongNodesError):
    """A server is not available: the same work is retried, nothing is skipped"""


class Fatal(SongNodesError):
    """Continuing would lose or damage data: the process exits before it commits"""


class UserError(SongNodesError):
    """The command cannot be run as given"""


# Servers


class ServerUnreachable(Transient):
    """A server does not respond"""

    remedy = "`songnodes status` shows the servers. Run the command again; a process retries by itself"


class KafkaUnreachable(ServerUnreachable):
    """Kafka does not respond"""


class PostgresUnreachable(ServerUnreachable):
    """PostgreSQL does not respond"""


class StatementTooSlow(Transient):
    """A statement took longer than its time limit"""

    remedy = "Ask for a smaller part, or again when PostgreSQL has less to do"


class RedisUnreachable(ServerUnreachable):
    """Redis does not respond"""


class RegistryUnreachable(ServerUnreachable):
    """The schema registry does not respond"""


class NotAcknowledged(Transient):
    """Kafka did not acknowledge a record, so the work that depends on it is not done"""

    remedy = "Run the command again, records sent twice change nothing; a process retries by itself"


class TablesMissing(Fatal):
    """The database lacks tables or columns of this version"""

    remedy = "Run `songnodes migrate`"


class TopicMissing(Fatal):
    """The broker does not have a topic"""

    remedy = "Run `songnodes topics apply`"


# Positions in a log


class PositionLost(Fatal):
    """Records that were not read are no longer in the log, so they would be skipped"""

    exit_code = EXIT_CONFIGURATION
    remedy = "Restore the topic, or accept the loss with `songnodes replay PROCESS --from earliest`"


class Fenced(Transient):
    """The stored positions were moved by another process, or a commit was lost: they are read again"""


class TopicReplaced(Fatal):
    """The topic was deleted and created again, so the stored positions belong to another log"""

    remedy = "Delete the topic's rows in sink_offsets to read the new one from its start"


class TopicSuperseded(Fatal):
    """The tables of this topic were rebuilt from a newer version of the stage"""

    exit_code = EXIT_CONFIGURATION
    remedy = "Set the version of the stage (SONGNODES_GOLD_VERSION) for all processes, as the rebuild printed"


class ConsumerFailed(Fatal):
    """The consumer cannot continue"""

    exit_code = EXIT_TEMPORARY


class ConsumerEnded(Fatal):
    """Kafka ended the consumer: another process has its host and slot, or the broker was lost"""

    exit_code = EXIT_TEMPORARY
    remedy = "If it happens again, give each process on a host its own SONGNODES_WORKER_SLOT"


# Records


class RowRefused(Poison):
    """PostgreSQL refuses the rows of this record"""

    reason = "row_refused"


class TooManyDeadLetters(Fatal):
    """So many records became dead letters that the process is probably at fault, so it stops"""

    exit_code = EXIT_DATA
    remedy = (
        "Run `songnodes dlq list`, fix the cause, and start the process again; "
        "a rebuild of many bad records needs --accept-dead-letters"
    )


# Commands


class PipelineStalled(UserError):
    """The pipeline makes no progress"""

    remedy = "`songnodes status` shows which process has a backlog, `songnodes logs` why"


class ProgramMissing(UserError):
    """A program is not installed, or does not start"""


class UnknownName(UserError):
    """The name is unknown

    `kind` is the noun of what is looked up: process, stage, source; `choices` are the names that exist.
    """

    def __init__(self, kind: str, name: str, choices: Iterable[str] = ()) -> None:
        names = ", ".join(choices)
        super().__init__(f"there is no {kind} {name!r}", remedy=f"Use one of: {names}" if names else None)
