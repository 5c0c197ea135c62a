"""The parts of a mashup, as far as its own line names them."""

from collections.abc import Callable

from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.line import Line
from songnodes.domain.lines.steps import sides

GUESSED = "mashup_parts_by_order"


def mashup_parts(draft: Draft, read: Callable[[str], Line]) -> tuple[Line, ...]:
    """Return the tracks of "A vs. B - T vs. U (X Mashup)", artists and titles matched by their order.

    A guess, flagged by a warning: on real pages 9 of 10 such rows keep the order, "ATB vs. WHITENO1SE -
    FAYA vs. 9PM" does not. Where a page lists the parts as rows of their own, those are right. Empty
    where the numbers differ.
    """
    artists = sides(draft.credit)
    if len(artists) < 2 or len(artists) != len(titles := sides(draft.title or "")):
        return ()
    draft.warnings.append(GUESSED)
    return tuple(read(f"{artist} - {title}") for artist, title in zip(artists, titles, strict=True))
