"""Queries of the site: the events of an area from one day to another."""

from datetime import timedelta

from producers.sources.page import Found
from producers.sources.question import QueryNotSupported, Question
from producers.sources.ra import listings

AHEAD = timedelta(days=30)


def ask(question: Question) -> Found:
    """Return the first page of an area's events, from `since` or today to thirty days from today.

    `category` is the number of the area on the site. Raises QueryNotSupported.
    """
    area = question.category
    if not area or not area.isdigit() or question.search or question.dj:
        raise QueryNotSupported(
            question.words, supported="--category NUMBER (of an area), with or without --since"
        )
    first = question.since or question.today
    last = max(first, question.today) + AHEAD
    return listings.listing(area, first.isoformat(), last.isoformat())
