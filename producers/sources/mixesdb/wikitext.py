"""Wikitext of a mix: its tracklist section line by line, its categories, its players.

Line grammar: `# [cue] Artist - Title [Label]`, the same without `#` inside `<list>`, `...` for missing
tracks, `;Part 1` before a part. All repetitions are bounded or stop at the next mark: no text, however
broken, takes longer than its length.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from producers.sources.setlists import WikiLine, WrittenList, read_lines
from producers.sources.setlists.entries import MAX_LINE
from producers.sources.setlists.struck import without_struck

LARGEST = 400_000  # characters of wikitext that are read; the longest mix pages have a tenth of it
HEADING = re.compile(r"^(={2,6})\s*(.*?)\s*=+\s*$")
TRACKLIST = re.compile(r"^(?:track ?list|chart)\b", re.IGNORECASE)
CATEGORY = re.compile(r"\[\[\s{0,5}Category\s{0,5}:([^\]\[|]{1,200})(?:\|[^\]\[]{0,200})?\]\]", re.IGNORECASE)
REDIRECT = re.compile(r"\s*#redirect\s{0,9}:?\s{0,9}\[\[[^\[\]\n]", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
NOTE = re.compile(r"<ref\b[^<>]{0,200}/>|<ref\b[^<>]{0,200}>.{0,2000}?</ref>", re.DOTALL | re.IGNORECASE)
LIST_TAG = re.compile(r"</?\s{0,5}list\b[^<>]{0,200}>", re.IGNORECASE)
TAG = re.compile(r"</?[a-z][^<>]{0,500}>", re.IGNORECASE)
TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
OUTSIDE = re.compile(r"\[(?:https?:)?//[^\s\]]+(?:\s+([^\]]*))?\]")
BOLD_NOTE = re.compile(
    r"^(\[[\d?:]{1,9}\]\s*)?'''[^']{1,80}:\s*'''\s*|^(\[[\d?:]{1,9}\]\s*)?'''[^']{1,80}''':\s*"
)
QUOTES = re.compile(r"'{2,5}")
STARTS_LIKE_A_ROW = re.compile(r"^(?:\[[\d?:]{1,9}\]|\.{2,}$|…$|\?+$)")
PLAYER = re.compile(r"\{\{\s{0,5}\w{0,20}player\w{0,20}\s{0,5}\|([^{}]*)\}\}", re.IGNORECASE)
URL = re.compile(r"https?://[^\s|{}\[\]<>\"]+")
DEPTH = 5  # templates in templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Wikitext:
    """The parts of a page's wikitext. `has_section`: it has a heading for a tracklist, empty or not."""

    tracklist: WrittenList
    categories: tuple[str, ...]
    recordings: tuple[str, ...]
    has_section: bool


def is_redirect(text: str) -> bool:
    """Return True for the text that MediaWiki leaves at the old title of a page that was moved."""
    return REDIRECT.match(text[:MAX_LINE]) is not None


def read(text: str) -> Wikitext:
    """Read a page. Total: every text gives an answer."""
    text = without_struck(NOTE.sub("", COMMENT.sub("", text[:LARGEST])), is_wikitext=True)
    names = dict.fromkeys(_plain(name).replace("_", " ").strip() for name in CATEGORY.findall(text))
    section = _section(text)
    return Wikitext(
        tracklist=read_lines(list(_lines(section or []))),
        categories=tuple(name for name in names if name),
        recordings=tuple(
            dict.fromkeys(url for player in PLAYER.findall(text) for url in URL.findall(player))
        ),
        has_section=section is not None,
    )


def _section(text: str) -> list[str] | None:
    """Return the lines under the tracklist headings, up to the next heading of that level or a category."""
    lines: list[str] | None = None
    inside = False
    for line in map(_cut, text.splitlines()):
        heading = HEADING.match(line)
        if heading and len(heading[1]) == 2:
            inside = bool(TRACKLIST.match(_plain(heading[2])))
            lines = (lines or []) if inside else lines
        elif CATEGORY.match(line.strip()):
            inside = False
        elif inside and lines is not None:
            lines.append(line)
    return lines


def _cut(line: str) -> str:
    return line[:MAX_LINE]


def _lines(lines: list[str]) -> Iterator[WikiLine]:
    marked = any(line.startswith(("#", "*")) or LIST_TAG.match(line.strip()) for line in lines)
    part = None
    in_list = False
    for raw in lines:
        opened = LIST_TAG.findall(raw)
        closes = bool(opened) and opened[-1].startswith("</")
        line = LIST_TAG.sub("", raw).strip()
        in_list = in_list or (bool(opened) and not opened[0].startswith("</"))
        heading = HEADING.match(line)
        if heading or line.startswith(";"):
            part = _plain(heading[2] if heading else line[1:]).rstrip(": ") or None
        else:
            row = _row(line, raw, part, bare=in_list or not marked)
            if row is not None:
                yield row
        in_list = in_list and not closes


def _row(line: str, raw: str, part: str | None, *, bare: bool) -> WikiLine | None:
    """Parse a line of the list; None for prose. `##`, `#*`: played with the row above; `#:`: a remark."""
    mark = line[: len(line) - len(line.lstrip("#*:"))]
    if mark.endswith(":"):
        return None
    plain = _plain(line[len(mark) :])
    if not mark and not (STARTS_LIKE_A_ROW.match(plain) or (bare and " - " in plain)):
        return None
    return WikiLine(text=plain, part=part, fragment=raw, joined=len(mark) > 1) if plain else None


def _plain(text: str) -> str:
    """Text without markup: templates, tags, bold notes, bold and italics off; links by what they show."""
    for _ in range(DEPTH):
        shorter = TEMPLATE.sub("", text)
        if shorter == text:
            break
        text = shorter
    text = OUTSIDE.sub(lambda match: match[1] or "", LINK.sub(r"\1", TAG.sub("", text)))
    text = BOLD_NOTE.sub(lambda match: match[1] or match[2] or "", text.strip())
    return " ".join(html.unescape(QUOTES.sub("", text)).split())
