"""Series of sets: sets of the same DJs at one show, event or venue, without dates and numbers."""

from collections.abc import Iterable, Sequence

from songnodes.domain.links.occasion import occasion

SEPARATOR = "|"


def series_key(
    *,
    dj_ids: Sequence[str],
    dj_names: Iterable[str],
    texts: Iterable[str | None],
    places: Iterable[str | None],
) -> str | None:
    """Return the key of a set's series; None without a DJ, or where no text names an occasion.

    The words of the occasion decide, so episodes and nights of one show have one key.
    """
    words = occasion(texts, places=places, djs=dj_names).words
    if not dj_ids or not words:
        return None
    return SEPARATOR.join(("+".join(sorted(dj_ids)), " ".join(sorted(words))))
