"""Releasing an alarm: on record first, then in the tables, then its pages.

A crash in between leaves something to do, and the same command does it.
"""

from collections.abc import Iterable, Sequence

from producers.drift import alarm as alarms
from producers.drift.alarm import Alarm
from producers.drift.store import Store
from songnodes import decisions
from songnodes.decisions import Author
from songnodes.errors import NotUsable
from songnodes.settings import Settings


class UnknownAlarm(NotUsable):
    """There is no such alarm"""

    remedy = "`songnodes drift --all` lists them"


def named(known: Sequence[Alarm], ids: Iterable[str]) -> list[Alarm]:
    """The alarms of these ids. Raises UnknownAlarm."""
    by_id = {each.id: each for each in known}
    missing = [each for each in ids if each not in by_id]
    if missing:
        raise UnknownAlarm(", ".join(missing))
    return [by_id[each] for each in dict.fromkeys(ids)]


def release(settings: Settings, store: Store, chosen: Iterable[Alarm], author: Author) -> list[str]:
    """Release those that are open; their ids. Raises NotAcknowledged."""
    opened = [each for each in chosen if each.open]
    if opened:
        decisions.publish(settings, [alarms.release(each, author) for each in opened])
    for each in opened:
        store.release(each.id, at=author.at, who=author.name, reason=author.reason)
    return [each.id for each in opened]
