"""Lineage: the rows behind the numbers of a track, a set and an artist."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from queries import commands, database, lineage, lineage_commands
from queries.database import Row
from sinks import tables
from songnodes.errors import UserError
from tests.support import sample_records as sample
from tests.support.gold_world import SetWorld
from tests.support.sink_bench import Bench, write_directly

STROBE = "deadmau5-strobe"


def naive(sets: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the numbers of each track, from the newest record of each set."""
    numbers: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"plays": set(), "own": set(), "components": 0, "djs": set(), "days": set()}
    )
    for record in sets.values():
        djs = {dj["artist_id"] for dj in record["djs"]}
        by_track = defaultdict(list)
        for row in record["rows"] if record["counted"] else ():
            if row["track_id"]:
                by_track[row["track_id"]].append(row)
        for track_id, rows in by_track.items():
            entry = numbers[track_id]
            places = {(record["playlist_id"], row["position"]) for row in rows if row["role"] != "component"}
            makers = {
                maker
                for row in rows
                for maker in (*row["claim"]["artist_ids"], *row["claim"]["version_artist_ids"])
            }
            entry["components"] += sum(row["role"] == "component" for row in rows)
            entry["plays"] |= places
            entry["own"] |= places if makers & djs else set()
            if places:
                entry["djs"] |= djs
                day = record["set_date"]
                if day and day <= record["observed_at"].date() + timedelta(days=30):
                    entry["days"].add(day)
    return {
        track_id: {
            "play_count": len(entry["plays"]),
            "component_plays": entry["components"],
            "self_plays": len(entry["own"]),
            "playlist_appearances": len({place[0] for place in entry["plays"]}),
            "dj_support": len(entry["djs"]),
            "first_seen_date": min(entry["days"], default=None),
            "last_seen_date": max(entry["days"], default=None),
        }
        for track_id, entry in numbers.items()
    }


async def write(bench: Bench, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(bench.settings, tables.WRITERS[topic], records)


@pytest.mark.parametrize("seed", [1, 2])
async def test_numbers_equal_a_computation_over_the_records(bench: Bench, seed: int) -> None:
    world, sets = SetWorld(seed), {}
    for _ in range(6):
        batch = world.playlists(6)
        for record in batch:
            record["djs"] += [{"artist_id": "artist1", "name": "Artist 1", "native_id": None}]
            sets[record["playlist_id"]] = record
        await write(bench, "silver.playlists", *batch)
    expected = naive(sets)
    assert len(expected) > 5
    async with database.connected(bench.settings) as connection:
        for track_id, numbers in expected.items():
            rows = await lineage.track_rows(connection, track_id)
            for most in (1, 3, 100):
                part = await database.rows(connection, "lineage", "part_of_track", track_id, most)
                assert part == rows[:most]
            for number, value in numbers.items():
                evidence = lineage.evidence(rows, number, numbers)
                assert (evidence.counted, evidence.agrees) == (value, True), (track_id, number)
    with pytest.raises(UserError, match="nothing"):
        lineage.evidence([], "nothing", {})


@pytest.fixture
def revealed(bench: Bench) -> Bench:
    """Return a bench with a set whose page first showed an ID, then the track, and a set without a page."""

    async def fill() -> None:
        await write(bench, "bronze.tracklists", sample.tracklist("one", "ID - ID", "Deadmau5 - Rej"))
        later = sample.tracklist("one", "Deadmau5 - Strobe", "Deadmau5 - Rej", page_sha256="1" * 64)
        await write(bench, "bronze.tracklists", {**later, "parser_version": 2})
        ids = {
            (row["row_key"], row["raw_data"]["track_name"]): str(row["id"])
            for row in bench.query("SELECT * FROM bronze_scraped_tracks")
        }
        rows = [
            sample.playlist_row(1, STROBE, row_key="1000", bronze_id=ids["1000", "Strobe"]),
            sample.playlist_row(2, "deadmau5-rej", row_key="1001", bronze_id=ids["1001", "Rej"]),
        ]
        claim = sample.claim("Deadmau5", "Strobe")
        elsewhere = sample.playlist_row(4, STROBE, claim=claim)
        await write(
            bench,
            "silver.playlists",
            sample.playlist("1001tracklists:one", 2, *rows, djs=("petetong",)),
            sample.playlist("mixesdb:2", 1, elsewhere, djs=("petetong", "sasha"), set_date=date(2025, 1, 1)),
        )
        attempts = [
            {"field": "bpm", "provider": "beatport", "value": 128, "confidence": 0.98, "chosen": True},
            {"field": "bpm", "provider": "spotify", "value": 127, "confidence": 0.9, "chosen": False},
            {"field": "key", "provider": "beatport", "value": "8A", "confidence": 0.9, "chosen": True},
        ]
        metadata = {"providers_used": ["beatport"], "waterfall_attempts": attempts}
        track = sample.track(STROBE, enrichment_metadata=json.dumps(metadata))
        await write(bench, "silver.tracks", track)
        counts = {"play_count": 2, "playlist_appearances": 2, "dj_support": 3}
        await write(bench, "gold.tracks", sample.counts(STROBE, **counts))
        await write(bench, "gold.artists", sample.artist_counts("sasha", sets_played=1))

    asyncio.run(fill())
    return bench


@pytest.fixture
def run(revealed: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs the command and returns its output."""
    monkeypatch.setattr(commands, "settings", lambda: revealed.settings)
    app = typer.Typer()
    app.command()(lineage_commands.lineage)

    def call(*arguments: str) -> str:
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    return call


def rows_of(output: str) -> list[Row]:
    return list(json.loads(output))


def test_every_sighting_has_its_page_and_what_it_counts_as(run: Callable[..., str]) -> None:
    rows = rows_of(run(STROBE, "-f", "json"))
    columns = ("playlist_id", "counts_as", "superseded", "raw_text", "page_sha256", "parser_version")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("mixesdb:2", "play", False, "deadmau5 - strobe", None, None),
        ("1001tracklists:one", "play", False, "Deadmau5 - Strobe", "1" * 64, 2),
        ("1001tracklists:one", None, True, "ID - ID", "0" * 64, 1),
    ]
    assert "superseded" in run(STROBE)


def test_a_number_is_shown_with_its_rows_and_a_difference_is_visible(run: Callable[..., str]) -> None:
    rows = rows_of(run(STROBE, "--of", "dj_support", "-f", "json"))
    assert [(row["dj_id"], row["sets"]) for row in rows] == [("petetong", 2), ("sasha", 1)]
    assert "dj_support: 2 from these rows; gold has 3" in run(STROBE, "--of", "dj_support")
    assert "play_count: 2 from these rows; gold has 2" in run(STROBE, "--of", "play_count")
    tempi = rows_of(run(STROBE, "--of", "bpm", "-f", "json"))
    assert [(row["provider"], row["value"], row["chosen"]) for row in tempi] == [
        ("beatport", 128, True),
        ("spotify", 127, False),
    ]


def test_sets_and_artists_lead_to_their_pages(run: Callable[..., str]) -> None:
    (answer,) = rows_of(run("1001tracklists:one", "-f", "json"))
    assert [(v["page_sha256"][:1], v["parser_version"]) for v in answer["versions"]] == [("0", 1), ("1", 2)]
    assert [(row["position"], row["superseded"]) for row in answer["rows"]] == [
        (1, False), (1, True), (2, False)
    ]  # fmt: skip
    assert answer["rows"][0]["chosen"]["bpm"]["provider"] == "beatport"
    assert "bpm: beatport" in run("1001tracklists:one")
    assert "1 sets; gold has 1" in run("sasha", "--kind", "artist")
