"""Records as rows: complete for every statement, and right where a row is more than the record's fields."""

import json
import re
from typing import Any

import pytest
import zstandard

from sinks import tables
from sinks.staging import Column, ColumnNotWritten, fill, picker, written_columns
from sinks.tables import bronze_pages, bronze_tracklists, silver_playlists
from sinks.tables.writer import InsertOnly, Upsert
from songnodes.errors import UnknownName
from tests.support import sample_records as sample
from tests.support.project_files import ROOT

#: Columns that PostgreSQL fills: generated ones, and times of storage.
FILLED_BY_POSTGRES = {"camelot", "compatible_keys", "created_at", "stored_at", "updated_at"}
DICTIONARY = (ROOT / "docs" / "data-dictionary.md").read_text()


def columns(table: str) -> set[str]:
    """Return the columns of a table by docs/data-dictionary.md (a test compares it with the database)."""
    (section,) = re.findall(rf"^### {table} \(table\)\n(.*?)(?=^#|\Z)", DICTIONARY, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def written_tables(topic: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Return by the name of the rows: the table, and its columns that refresh computes."""
    writer = tables.WRITERS[topic]
    if isinstance(writer, InsertOnly):
        return {name: (table, frozenset()) for name, table in writer.tables.items()}
    assert isinstance(writer, Upsert)
    children = {name: (child.table, child.computed) for name, child in writer.children.items()}
    return {writer.parent: (writer.table, writer.computed)} | children


def test_every_topic_with_a_table_has_a_sample() -> None:
    assert sample.SAMPLES.keys() == tables.WRITERS.keys()


@pytest.mark.parametrize("topic", tables.WRITERS)
def test_a_record_fills_every_column(topic: str) -> None:
    entry = tables.WRITERS[topic].entry(sample.SAMPLES[topic][1])
    for name, (table, computed) in written_tables(topic).items():
        assert entry.rows[name]
        assert computed <= columns(table)
        for row in entry.rows[name]:
            assert columns(table) - row.keys() == (columns(table) & FILLED_BY_POSTGRES) | computed


def column(name: str, *, required: bool = False) -> Column:
    return Column(name=name, quoted=name, required=required)


def test_a_column_that_no_row_has_keeps_its_default() -> None:
    before, added = [column("id"), column("title")], [column("id"), column("added"), column("title")]
    row = {"id": 1, "title": "one"}
    assert written_columns(added, row) == before
    assert picker(before, before)(row) == (1, "one")
    assert picker(before[:1], before[:1])(row) == (1,)
    assert picker(added, before)(row) == (1, None, "one")


def test_a_required_column_that_no_row_has_ends_the_sink() -> None:
    with pytest.raises(ColumnNotWritten, match="added"):
        written_columns([column("id"), column("added", required=True)], {"id": 1})


def test_the_key_and_the_id_made_of_it_are_not_replaced() -> None:
    statement = fill("upsert", "a_table", "track_id", ("id", "track_id", "title"))
    assert "INSERT INTO a_table AS stored (id, track_id, title)" in statement
    assert "ON CONFLICT (track_id) DO UPDATE SET title = excluded.title, updated_at = now()" in statement


@pytest.mark.parametrize("topic", [t for t, w in tables.WRITERS.items() if getattr(w, "can_go", False)])
def test_what_is_gone_has_no_rows(topic: str) -> None:
    entry = tables.WRITERS[topic].entry({**sample.SAMPLES[topic][1], "gone": True})
    assert entry.gone
    assert not entry.rows


def test_a_page_is_compressed_and_not_changed() -> None:
    body = b"\x00<html>\xff</html>" * 100
    rows = bronze_pages.rows(sample.page(body=body))
    assert len(rows["page"][0]["body"]) < len(body) == rows["page"][0]["body_size"]
    assert zstandard.ZstdDecompressor().decompress(rows["page"][0]["body"]) == body


def test_a_fetch_is_not_a_body() -> None:
    first = bronze_pages.rows(sample.page())
    second = bronze_pages.rows(sample.page(fetched_at=sample.SEEN.replace(year=2027)))
    assert first["page"][0]["id"] == second["page"][0]["id"]
    assert first["fetch"][0]["id"] != second["fetch"][0]["id"]


@pytest.mark.parametrize(
    ("text", "artist", "expected"),
    [
        ("Deadmau5 - Strobe", None, ("Deadmau5", "Strobe")),
        ("Deadmau5 - Strobe - Live", None, ("Deadmau5", "Strobe - Live")),
        ("A - B - Title", "A - B", ("A - B", "Title")),
        ("Strobe", None, (None, "Strobe")),
        ("Strobe", "Deadmau5", ("Deadmau5", "Strobe")),
        ("Deadmau5-Strobe", None, (None, "Deadmau5-Strobe")),
        (None, "Deadmau5", ("Deadmau5", None)),
        (None, None, (None, None)),
        ("ID - ID", None, ("ID", "ID")),
    ],
)
def test_artist_and_title_as_written(text: str | None, artist: str | None, expected: tuple[Any, Any]) -> None:
    assert bronze_tracklists.split(text, artist) == expected


def test_a_bronze_row_has_the_keys_of_the_contract() -> None:
    (row,) = bronze_tracklists.rows(sample.tracklist())["track"]
    raw = json.loads(row["raw_data"])
    assert raw.keys() >= {"track_name", "artist_name", "mix_name", "position", "timestamp", "original_html"}
    assert raw["metadata"].keys() >= {"dj", "date", "source_id"}
    assert (raw["artist_name"], raw["track_name"], raw["position"]) == ("Deadmau5", "Strobe", 1)
    assert raw["metadata"]["source_id"] == "abc"


def test_markup_stands_once_and_only_beside_its_row() -> None:
    rows = bronze_tracklists.rows(sample.tracklist())
    assert "tlpItem" not in rows["playlist"][0]["raw_data"]
    assert rows["track"][0]["raw_data"].count("tlpItem") == 1


def test_markup_and_header_are_no_part_of_a_rows_id() -> None:
    first, second = sample.tracklist(), sample.tracklist()
    second["rows"][0]["fragment"] = "<div data-views='9'></div>"
    second["header"]["venue"] = "Hall"
    ids = [bronze_tracklists.rows(value)["track"][0]["id"] for value in (first, second)]
    assert ids[0] == ids[1]
    second["rows"][0]["label"] = "mau5trap"
    assert bronze_tracklists.rows(second)["track"][0]["id"] != ids[0]


def appearance(position: int, group: int, **changes: Any) -> dict[str, Any]:
    return sample.playlist_row(position, f"artist-{position}", group_index=group, **changes)


def test_the_next_row_is_the_main_row_of_the_next_group() -> None:
    rows = [
        appearance(1, 1, cue_seconds=0),
        appearance(2, 2, role="layered", cue_seconds=60),
        appearance(3, 2, cue_seconds=58),
        appearance(4, 3, cue_seconds=None),
        appearance(5, 4, cue_seconds=200),
    ]
    written = list(silver_playlists.appearances(sample.playlist("p:1", 1, *rows)))
    assert [row["next_row_index"] for row in written] == [2, 3, 3, 4, None]
    assert [row["gap_seconds"] for row in written] == [58, None, None, None, None]


def test_no_transition_leads_from_part_to_part_or_back_in_time() -> None:
    rows = [
        appearance(1, 1, part="one", cue_seconds=10),
        appearance(2, 2, part="one", cue_seconds=5),
        appearance(3, 1, part="two", cue_seconds=0),
    ]
    written = list(silver_playlists.appearances(sample.playlist("p:1", 1, *rows)))
    assert [(row["next_row_index"], row["gap_seconds"]) for row in written] == [
        (1, None),
        (None, None),
        (None, None),
    ]


def test_a_row_without_a_claim_is_a_row() -> None:
    (row,) = silver_playlists.appearances(sample.playlist("p:1", 1, sample.playlist_row(1, None)))
    assert (row["track_name"], row["artist_ids"], row["claim"]) == (None, [], None)


def test_unknown_sinks_are_named() -> None:
    with pytest.raises(UnknownName, match=r"silver\.trakcs"):
        tables.chosen(["silver.trakcs"])
