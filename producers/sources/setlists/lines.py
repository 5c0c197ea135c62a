"""Lines of a text, cleaned: entities, breaks, invisible characters, columns; and what a line can be."""

import re
from dataclasses import dataclass

from producers.sources.setlists.entries import GAP, JOINED
from producers.sources.setlists.noise import is_noise
from songnodes.domain.text import repair

MAX_TEXT = 1_000_000  # characters that are read
MAX_LINES = 20_000
MAX_CLEANED = 20_000  # characters of a line
MAX_TRACK = 200  # characters; longer lines are prose
BREAK = re.compile(r"<\s?br\s?/?\s?>|</(?:p|li|div)>", re.IGNORECASE)
TAG = re.compile(
    r"<(?:p|li|div|b|i|strong|em|ul|ol|span)\b[^<>]{0,100}>|</(?:b|i|strong|em|ul|ol|span)>", re.IGNORECASE
)
#: Marks of direction and of keycaps: invisible, or part of an emoji that shows a number.
INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\ufe0f\u20e3\ufe0e]")
TEN = "\U0001f51f"
POINTER = re.compile(r"^\s*[»›❯➤➜➔→⇒►▶▸▷]+\s*")
DASH = re.compile(r"\s-\s|(?<=\w)\s-(?=\w)|(?<=[\w)\]])-\s")
UNKNOWN = re.compile(
    r"^[\[(]?(?:id|\?+|unknown(?: track| artist)?|untitled|unreleased id)[\])]?"
    r"(?:\s*-\s*[\[(]?(?:id|\?+|unknown(?: track| title)?|untitled)[\])]?)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line: `raw` as written, `text` repaired, "" for an empty one. `after_blank`: follows an empty one."""

    raw: str
    text: str
    after_blank: bool = False


def split_lines(text: str) -> list[Line]:
    """Return the lines of a text that are not empty."""
    plain = text[:MAX_TEXT]
    if "<" in plain:
        plain = TAG.sub("", BREAK.sub("\n", plain))
    lines: list[Line] = []
    blank = False
    for raw in plain.splitlines()[:MAX_LINES]:
        cleaned = clean(raw)
        if cleaned:
            lines.append(Line(raw=raw.strip("\x00"), text=cleaned, after_blank=blank))
        blank = not cleaned
    return lines


def clean(raw: str) -> str:
    """Return a line as `repair` gives it, columns joined by dashes, pointers as bullets."""
    short = POINTER.sub("• ", INVISIBLE.sub("", raw[:MAX_CLEANED]).replace(TEN, "10"))
    if "\t" in short.strip():
        short = _columns(short)
    return repair(short)


def _columns(line: str) -> str:
    """Join columns: marks to the text behind them, artist and title by a dash."""
    columns = [column.strip() for column in line.split("\t") if column.strip()]
    marks = [column for column in columns if not re.search(r"[^\W\d_]{2}", column)]
    words = [column for column in columns if column not in marks]
    if len(words) < 2 or any(DASH.search(column) for column in words):
        return " ".join(columns)
    first = columns.index(words[0])
    last = max(index for index, column in enumerate(columns) if column in words)
    names = [column for column in columns[first : last + 1] if column in words]
    return " ".join([*columns[:first], " - ".join(names), *columns[last + 1 :]])


def names_a_track(text: str) -> bool:
    """Return True if a text without marks can be a row: "Artist - Title", an unknown track, a gap."""
    if len(text) > MAX_TRACK:
        return False
    if UNKNOWN.match(text) or GAP.match(text):
        return True
    return bool(DASH.search(JOINED.sub("", text))) and not is_noise(text)
