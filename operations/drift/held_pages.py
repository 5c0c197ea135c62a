"""Pages held in the dead letters by an alarm."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from operations.dead_letters import reinsertion
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.letters import LetterGroup, group_letters
from operations.dead_letters.topic import DeadLetterTopic
from songnodes.messaging import clients, holds
from songnodes.settings import Settings

STAGE = "parse"


def open_groups(topic: DeadLetterTopic, actions: ActionLog) -> list[LetterGroup]:
    """Return the open letters of held pages, including pages held because of their own content."""
    groups = group_letters(topic.letters(), actions.all())
    return [group for group in groups if group.open and group.letter.code == holds.REASON]


def alarm_ids(group: LetterGroup) -> tuple[str, ...]:
    """Return the ids of the alarms that hold a page; none for a page held because of its own content."""
    hold = holds.read(group.letter.headers)
    return hold.alarms if hold else ()


def count_by_alarm(held_groups: Iterable[LetterGroup]) -> Mapping[str, int]:
    """Count held pages by alarm; a page held by several counts for each."""
    return Counter(alarm for group in held_groups for alarm in alarm_ids(group))


def releasable(held_groups: Iterable[LetterGroup], released: Collection[str]) -> list[LetterGroup]:
    """Return the pages whose alarms are all released."""
    return [
        group
        for group in held_groups
        if (ids := alarm_ids(group)) and all(alarm in released for alarm in ids)
    ]


def reinsert(
    settings: Settings,
    topic: DeadLetterTopic,
    actions: ActionLog,
    chosen: Sequence[LetterGroup],
    *,
    who: str,
    note: str,
) -> int:
    """Reinsert pages to be parsed, record the action, and return how many. Raises NotAcknowledged."""
    blocked = reinsertion.obstacles(settings, clients.admin(settings), chosen)
    ready = [group for group in chosen if group not in blocked]
    return reinsertion.reinsert_and_record(settings, topic, actions, ready, who=who, note=note)
