"""The parts of a mashup, as far as its own line names them."""

from collections.abc import Callable

from songnodes.domain.lines.draft import Draft
from songnodes.domain.lines.line import Line
from songnodes.domain.lines.steps import sides

GUESSED = "mashup_parts_by_order"


def mashup_parts(draft: Draft, read: Callable[[str], Line]) -> tuple[Line, ...]:
    """The tracks of "A vs. B - T vs. U (X Mashup)", artists and titles matched by their order.

    A guess, and warned of as such: on real pages 9 of 10 such rows keep the order, "ATB vs. WHITENO1SE -
    FAYA vs. 9PM" does not. A page that lists the parts as rows of their own knows better. Empty where the
    numbers differ.
    """
    artists = sides(draft.credit)
    if len(artists) < 2 or len(artists) != len(titles := sides(draft.title or "")):
        return ()
    draft.warnings.append(GUESSED)
    return tuple(read(f"{artist} - {title}") for artist, title in zip(artists, titles, strict=True))
