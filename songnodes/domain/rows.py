"""The rows of a tracklist, read: which track each names, and how rows played together belong together."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from songnodes.domain import ids, quality
from songnodes.domain.identity import artist_id, track_id
from songnodes.domain.lines import Line, MarkedVersion, read_anew
from songnodes.domain.lines.brackets import Piece, scan
from songnodes.domain.lines.steps import MAX_LINE
from songnodes.domain.lines.versions import is_version, may_be_label
from songnodes.domain.records import Claim, PlaylistRow, TracklistRow
from songnodes.domain.set_pages import Ids, linked

_SWAP = str.maketrans("()[]", "[]()")


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Position of a row in its list. `group_index` counts moments from 1."""

    position: int
    group_index: int
    role: str


def read_rows(
    playlist_id: str,
    rows: Sequence[TracklistRow],
    canonical: Mapping[str, str],
    links: Mapping[str, Ids] | None = None,
) -> list[PlaylistRow]:
    """Return all rows in playing order.

    `canonical` maps a row's own track id to the one it was merged into; `links` are ids at shops and services
    by media id.
    """
    swapped = labels_are_round([row["text"] or "" for row in rows])
    readings = [_read(row, swapped=swapped) for row in rows]
    places = arrange(rows, [reading.line for reading in readings])
    cues = _cues_before(rows)
    return [
        _row(playlist_id, row, reading, place, canonical, cue, linked(row, links or {}))
        for row, reading, place, cue in zip(rows, readings, places, cues, strict=True)
    ]


#: A list writes labels in round brackets when at least this share of its square groups are versions, this
#: share of its round ones are none, and round groups are in half of its rows: most tracks have a label.
SWAPPED_SHARE = 0.8
SWAPPED_ROWS = 2


def labels_are_round(texts: Sequence[str]) -> bool:
    """Return True for a list that writes "Title [Zed Remix] (Label)"; decided for the list as a whole."""
    square = [is_version(piece.text) for piece in _closing_groups(texts, "[")]
    if len(square) < SWAPPED_ROWS or sum(square) < SWAPPED_SHARE * len(square):
        return False  # as nearly all lists: no need to read their round groups
    round_groups = _closing_groups(texts, "(")
    round_ = [is_version(piece.text) for piece in round_groups]
    labels = [piece for piece in round_groups if may_be_label(piece.text)]
    has_labels = len(labels) >= max(SWAPPED_ROWS, len(texts) / 2)
    return has_labels and sum(round_) <= (1 - SWAPPED_SHARE) * len(round_)


def _closing_groups(texts: Sequence[str], bracket: str) -> list[Piece]:
    """Return the groups in this bracket, of the one or two at the end of each line."""
    closed = (text for text in texts if text.endswith((")", "]")) and bracket in text)
    return [piece for text in closed for piece in _closing_pieces(text) if piece.bracket == bracket]


def _closing_pieces(text: str) -> list[Piece]:
    pieces = scan(text[:MAX_LINE])[0]
    closing = [piece for piece in pieces[-2:] if piece.bracket]
    return closing if pieces and pieces[-1].bracket else []


class IdentifiedLine(NamedTuple):
    """A line and the ids of its track, None unless it is identified, and of its artists."""

    line: Line
    track_id: str | None
    artist_ids: tuple[str, ...]
    featured_ids: tuple[str, ...]
    version_artist_ids: tuple[str, ...]


def read(row: TracklistRow) -> Line:
    """Read the row's text as a line; a gap is an unknown track, whatever it hides."""
    return _read(row).line


def _read(row: TracklistRow, *, swapped: bool = False) -> IdentifiedLine:
    """Return the line of a row.

    `swapped`: the list writes labels in round brackets and versions in square ones.
    """
    text = "?" if row["gap"] else row["text"] or ""
    # as `read_line`: bounds the cache in bytes
    identified = _identified if len(text) <= MAX_LINE else _identified.__wrapped__
    return identified(
        text.translate(_SWAP) if swapped else text,
        row["version_note"],
        row["label"],
        row["artist_text"],
        tuple(row["native_artist_names"]),
        tuple([(version["text"], tuple(version["artists"])) for version in row["versions"]]),
    )


@lru_cache(maxsize=1 << 14)  # 18 MB; finds 36 in 100 rows of the 40,000-set world, 43 with twice the size
def _identified(
    text: str,
    note: str | None,
    label: str | None,
    byline: str | None,
    links: tuple[str, ...],
    versions: tuple[MarkedVersion, ...],
) -> IdentifiedLine:
    line = read_anew(text, note, label, byline, links, versions)
    return IdentifiedLine(
        line,
        track_id(line),
        tuple(map(artist_id, line.artists)),
        tuple(map(artist_id, line.featured)),
        tuple(map(artist_id, line.version_artists)),
    )


def arrange(rows: Sequence[TracklistRow], lines: Sequence[Line]) -> list[Place]:
    """Return positions from 1, gaps kept.

    Rows played together share a group: marked so, with one cue, or parts of a mashup (docs/domain.md, section
    2). Only cues to the second can show that: of two tracks within one minute the second follows the first.
    """
    places: list[Place] = []
    group, cue = 0, None
    groups: dict[str, int] = {}
    for index, (row, line) in enumerate(zip(rows, lines, strict=True)):
        parent = row["parent_row_key"]
        exact = row["cue_seconds"] if row["cue_grain"] in (None, "second") else None
        together = row["joined"] or (exact is not None and exact == cue)
        if parent is not None and parent in groups:
            place = Place(position=index + 1, group_index=groups[parent], role="component")
        elif together and group:
            role = "acapella" if line.stem == "acapella" else "layered"
            place = Place(position=index + 1, group_index=group, role=role)
        else:
            group += 1
            cue = exact or None
            place = Place(position=index + 1, group_index=group, role="main")
        groups[row["row_key"]] = place.group_index
        places.append(place)
    return _with_leading_acapellas(places, lines)


def _with_leading_acapellas(places: list[Place], lines: Sequence[Line]) -> list[Place]:
    """Give an acapella that leads a moment its own role; the next row that is no acapella is the main one.

    A moment of acapellas only keeps its first row as the main one.
    """
    first: dict[int, int] = {}
    for index, place in enumerate(places):
        leader = first.setdefault(place.group_index, index)
        if leader == index or place.role != "layered" or lines[leader].stem != "acapella":
            continue
        if places[leader].role == "main":
            places[leader] = replace(places[leader], role="acapella")
            places[index] = replace(place, role="main")
    return places


def _cues_before(rows: Sequence[TracklistRow]) -> list[int | None]:
    """Return for each row the latest cue before it in the same part."""
    cues_before: list[int | None] = []
    part, latest = None, None
    for row in rows:
        if row["part"] != part:
            part, latest = row["part"], None
        cues_before.append(latest)
        if row["cue_seconds"] is not None:
            latest = row["cue_seconds"] if latest is None else max(latest, row["cue_seconds"])
    return cues_before


def _row(
    playlist_id: str,
    row: TracklistRow,
    reading: IdentifiedLine,
    place: Place,
    canonical: Mapping[str, str],
    cue_before: int | None,
    known_ids: dict[str, str],
) -> PlaylistRow:
    line = reading.line
    graded = quality.ROWS.grade(
        quality.row_checks(
            line,
            position=place.position,
            cue_text=row["cue_text"],
            cue_seconds=row["cue_seconds"],
            cue_before=cue_before,
            warnings=row["warnings"],
        )
    )
    # A rejected row keeps its place and its reason, and names no track: it counts for nothing.
    claim_id = reading.track_id if graded.status != "rejected" else None
    return {
        "row_key": row["row_key"],
        "bronze_id": ids.bronze_row_id(playlist_id, row),
        "position": place.position,
        "number": row["number"],
        "group_index": place.group_index,
        "role": place.role,
        "status": line.status,
        "track_id": canonical.get(claim_id, claim_id) if claim_id else None,
        "claim_id": claim_id,
        "claim": _claim(row, reading, known_ids) if claim_id else None,
        "raw_text": row["text"],
        "cue_text": row["cue_text"],
        "cue_seconds": row["cue_seconds"],
        "cue_grain": row["cue_grain"],
        "part": row["part"],
        "validation": graded.validation,
        "validation_status": graded.status,
        "checks": [check for check in graded.checks if not check["passed"]],
        "native_track_id": row["native_track_id"],
    }


def _claim(row: TracklistRow, reading: IdentifiedLine, known_ids: dict[str, str]) -> Claim:
    line = reading.line
    return {
        "text": row["text"],
        "track_name": line.track_name,
        "base_title": line.base_title,
        "artist_credit": line.credit,
        "artist_names": list(line.artists),
        "artist_ids": list(reading.artist_ids),
        "artists_certain": line.credit_split,
        "featured": list(line.featured),
        "featured_ids": list(reading.featured_ids),
        "version_family": line.version_family,
        "version_text": line.version_text,
        "version_artists": list(line.version_artists),
        "version_artist_ids": list(reading.version_artist_ids),
        "stem": line.stem,
        "variant": line.variant,
        "label": line.label,
        "label_parent": row["label_parent"],
        "duration_ms": row["duration_seconds"] * 1000 if row["duration_seconds"] else None,
        "genre": row["genre"],
        "ids": known_ids,
        "values": row["values"],
        "labels": list(line.labels),
        "catalogue": line.catalogue,
    }
