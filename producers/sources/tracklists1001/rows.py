"""The rows of a tracklist page, in playing order.

The cover is left in the fragment: nothing is counted by it, and its host changes from fetch to fetch.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parsel import Selector

from producers.sources.tracklists1001 import credit_links, cues, decoys, reading, shown
from producers.sources.tracklists1001.elements import Elements
from producers.sources.tracklists1001.outline import ROW
from producers.sources.tracklists1001.shown import Shown
from producers.sources.tracklists1001.tree import Element, markup, text_of
from songnodes.domain.records import TracklistRow

HEADLINE = "_headtext_column"
PLACE = re.compile(r"\btrRow(\d+)\b")
PART_OF = re.compile(r"\bsubPos(\d+)\b")
TRACK_URL = re.compile(r"""/track/([A-Za-z0-9]+)/([^/"'<>?#]*)""")
PARENT_LABEL = re.compile(r"^(.*\S)\s*\(([^()]+)\)$")
JOINED = "w/"
#: Marks in spans of their own. A page that has one anywhere links its artists one by one.
JOINING = frozenset({"&", "x", "vs.", ",", "+"})
#: Ids of shops and services that rows carry in links and players: name, what to look for first, pattern.
SHOP_IDS = (
    ("spotify_id", "spotify.com/", re.compile(r"open\.spotify\.com/(?:embed/)?track/([A-Za-z0-9]{22})\b")),
    ("beatport_id", "beatport.com/track/", re.compile(r"beatport\.com/track/[^/\"'?]+/(\d+)")),
    ("isrc", "data-isrc", re.compile(r"""data-isrc=["']([A-Z]{2}[A-Z0-9]{3}\d{7})["']""")),
)
MEDIA_ID = "1001tracklists_media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The place of a row: its number on the page, key of the first row, part of the set, mashups before."""

    ordinal: int
    first: str | None
    headline: str | None
    mashups: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a page in their order, and the names that each gives in its four places."""

    rows: list[TracklistRow]
    names: list[decoys.Names]


def read(items: Iterable[Element], entries: cues.Script) -> Rows:
    """All rows of an outline's items; `ordinal` is the place on the page from 0, whatever the page's own
    counter skips."""
    nodes = [(node, Elements(node) if ROW in node.get("class").split() else None) for node in items]
    shown_names = [shown.read(row.first("trackValue") if row is not None else None) for _, row in nodes]
    one_by_one = any(row is not None and row.has_mark(JOINING) for _, row in nodes)
    page_names = credit_links.names_of_page(shown_names)
    rows: list[TracklistRow] = []
    names: list[decoys.Names] = []
    keys: set[str] = set()
    mashups: dict[str, str] = {}
    headline = None
    for (node, elements), name in zip(nodes, shown_names, strict=True):
        if elements is None:
            headline = _headline(node, headline)
            continue
        first = rows[0]["row_key"] if rows else None
        part = Part(ordinal=len(rows), first=first, headline=headline, mashups=mashups)
        row = _row(node, elements, part, entries)
        row["native_artist_names"] = credit_links.artists(name, page_names, one_by_one=one_by_one)
        row["versions"] = credit_links.versions(name, page_names)
        if row["row_key"] in keys:
            row["warnings"].append(f"row_id_repeated: {row['row_key']}")
            row["row_key"] += f"#{row['ordinal']}"
        keys.add(row["row_key"])
        place = PLACE.search(node.get("class"))
        if row["mashup"] and place:
            mashups[place[1]] = row["row_key"]
        rows.append(row)
        names.append(_names(row, name))
    return Rows(rows=rows, names=names)


def _headline(frame: Element, before: str | None) -> str | None:
    """Return the last headline in a frame, which names the part of the rows after it."""
    for element in frame.iterdescendants("*"):
        if (element.get("id") or "").endswith(HEADLINE):
            before = (text_of(element) or "").rstrip(": ") or None
    return before


def _names(row: TracklistRow, name: Shown) -> decoys.Names:
    address = TRACK_URL.search(row["fragment"])
    return decoys.Names(
        name=row["text"] or "",
        by_artist=row["artist_text"] or " ".join(artist.name for artist in name.artists),
        slug=address[2] if address and not address[2].endswith(".html") else "",
        track_ids=frozenset(filter(None, (row["native_track_id"], address and address[1]))),
        shown_artist=name.artist,
        shown_title=name.title,
    )


def _row(node: Element, row: Elements, part: Part, entries: cues.Script) -> TracklistRow:
    warnings: list[str] = []
    classes, meta = row.classes, row.metas
    is_part = "tlpSubTog" in classes or row.attribute("data-mashpos") == "true"
    parent = _parent(classes, part, warnings) if is_part else None
    at_start = part.ordinal == 0 or (parent is not None and parent == part.first)
    cue = cues.read(row, reading.whole(row.attribute("data-trno")), at_start, entries)
    label, parent_label = _label(row.text("trackLabel"), meta.get("publisher"))
    fragment = markup(node)
    if cue.warning:
        warnings.append(cue.warning)
    return TracklistRow(
        row_key=row.attribute("data-id") or f"#{part.ordinal}",
        ordinal=part.ordinal,
        number=reading.whole(row.number),
        text=meta.get("name") or row.text("trackValue"),
        artist_text=meta.get("byArtist"),
        version_note=_together(row.texts("trackEditData")),
        label=label,
        label_parent=parent_label,
        duration_seconds=reading.duration(meta.get("duration")),
        genre=meta.get("genre"),
        cue_text=cue.text,
        cue_seconds=cue.seconds,
        cue_grain="second" if cue.seconds is not None else None,
        joined=not is_part and ("con" in classes or row.number == JOINED),
        mashup="subPosTog" in classes or row.has("bootleg"),
        parent_row_key=parent,
        marked_identified=row.attribute("data-isided") == "true",
        native_track_id=_track_id(row, meta.get("url"), warnings),
        native_artist_names=[],
        ids=_ids(row, fragment),
        values={},
        part=part.headline,
        warnings=warnings,
        fragment=fragment,
        gap=False,
        versions=[],
    )


def _parent(classes: Sequence[str], part: Part, warnings: list[str]) -> str | None:
    """Return the mashup that a part belongs to: `subPosN` has the number in the parent's `trRowN`."""
    match = PART_OF.search(" ".join(classes))
    if match and match[1] in part.mashups:
        return part.mashups[match[1]]
    warnings.append("mashup_parent_missing")
    return next(reversed(part.mashups.values()), None)


def _label(shown: str | None, publisher: str | None) -> tuple[str | None, str | None]:
    """Label and its parent: "COLUMBIA (SONY)". Shown names are short forms on pages whose publisher is plain.

    Newer pages put escaped HTML into the publisher, the same text as shown.
    """
    if publisher and "<" in publisher:
        publisher = reading.inner_text(Selector(text=publisher)) if not shown else None
    match = PARENT_LABEL.match(shown or publisher or "")
    parent = match[2].strip() if match else None
    name = publisher or shown
    named = PARENT_LABEL.match(name or "")
    if named and named[2].strip() == parent:
        name = named[1]
    return name, parent


def _track_id(row: Elements, url: str | None, warnings: list[str]) -> str | None:
    """Return the id of the track on the site: of the row, or of the track's address.

    The parts of a mashup have the address only.
    """
    own = row.attribute("data-trackid") or None
    match = TRACK_URL.search(url or "")
    linked = match[1] if match else None
    if own and linked and own != linked:
        warnings.append(f"track_id_conflict: row {own}, address {linked}")
    return own or linked


def _ids(row: Elements, fragment: str) -> dict[str, str]:
    """Ids of shops and services, and the numeric id that the site's own media answer wants."""
    ids_of = {}
    for name, mark, pattern in SHOP_IDS:
        match = pattern.search(fragment) if mark in fragment else None
        if match:
            ids_of[name] = match[1]
    players = row.first("mediaRow")
    media = reading.whole(players.get("data-trackid")) if players is not None else None
    if media:
        ids_of[MEDIA_ID] = str(media)
    return ids_of


def _together(texts: Iterable[str | None]) -> str | None:
    return reading.tidy(" ".join(filter(None, texts)))
