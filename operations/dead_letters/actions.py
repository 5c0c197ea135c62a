"""Actions of an operator on dead letters: read them, reinsert their records, drop them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from operations import database
from operations.dead_letters import reinsertion
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.letters import Action, Address, DeadLetter, LetterGroup, group_letters
from operations.dead_letters.selection import Selection
from operations.dead_letters.topic import DeadLetterTopic
from songnodes.messaging import clients
from songnodes.settings import Settings

#: Receives a record that cannot be reinserted, and the reason.
OnBlocked = Callable[[LetterGroup, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinsertion:
    """The records chosen, those of them that can be reinserted, and how many were."""

    chosen: Sequence[LetterGroup]
    ready: Sequence[LetterGroup]
    done: int


@contextmanager
def opened(
    current: Settings, stage: str, *, to_write: bool = False
) -> Iterator[tuple[DeadLetterTopic, ActionLog, list[LetterGroup]]]:
    """Yield the topic of a stage, its action log, and its letters by record. Raises UnknownName, LockHeld."""
    topic = DeadLetterTopic(current, clients.admin(current), stage)
    with database.connected(current) as connection:
        actions = ActionLog(connection, topic)
        if to_write:
            actions.acquire_lock()
        yield topic, actions, group_letters(topic.letters(), actions.all())


def one(current: Settings, stage: str, address: Address) -> tuple[DeadLetter, bytes | None, Action | None]:
    """Return a letter, its value, and the latest action on it. Raises UnknownName, UnknownLetter."""
    topic = DeadLetterTopic(current, clients.admin(current), stage)
    letter, value = topic.one(address)
    with database.connected(current) as connection:
        return letter, value, ActionLog(connection, topic).all().get(address)


def reinsert(
    current: Settings,
    stage: str,
    selection: Selection,
    *,
    who: str,
    note: str,
    on_blocked: OnBlocked,
    dry_run: bool = False,
) -> Reinsertion:
    """Write the selected records back to their topics. Raises NotAcknowledged, and as the selection."""
    with opened(current, stage, to_write=True) as (topic, actions, groups):
        chosen = selection.of(groups)
        blocked = reinsertion.obstacles(current, clients.admin(current), chosen)
        for group, why in blocked.items():
            on_blocked(group, why)
        ready = [group for group in chosen if group not in blocked]
        if dry_run:
            return Reinsertion(chosen=chosen, ready=ready, done=0)
        done = reinsertion.reinsert_and_record(current, topic, actions, ready, who=who, note=note)
    return Reinsertion(chosen=chosen, ready=ready, done=done)


def drop(
    current: Settings, stage: str, selection: Selection, *, who: str, note: str, dry_run: bool = False
) -> list[LetterGroup]:
    """Mark the selected records as handled, and return them. Raises the errors of a selection."""
    with opened(current, stage, to_write=True) as (_, actions, groups):
        chosen = selection.of(groups)
        if not dry_run:
            actions.add((at for group in chosen for at in group.letters), "dropped", who=who, note=note)
    return chosen
