"""One set: what its pages said, the newest of each kind held, as one validated playlist."""

import re
from collections import Counter
from typing import TypedDict

from songnodes.domain import held as pages
from songnodes.domain import ids, quality
from songnodes.domain.dates import SetDate, read_set_date, shift
from songnodes.domain.facts import FUTURE, NO_DJ, credited
from songnodes.domain.held import order
from songnodes.domain.identity import artist_id
from songnodes.domain.records import Dj, Gone, Playlist, PlaylistRow, Resolution, Tracklist
from songnodes.domain.rows import read_rows


class HeldTracklist(TypedDict):
    """The newest record of one page kind; its fragments are left in bronze."""

    offset: int
    tracklist: Tracklist


class PlaylistState(TypedDict):
    """State of one set. `seen_*` are all names that were or may have been emitted for it.

    Outputs are durable before state: after a crash the last outputs of the lost process are in the topics but
    not in this state, and the two input topics may be read interleaved in another way. A name that was
    emitted then is a row's own track id or a value of some resolution, so both count as seen.
    """

    applied: dict[str, int]
    records: dict[str, HeldTracklist]
    resolution: Resolution | None
    seen_tracks: list[str]
    seen_artists: list[str]
    seen_djs: list[str]


TRACKLISTS = "bronze.tracklists"
RESOLUTIONS = "silver.resolutions"
#: A category that is only a year, as MixesDB has one for each mix.
YEAR = re.compile(r"(?:19|20)\d{2}", re.ASCII)


def unknown() -> PlaylistState:
    """The state of a set that nothing was heard of."""
    return {
        "applied": {},
        "records": {},
        "resolution": None,
        "seen_tracks": [],
        "seen_artists": [],
        "seen_djs": [],
    }


def of_its_own(state: PlaylistState) -> PlaylistState:
    """The state to be changed: tables keep the values they gave, to undo what a poison record did."""
    records: dict[str, HeldTracklist] = {
        kind: {"offset": held["offset"], "tracklist": held["tracklist"]}
        for kind, held in state["records"].items()
    }
    return {**state, "applied": dict(state["applied"]), "records": records}


def take_tracklist(state: PlaylistState, tracklist: Tracklist, offset: int) -> bool:
    """Hold a tracklist if it is the newest of its kind; whether the playlist is to be emitted.

    Older ones and those of equal content move nothing, but a later look at the same content is remembered:
    else a page that changed and changed back would end in the order of arrival. A date that was too far ahead
    to be one, or to count, and now is not is news. The held record itself, delivered again, is emitted again.
    """
    kind = pages.slot(tracklist)
    held = state["records"].get(kind)
    if held is not None:
        if offset == held["offset"]:
            return True
        if order(tracklist) <= order(held["tracklist"]):
            return False
        # A newer parser announces new readings of the same text: the rows are read again.
        same = (tracklist["content_hash"], tracklist["parser_version"]) == (
            held["tracklist"]["content_hash"],
            held["tracklist"]["parser_version"],
        )
        # The same content as before a withdrawal is news: it takes the withdrawal back.
        settled = not any(pages.is_withdrawal(each["tracklist"]) for each in state["records"].values())
        if same and settled and _dating(tracklist) == _dating(held["tracklist"]):
            held["tracklist"] = _without_fragments(tracklist)
            return False
    state["records"][kind] = {"offset": offset, "tracklist": _without_fragments(tracklist)}
    state["applied"][TRACKLISTS] = offset
    return True


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


def take_resolution(state: PlaylistState, resolution: Resolution, offset: int) -> bool:
    """Hold a resolution unless it is an old one; whether the playlist is to be emitted."""
    known = state["applied"].get(RESOLUTIONS, -1)
    if offset <= known:
        return offset == known
    changed = state["resolution"] is None or _says(resolution) != _says(state["resolution"])
    state["seen_tracks"] = sorted({*state["seen_tracks"], *resolution["tracks"].values()})
    state["resolution"] = resolution
    state["applied"][RESOLUTIONS] = offset
    return changed


def _says(resolution: Resolution) -> tuple[object, ...]:
    return tuple(resolution[field] for field in ("tracks", "set_id", "counted", "ra_event_id"))


def validated(state: PlaylistState, code: str) -> Playlist | None:
    """The playlist that the state gives, None before there is a tracklist; remembers its names as seen."""
    held = [state["records"][kind]["tracklist"] for kind in sorted(state["records"])]
    chosen = pages.listed(held)
    if chosen is None:
        return None
    header = pages.header(held, chosen)
    newest: Tracklist = {**chosen, "header": header}
    if (withdrawal := pages.withdrawal(held)) is not None:
        newest = _withdrawn(newest, withdrawal)
    resolution = state["resolution"]
    canonical = resolution["tracks"] if resolution else {}
    rows = read_rows(newest["playlist_id"], newest["rows"], canonical, pages.links(held))
    djs = _line_up(newest)
    gone = _remember(state, rows, djs)
    return _playlist(state, newest, rows, djs, gone, code)


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
    """Each DJ once, in the page's order."""
    found: dict[str, Dj] = {}
    for dj in tracklist["header"]["djs"]:
        identity = artist_id(dj["name"])
        found.setdefault(identity, {"artist_id": identity, "name": dj["name"], "native_id": dj["native_id"]})
    return list(found.values())


def _remember(state: PlaylistState, rows: list[PlaylistRow], djs: list[Dj]) -> Gone:
    tracks = {row["track_id"] for row in rows if row["track_id"] is not None}
    artists = {artist for row in rows for artist, _, _ in credited(row["claim"])}
    live_djs = {dj["artist_id"] for dj in djs} or {NO_DJ}
    claimed = {row["claim_id"] for row in rows if row["claim_id"] is not None}
    seen_tracks = tracks | claimed | set(state["seen_tracks"])
    gone: Gone = {
        "tracks": sorted(seen_tracks - tracks),
        "artists": sorted(set(state["seen_artists"]) - artists),
        "djs": sorted(set(state["seen_djs"]) - live_djs),
    }
    state["seen_tracks"] = sorted(seen_tracks)
    state["seen_artists"] = sorted(artists | set(state["seen_artists"]))
    state["seen_djs"] = sorted(live_djs | set(state["seen_djs"]))
    return gone


def _playlist(
    state: PlaylistState, newest: Tracklist, rows: list[PlaylistRow], djs: list[Dj], gone: Gone, code: str
) -> Playlist:
    header, resolution = newest["header"], state["resolution"]
    set_date = _set_date(newest)
    identified = sum(row["status"] == "identified" for row in rows)
    version = sum(offset + 1 for offset in state["applied"].values())
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
        "pipeline_version": code,
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
        "page_ids": sorted({held["tracklist"]["page_id"] for held in state["records"].values()}),
        "parser_version": newest["parser_version"],
        "content_hash": newest["content_hash"],
        "identical_to": sorted(each["playlist_id"] for each in newest["identical_to"] if each["whole"]),
    }


def _genres(tracklist: Tracklist) -> list[str]:
    """The page's styles in its order, then those of rows, the most frequent first."""
    counts = Counter(row["genre"] for row in tracklist["rows"] if row["genre"])
    ranked = sorted(counts, key=lambda genre: (-counts[genre], genre))
    return list(dict.fromkeys([*tracklist["header"]["styles"], *ranked]))
