"""Errors of a sink: transient errors, bad rows, and errors that end the process."""

from songnodes.errors import Fatal, Poison, Transient


class Fenced(Transient):
    """The offsets in the database are not those held here: another owner went on, or a commit was lost"""


class LettersRefused(Transient):
    """Kafka did not take a dead letter, so its record is not passed over"""


class RowRefused(Poison):
    """PostgreSQL refuses the rows of this record"""

    reason = "row_refused"


class NoRow(Poison):
    """The record cannot be written as rows"""

    reason = "no_row"


class PositionLost(Fatal):
    """The position of this sink is not in the log any more, so records would be skipped"""

    remedy = "Rebuild the table, or restore the topic"


class TopicReplaced(Fatal):
    """The topic was deleted and made again, so the offsets in the database belong to another log"""

    remedy = "Delete the topic's rows in sink_offsets to read the new one from its start"


class ConsumerBroken(Fatal):
    """The consumer cannot go on"""


class ConsumerEnded(Fatal):
    """Kafka ended the consumer: another process has its place (host and slot), or the broker was lost"""

    remedy = "If it happens again, give each process on a host its own SONGNODES_WORKER_SLOT"


class TooManyLetters(Fatal):
    """Nearly everything becomes a dead letter: the fault is here and not in the records"""

    remedy = "Look at `songnodes dlq list`, mend the cause, and start the sink again"
