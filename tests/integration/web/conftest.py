"""A small gold world, and the query API over it."""

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any, cast

import httpx2
import psycopg
import pytest

from sinks import database as sink_database
from sinks import tables
from sinks.refresh.refresher import Refresher
from songnodes.access import Access
from songnodes.settings import Settings
from tests.support import sample_records as sample
from tests.support.isolated_pipeline import fresh_settings
from tests.support.running_web import running_web
from tests.support.sink_bench import write_directly
from tests.support.unpublished import Unpublished

DAY = date(2026, 3, 2)
HOSTILE = '=cmd|" /C calc"!A1'
TRACKS = (
    sample.counts("deadmau5-strobe", key=8, bpm=128.0, dj_support=40),
    sample.counts("acdc-thunderstruck", primary_artist="AC/DC", all_artists=["AC/DC"], key=3, bpm=134.0),
    sample.counts("ame-rej", primary_artist="Âme", all_artists=["Âme"], key=8, bpm=126.0, genres=["Techno"]),
    sample.counts("kino-gruppa", primary_artist="Кино", all_artists=["Кино"], track_name="Группа крови"),
    sample.counts("bridge-under", key=2, bpm=127.0, dj_support=3),
    sample.counts("=cmd-|calc", primary_artist=HOSTILE, track_name="\x1b[2J<b>x</b>", dj_support=9),
)
ROWS = ("deadmau5-strobe", "acdc-thunderstruck", None, "ame-rej")
MERGED = "old-strobe"


async def _fill(settings: Settings) -> None:
    async def write(topic: str, *records: dict[str, Any]) -> None:
        await write_directly(settings, tables.WRITERS[topic], records)

    await write("gold.tracks", *TRACKS)
    await write("silver.tracks", *(sample.track(record["track_id"]) for record in TRACKS))
    await write("gold.artists", sample.artist_counts("petetong", name="Pete Tong", sets_played=9))
    rows = [sample.playlist_row(place, track) for place, track in enumerate(ROWS, start=1)]
    for number in (1, 2):
        await write("silver.playlists", sample.playlist(f"mixesdb:{number}", 1, *rows))
    connection = await sink_database.connect(settings)
    try:
        refresher = Refresher(connection, cast(Any, Unpublished()))
        await refresher.tick(DAY, pinned=True)
        await refresher.everything(DAY)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def world(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield the settings of a database with a few tracks, one of them merged, two sets and an artist."""
    home = tmp_path_factory.mktemp("web")
    with fresh_settings(addresses, template_database, home) as settings:
        asyncio.run(_fill(settings))
        with psycopg.connect(settings.database_owner_url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO track_redirects (track_id, canonical_id, version, pipeline_version)"
                " VALUES (%s, %s, 1, '1')",
                (MERGED, "deadmau5-strobe"),
            )
        yield settings


@pytest.fixture(scope="module")
def address(world: Settings) -> Iterator[str]:
    """Yield the address of the web over the world."""
    with running_web(world) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx2.Client]:
    """Yield a client of the web that follows no redirect."""
    with httpx2.Client(base_url=address, timeout=30) as client:
        yield client
