"""Labels behind a second dash: "Artist - Title - Label", decided once for a whole list.

A single such line could be a title with a dash; a list in which nearly all lines have three parts has labels.
"""

from collections.abc import Sequence

from songnodes.domain.lines import read_line
from songnodes.domain.lines.versions import read_group

DASH = " - "
MIN_LINES = 4  # with a dash; fewer are no evidence of labels
LABELLED_SHARE = 0.8  # of the lines with a dash


def third_parts(texts: Sequence[str | None]) -> list[tuple[str | None, str | None]]:
    """(text, label) of each line: the third part taken off where the list has labels there."""
    split = [_split(text) if text else None for text in texts]
    with_dash = sum(bool(text and DASH in text) for text in texts)
    labelled = sum(parts is not None for parts in split)
    if with_dash < MIN_LINES or labelled < LABELLED_SHARE * with_dash:
        return [(text, None) for text in texts]
    return [parts or (text, None) for text, parts in zip(texts, split, strict=True)]


def _split(text: str) -> tuple[str, str] | None:
    """Three parts, no label in square brackets, and the third is no version ("Title - X Remix")."""
    parts = [part.strip() for part in text.split(DASH)]
    if len(parts) != 3 or not all(parts) or read_line(text).label:
        return None
    if not all(reading.subtitle for reading in read_group(parts[2])):
        return None
    return DASH.join(parts[:2]), parts[2]
