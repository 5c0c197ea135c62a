"""From the lines of a written tracklist to its rows."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from producers.sources import outputs
from producers.sources.setlists.entries import Entry
from producers.sources.setlists.labels import third_parts
from songnodes.domain.records import TracklistRow
from songnodes.domain.text import norm_v1

KEY_DIGITS = 10  # hex digits of a line's digest: two lines of a set share it once in 10^9 sets


def rows(entries: Iterable[Entry]) -> list[TracklistRow]:
    """All rows in their order."""
    listed = list(entries)
    counts: Counter[str] = Counter()
    built = []
    for ordinal, (entry, (text, label)) in enumerate(
        zip(listed, third_parts([entry.text for entry in listed]), strict=True)
    ):
        row = outputs.row(
            _key(entry, counts),
            ordinal,
            text,
            label=label,
            number=entry.number,
            cue_text=entry.cue_text,
            cue_seconds=entry.cue_seconds,
            cue_grain=entry.cue_grain,
            duration_seconds=entry.duration_seconds,
            joined=entry.joined and ordinal > 0,
            part=entry.part,
            warnings=list(entry.warnings),
            fragment=entry.fragment,
            gap=entry.gap,
        )
        built.append(row)
    return built


def _key(entry: Entry, counts: Counter[str]) -> str:
    """Return a key made of the words of a line: a line inserted before it does not change the key.

    Equal lines are distinguished by their count.
    """
    words = "..." if entry.gap else norm_v1(entry.text or "")
    digest = sha256(words.encode()).hexdigest()[:KEY_DIGITS]
    counts[digest] += 1
    return digest if counts[digest] == 1 else f"{digest}#{counts[digest]}"
