"""The list from its peeled lines: meaning of the times, rows, warnings and confidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from producers.sources.list_warnings import ListWarning
from producers.sources.setlists import times
from producers.sources.setlists.entries import GAP, JOINED, Entry, TimesMeaning, WrittenList, with_cue
from producers.sources.setlists.peel import Marks, Peeled
from producers.sources.setlists.times import Meaning, Time

CLOCK = ListWarning.TIMES_OF_DAY.because("not stored as cues")
STILL = ListWarning.COUNTER_STANDS_STILL.because("every line has the same number")
PAST_THE_END = ListWarning.CUES_PAST_THE_END.because("later than the recording is long")
SURE, HEADED, COUNTED, TIMED, PLAIN = 1.0, 0.3, 0.25, 0.2, 0.5
UNCERTAIN = 0.5  # confidence below which a warning is added


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """The meaning of the times at the beginning and at the end of the lines; None where there are none."""

    front: Meaning | None = None
    back: Meaning | None = None


def read_meanings(lines: Sequence[Peeled], marks: Marks, length_s: int | None) -> Meanings:
    """Decide the meaning of the times at both ends of the lines of a list."""
    fronts = [line.front for line in lines if line.front is not None] if marks.front else []
    backs = [line.back for line in lines if line.back is not None] if marks.back else []
    front = times.meaning(fronts, at_end=False, length_s=length_s) if fronts else None
    back = times.meaning(backs, at_end=True, length_s=length_s) if backs else None
    if front and back and front.kind in {"start", "range"}:
        back = Meaning(kind="length")
    return Meanings(front=front, back=back)


def build_entry(entry: Entry, line: Peeled | None, meanings: Meanings) -> Entry:
    """Return the row of a peeled line."""
    if line is None:
        return entry
    text = line.text.strip()
    if GAP.match(text):
        return replace(entry, text=None, gap=True)
    mark = JOINED.match(text)
    text = text[mark.end() :] if mark else text
    entry = replace(entry, text=text or None, joined=entry.joined or bool(mark))
    if line.counter is not None:
        entry = replace(entry, number=line.counter.value)
    for time, meaning in ((line.front, meanings.front), (line.back, meanings.back)):
        if time is not None and meaning is not None:
            entry = _timed(entry, time, meaning)
    return entry


def _timed(entry: Entry, time: Time, meaning: Meaning) -> Entry:
    if meaning.kind == "length":
        length = time.seconds if time.seconds and times.believed(time.seconds) else None
        return replace(entry, duration_seconds=length)
    if meaning.kind == "time_of_day":
        return entry
    return with_cue(entry, (times.in_hours(time) if meaning.in_hours else time).text)


def build_list(
    entries: Sequence[Entry],
    marks: Marks,
    meanings: Meanings,
    *,
    headed: bool,
    skipped: int,
    length_s: int | None,
) -> WrittenList:
    """Return the list of the rows with its parts, warnings and confidence.

    `skipped`: lines within the list that belong to no row.
    """
    listed = _renumbered(entries, marks)
    kinds: list[TimesMeaning] = [
        meaning.kind for meaning in (meanings.front, meanings.back) if meaning is not None
    ]
    cued = any(entry.cue_seconds is not None for entry in listed)
    warnings = []
    if "time_of_day" in kinds:
        warnings.append(CLOCK)
    if marks.counting and marks.counting.kind == "still":
        warnings.append(STILL)
    latest = max((entry.cue_seconds or 0 for entry in listed), default=0)
    if length_s and latest > length_s * 1.05 + 60 and len({entry.part for entry in listed}) == 1:
        warnings.append(PAST_THE_END)
    missing = _missing_numbers(listed) if marks.counting and marks.counting.kind == "up" else 0
    if missing:
        warnings.append(ListWarning.ROWS_MISSING.because(f"the counter leaves out {missing}"))
    confidence = (
        PLAIN + HEADED * headed + COUNTED * (marks.counting is not None) + TIMED * bool(kinds or cued)
    )
    confidence = min(SURE, confidence) * len(listed) / max(1, len(listed) + skipped + missing)
    if listed and confidence < UNCERTAIN:
        warnings.append(ListWarning.UNCERTAIN.because("few of the lines are rows"))
    return WrittenList(
        rows=tuple(listed),
        parts=tuple(dict.fromkeys(entry.part for entry in listed if entry.part)),
        times=kinds[0] if kinds else "start" if cued else None,
        confidence=round(confidence, 3) if listed else 0.0,
        warnings=tuple(warnings),
    )


def _renumbered(entries: Sequence[Entry], marks: Marks) -> list[Entry]:
    """Rows of record sides (A1, A2, B1) and discs (1-01) counted through."""
    sides = marks.counting is not None and not {"side", "disc"}.isdisjoint(marks.forms)
    if not sides:
        return list(entries)
    numbered, number = [], 0
    for entry in entries:
        number += entry.number is not None
        numbered.append(replace(entry, number=number if entry.number is not None else None))
    return numbered


def _missing_numbers(entries: Sequence[Entry]) -> int:
    """Return how many numbers the counter leaves out; a row without a number takes the place of one."""
    missing = unnumbered = 0
    latest = None
    for entry in entries:
        if entry.number is None:
            unnumbered += not entry.joined
            continue
        if latest is not None:
            missing += max(0, entry.number - latest - 1 - unnumbered)
        latest, unnumbered = entry.number, 0
    return missing
