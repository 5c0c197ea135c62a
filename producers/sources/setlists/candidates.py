"""Candidates: each list that a text can hold, with the rank by which one is chosen."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from producers.sources.setlists import assembly, columns, extent, merging, noise, peel, separators
from producers.sources.setlists.entries import Entry, WrittenList
from producers.sources.setlists.extent import FEWEST_HEADED, FEWEST_MARKED
from producers.sources.setlists.kinds import Kind, counts_on, kind, kind_of
from producers.sources.setlists.layout import Section
from producers.sources.setlists.lines import DASH, Line, names_a_track
from producers.sources.setlists.merging import Row
from producers.sources.setlists.peel import Marks, Peeled

FEWEST_PLAIN = 5  # rows that make a list without heading and marks
HALF, SAME_NAME_SHARE = 0.5, 0.7
TOTAL_TIME = re.compile(
    r"^(?:total|overall|gesamt\w*|running|playing)\s?(?:running |playing )?"
    r"(?:time|length|duration|dauer|zeit)?\W*$",
    re.IGNORECASE,
)
EPISODE = re.compile(
    r"^(?P<name>\D{0,30}?\b(?:episode|ep|show|vol(?:ume)?|podcast|mix(?:tape)?|edition|session|chapter|radio|folge"
    r"|ausgabe|part|week|\u0432\u044b\u043f\u0443\u0441\u043a))\.?\s*#?\d{1,4}\s+-\s",
    re.IGNORECASE,
)


#: "Field Radio 14", "XY013"; the name has letters.
NUMBER_AT_END = re.compile(r"(?<=[^\W\d])[\s#-]*\d{1,4}$")
#: The number of an episode: "XY013". "ID1" is an unknown track.
CODE = re.compile(r"^(?!ID)[A-Z]{1,8}[-#]?\d{2,4}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A list found in a text. `rank` orders candidates: heading, then marks, then length."""

    written: WrittenList
    rank: tuple[int, int, int]


def announced_list(headed: Sequence[Section], length_s: int | None) -> Candidate | None:
    """Return the list under the headings: all of their sections, one part each where the heading names it."""
    together: list[Row] = []
    skipped = 0
    listed: list[list[str]] = []
    for section in headed:
        rows, more = _section_rows(section)
        names = [kind(row.text).rest.casefold() for row in rows]
        if len(names) >= FEWEST_MARKED and names in listed:
            continue  # the same list once more, as below a heading in another language
        listed.append(names)
        if len(rows) >= FEWEST_HEADED or (rows and kind(rows[0].text).marked) or (together and rows):
            together += rows
            skipped += len(more)
    return build(together, skipped, headed=True, length_s=length_s) if together else None


def _section_rows(section: Section) -> tuple[list[Row], list[str]]:
    lines = extent.until_prose(section.lines)
    rows, skipped = merging.rows(lines, part=section.part)
    if len(rows) >= FEWEST_HEADED:
        return rows, skipped
    loose = [line for line in extent.first_block(section.lines) if not kind_of(line).link]
    texts = [peel.bullet(line.text) or line.text for line in loose]
    named = separators.with_dashes(texts)
    if len(loose) < FEWEST_HEADED or sum(map(names_a_track, named)) < 0.7 * len(loose):
        return rows, skipped
    return [
        Row(text=text, raw=line.raw, part=section.part) for text, line in zip(named, loose, strict=True)
    ], []


def unannounced_list(group: Sequence[Line], *, length_s: int | None) -> Candidate | None:
    """Return the list in neighbouring lines without a heading."""
    kinds = [kind_of(line) for line in group]
    marked = [index for index, what in enumerate(kinds) if what.marked]
    if len(marked) >= FEWEST_MARKED:
        last = extent.last_wrapped(group, marked[-1], merging.wrap_width(group))
        within = range(extent.first_part(group, marked[0]), last + 1)
        rows, skipped = merging.rows([group[index] for index in within])
        marked_list = build(rows, len(skipped), headed=False, length_s=length_s)
        whole = _whole(group, length_s) if len(within) < len(group) else None
        if marked_list and not (whole and _has_more_marks(whole, marked_list)):
            return marked_list
        if marked_list:
            return whole
    links = sum(
        what.link or what.date or noise.is_fact(what.rest) or noise.is_listing(what.rest) for what in kinds
    )
    tracks = [what for what in kinds if what.track]
    counted = len(group) == len(tracks) and all(counts_on(*lines) for lines in pairwise(group))
    fewest = FEWEST_MARKED if counted else FEWEST_PLAIN
    if len(tracks) < fewest or links >= HALF * len(tracks) or _is_archive(tracks):
        return None
    return _whole(group, length_s)


def _is_archive(tracks: Sequence[Kind]) -> bool:
    """Return True for the episodes of a show: "Episode 12 - Guest", "XY013 - Guest", "Name - Show 14"."""
    series = [EPISODE.match(what.rest) for what in tracks]
    names = Counter(match["name"].casefold() for match in series if match is not None)
    if names and max(names.values()) >= SAME_NAME_SHARE * len(tracks):
        return True
    halves = [half for what in tracks if len(half := DASH.split(what.rest, maxsplit=1)) == 2]
    codes = _is_series([left for left, _ in halves if CODE.match(left)], len(tracks))
    one_name = len({left.casefold() for left, _ in halves}) == 1
    return codes or (one_name and _is_series([right for _, right in halves], len(tracks)))


def _is_series(texts: Sequence[str], size: int) -> bool:
    """Return True if most of the texts are one name with another number each."""
    numbered = {text.casefold() for text in texts if NUMBER_AT_END.search(text)}
    names = Counter(NUMBER_AT_END.sub("", text) for text in numbered)
    return bool(names) and max(names.values()) >= SAME_NAME_SHARE * size


def _whole(group: Sequence[Line], length_s: int | None) -> Candidate | None:
    """Return the list in all lines of a group."""
    rows, skipped = merging.rows(group)
    return build(rows, len(skipped), headed=False, length_s=length_s)


def _has_more_marks(whole: Candidate, window: Candidate) -> bool:
    """Return True if the lines outside of a window have the marks of the list, or the window has none.

    "10 Artist - Title" has no mark of its own: behind "09 Artist - Title" its number is one. "1991 - Title"
    looks numbered: in a list without numbers it is a name.
    """
    numbered = [
        sum(row.number is not None for row in candidate.written.rows) for candidate in (whole, window)
    ]
    return numbered[0] > numbered[1] or not (window.rank[1] or whole.rank[1])


def build(rows: Sequence[Row], skipped: int, *, headed: bool, length_s: int | None) -> Candidate | None:
    """Return the list made of rows; None if they are no list after all."""
    texts = [row.text for row in rows]
    peeled, marks = peel.peel(texts, headed=headed)
    meanings = assembly.read_meanings(peeled, marks, length_s)
    if meanings.front and (meanings.front.dates or (meanings.front.timetable and not headed)):
        return None
    texts = columns.without_columns([line.text for line in peeled])
    if headed or marks.any:
        texts = separators.with_dashes(texts)
    for line, text in zip(peeled, texts, strict=True):
        line.text = text
    named = [line for line in peeled if names_a_track(line.text)]
    fewest = FEWEST_HEADED if headed else FEWEST_MARKED if marks.any else FEWEST_PLAIN
    titles_only = headed and marks.counting is not None and len(peeled) >= FEWEST_MARKED
    if len(named) < fewest and not titles_only:
        return None
    if not titles_only and len(named) < HALF * len(peeled):
        return None
    noisy = sum(
        noise.is_fact(line.text) or noise.is_noise(line.text) or (not headed and noise.is_listing(line.text))
        for line in peeled
    )
    if noisy >= HALF * len(peeled) or (not headed and _is_prose(peeled, marks)):
        return None
    entries = [
        assembly.build_entry(Entry(text=row.text, part=row.part, fragment=row.raw), line, meanings)
        for row, line in zip(rows, peeled, strict=True)
        if not noise.is_link(line.text) and not TOTAL_TIME.match(line.text)
    ]
    entries = [entry for entry in entries if entry.text or entry.gap]
    written = assembly.build_list(entries, marks, meanings, headed=headed, skipped=skipped, length_s=length_s)
    return Candidate(
        written=written, rank=(2 if headed else 1 if marks.any else 0, int(marks.any), len(entries))
    )


def _is_prose(peeled: Sequence[Peeled], marks: Marks) -> bool:
    """Return True for lines that are sentences with dashes rather than rows."""
    sentences = sum(noise.is_prose(line.text) for line in peeled)
    return sentences > (HALF if marks.any else 0.25) * len(peeled)
