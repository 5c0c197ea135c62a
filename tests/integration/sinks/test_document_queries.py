"""The query examples of the document, run as printed, equal answers computed from the records."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sinks import tables
from tests.support.document_world import STROBE, DocumentWorld
from tests.support.sink_bench import Bench, write_directly

ROOT = Path(__file__).parents[3]
PRINTED = ROOT / "tests" / "spec" / "queries"


def printed(bench: Bench, number: int) -> list[dict[str, Any]]:
    (path,) = PRINTED.glob(f"{number}_*.sql")
    return bench.query(path.read_text())


@pytest.fixture(params=[1, 2])
def world(bench: Bench, request: pytest.FixtureRequest) -> DocumentWorld:
    world = DocumentWorld(request.param, datetime.now(UTC).date())

    async def fill() -> None:
        await write_directly(bench.settings, tables.WRITERS["bronze.tracklists"], world.tracklists)
        await write_directly(bench.settings, tables.WRITERS["gold.tracks"], world.counts)
        await write_directly(bench.settings, tables.WRITERS["silver.tracks"], world.tracks)
        first = bench.query(
            "SELECT id FROM bronze_scraped_tracks WHERE raw_data->>'track_name' = 'Strobe'"
            " AND raw_data->>'artist_name' = 'Deadmau5' ORDER BY playlist_id LIMIT 1"
        )[0]
        strobe = {**world.tracks[0], "version": 2, "bronze_id": str(first["id"])}
        await write_directly(bench.settings, tables.WRITERS["silver.tracks"], [strobe])

    asyncio.run(fill())
    for track_id, score in world.scores.items():
        bench.execute("UPDATE gold_track_scores SET trending_score = %s WHERE track_id = %s", score, track_id)
    return world


def test_the_demo_runs_the_printed_queries() -> None:
    for path in PRINTED.iterdir():
        assert (ROOT / "demo" / "queries" / path.name).read_bytes() == path.read_bytes()


def test_query_examples_equal_answers_from_the_records(bench: Bench, world: DocumentWorld) -> None:
    sightings = list(world.sightings())
    history = printed(bench, 1)
    assert sorted(row["original_track_name"] for row in history) == sorted(row[2] for row in sightings)
    counted = [row for row in history if row["play_count"] is not None]
    assert [(row["original_track_name"], row["play_count"], row["trending_score"]) for row in counted] == [
        ("Strobe", world.counts[0]["play_count"], world.scores[STROBE])
    ]

    compatible = printed(bench, 2)
    listed = [
        (row["Compatible Track"], float(row["BPM Difference"]), row["Compatibility"]) for row in compatible
    ]
    expected = world.compatible()
    assert len(listed) == min(10, len(expected)) > 3
    assert [row[1:] for row in listed] == [row[1:] for row in expected[:10]]
    assert set(listed) <= set(expected)

    (quality,) = printed(bench, 3)
    assert {name: float(value) for name, value in quality.items()} == pytest.approx(world.quality())

    names = ("track_name", "primary_genre", "play_count", "trending_score", "rank")
    trending = [tuple(row[name] for name in names) for row in printed(bench, 4)]
    assert trending == world.trending()
    assert len(trending) > 10
