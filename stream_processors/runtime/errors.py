"""What ends a worker, each with the code its process exits with (sysexits.h).

A supervisor restarts on 70 and 75; on 65 and 78 the same would happen again until somebody acts.
"""

from songnodes.errors import Fatal, Poison

SOFTWARE = 70
TEMPORARY = 75
DATA = 65
CONFIGURATION = 78


class LeaseEnded(Fatal):
    """The group did not hear of this worker in time, so its partitions may be another's"""

    exit_code = TEMPORARY


class NeverJoined(Fatal):
    """The group has not been heard of for so long that this worker must have got stuck on its way into it"""

    exit_code = TEMPORARY


class StopsTooLong(Fatal):
    """The worker was told to stop and does not; what it did not commit is delivered again"""

    exit_code = TEMPORARY


class DeliveryFailed(Fatal):
    """Kafka did not take a record"""

    exit_code = TEMPORARY


class CommitRefused(Fatal):
    """The group did not take the offsets: this worker is no longer the owner of its partitions"""

    exit_code = TEMPORARY


class ConsumerFailed(Fatal):
    """The consumer cannot go on"""

    exit_code = TEMPORARY


class KafkaAway(Fatal):
    """Kafka does not answer a worker that starts"""

    exit_code = TEMPORARY


class RecoveryIncomplete(Fatal):
    """A table was taken as recovered before its changelog was read to the end"""

    exit_code = TEMPORARY


class StateTooLarge(Fatal):
    """A value of a table exceeds what a changelog record may hold"""

    exit_code = SOFTWARE  # the next process finds the record, see `Suspects.fail_commit`
    remedy = "Its accumulators must be split into entries"


class TooManyDeadLetters(Fatal):
    """So many records are poison that the fault is probably ours, so the stage stops"""

    exit_code = DATA
    remedy = "Look at `songnodes dlq list`, mend the cause, and start the stage again"


class PositionLost(Fatal):
    """Records this stage has not read yet are no longer in the log"""

    exit_code = CONFIGURATION
    remedy = "Rebuild the stage, or accept the loss with `songnodes replay STAGE --from earliest`"


class StateLocked(Fatal):
    """Another process uses this worker's state directory"""

    exit_code = CONFIGURATION
    remedy = "Give each worker of a stage its own SONGNODES_WORKER_SLOT"


class OutsideRecord(Fatal):
    """Tables and outputs belong to the record being handled, and there is none"""

    exit_code = SOFTWARE


class Unstorable(Poison):
    """The record makes a value of a table that cannot be encoded, or is larger than a changelog record"""

    reason = "unstorable"


class NoValue(Poison):
    """The record is a tombstone, which this topic does not have"""

    reason = "no_value"


class BadKey(Poison):
    """The key is missing or not UTF-8"""

    reason = "bad_key"


class BadEntity(Poison):
    """An entity's name is empty or contains the separator of state keys"""

    reason = "bad_entity"
