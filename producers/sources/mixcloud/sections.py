"""Sections of a show: in the API's cloudcasts of former years, and in GraphQL answers.

The order is certain, times are not: older answers have none, and one with zeros only has none either.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from producers.sources import json_values as js
from producers.sources import outputs, removal_marks, setlists
from producers.sources.setlists import separators
from producers.sources.setlists.headings import NUMBERED_PART
from producers.sources.setlists.lines import DASH, TAG, clean, names_a_track
from songnodes.domain.records import TracklistRow

TWO_NAMES = re.compile(r"\S\s/\s\S")
#: Parts of a show that are named after a guest.
GUEST = re.compile(
    r"^(?:(?:special )?guest ?mix|guest|interview|in conversation|talk|news|jingle|advert|studio guest"
    r"|live set|dj set)$",
    re.IGNORECASE,
)
MIN_TRACK_SHARE = 0.6  # of the chapters that read like tracks
MAX_RECORDING_S = 7 * 24 * 3600  # longer than any recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A track of a show, or a chapter: a heading over the tracks behind it."""

    title: str | None
    artist: str | None
    start: int | None
    chapter: bool = False
    track_key: str | None = None
    position: int | None = None


def of_api(value: object) -> list[Section]:
    """Sections of a cloudcast: `{section_type, position, start_time, track{name, key, artist{name}}}`.

    Positions start at 1 or at 0, by the age of the answer; they define the order.
    """
    parsed = []
    for raw in _shown(value):
        track = js.mapping(raw.get("track"))
        chapter = raw.get("section_type", "track") != "track"
        section = Section(
            title=js.text(raw.get("chapter") if chapter else track.get("name")),
            artist=js.text(js.mapping(track.get("artist")).get("name")),
            start=_seconds(raw.get("start_time")),
            chapter=chapter,
            track_key=js.text(track.get("key")),
            position=js.whole(raw.get("position")),
        )
        parsed.append(section)
    if parsed and all(section.position is not None for section in parsed):
        parsed.sort(key=lambda section: section.position or 0)  # stable: repeats stay as they came
    return parsed


def of_graphql(value: object) -> list[Section]:
    """Sections of a GraphQL answer: `TrackSection {artistName songName startSeconds}` and
    `ChapterSection {chapter startSeconds}`, distinguished by their type or by their fields."""
    parsed = []
    for raw in _shown(value):
        chapter = raw.get("__typename") == "ChapterSection" or ("chapter" in raw and "songName" not in raw)
        section = Section(
            title=js.text(raw.get("chapter") if chapter else raw.get("songName")),
            artist=js.text(raw.get("artistName")),
            start=_seconds(raw.get("startSeconds")),
            chapter=chapter,
        )
        parsed.append(section)
    return parsed


def _shown(value: object) -> list[js.Object]:
    return [section for section in js.mappings(value) if not removal_marks.is_flagged(section)]


#: Chapters that are no tracks as long as there are only these.
UNREAD = "chapters_unread: the show has chapters and no tracks"


def rows(sections: list[Section]) -> tuple[list[TracklistRow], list[str]]:
    """Return the rows and the warnings of a show.

    Each track is a row, a chapter is the part of the tracks behind it.
    Where a show has chapters and not one track, and most chapters read like tracks ("Artist - Title"), the
    chapters are the rows.
    """
    chapters = [section for section in sections if section.title]
    if not chapters or not all(section.chapter for section in chapters):
        return _rows(sections), []
    written = setlists.read_lines(
        [
            setlists.WikiLine(text=clean(TAG.sub("", section.title or "")), fragment=section.title or "")
            for section in chapters
        ]
    )
    texts: Sequence[str | None] = [row.text for row in written.rows]
    if len(texts) == len(chapters) and all(texts):
        texts = separators.with_dashes([clean(text or "") for text in texts])
    headed = [bool(text and _is_heading(text)) for text in texts]
    texts = [None if is_headed else text for text, is_headed in zip(texts, headed, strict=True)]
    named = sum(bool(text and names_a_track(text)) for text in texts)
    titled = sum(bool(text and TWO_NAMES.search(text)) for text in texts)
    if len(texts) != len(chapters) or named + titled < MIN_TRACK_SHARE * len(chapters):
        return [], [UNREAD]
    as_tracks = [
        replace(section, title=text or section.title, chapter=text is None)
        for section, text in zip(chapters, texts, strict=True)
    ]
    return _rows(as_tracks), []


def _is_heading(chapter: str) -> bool:
    """Return True for a part of a show with its guest: "Hour 1 - Nova Aline", "Interview - Otto B"."""
    name, *rest = DASH.split(chapter, maxsplit=1)
    return bool(rest and (NUMBERED_PART.match(name) or GUEST.match(name.strip())))


def _rows(sections: list[Section]) -> list[TracklistRow]:
    """Return a row per track. A start of 0 is believed on the first row only."""
    timed = any(section.start for section in sections)
    first = min((section.position for section in sections if section.position is not None), default=0)
    parsed_rows: list[TracklistRow] = []
    part = None
    for section in sections:
        if section.chapter:
            part = section.title or part
            continue
        start = section.start if timed and (section.start or not parsed_rows) else None
        number = section.position - first + 1 if section.position is not None else None
        row = outputs.row(
            f"#{len(parsed_rows)}",
            len(parsed_rows),
            _text(section),
            number=number,
            artist_text=section.artist,
            cue_text=_clock(start) if start is not None else None,
            cue_seconds=start,
            cue_grain="second" if start is not None else None,
            native_track_id=section.track_key,
            native_artist_names=[section.artist] if section.artist and section.track_key else [],
            part=part,
            fragment=f"{section.artist or ''} - {section.title or ''}"
            if section.artist
            else section.title or "",
        )
        parsed_rows.append(row)
    return parsed_rows


def _text(section: Section) -> str | None:
    if section.artist and section.title:
        return f"{section.artist} - {section.title}"
    return f"{section.artist} - ?" if section.artist else section.title


def _seconds(value: object) -> int | None:
    seconds = js.number(value) if not isinstance(value, str) else js.whole(value)
    return int(seconds) if seconds is not None and 0 <= seconds < MAX_RECORDING_S else None


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
