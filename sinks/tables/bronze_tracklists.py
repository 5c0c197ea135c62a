"""bronze.tracklists -> bronze_scraped_playlists and bronze_scraped_tracks."""

from typing import Any

from sinks.tables.writer import InsertOnly, Value
from sinks.values import json_text
from songnodes.domain import ids
from songnodes.domain.records import Envelope

#: Some 25 rows each, with their markup.
TRACKLISTS_AT_ONCE = 500
FRAGMENT = "fragment"
NOT_SAID = frozenset(Envelope.__annotations__) | {
    *("playlist_id", "page_id", "page_kind", "page_sha256", "url", "parser_version", "content_hash"),
    *("rows", "counters", "warnings"),
}
#: Between artist and title; a title may have more of them.
DASH = " - "


def rows(value: Value) -> dict[str, list[dict[str, Any]]]:
    """Return the tracklist without the markup of its rows, and each row with it."""
    common = {
        "source": value["source"],
        "source_url": value["url"],
        "playlist_id": value["playlist_id"],
        "page_id": value["page_id"],
        "page_sha256": value["page_sha256"],
        "scraped_at": value["observed_at"],
        "scraper_version": value["pipeline_version"],
        "parser_version": value["parser_version"],
    }
    lines = [{name: part for name, part in row.items() if name != FRAGMENT} for row in value["rows"]]
    metadata = _metadata(value)
    return {
        "playlist": [_playlist(value, lines, common)],
        "track": [
            _track(value, row, _raw(value, row, line, metadata), common)
            for row, line in zip(value["rows"], lines, strict=True)
        ],
    }


def _playlist(value: Value, lines: list[dict[str, Any]], common: dict[str, Any]) -> dict[str, Any]:
    return {
        **common,
        "id": value["event_id"],
        "page_kind": value["page_kind"],
        "raw_data": json_text({**_said(value), "rows": lines}),
        "counters": json_text(value["counters"]),
        "warnings": value["warnings"],
        "row_count": len(lines),
        "content_hash": value["content_hash"],
    }


def _said(value: Value) -> dict[str, Any]:
    """Return the data of the set itself: everything but columns, envelope and rows."""
    return {name: part for name, part in value.items() if name not in NOT_SAID}


def _track(value: Value, row: Value, raw: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    content_hash = ids.row_hash(row)
    return {
        **common,
        "id": ids.bronze_row_id(value["playlist_id"], row, content_hash),
        "row_key": row["row_key"],
        "ordinal": row["ordinal"],
        "content_hash": content_hash,
        "raw_data": json_text(raw),
    }


def _raw(value: Value, row: Value, line: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the row under the names of the specification, then as the page has it."""
    artist, title = split(row["text"], row["artist_text"])
    return {
        "track_name": title,
        "artist_name": artist,
        "mix_name": value["header"]["mix_name"] or value["header"]["title"],
        "position": row["ordinal"] + 1,
        "timestamp": row["cue_text"],
        "source_track_id": row["native_track_id"],
        "original_html": row[FRAGMENT],
        "row": line,
        "metadata": metadata,
    }


def _metadata(value: Value) -> dict[str, Any]:
    header = value["header"]
    return {
        "dj": ", ".join(dj["name"] for dj in header["djs"]) or None,
        "date": header["date_text"],
        "source_id": value["playlist_id"].partition(":")[2],
        "title": header["title"],
        "event": header["event_name"],
        "venue": header["venue"],
        "city": header["city"],
        "country": header["country"],
        "set_type": header["set_type"],
        "total_tracks": header["declared_tracks"],
    }


def split(text: str | None, artist: str | None) -> tuple[str | None, str | None]:
    """Artist and title of a row as written, for people who search: the reading proper is silver's.

    The page's own mark of the artist is believed where the text begins with it.
    """
    if text is None:
        return artist, None
    if artist and text.startswith(artist + DASH):
        return artist, text[len(artist + DASH) :]
    before, dash, after = text.partition(DASH)
    return (before, after) if dash else (artist, text)


WRITER = InsertOnly(
    topic="bronze.tracklists",
    tables={"playlist": "bronze_scraped_playlists", "track": "bronze_scraped_tracks"},
    rows=rows,
    batch=TRACKLISTS_AT_ONCE,
)
