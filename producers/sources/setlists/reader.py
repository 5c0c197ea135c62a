"""Reader of written tracklists: text in, rows with numbers, times, parts and warnings out.

What the lines of a list have in common is decided for the list as a whole, before a line is read: counters,
bullets, the place and the meaning of times. Pure; takes time in proportion to the length of the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from producers.sources.setlists import headings, layout, noise, peel, separators, times
from producers.sources.setlists.entries import (
    BRACKETED,
    GAP,
    JOINED,
    MAX_LINE,
    Entry,
    TimesMeaning,
    WrittenList,
    with_cue,
)
from producers.sources.setlists.layout import Row, Section, kind
from producers.sources.setlists.lines import DASH, UNKNOWN, Line, names_a_track, split_lines
from producers.sources.setlists.peel import Marks, Peeled
from producers.sources.setlists.times import Meaning, Time

LEADING_NUMBER = re.compile(r"^\W{0,4}(\d{1,5})(?!\d)")
FEWEST_HEADED, FEWEST_MARKED, FEWEST_PLAIN = 2, 3, 5
UNREAD = "list_unread: a tracklist is announced and could not be read"
CLOCK = "times_of_day: not stored as cues"
STILL = "counter_stands_still: every line has the same number"
PAST_THE_END = "cues_past_the_end: later than the recording is long"
HALF = 0.5
SURE, HEADED, COUNTED, TIMED, PLAIN = 1.0, 0.3, 0.25, 0.2, 0.5
UNCERTAIN = 0.5  # confidence below which a warning says so


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiLine:
    """A line that is known to be a row. `text`: without markup; `fragment`: as the page has it."""

    text: str
    fragment: str
    part: str | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A list found in a text. `rank` orders candidates: heading, then marks, then length."""

    found: WrittenList
    rank: tuple[int, int, int]


def read_text(text: str, *, length_s: int | None = None) -> WrittenList:
    """Read the tracklist in a free text, with prose, greetings and addresses around it.

    Taken is what a heading announces, else what is numbered or has times, else a long run of tracks.
    `length_s`: length of the recording in seconds. A list that is announced and cannot be read is a warning.
    """
    lines = split_lines(text)
    if not lines:
        return WrittenList()
    divided = layout.sections(lines)
    candidates = [
        *_announced([section for section in divided if section.headed and not section.previous], length_s),
        *(
            candidate
            for section in divided
            if not section.headed
            for group in layout.groups(section)
            if (candidate := _candidate(group, length_s=length_s)) is not None
        ),
    ]
    announced = any(section.announced for section in divided)
    if not candidates:
        return WrittenList(warnings=(UNREAD,) if announced else ())
    return max(candidates, key=lambda candidate: candidate.rank).found


def read_lines(lines: Sequence[WikiLine], *, length_s: int | None = None) -> WrittenList:
    """Read lines that are known to be the rows of a list, as in wikitext; each gives one row, in order.

    "[05]" at the beginning of a line is a cue in minutes or a clock, as wikis write it.
    """
    rows = [_wiki_row(line) for line in lines]
    open_places = [index for index, row in enumerate(rows) if not row.gap and row.text]
    timed = sum(row.cue_text is not None for row in rows)
    texts = [rows[index].text or "" for index in open_places]
    few = 2 * timed >= len(rows)
    without = [index for index in open_places if few is False and rows[index].cue_text is None]
    peeled, marks = peel.peel(texts, headed=True, boxed_counters=False)
    if few and (marks.front or marks.back):
        peeled, marks = peel.peel(texts, headed=True, boxed_counters=False, with_times=False)
    by_place = dict(zip(open_places, peeled, strict=True))
    meanings = _meanings([by_place[index] for index in without], marks, length_s)
    if meanings.front and meanings.front.dates:
        meanings = _Meanings()
    found = [
        _entry(row, by_place.get(index), meanings if row.cue_text is None else _Meanings())
        for index, row in enumerate(rows)
    ]
    found = [entry for entry in found if entry.text or entry.gap or entry.cue_text is not None]
    return _finished(found, marks, meanings, headed=True, skipped=0, length_s=length_s)


def _wiki_row(line: WikiLine) -> Entry:
    plain = line.text[:MAX_LINE].strip()
    entry = Entry(text=None, part=line.part, fragment=line.fragment, joined=line.joined)
    if GAP.match(plain):
        return replace(entry, gap=True)
    cue = BRACKETED.match(plain)
    plain = plain[cue.end() :].strip() if cue else plain
    mark = JOINED.match(plain)
    plain = plain[mark.end() :] if mark else plain
    return with_cue(
        replace(entry, text=plain or None, joined=line.joined or bool(mark)), cue[1] if cue else None
    )


def _announced(headed: Sequence[Section], length_s: int | None) -> list[_Candidate]:
    """The list under the headings: all of their sections, one part each where the heading names it."""
    found = []
    together: list[Row] = []
    skipped = 0
    for section in headed:
        rows, more = _section_rows(section)
        if len(rows) >= FEWEST_HEADED or (rows and kind(rows[0].text).marked) or (together and rows):
            together += rows
            skipped += len(more)
    if together:
        candidate = _made(together, skipped, headed=True, length_s=length_s)
        found += [candidate] if candidate else []
    return found


def _section_rows(section: Section) -> tuple[list[Row], list[str]]:
    lines = _until_prose(section.lines)
    rows, skipped = layout.rows(lines, headed=True, part=section.part)
    if len(rows) >= FEWEST_HEADED:
        return rows, skipped
    loose = [line for line in _first_block(section.lines) if not kind(line.text).link]
    texts = [peel.bullet(line.text) or line.text for line in loose]
    named = separators.with_dashes(texts)
    if len(loose) < FEWEST_HEADED or sum(map(names_a_track, named)) < 0.7 * len(loose):
        return rows, skipped
    return [
        Row(text=text, raw=line.raw, part=section.part) for text, line in zip(named, loose, strict=True)
    ], []


def _first_block(lines: Sequence[Line]) -> list[Line]:
    """The lines up to the first sentence or empty line behind at least two lines."""
    block: list[Line] = []
    for line in lines:
        if noise.is_prose(line.text) or (line.after_blank and len(block) > 1):
            break
        block.append(line)
    return block


def _until_prose(lines: Sequence[Line]) -> list[Line]:
    """The lines of a headed section from the first row to the last.

    Rows with marks go to the last mark. Without marks, a short run behind prose is no part of the list.
    """
    kinds = [kind(line.text) for line in lines]
    marked = [index for index, what in enumerate(kinds) if what.marked]
    tracks = [index for index, what in enumerate(kinds) if what.track or what.marked]
    if not tracks:
        return []
    if len(marked) >= FEWEST_HEADED and 2 * len(marked) >= _tracks_around(kinds, marked[0], marked[-1]):
        first, last = _counted_around(lines, marked[0], marked[-1])
        return list(lines[_first_part(lines, first) : _last_wrapped(lines, last) + 1])
    end, run = tracks[0], 0
    prose = part = False
    for index in range(tracks[0], len(lines)):
        what = kinds[index]
        if what.track or what.marked:
            run += 1
            if not prose or part or run >= FEWEST_MARKED:
                end, prose = index, prose and not part and run < FEWEST_MARKED
        elif headings.part_name(lines[index].text):
            part, run = True, 0
        elif not layout.CONTINUES.match(lines[index].text) and not GAP.match(lines[index].text):
            prose, part, run = True, False, 0
    return list(lines[_first_part(lines, tracks[0]) : _last_wrapped(lines, end) + 1])


def _tracks_around(kinds: Sequence[layout.Kind], first: int, last: int) -> int:
    """The number of tracks from `first` to `last` and on the lines directly before and after."""
    while first > 0 and kinds[first - 1].track:
        first -= 1
    while last + 1 < len(kinds) and kinds[last + 1].track:
        last += 1
    return sum(what.track or what.marked for what in kinds[first : last + 1])


def _counted_around(lines: Sequence[Line], first: int, last: int) -> tuple[int, int]:
    """The places of the first and last lines whose numbers go on from those at `first` and `last`.

    "10 Artist" behind "09 Artist" and "1.808 State" before "2.Artist" have no mark of their own.
    """
    while first > 0 and _goes_on(lines[first - 1], lines[first]):
        first -= 1
    while last + 1 < len(lines) and _goes_on(lines[last], lines[last + 1]):
        last += 1
    return first, last


def _goes_on(before: Line, after: Line) -> bool:
    numbers = [LEADING_NUMBER.match(line.text) for line in (before, after)]
    values = [int(number[1]) for number in numbers if number is not None]
    return len(values) == 2 and values[1] == values[0] + 1


def _first_part(lines: Sequence[Line], first: int) -> int:
    """The place of the heading of a part directly before a row, else of the row."""
    before = first - 1
    return before if before >= 0 and headings.part_name(lines[before].text) else first


def _last_wrapped(lines: Sequence[Line], last: int) -> int:
    """The place of the last line that belongs to the row at `last`: its wrapped end, rows played with it."""
    end = last
    for index in range(last + 1, min(len(lines), last + 4)):
        text = lines[index].text
        joined = JOINED.match(text) and kind(text).track
        open_end = layout.OPEN_END.search(lines[index - 1].text) or _has_open_bracket(lines[index - 1].text)
        wraps = layout.CONTINUES.match(text) or open_end or layout.is_mark_only(text) or GAP.match(text)
        sole = kind(lines[last].text).marked and not DASH.search(lines[last].text) and len(text) <= 80
        if (
            lines[index].after_blank
            or not (joined or wraps or sole or UNKNOWN.match(text))
            or kind(text).link
        ):
            break
        end = index
    return end


def _has_open_bracket(text: str) -> bool:
    return text.count("(") > text.count(")")


def _candidate(group: Sequence[Line], *, length_s: int | None) -> _Candidate | None:
    """The list in neighbouring lines without a heading."""
    kinds = [kind(line.text) for line in group]
    marked = [index for index, what in enumerate(kinds) if what.marked]
    if len(marked) >= FEWEST_MARKED:
        within = range(_first_part(group, marked[0]), _last_wrapped(group, marked[-1]) + 1)
        rows, skipped = layout.rows([group[index] for index in within], headed=False)
        made = _made(rows, len(skipped), headed=False, length_s=length_s)
        whole = _whole(group, length_s) if len(within) < len(group) else None
        if made and not (whole and _has_more_marks(whole, made)):
            return made
        if made:
            return whole
    links = sum(what.link or what.date or noise.is_fact(what.rest) for what in kinds)
    tracks = [what for what in kinds if what.track]
    if len(tracks) < FEWEST_PLAIN or links >= HALF * len(tracks):
        return None
    return _whole(group, length_s)


def _whole(group: Sequence[Line], length_s: int | None) -> _Candidate | None:
    """The list in all lines of a group."""
    rows, skipped = layout.rows(group, headed=False)
    return _made(rows, len(skipped), headed=False, length_s=length_s)


def _has_more_marks(whole: _Candidate, window: _Candidate) -> bool:
    """Return True if the lines outside of a window have the marks of the list, or the window has none.

    "10 Artist - Title" has no mark of its own: behind "09 Artist - Title" its number is one. "1991 - Title"
    looks numbered: in a list without numbers it is a name.
    """
    numbered = [sum(row.number is not None for row in one.found.rows) for one in (whole, window)]
    return numbered[0] > numbered[1] or not (window.rank[1] or whole.rank[1])


def _made(rows: Sequence[Row], skipped: int, *, headed: bool, length_s: int | None) -> _Candidate | None:
    """A list of rows; None if they are none after all."""
    texts = [row.text for row in rows]
    peeled, marks = peel.peel(texts, headed=headed)
    meanings = _meanings(peeled, marks, length_s)
    if meanings.front and (meanings.front.dates or (meanings.front.timetable and not headed)):
        return None
    if headed or marks.any:
        for line, text in zip(peeled, separators.with_dashes([line.text for line in peeled]), strict=True):
            line.text = text
    named = [line for line in peeled if names_a_track(line.text)]
    fewest = FEWEST_HEADED if headed else FEWEST_MARKED if marks.any else FEWEST_PLAIN
    titles_only = headed and marks.counting is not None and len(peeled) >= FEWEST_MARKED
    if len(named) < fewest and not titles_only:
        return None
    if not titles_only and len(named) < HALF * len(peeled):
        return None
    noisy = sum(noise.is_fact(line.text) or noise.is_noise(line.text) for line in peeled)
    if noisy >= HALF * len(peeled) or (not headed and _is_prose(peeled, marks)):
        return None
    entries = [
        _entry(Entry(text=row.text, part=row.part, fragment=row.raw), line, meanings)
        for row, line in zip(rows, peeled, strict=True)
        if not noise.is_link(line.text)
    ]
    entries = [entry for entry in entries if entry.text or entry.gap]
    found = _finished(entries, marks, meanings, headed=headed, skipped=skipped, length_s=length_s)
    return _Candidate(
        found=found, rank=(2 if headed else 1 if marks.any else 0, int(marks.any), len(entries))
    )


def _is_prose(peeled: Sequence[Peeled], marks: Marks) -> bool:
    """Return True for lines that are sentences with dashes rather than rows."""
    sentences = sum(noise.is_prose(line.text) for line in peeled)
    return sentences > (HALF if marks.any else 0.25) * len(peeled)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meanings:
    """The meaning of the times at the beginning and at the end of the lines; None where there are none."""

    front: Meaning | None = None
    back: Meaning | None = None


def _meanings(lines: Sequence[Peeled], marks: Marks, length_s: int | None) -> _Meanings:
    fronts = [line.front for line in lines if line.front is not None] if marks.front else []
    backs = [line.back for line in lines if line.back is not None] if marks.back else []
    front = times.meaning(fronts, at_end=False, length_s=length_s) if fronts else None
    back = times.meaning(backs, at_end=True, length_s=length_s) if backs else None
    if front and back and front.kind in {"start", "range"}:
        back = Meaning(kind="length")
    return _Meanings(front=front, back=back)


def _entry(entry: Entry, line: Peeled | None, meanings: _Meanings) -> Entry:
    """The row of a line in work."""
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


def _finished(
    entries: Sequence[Entry],
    marks: Marks,
    meanings: _Meanings,
    *,
    headed: bool,
    skipped: int,
    length_s: int | None,
) -> WrittenList:
    listed = _renumbered(entries, marks)
    kinds: list[TimesMeaning] = [each.kind for each in (meanings.front, meanings.back) if each is not None]
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
        warnings.append(f"rows_missing: the counter leaves out {missing}")
    confidence = (
        PLAIN + HEADED * headed + COUNTED * (marks.counting is not None) + TIMED * bool(kinds or cued)
    )
    confidence = min(SURE, confidence) * len(listed) / max(1, len(listed) + skipped + missing)
    if listed and confidence < UNCERTAIN:
        warnings.append("list_uncertain: few of the lines are rows")
    return WrittenList(
        rows=tuple(listed),
        parts=tuple(dict.fromkeys(entry.part for entry in listed if entry.part)),
        times=kinds[0] if kinds else "start" if cued else None,
        confidence=round(confidence, 3) if listed else 0.0,
        warnings=tuple(warnings),
    )


def _renumbered(entries: Sequence[Entry], marks: Marks) -> list[Entry]:
    """Rows of record sides (A1, A2, B1) counted through."""
    sides = marks.counting is not None and "side" in marks.forms
    if not sides:
        return list(entries)
    numbered, number = [], 0
    for entry in entries:
        number += entry.number is not None
        numbered.append(replace(entry, number=number if entry.number is not None else None))
    return numbered


def _missing_numbers(entries: Sequence[Entry]) -> int:
    missing, latest = 0, None
    for entry in entries:
        if entry.number is not None:
            if latest is not None and latest + 1 < entry.number:
                missing += entry.number - latest - 1
            latest = entry.number
    return missing
