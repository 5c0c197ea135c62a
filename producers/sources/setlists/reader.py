"""Reader of written tracklists: text in; list with rows, times, parts, confidence and warnings out.

Input: `read_text` takes any text (a description, a comment, a text file, decoded), `read_lines` lines that
are known to be rows. `length_s`, the length of the recording in seconds, is optional evidence for the meaning
of times. At most `MAX_TEXT` characters and `MAX_LINES` lines are read.

Output: a `WrittenList`; empty for a text without a list. Rows are in the order of the text and keep their
source lines as `fragment`. Warnings are "code: explanation", those about the list by `ListWarning`; a row has
`cue_unreadable`.

Guarantees: total (no text raises), pure, and linear in the length of the text. What the lines of a list have
in common is decided for the list as a whole, before a line is read: counters, bullets, wrapped lines, place
and meaning of times. Marks in any usual form leave the rows equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from producers.sources.list_warnings import ListWarning
from producers.sources.setlists import assembly, candidates, layout, peel
from producers.sources.setlists.assembly import Meanings
from producers.sources.setlists.entries import BRACKETED, GAP, JOINED, MAX_LINE, Entry, WrittenList, with_cue
from producers.sources.setlists.lines import split_lines

UNREAD = ListWarning.UNREAD.because("a tracklist is announced and could not be read")


FEWEST_NUMBERED = 3  # lines that begin with "[1]", "[2]", "[3]"


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiLine:
    """A line that is known to be a row. `text`: without markup; `fragment`: as the page has it."""

    text: str
    fragment: str
    part: str | None = None
    joined: bool = False


def read_text(text: str, *, length_s: int | None = None) -> WrittenList:
    """Read the tracklist in a free text, with prose, greetings and addresses around it.

    Taken is what a heading announces, else what is numbered or has times, else a long run of tracks.
    `length_s`: length of the recording in seconds. A list that is announced and cannot be read is a warning.
    """
    lines = split_lines(text)
    if not lines:
        return WrittenList()
    sections = layout.sections(lines)
    headed = [section for section in sections if section.headed and not section.previous]
    groups = (group for section in sections if not section.headed for group in layout.groups(section))
    unheaded = (candidates.unannounced_list(group, length_s=length_s) for group in groups)
    lists = [*filter(None, (candidates.announced_list(headed, length_s), *unheaded))]
    if not lists:
        announced = any(section.announced for section in sections)
        return WrittenList(warnings=(UNREAD,) if announced else ())
    return max(lists, key=lambda candidate: candidate.rank).written


def read_lines(lines: Sequence[WikiLine], *, length_s: int | None = None) -> WrittenList:
    """Read lines that are known to be the rows of a list, as in wikitext; each gives one row, in order.

    "[05]" at the beginning of a line is a cue in minutes or a clock, as wikis write it.
    """
    rows = [_wiki_row(line) for line in _with_bracketed_numbers(lines)]
    open_places = [index for index, row in enumerate(rows) if not row.gap and row.text]
    timed = sum(row.cue_text is not None for row in rows)
    texts = [rows[index].text or "" for index in open_places]
    has_cues = 2 * timed >= len(rows)
    without = [] if has_cues else [index for index in open_places if rows[index].cue_text is None]
    peeled, marks = peel.peel(texts, headed=True, boxed_counters=False)
    if has_cues and (marks.front or marks.back):
        peeled, marks = peel.peel(texts, headed=True, boxed_counters=False, with_times=False)
    by_place = dict(zip(open_places, peeled, strict=True))
    meanings = assembly.read_meanings([by_place[index] for index in without], marks, length_s)
    if meanings.front and meanings.front.dates:
        meanings = Meanings()
    entries = [
        assembly.build_entry(row, by_place.get(index), meanings if row.cue_text is None else Meanings())
        for index, row in enumerate(rows)
    ]
    entries = [entry for entry in entries if entry.text or entry.gap or entry.cue_text is not None]
    return assembly.build_list(entries, marks, meanings, headed=True, skipped=0, length_s=length_s)


def _with_bracketed_numbers(lines: Sequence[WikiLine]) -> Sequence[WikiLine]:
    """Return the lines with "1. " for "[1] " where all count up from 1: no set has a track each minute."""
    marks = [BRACKETED.match(line.text[:MAX_LINE].strip()) for line in lines]
    numbers = [mark[1] for mark in marks if mark is not None]
    if len(lines) < FEWEST_NUMBERED or len(numbers) < len(lines):
        return lines
    if [number.lstrip("0") for number in numbers] != [str(at) for at in range(1, len(lines) + 1)]:
        return lines
    return [
        replace(line, text=f"{at}. {line.text[:MAX_LINE].strip()[mark.end() :]}")
        for at, (line, mark) in enumerate(zip(lines, marks, strict=True), start=1)
        if mark is not None
    ]


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
