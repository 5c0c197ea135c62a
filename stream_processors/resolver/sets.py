"""Groups tracklists into sets, finds the event of each set, and computes the resolutions that changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from songnodes.domain.links.events import Billed, Played, event_of, shared_event
from songnodes.domain.links.occasion import Occasion, occasion
from songnodes.domain.links.sets import Grouped, SetLink, Tracklisted, same_sets
from stream_processors.resolver import inputs
from stream_processors.resolver.store import Row, Store

FILE = "sets"
MAX_MARKS = 200  # per transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingResolution:
    """A playlist whose ids differ from those that follow from the facts: `wanted`, see `inputs.wanted`."""

    playlist_id: str
    wanted: Row
    observed_at: datetime


def process_marks(store: Store, limit: int = MAX_MARKS) -> list[PendingResolution] | None:
    """Process some marked playlists in the caller's transaction; return None when there are none.

    The caller publishes the result, which is stored as requested, so that it is emitted once.
    """
    marked = [row["name"] for row in store.rows(FILE, "marked", limit=limit)]
    if not marked:
        return None
    runs = {row["playlist_id"]: row for row in store.rows(FILE, "runs", playlists=marked)}
    canonical = _canonical(store, runs.values())
    grouped = same_sets(_tracklisted(row, canonical) for row in runs.values())
    events = _events(store, runs.values(), grouped)
    resolutions = []
    for name, row in sorted(runs.items()):
        wanted = inputs.wanted(
            name,
            tracks={claim: canonical[claim] for claim in row["claims"] if claim in canonical},
            set_id=grouped.set_id.get(name),
            counted=grouped.counts(name) and row["row_count"] > 0,  # a retracted set has no rows
            ra_event_id=events.get(name),
        )
        if wanted != (row["asked"] or row["shown"]):
            resolutions.append(
                PendingResolution(playlist_id=name, wanted=wanted, observed_at=row["observed_at"])
            )
    _keep(store, sorted(runs), grouped, resolutions)
    store.execute(FILE, "unmark", playlists=marked)
    return resolutions


def _canonical(store: Store, rows: Iterable[Row]) -> dict[str, str]:
    claims = sorted({claim for row in rows for claim in row["claims"]})
    return {row["claim_id"]: row["canonical_id"] for row in store.rows("tracks", "canonical", claims=claims)}


def _tracklisted(row: Row, canonical: Mapping[str, str]) -> Tracklisted:
    return Tracklisted(
        playlist_id=row["playlist_id"],
        source=row["source"],
        djs=tuple(row["dj_key"] or ()),
        day=row["set_day"],
        occasion=_occasion(row),
        tracks=tuple(canonical.get(claim, claim) for claim in row["claims"]),
        rows=row["row_count"],
        claims=tuple(row["claims"]),
        identical_to=tuple(row["identical_to"]),
    )


def _occasion(row: Row) -> Occasion:
    """Return the occasion by event or show and venue; by the title alone if the page has none of them."""
    names = [row["event_name"], row["venue"]]
    return occasion(
        names if any(names) else [row["title"]], places=(row["city"], row["country"]), djs=row["djs"]
    )


def _events(store: Store, rows: Iterable[Row], grouped: Grouped) -> dict[str, str]:
    """Return the event of each playlist; tracklists of one set share it."""
    dated = [row for row in rows if row["set_day"] and row["djs"]]
    names = [row["playlist_id"] for row in dated]
    billed = [_billed(row) for row in store.rows(FILE, "events", playlists=names)] if names else []
    own_events = {row["playlist_id"]: event_of(_played(row), billed) for row in dated}
    playlists_by_set: dict[str, list[str]] = {}
    for name in own_events:
        playlists_by_set.setdefault(grouped.set_id.get(name, name), []).append(name)
    return {
        name: event
        for members in playlists_by_set.values()
        if (event := shared_event([own_events[name] for name in members])) is not None
        for name in members
    }


def _billed(row: Row) -> Billed:
    places = (row["city"], row["country"])
    return Billed(
        event_id=row["ra_event_id"],
        day=row["event_day"],
        acts=frozenset(row["acts"]),
        venue=occasion([row["venue"]], places=places),
        title=occasion([row["title"]], places=places, djs=row["acts"]),
    )


def _played(row: Row) -> Played:
    return Played(
        playlist_id=row["playlist_id"],
        day=row["set_day"],
        djs=frozenset(row["djs"]),
        venue=occasion([row["venue"]]),
        occasion=occasion([row["event_name"], row["venue"], row["title"]], djs=row["djs"]),
    )


def _keep(
    store: Store, names: Sequence[str], grouped: Grouped, resolutions: Iterable[PendingResolution]
) -> None:
    store.execute(FILE, "clear", playlists=names)
    store.put(FILE, "put_links", map(_link_row, grouped.links))
    requested = ({"playlist_id": pending.playlist_id, "asked": pending.wanted} for pending in resolutions)
    store.put(FILE, "put_asked", requested)


def _link_row(link: SetLink) -> Row:
    playlist_a, playlist_b = link.playlists
    return {
        "playlist_a": playlist_a,
        "playlist_b": playlist_b,
        "share": link.share,
        "same_occasion": link.same_occasion,
        "days_apart": link.days_apart,
        "marked": link.marked,
    }
