"""Counts per artist: entries per DJ who played the artist, per set of the artist, and the silver record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypedDict, cast

from songnodes import __version__
from songnodes.domain import analytics, support
from songnodes.domain.claims import latest
from songnodes.domain.gold_inputs import ArtistName, ArtistPlays
from songnodes.domain.records import ArtistAnalytics
from songnodes.domain.support import Counts, DjEntry
from songnodes.messaging.schemas import state_schemas
from stream_processors.gold import plays
from stream_processors.runtime import (
    Applied,
    EntityState,
    Entries,
    Record,
    SchemaValues,
    Stage,
    Subtotals,
)

SILVER = analytics.SILVER_PART.encode()
SET = analytics.DJ_PART.encode()


class SetPlayed(TypedDict):
    """A set the artist played as a DJ, in the newest version or once; `day` is ISO, None for an undated set.

    Most artists of a set never played it, and have none (`_is_older`). Earlier code stored it for all.
    """

    version: int
    live: bool
    day: str | None
    observed_at: datetime


class ArtistFacts(TypedDict):
    """Values of a silver artist that gold stores."""

    version: int
    gone: bool
    name: str


class Entry(TypedDict, total=False):
    """Contribution of a DJ, a set or the silver record: exactly one of them is present."""

    dj: DjEntry
    set: SetPlayed
    silver: ArtistFacts


class Sums(TypedDict):
    """Sums of one artist; `sets` maps an ISO day ("" for undated) to the number of sets played."""

    counts: Counts
    sets: dict[str, int]
    silver: ArtistFacts | None
    last_observed_at: datetime | None


def empty() -> Sums:
    """Return the sums of an artist without plays and sets."""
    return {"counts": support.empty(), "sets": {}, "silver": None, "last_observed_at": None}


def fold(sums: Sums, part: bytes, old: Entry | None, new: Entry, entries: Entries) -> Sums:
    """Return the sums after one entry changed."""
    if part == SILVER:
        return {**sums, "silver": new["silver"]}
    if part.startswith(SET):
        played = new["set"]
        before, after = _day(old.get("set") if old else None), _day(played)
        return {
            **sums,
            "sets": support.add_delta(sums["sets"], before, after),
            "last_observed_at": latest(sums["last_observed_at"], played["observed_at"]),
        }
    return {
        **sums,
        "counts": plays.fold(sums["counts"], part, old.get("dj") if old else None, new["dj"]),
        "last_observed_at": latest(sums["last_observed_at"], new["dj"]["observed_at"]),
    }


def fold_group(sums: Sums, group: bytes, before: Mapping[str, int], after: Mapping[str, int]) -> Sums:
    """Return the sums after the counts of a group of entries changed."""
    return {**sums, "counts": plays.fold_group(sums["counts"], group, before, after)}


def _day(played: SetPlayed | None) -> dict[str, int]:
    return {played["day"] or "": 1} if played and played["live"] else {}


def attach(stage: Stage) -> None:
    """Add the agents and the table to the stage."""
    values = SchemaValues(
        {
            b"t": state_schemas("gold.artists.total"),
            b"s": state_schemas("gold.subtotal"),
            b"e": state_schemas("gold.artists.entry"),
        }
    )
    subtotals = Subtotals(mark=plays.NUL, counts=plays.group_counts, fold=fold_group)
    state = EntityState(stage.table("artists", values), empty, fold, subtotals)

    def emit(record: Record, artist_id: str, applied: Applied[Sums], *, only_changes: bool = False) -> None:
        sums = applied.accumulators
        observed_at = sums["last_observed_at"] or record.value["observed_at"]
        stage.emit(
            "gold.artists",
            artist_id,
            partial(_analytics, artist_id, applied.version, sums, observed_at),
            shown=partial(_silver_values, sums),
            only_changes=only_changes,
            can_wait=True,
        )

    @stage.agent("silver.credits")
    def on_credit(record: Record) -> None:
        """Apply the fact of one set: its plays of the artist, and the set itself if the artist played it."""
        fact = cast(ArtistPlays, record.value)
        emit(record, fact["artist_id"], state.update(record, fact["artist_id"], partial(_plan, fact)))

    @stage.agent("silver.artists")
    def on_artist(record: Record) -> None:
        """Apply the newest silver record of the artist."""
        artist = cast(ArtistName, record.value)
        change = partial(_replace_silver, artist)
        applied = state.apply(record, artist["artist_id"], {SILVER: change})
        # few sets change the name of an artist
        emit(record, artist["artist_id"], applied, only_changes=applied.is_new)


def _analytics(artist_id: str, version: int, sums: Sums, observed_at: datetime) -> ArtistAnalytics:
    return analytics.artist_analytics(
        artist_id, version, sums["counts"], sums["sets"], _silver_values(sums), observed_at, __version__
    )


def _silver_values(sums: Sums) -> tuple[str, bool] | None:
    """Return the silver values that the gold record contains: the name, and True for a retracted artist."""
    silver = sums["silver"]
    return (silver["name"], silver["gone"]) if silver else None


def _plan(fact: ArtistPlays, read: plays.Read) -> Mapping[bytes, Any]:
    djs = (*fact["djs_live"], *fact["djs_gone"])
    entries = [(dj, analytics.credit_entry(fact, dj)) for dj in djs]
    parts: dict[bytes, Any] = plays.plan(read, entries, fact["playlist_id"], fact["observed_at"])
    part = SET + fact["playlist_id"].encode()
    stored = read(part)
    live = fact["as_dj"] and fact["counted"]
    if stored is not None or (live and not _is_older(fact, djs, read)):
        parts[part] = _replace_set(fact, live, stored)
    return parts


def _is_older(fact: ArtistPlays, djs: Iterable[str], read: plays.Read) -> bool:
    """Return True if a newer fact of the set said that the artist did not play it: it left no entry.

    The newer fact is in the entries of these DJs, as a record of a set names the DJs of all its versions.
    """
    return plays.newest_version(read, djs, fact["playlist_id"]) > fact["version"]


def _replace_set(fact: ArtistPlays, live: bool, old: Entry | None) -> Entry:
    previous = old.get("set") if old else None
    played: SetPlayed = {
        "version": fact["version"],
        "live": live,
        "day": support.iso_day(fact["set_date"]) if fact["set_date"] else None,
        "observed_at": fact["observed_at"],
    }
    newest = played if previous is None or fact["version"] >= previous["version"] else previous
    return {"set": newest}


def _replace_silver(artist: ArtistName, old: Entry | None) -> Entry:
    previous = old.get("silver") if old else None
    facts: ArtistFacts = {"version": artist["version"], "gone": artist["gone"], "name": artist["name"]}
    newest = facts if previous is None or artist["version"] >= previous["version"] else previous
    return {"silver": newest}
