"""Lines of a text, cleaned: entities, breaks, invisible characters, columns; and what a line can be."""

import html
import re
import unicodedata
from dataclasses import dataclass, replace

from producers.sources.setlists.entries import GAP, JOINED
from producers.sources.setlists.noise import is_noise
from producers.sources.setlists.struck import without_struck
from songnodes.domain.text import repair

MAX_TEXT = 1_000_000  # characters that are read
MAX_LINES = 20_000
MAX_CLEANED = 20_000  # characters of a line
MAX_TRACK = 200  # characters; longer lines are prose
BREAK = re.compile(r"<\s?br\s?/?\s?>|</(?:p|li|div)>", re.IGNORECASE)
TAG = re.compile(
    r"<(?:p|li|div|b|i|u|ins|small|strong|em|ul|ol|span)\b[^<>]{0,100}>"
    r"|</(?:b|i|u|ins|small|strong|em|ul|ol|span)>",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&#?\w{1,31};")
#: Marks of direction and of keycaps: invisible, or part of an emoji that shows a number.
INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\ufe0f\u20e3\ufe0e]")
TEN = "\U0001f51f"
#: "1º": an ordinal, which NFKC would turn into "1o".
ORDINAL_SIGN = re.compile(r"^(\W{0,4}\d{1,3})\s?[ºª°][.:)]?(?=[\s-])")
#: The number of a row in keycaps, with or without a blank behind it.
KEYCAPS = re.compile(r"^(\W{0,4})((?:\d\ufe0f?\u20e3)+)\s*")
#: The number of a row as one character: "①", "❶", "➀", "⑴". Fractions are none.
NUMBER_CHAR = re.compile(r"^(\W{0,4}?)([\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3251-\u325f])[.):]?\s*")
#: Brackets of East Asian scripts around a number or a time.
WIDE_BRACKETS = re.compile(
    r"[\u3010\u300c\u300e\u3014\u3016\u300a\u3008]\s?([#\d?:.]{1,10})\s?[\u3011\u300d\u300f\u3015\u3017\u300b\u3009]"
)
#: Code marks of Markdown around a number or a time, and its escapes before and behind a number.
CODE = re.compile(r"`+([#\d?:.()\[\]]{1,10})`+")
ESCAPE = re.compile(r"^(\s*)\\(?=[-*+>#\d])|^(\s*\\?\d{1,4})\\(?=[.)])")
#: Emphasis of Markdown around a part of a line.
EMPHASIS = re.compile(
    r"(?<![\w*])\*{1,2}(?=[^\s*])([^*]*[^\s*])\*{1,2}(?![\w*])"
    r"|(?<![\w_])__(?=[^\s_])([^_]*[^\s_])__(?![\w_])"
)
#: A long dash between words, without blanks: "Artist–Title".
TIGHT_LONG_DASH = re.compile("(?<=[^\\W\\d])[\u2013-\u2015](?=\\w)|(?<=\\w)[\u2013-\u2015](?=[^\\W\\d])")
SPACED_DASH = re.compile("\\s[-\u2010-\u2015\u2212]\\s")
BRACKETS_ONLY = re.compile(r"^(?:\([^()]*\)|\[[^\[\]]*\])$")
LAST_ADDRESS = re.compile(r"\s+(?:[-|:>(\[]+\s*)?https?://\S+$", re.IGNORECASE)
FEWEST_ADDRESSES = 3  # lines that end in an address: of fewer the address may be what the line is about
POINTER = re.compile(r"^\s*[»›❯➤➜➔→⇒►▶▸▷]+\s*")
DASH = re.compile(r"\s-\s|(?<=\w)\s-(?=\w)|(?<=[\w)\]])-\s")
UNKNOWN = re.compile(
    r"^[\[(]?(?:id|\?+|unknown(?: track| artist)?|untitled|unreleased id)[\])]?"
    r"(?:\s*-\s*[\[(]?(?:id|\?+|unknown(?: track| title)?|untitled)[\])]?)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line: `raw` as written, `text` repaired, "" for an empty one. `after_blank`: follows an empty one.

    `may_be_date`: False for a row between rows of a list, which is no day of a tour ("4 Mars - Title").
    """

    raw: str
    text: str
    after_blank: bool = False
    may_be_date: bool = True


def split_lines(text: str) -> list[Line]:
    """Return the lines of a text that are not empty."""
    plain = without_struck(text[:MAX_TEXT])
    if "<" in plain:
        plain = TAG.sub("", BREAK.sub("\n", plain))
    lines: list[Line] = []
    blank = False
    for raw in plain.splitlines()[:MAX_LINES]:
        cleaned = clean(raw)
        if cleaned:
            lines.append(Line(raw=raw.strip("\x00"), text=cleaned, after_blank=blank))
        blank = not cleaned
    return _without_addresses(lines) if "://" in plain else lines


def _without_addresses(lines: list[Line]) -> list[Line]:
    """Take the address off the end of each row, where most tracks of the text have one there."""
    texts = [LAST_ADDRESS.sub("", line.text) for line in lines]
    linked = [
        text != line.text and DASH.search(text) is not None and not is_noise(text)
        for line, text in zip(lines, texts, strict=True)
    ]
    if sum(linked) < max(FEWEST_ADDRESSES, 0.5 * sum(names_a_track(line.text) for line in lines)):
        return lines
    return [
        replace(line, text=text) if is_row else line
        for line, text, is_row in zip(lines, texts, linked, strict=True)
    ]


def clean(raw: str) -> str:
    """Return a line as `repair` gives it, columns joined by dashes, pointers as bullets."""
    cut = raw[:MAX_CLEANED]
    keyed = KEYCAPS.sub(lambda keys: f"{keys[1]}{INVISIBLE.sub('', keys[2])}. ", cut)
    short = INVISIBLE.sub("", keyed).replace(TEN, "10")
    if "&" in short:
        short = ENTITY.sub(lambda entity: html.unescape(entity[0]), short)
    if "\\" in short:
        short = ESCAPE.sub(lambda escape: escape[1] or escape[2] or "", short)
    if "`" in short:
        short = CODE.sub(r"\1", short)
    if not short.isascii():
        short = NUMBER_CHAR.sub(lambda char: f"{char[1]}{unicodedata.numeric(char[2]):.0f}. ", short)
        short = WIDE_BRACKETS.sub(r"[\1] ", POINTER.sub("• ", short))
    short = ORDINAL_SIGN.sub(r"\1.", short)
    if "*" in short or "__" in short:
        short = _without_emphasis(short)
    if not short.isascii() and len(TIGHT_LONG_DASH.findall(short)) == 1 and not SPACED_DASH.search(short):
        short = TIGHT_LONG_DASH.sub(" - ", short)
    if "\t" in short.strip():
        short = _columns(short)
    return repair(short)


def _without_emphasis(line: str) -> str:
    """Take off stars and underscores around parts of a line, unless they are around all of it."""
    if EMPHASIS.fullmatch(line.strip()):
        return line
    return EMPHASIS.sub(lambda match: match[1] or match[2], line)


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
    joined = names[0]
    for name in names[1:]:
        joined += f" {name}" if BRACKETS_ONLY.match(name) else f" - {name}"
    return " ".join([*columns[:first], joined, *columns[last + 1 :]])


def names_a_track(text: str) -> bool:
    """Return True if a text without marks can be a row: "Artist - Title", an unknown track, a gap."""
    if len(text) > MAX_TRACK:
        return False
    if UNKNOWN.match(text) or GAP.match(text):
        return True
    return bool(DASH.search(JOINED.sub("", text))) and not is_noise(text)
