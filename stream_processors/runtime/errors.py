"""Errors that end a worker, each with its exit code, and those that make a record a dead letter."""

from songnodes.errors import EXIT_CONFIGURATION, EXIT_SOFTWARE, EXIT_TEMPORARY, Fatal, Poison


class LeaseExpired(Fatal):
    """No heartbeat of this worker was acknowledged in time, so its partitions may have another owner"""

    exit_code = EXIT_TEMPORARY


class JoinTimeout(Fatal):
    """The worker did not join its consumer group in time"""

    exit_code = EXIT_TEMPORARY


class ShutdownTimeout(Fatal):
    """The worker did not stop in time; uncommitted records are delivered again"""

    exit_code = EXIT_TEMPORARY


class CommitRefused(Fatal):
    """The group rejected the offsets: this worker is no longer the owner of its partitions"""

    exit_code = EXIT_TEMPORARY


class RecoveryIncomplete(Fatal):
    """The recovery of a table ended before its changelog was read to the end"""

    exit_code = EXIT_TEMPORARY


class StateTooLarge(Fatal):
    """A value of a table is larger than a changelog record may be"""

    exit_code = EXIT_SOFTWARE  # the next process finds the record, see `Suspects.fail_commit`
    remedy = "Split its accumulators into entries"


class OutputFailed(Fatal):
    """An output cannot be built or encoded, so the next process searches for its record"""

    exit_code = EXIT_SOFTWARE


class StateLocked(Fatal):
    """Another process uses the state directory of this worker"""

    exit_code = EXIT_CONFIGURATION
    remedy = "Give each worker of a stage its own SONGNODES_WORKER_SLOT"


class NoActiveRecord(Fatal):
    """Tables and outputs are used outside an agent, where no record is being handled"""

    exit_code = EXIT_SOFTWARE


class Unstorable(Poison):
    """A table value made from the record cannot be encoded, or is larger than a changelog record"""

    reason = "unstorable"


class MissingValue(Poison):
    """The record is a tombstone, which this topic does not have"""

    reason = "no_value"


class InvalidKey(Poison):
    """The key is missing or not UTF-8"""

    reason = "bad_key"


class InvalidEntityName(Poison):
    """The name of an entity is empty or contains the separator of state keys"""

    reason = "bad_entity"
