"""The event at which a set was played: by DJ, date and venue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from songnodes.domain.links.occasion import Occasion

#: A set after midnight has the date of the next day.
NEXT_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """An event as it was announced. `acts` are normal forms of names; `venue` and `title` are occasions."""

    event_id: str
    day: date
    acts: frozenset[str]
    venue: Occasion
    title: Occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A set: `djs` are normal forms of names, `occasion` its event, venue and title."""

    playlist_id: str
    day: date
    djs: frozenset[str]
    venue: Occasion
    occasion: Occasion


def event_of(played: Played, events: Iterable[Billed]) -> str | None:
    """Return the event of a set: one of its DJs in the line-up, the venue, and the day or the night before.

    The best one; None where none is, or where two are equally good.
    """
    ranked = sorted(
        ((rank, event.event_id) for event in events if (rank := _rank(played, event)) is not None),
        reverse=True,
    )
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _rank(played: Played, event: Billed) -> tuple[bool, bool, int] | None:
    """Return (by its title too, on the same day, DJs on the bill); None where it is not the event."""
    billed = len(played.djs & event.acts)
    same_day = played.day == event.day
    if not billed or not (same_day or played.day - event.day == NEXT_DAY):
        return None
    if not _is_at(played, event) or played.occasion.contradicts(event.title):
        return None
    return _names(event.title.words, played.occasion.words), same_day, billed


def _is_at(played: Played, event: Billed) -> bool:
    """Return True if the venue's name is in the texts of the set, or the set's venue in the event's."""
    set_words = played.occasion.words | played.venue.words
    return _names(event.venue.words, set_words) or _names(played.venue.words, event.venue.words)


def _names(name: frozenset[str], text: frozenset[str]) -> bool:
    return bool(name) and name <= text


def shared_event(events: Sequence[str | None]) -> str | None:
    """Return the event of a set from those of its tracklists: the one that any of them names; None where they
    name two."""
    named = {event for event in events if event is not None}
    return named.pop() if len(named) == 1 else None
