"""Playlist of one set, built from the newest page of each kind and the resolution of its tracks. Pure."""

import re
from collections import Counter
from typing import TypedDict

from songnodes.domain import ids, quality, set_pages
from songnodes.domain.dates import SetDate, read_set_date, shift
from songnodes.domain.facts import FUTURE, NO_DJ, artists_of
from songnodes.domain.genres import genre_name, map_genres
from songnodes.domain.identity import artist_id
from songnodes.domain.records import Dj, Gone, Playlist, PlaylistRow, Resolution, Tracklist
from songnodes.domain.rows import read_rows


class StoredTracklist(TypedDict):
    """The newest record of one page kind, without fragments, which are in bronze."""

    offset: int
    tracklist: Tracklist


class PlaylistState(TypedDict):
    """State of one set. `seen_*` are all names that were or may have been emitted for it.

    Outputs are durable before state: after a crash the last outputs of the lost process are in the topics but
    not in this state, and the two input topics may be read interleaved in another way. A name that was
    emitted then is a row's own track id or a value of some resolution, so both count as seen.
    """

    applied: dict[str, int]
    records: dict[str, StoredTracklist]
    resolution: Resolution | None
    seen_tracks: list[str]
    seen_artists: list[str]
    seen_djs: list[str]


TRACKLISTS = "bronze.tracklists"
RESOLUTIONS = "silver.resolutions"
#: A category that is only a year, as MixesDB has one for each mix.
YEAR = re.compile(r"(?:19|20)\d{2}", re.ASCII)


def empty() -> PlaylistState:
    """Return the state of a set without any record."""
    return {
        "applied": {},
        "records": {},
        "resolution": None,
        "seen_tracks": [],
        "seen_artists": [],
        "seen_djs": [],
    }


def apply_tracklist(state: PlaylistState, tracklist: Tracklist, offset: int) -> tuple[PlaylistState, bool]:
    """Return the state after a tracklist, and True if the playlist is to be emitted.

    Only the newest tracklist of each page kind is kept. Older ones and those of equal content emit nothing,
    but a later observation of equal content is stored: otherwise a page that changed and changed back would
    depend on the order of arrival. Equal content is emitted where its date was too far ahead to be valid, or
    to count, and now is not. The stored record itself, delivered again, is emitted again.
    """
    kind = set_pages.slot(tracklist)
    stored = state["records"].get(kind)
    if stored is not None:
        if offset == stored["offset"]:
            return state, True
        if set_pages.order(tracklist) <= set_pages.order(stored["tracklist"]):
            return state, False
        if _is_unchanged(state, stored["tracklist"], tracklist):
            return _with_tracklist(state, kind, tracklist, stored["offset"]), False
    applied = {**state["applied"], TRACKLISTS: offset}
    return {**_with_tracklist(state, kind, tracklist, offset), "applied": applied}, True


def _with_tracklist(state: PlaylistState, kind: str, tracklist: Tracklist, offset: int) -> PlaylistState:
    stored: StoredTracklist = {"offset": offset, "tracklist": _without_fragments(tracklist)}
    return {**state, "records": {**state["records"], kind: stored}}


def _is_unchanged(state: PlaylistState, stored: Tracklist, tracklist: Tracklist) -> bool:
    """Return True if the playlist of a newer tracklist is equal to that of the stored one.

    A newer parser announces new readings of the same text. Content equal to that before a withdrawal ends the
    withdrawal.
    """
    return (
        tracklist["content_hash"] == stored["content_hash"]
        and tracklist["parser_version"] == stored["parser_version"]
        and not any(set_pages.is_withdrawal(record["tracklist"]) for record in state["records"].values())
        and _dating(tracklist) == _dating(stored)
    )


def _dating(tracklist: Tracklist) -> tuple[SetDate, bool]:
    """Return the date, and whether it is too far ahead of its page for the set to be counted on that day."""
    set_date = _set_date(tracklist)
    latest = shift(tracklist["observed_at"].date(), FUTURE)
    return set_date, set_date.day is not None and set_date.day > latest


def _set_date(tracklist: Tracklist) -> SetDate:
    header = tracklist["header"]
    texts = (header["title"], header["mix_name"], header["event_name"], tracklist["url"])
    years = [int(category) for category in tracklist["categories"] if YEAR.fullmatch(category)]
    return read_set_date(
        header["date_text"], tracklist["observed_at"].date(), (*texts, *tracklist["categories"]), years
    )


def _without_fragments(tracklist: Tracklist) -> Tracklist:
    rows = [{**row, "fragment": ""} for row in tracklist["rows"]]
    return {**tracklist, "rows": rows}  # type: ignore[typeddict-item]  # a row with one field replaced


def apply_resolution(state: PlaylistState, resolution: Resolution, offset: int) -> tuple[PlaylistState, bool]:
    """Return the state after a resolution, and True if the playlist is to be emitted.

    One of equal content is not applied: it would raise the version of a playlist that is not emitted, and an
    output of a crashed process could then keep a higher version than the next one.
    """
    last_applied = state["applied"].get(RESOLUTIONS, -1)
    if offset <= last_applied:
        return state, offset == last_applied
    if state["resolution"] is not None and _content(resolution) == _content(state["resolution"]):
        return state, False
    return {
        **state,
        "applied": {**state["applied"], RESOLUTIONS: offset},
        "resolution": resolution,
        "seen_tracks": sorted({*state["seen_tracks"], *resolution["tracks"].values()}),
    }, True


def _content(resolution: Resolution) -> tuple[object, ...]:
    return tuple(resolution[field] for field in ("tracks", "set_id", "counted", "ra_event_id"))


def build_playlist(
    state: PlaylistState, pipeline_version: str, first_version: int = 0
) -> tuple[PlaylistState, Playlist | None]:
    """Return the playlist of a state, None without a tracklist; its names become seen in the state.

    Its version is `first_version` and the offsets applied, each plus one.
    """
    tracklists = [state["records"][kind]["tracklist"] for kind in sorted(state["records"])]
    chosen = set_pages.listed(tracklists)
    if chosen is None:
        return state, None
    header = set_pages.header(tracklists, chosen)
    newest: Tracklist = {**chosen, "header": header}
    if (withdrawal := set_pages.withdrawal(tracklists)) is not None:
        newest = _withdrawn(newest, withdrawal)
    resolution = state["resolution"]
    canonical = resolution["tracks"] if resolution else {}
    rows = read_rows(newest["playlist_id"], newest["rows"], canonical, set_pages.links(tracklists))
    djs = _line_up(newest)
    state, gone = _with_names(state, rows, djs)
    version = first_version + sum(offset + 1 for offset in state["applied"].values())
    return state, _playlist(state, newest, rows, djs, gone, version, pipeline_version)


def _withdrawn(last: Tracklist, withdrawal: Tracklist) -> Tracklist:
    """Return the last tracklist without rows and line-up; its origin and time are those of the withdrawal."""
    return {
        **last,
        "event_id": withdrawal["event_id"],
        "observed_at": withdrawal["observed_at"],
        "origin": withdrawal["origin"],
        "parser_version": withdrawal["parser_version"],
        "content_hash": withdrawal["content_hash"],
        "header": {**last["header"], "djs": [], "declared_tracks": None},
        "rows": [],
        "identical_to": [],
    }


def _line_up(tracklist: Tracklist) -> list[Dj]:
    """Return each DJ once, in the page's order."""
    djs: dict[str, Dj] = {}
    for dj in tracklist["header"]["djs"]:
        identity = artist_id(dj["name"])
        djs.setdefault(identity, {"artist_id": identity, "name": dj["name"], "native_id": dj["native_id"]})
    return list(djs.values())


def _with_names(state: PlaylistState, rows: list[PlaylistRow], djs: list[Dj]) -> tuple[PlaylistState, Gone]:
    """Return the state with the names of these rows as seen, and the names to be retracted."""
    tracks = {row["track_id"] for row in rows if row["track_id"] is not None}
    claimed = {row["claim_id"] for row in rows if row["claim_id"] is not None}
    claims = [row["claim"] for row in rows if row["claim"] is not None]
    artists = {artist for claim in claims for artist in artists_of(claim)}
    live_djs = {dj["artist_id"] for dj in djs} or {NO_DJ}
    seen_tracks = tracks | claimed | set(state["seen_tracks"])
    seen_artists = artists | set(state["seen_artists"])
    seen_djs = live_djs | set(state["seen_djs"])
    gone: Gone = {
        "tracks": sorted(seen_tracks - tracks),
        "artists": sorted(seen_artists - artists),
        "djs": sorted(seen_djs - live_djs),
    }
    state = {
        **state,
        "seen_tracks": sorted(seen_tracks),
        "seen_artists": sorted(seen_artists),
        "seen_djs": sorted(seen_djs),
    }
    return state, gone


def _playlist(
    state: PlaylistState,
    newest: Tracklist,
    rows: list[PlaylistRow],
    djs: list[Dj],
    gone: Gone,
    version: int,
    pipeline_version: str,
) -> Playlist:
    header, resolution = newest["header"], state["resolution"]
    set_date = _set_date(newest)
    identified = sum(row["status"] == "identified" for row in rows)
    graded = quality.playlist_quality(
        rows=rows,
        djs=[dj["name"] for dj in djs],
        set_date=set_date.day,
        date_problem=set_date.problem,
        latest_date=shift(newest["observed_at"].date(), FUTURE),
        declared=header["declared_tracks"],
        header=dict(header),
    )
    return {
        "event_id": ids.event_id("playlist", newest["playlist_id"], newest["event_id"], str(version)),
        "source": newest["source"],
        "observed_at": newest["observed_at"],
        "origin": newest["origin"],
        "pipeline_version": pipeline_version,
        "playlist_id": newest["playlist_id"],
        "version": version,
        "gone": gone,
        "url": newest["url"],
        "title": header["title"],
        "mix_name": header["mix_name"] or header["title"],
        "set_date": set_date.day,
        "set_date_precision": set_date.precision,
        "set_id": (resolution and resolution["set_id"]) or newest["playlist_id"],
        "counted": bool(rows) and (resolution["counted"] if resolution else True),
        "ra_event_id": resolution["ra_event_id"] if resolution else None,
        "djs": djs,
        "event_name": header["event_name"],
        "venue": header["venue"],
        "city": header["city"],
        "country": header["country"],
        "set_type": header["set_type"] or ("b2b" if len(djs) > 1 else None),
        "styles": header["styles"],
        "genres": _genres(newest),
        "duration_seconds": header["duration_seconds"],
        "recordings": header["recordings"],
        "declared_tracks": header["declared_tracks"],
        "rows": rows,
        "identified_rows": identified,
        "checks": [check for check in graded.checks if not check["passed"]],
        "quality": graded.quality,
        "validation_status": graded.status,
        "page_ids": sorted({record["tracklist"]["page_id"] for record in state["records"].values()}),
        "parser_version": newest["parser_version"],
        "content_hash": newest["content_hash"],
        "identical_to": sorted(mark["playlist_id"] for mark in newest["identical_to"] if mark["whole"]),
    }


def _genres(tracklist: Tracklist) -> list[str]:
    """Return the page's styles in its order, then those of rows by frequency, all by the genre tree."""
    counts = Counter(genre for row in tracklist["rows"] if (genre := genre_name(row["genre"] or "")))
    ranked = sorted(counts, key=lambda genre: (-counts[genre], genre))
    return list(map_genres((name, None) for name in (*tracklist["header"]["styles"], *ranked)))
