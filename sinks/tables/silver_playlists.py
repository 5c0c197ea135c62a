"""silver.playlists -> silver_enriched_playlists and its rows in silver_playlist_tracks."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sinks.tables.common import scores
from sinks.tables.writer import Child, Upsert, Value
from sinks.values import json_text, row_uuid

#: Some 25 rows each.
PLAYLISTS_AT_ONCE = 500
MAIN = "main"


def row(value: Value) -> dict[str, Any]:
    """Return the row of a set."""
    return {
        **value,
        **scores(value),
        "id": row_uuid("playlist", value["playlist_id"]),
        "source_url": value["url"],
        # by id, as everywhere: the first one leads
        "dj_ids": [dj["artist_id"] for dj in _djs(value)],
        "dj_names": [dj["name"] for dj in _djs(value)],
        "recordings": json_text(value["recordings"]),
        "row_count": len(value["rows"]),
        "last_observed_at": value["observed_at"],
    }


def appearances(value: Value) -> Iterator[dict[str, Any]]:
    """Return the rows of the set, in the order of the record."""
    following = next_rows(value["rows"])
    for index, (line, follower) in enumerate(zip(value["rows"], following, strict=True)):
        claim = line["claim"] or NO_CLAIM
        yield {
            **line,
            **{name: claim[name] for name in NO_CLAIM},
            "playlist_id": value["playlist_id"],
            "row_index": index,
            "claim": None if line["claim"] is None else json_text(line["claim"]),
            "checks": json_text(line["checks"]),
            "version": value["version"],
            "pipeline_version": value["pipeline_version"],
            "next_row_index": follower,
            "gap_seconds": None if follower is None else _gap(line, value["rows"][follower]),
        }


def next_rows(rows: Sequence[Value]) -> list[int | None]:
    """Per row the index of what is played next: the main row of the next group, within the same part."""
    leaders: dict[tuple[str | None, int], int] = {}
    for index, line in enumerate(rows):
        group = (line["part"], line["group_index"])
        if group not in leaders or (line["role"] == MAIN and rows[leaders[group]]["role"] != MAIN):
            leaders[group] = index
    order = sorted(leaders, key=lambda group: (group[0] or "", group[1]))
    after = {before: leaders[two] for before, two in pairwise(order) if before[0] == two[0]}
    return [after.get((line["part"], line["group_index"])) for line in rows]


def _gap(line: Value, follower: Value) -> int | None:
    """Seconds to the next one's cue; None where a cue is unknown or they do not ascend."""
    here, there = line["cue_seconds"], follower["cue_seconds"]
    return there - here if here is not None and there is not None and there >= here else None


def _djs(value: Value) -> list[Value]:
    return sorted(value["djs"], key=lambda dj: str(dj["artist_id"]))


#: The columns that a claim fills, as they are without one.
NO_CLAIM: dict[str, Any] = {
    "track_name": None,
    "artist_credit": None,
    "artist_names": [],
    "artist_ids": [],
    "version_artist_ids": [],
    "featured_ids": [],
    "variant": None,
    "genre": None,
}

WRITER = Upsert(
    topic="silver.playlists",
    table="silver_enriched_playlists",
    key="playlist_id",
    parent="playlist",
    row=row,
    children={
        "row": Child(
            table="silver_playlist_tracks",
            rows=appearances,
            computed=frozenset({"key_relation", "bpm_change"}),
        )
    },
    refresh="playlist",
    can_go=False,  # a set with no row left is still a set; its `gone` lists names
    batch=PLAYLISTS_AT_ONCE,
)
