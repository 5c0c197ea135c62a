"""Records in the form that all sources share: the envelope, the content hash, the keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from producers.sources.page import Output
from songnodes import __version__
from songnodes.domain import ids
from songnodes.domain.identity import artist_id
from songnodes.domain.records import (
    ArtistProfile,
    Attribution,
    Event,
    Header,
    IdenticalTracklist,
    LineupEntry,
    MediaLinks,
    Origin,
    Page,
    Tracklist,
    TracklistRow,
    Venue,
)
from songnodes.domain.set_pages import WITHDRAWN

TRACKLISTS, EVENTS, ARTISTS = "bronze.tracklists", "bronze.events", "bronze.artists"
DIGEST = 16  # hex digits of a body's sha256 in the origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The parser of a page: its source and version."""

    source: str
    version: int

    def origin(self, page: Page) -> Origin:
        """Return the page with its body, and this parser."""
        return Origin(
            kind="page", id=f"{page['page_id']}@{page['sha256'][:DIGEST]}", parser_version=self.version
        )


def tracklist(
    page: Page,
    reader: Reader,
    *,
    native_id: str,
    kind: str,
    header: Header,
    rows: Sequence[TracklistRow] = (),
    url: str | None = None,
    counters: Mapping[str, int] | None = None,
    warnings: Sequence[str] = (),
    rows_from: str = "page",
    completeness: str | None = None,
    categories: Sequence[str] = (),
    attribution: Attribution | None = None,
    media: Sequence[MediaLinks] = (),
    identical_to: Sequence[IdenticalTracklist] = (),
) -> Output:
    """Return the tracklist record of a page.

    `content_hash` covers the content, without counters and without the rows' raw fragments: both change
    while the tracklist stays, so bodies of an unchanged tracklist always differ.
    """
    more = {
        "completeness": completeness,
        "categories": list(categories),
        "media": list(media),
        "identical_to": list(identical_to),
        "rows_from": rows_from if rows_from != "page" else None,
    }
    content = {"header": header, "rows": list(rows), **{name: part for name, part in more.items() if part}}
    digest = ids.content_hash(content)
    playlist = f"{reader.source}:{native_id}"
    record = Tracklist(
        event_id=ids.event_id(playlist, kind, digest, page["sha256"], str(reader.version)),
        source=reader.source,
        observed_at=page["fetched_at"],
        origin=reader.origin(page),
        pipeline_version=__version__,
        playlist_id=playlist,
        page_id=page["page_id"],
        page_kind=kind,
        page_sha256=page["sha256"],
        url=url or page["url"],
        parser_version=reader.version,
        content_hash=digest,
        header=header,
        rows=list(rows),
        counters=dict(counters or {}),
        warnings=list(warnings),
        rows_from=rows_from,
        completeness=completeness,
        categories=list(categories),
        attribution=attribution,
        media=list(media),
        identical_to=list(identical_to),
    )
    return Output(topic=TRACKLISTS, key=playlist, record=record)


def withdrawal(page: Page, reader: Reader, *, native_id: str, kind: str, header: Header, why: str) -> Output:
    """Return the record of a page that its site moved or removed: it retracts the rows of earlier pages.

    It has no rows, `rows_from` is `withdrawn`, and `warnings` give the reason. A newer page with rows counts
    again.
    """
    return tracklist(
        page,
        reader,
        native_id=native_id,
        kind=kind,
        header=header,
        rows_from=WITHDRAWN,
        warnings=[f"withdrawn: {why}"],
    )


def header(title: str, **given: Any) -> Header:
    """Return a header with the given fields, and defaults for all others."""
    nothing = Header(
        title=title,
        mix_name=None,
        date_text=None,
        djs=[],
        event_name=None,
        venue=None,
        city=None,
        country=None,
        set_type=None,
        styles=[],
        declared_tracks=None,
        duration_seconds=None,
        recordings=[],
    )
    return {**nothing, **given}  # type: ignore[typeddict-item]  # callers name fields of Header


def row(row_key: str, ordinal: int, text: str | None, **given: Any) -> TracklistRow:
    """Return a row with the given fields, and defaults for all others."""
    nothing = TracklistRow(
        row_key=row_key,
        ordinal=ordinal,
        number=None,
        text=text,
        artist_text=None,
        version_note=None,
        label=None,
        label_parent=None,
        duration_seconds=None,
        genre=None,
        cue_text=None,
        cue_seconds=None,
        cue_grain=None,
        joined=False,
        mashup=False,
        parent_row_key=None,
        marked_identified=False,
        native_track_id=None,
        native_artist_names=[],
        ids={},
        values={},
        part=None,
        warnings=[],
        fragment="",
        gap=False,
        versions=[],
    )
    return {**nothing, **given}  # type: ignore[typeddict-item]  # callers name fields of TracklistRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """Event data extracted from a page.

    Times are the wall clock of the place; `start_time` and `end_time` are moments, if the zone is known.
    """

    native_id: str
    kind: str
    title: str
    url: str | None
    date: date
    start_local: datetime | None
    end_local: datetime | None
    start_time: datetime | None
    end_time: datetime | None
    timezone: str | None
    venue: Venue | None
    area: str | None
    city: str | None
    country: str | None
    promoters: Sequence[str]
    genres: Sequence[str]
    lineup: Sequence[LineupEntry]
    lineup_text: str | None
    festival: bool | None
    attending: int | None
    interested: int | None
    cost: str | None
    warnings: Sequence[str]


def event(page: Page, reader: Reader, facts: EventFacts) -> Output:
    """Return an event record. Attendance changes daily and is not part of the content hash."""
    key = f"{reader.source}:{facts.native_id}"
    content: dict[str, Any] = {
        "title": facts.title,
        "url": facts.url,
        "date": facts.date,
        "start_time": facts.start_time,
        "end_time": facts.end_time,
        "timezone": facts.timezone,
        "venue": facts.venue,
        "city": facts.city,
        "country": facts.country,
        "promoters": list(facts.promoters),
        "genres": list(facts.genres),
        "lineup": list(facts.lineup),
        "cost": facts.cost,
        "page_kind": facts.kind,
        "area": facts.area,
        "start_local": facts.start_local.isoformat() if facts.start_local else None,
        "end_local": facts.end_local.isoformat() if facts.end_local else None,
        "festival": facts.festival,
        "lineup_text": facts.lineup_text,
        "warnings": list(facts.warnings),
    }
    digest = ids.content_hash(content)
    record: Event = {
        "event_id": ids.event_id(key, facts.kind, digest, page["sha256"], str(reader.version)),
        "source": reader.source,
        "observed_at": page["fetched_at"],
        "origin": reader.origin(page),
        "pipeline_version": __version__,
        "ra_event_id": key,
        "page_id": page["page_id"],
        **content,  # type: ignore[typeddict-item]  # fields of the record by name; a test writes it as Avro
        "attending": facts.attending,
        "interested": facts.interested,
        "parser_version": reader.version,
        "content_hash": digest,
    }
    return Output(topic=EVENTS, key=key, record=record)


def artist(
    page: Page,
    reader: Reader,
    *,
    name: str,
    native_id: str | None,
    url: str | None,
    country: str | None = None,
) -> Output:
    """Return the artist record of a page."""
    key = artist_id(name)
    content: dict[str, Any] = {
        "artist_id": key,
        "name": name,
        "native_id": native_id,
        "url": url,
        "aliases": [],
        "links": {reader.source: url} if url else {},
        "country": country,
        "biography": None,
        "ids": {reader.source: native_id} if native_id else {},
    }
    digest = ids.content_hash(content)
    record: ArtistProfile = {
        "event_id": ids.event_id(key, page["page_id"], digest, page["sha256"], str(reader.version)),
        "source": reader.source,
        "observed_at": page["fetched_at"],
        "origin": reader.origin(page),
        "pipeline_version": __version__,
        "page_id": page["page_id"],
        **content,  # type: ignore[typeddict-item]  # fields of the record by name; a test writes it as Avro
        "parser_version": reader.version,
        "content_hash": digest,
    }
    return Output(topic=ARTISTS, key=key, record=record)
