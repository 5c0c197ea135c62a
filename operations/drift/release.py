"""Release alarms: publish the decision first, then update the tables, then reinsert the pages.

After a crash in between, run the same command again to complete it.
"""

from collections.abc import Iterable, Sequence

from producers.drift import alarm as alarms
from producers.drift.alarm import Alarm
from producers.drift.store import Store
from songnodes import decisions
from songnodes.decisions import Author
from songnodes.errors import UserError
from songnodes.settings import Settings


class UnknownAlarm(UserError):
    """There is no alarm with this id"""

    remedy = "`songnodes drift --all` lists them"


def find_alarms(all_alarms: Sequence[Alarm], ids: Iterable[str]) -> list[Alarm]:
    """Return the alarms with these ids. Raises UnknownAlarm."""
    by_id = {candidate.id: candidate for candidate in all_alarms}
    missing = [alarm_id for alarm_id in ids if alarm_id not in by_id]
    if missing:
        raise UnknownAlarm(", ".join(missing))
    return [by_id[alarm_id] for alarm_id in dict.fromkeys(ids)]


def release(settings: Settings, store: Store, chosen: Iterable[Alarm], author: Author) -> list[str]:
    """Release the open ones of these alarms and return their ids. Raises NotAcknowledged."""
    open_alarms = [open_alarm for open_alarm in chosen if open_alarm.open]
    if open_alarms:
        decisions.publish(settings, [alarms.release(open_alarm, author) for open_alarm in open_alarms])
    for open_alarm in open_alarms:
        store.release(open_alarm.id, at=author.at, who=author.name, reason=author.reason)
    return [open_alarm.id for open_alarm in open_alarms]
