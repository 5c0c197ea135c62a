"""Commands that read gold, on rows that refresh has indexed."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from typer.testing import CliRunner, Result

from queries import artist_commands, chart_commands, commands, database, lineage_commands, set_commands
from queries.search import Hit, Kind, search
from sinks import database as sink_database
from sinks import tables
from sinks.refresh.refresher import Refresher
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench, write_directly
from tests.support.unpublished import Unpublished

DAY = date(2026, 3, 2)
TRACKS = (
    sample.counts("deadmau5-strobe", key=8, bpm=128.0, dj_support=40),
    sample.counts(
        "deadmau5-strobe lane8", track_name="Strobe (Lane 8 Remix)", dj_support=2, key=9, bpm=124.0
    ),
    sample.counts("acdc-thunderstruck", primary_artist="AC/DC", all_artists=["AC/DC"], key=3, bpm=134.0),
    sample.counts("ame-rej", primary_artist="Âme", all_artists=["Âme"], key=8, bpm=126.0, genres=["Techno"]),
    sample.counts("kino-gruppa", primary_artist="Кино", all_artists=["Кино"], track_name="Группа крови"),
    sample.counts("bridge-under", key=2, bpm=127.0, dj_support=3),
    sample.counts(
        "=cmd-|calc", primary_artist='=cmd|" /C calc"!A1', track_name="\x1b[2J<b>x</b>", dj_support=9
    ),
)
ROWS = ("deadmau5-strobe", "acdc-thunderstruck", None, "ame-rej")


async def refreshed(bench: Bench, *, everything: bool = False) -> None:
    connection = await sink_database.connect(bench.settings)
    try:
        refresher = Refresher(connection, cast(Any, Unpublished()))
        await refresher.tick(DAY, pinned=True)
        if everything:
            await refresher.everything(DAY)
        else:
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
    finally:
        await connection.close()


async def write(bench: Bench, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(bench.settings, tables.WRITERS[topic], records)


@pytest.fixture
def world(bench: Bench) -> Bench:
    """Return a bench with a few tracks, an artist and a set, refreshed through the queue."""

    async def fill() -> None:
        await write(bench, "gold.tracks", *TRACKS)
        silver = [sample.track(record["track_id"], label="Xyloph Records") for record in TRACKS]
        await write(bench, "silver.tracks", *silver)
        await write(bench, "gold.artists", sample.artist_counts("petetong", name="Pete Tong", sets_played=9))
        rows = [sample.playlist_row(place, track) for place, track in enumerate(ROWS, start=1)]
        await write(bench, "silver.playlists", sample.playlist("mixesdb:1", 1, *rows))
        await refreshed(bench)

    asyncio.run(fill())
    return bench


@pytest.fixture
def run(world: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs a command function on the world's database."""
    monkeypatch.setattr(commands, "settings", lambda: world.settings)

    def call(command: Callable[..., None], *arguments: str) -> Result:
        app = typer.Typer()
        app.command()(command)
        return CliRunner().invoke(app, arguments)

    return call


def hits(bench: Bench, text: str, *kinds: Kind) -> list[Hit]:
    async def ask() -> list[Hit]:
        async with database.connected(bench.settings) as connection:
            return await search(connection, text, kinds=kinds or ("track", "artist", "set"))

    return asyncio.run(ask())


def test_names_are_found_however_they_are_written(world: Bench) -> None:
    expected = {
        "strobe": "deadmau5-strobe",
        "STROBE deadmau5": "deadmau5-strobe",
        "strob": "deadmau5-strobe",
        "strobee": "deadmau5-strobe",
        "deadmaus strobe": "deadmau5-strobe",
        "lane 8": "deadmau5-strobe lane8",
        "acdc": "acdc-thunderstruck",
        "ac dc thunder": "acdc-thunderstruck",
        "thunderstuck": "acdc-thunderstruck",
        "ame rej": "ame-rej",
        "Âme": "ame-rej",
        "gruppa krovi": "kino-gruppa",
        "кино": "kino-gruppa",
        "AC/DC - Thunderstruck": "acdc-thunderstruck",
    }
    assert {text: hits(world, text, "track")[0].id for text in expected} == expected
    assert not hits(world, "strob")[0].corrected
    assert hits(world, "strobee")[0].corrected
    assert [(hit.kind, hit.id) for hit in hits(world, "pete tong")][:2] == [
        ("artist", "petetong"), ("set", "mixesdb:1")
    ]  # fmt: skip
    for nothing in ("", "  ", "!", "zzzzqqqq", "' | & !", "\x00", "𝔘" * 300):
        assert hits(world, nothing) == []


def test_the_index_is_the_same_incrementally_and_from_nothing(world: Bench) -> None:
    def index() -> list[list[dict[str, Any]]]:
        statements = ("SELECT * FROM gold_search ORDER BY 1, 2", "SELECT * FROM gold_search_words ORDER BY 1")
        return [world.query(statement) for statement in statements]

    async def change() -> None:
        renamed = {"track_name": "Ghosts n Stuff", "dj_support": 2}
        await write(world, "gold.tracks", sample.counts("deadmau5-strobe", 2, **renamed))
        await write(world, "gold.tracks", sample.counts("ame-rej", 2, gone=True))
        await refreshed(world)

    asyncio.run(change())
    assert hits(world, "rej") == []
    assert [hit.id for hit in hits(world, "ghosts stuff")] == ["deadmau5-strobe"]
    incremental = index()
    asyncio.run(refreshed(world, everything=True))
    entries, words = index()
    assert entries == incremental[0]
    unused = [row for row in incremental[1] if row not in words]
    assert {row["word"] for row in unused} == {"rej", "ame"}  # words are only deleted from nothing
    world.execute("DELETE FROM gold_search")
    world.execute("DELETE FROM gold_search_words")
    asyncio.run(refreshed(world, everything=True))
    assert index() == [entries, words]


def test_every_command_shows_the_rows(run: Callable[..., Result], tmp_path: Path) -> None:
    def shown(command: Callable[..., None], *arguments: str) -> str:
        result = run(command, *arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return result.output

    assert "Strobe (Lane 8 Remix)" in shown(commands.find, "strobe")
    assert shown(commands.top).splitlines()[1].split()[:3] == ["1", "Deadmau5", "Strobe"]
    assert "Rej" in shown(commands.top, "--genre", "techno")
    radio = json.loads(shown(commands.top, "--type", "radio", "--from", "2026-01-01", "-f", "json"))
    assert [row["track_id"] for row in radio] == ["acdc-thunderstruck", "ame-rej", "deadmau5-strobe"]
    assert "nothing found" in shown(commands.top, "--venue", "Nowhere")
    assert "weekly support" in shown(commands.trending)
    assert "one step" in shown(commands.harmonic, "strobe")
    card = shown(commands.show_track, "strobe")
    assert "mixesdb:1" in card
    assert "Petetong" in card
    assert "40" in card
    label = shown(artist_commands.label, "XYLOPH")
    assert "spellings             Xyloph Records (7)" in label
    assert "Pete Tong  1" in label
    assert "no rank rose" in shown(chart_commands.climbers)
    assert "mixesdb:1" in shown(artist_commands.dj, "pete tong")
    assert "petetong" in shown(artist_commands.artist, "petetong")
    lineage = shown(lineage_commands.lineage, "strobe")
    assert "1001tracklists:tracklist" not in lineage  # the sample has no page
    assert "1 plays in 1 sets; gold has 1 in 1" in lineage
    assert "bpm                   from beatport" in lineage
    suggested = json.loads(shown(commands.next_tracks, "strobe", "-f", "json"))
    played = {row["track_id"]: row["followed_in"] for row in suggested if row["followed_djs"]}
    assert played == {"acdc-thunderstruck": ["mixesdb:1"]}
    assert len(suggested) > 1  # harmonic matches
    assert "mixesdb:1" in shown(commands.next_tracks, "strobe")
    assert "no unidentified track" in shown(commands.unreleased)
    shown_set = shown(set_commands.show_set, "mixesdb:1")
    assert "identified            3 of 4 rows" in shown_set
    fitting = json.loads(shown(commands.find, "--fits", "8A", "--bpm", "63.5", "--within", "2", "-f", "json"))
    assert {row["track_id"] for row in fitting} == {"deadmau5-strobe", "ame-rej", "kino-gruppa", "=cmd-|calc"}
    csv_rows = shown(commands.top, "-f", "csv")
    assert '"\'=cmd|"" /C calc""!A1"' in csv_rows
    assert "\x1b" not in csv_rows + shown(commands.top) + shown(commands.top, "-f", "json")

    plan = tmp_path / "set.txt"
    plan.write_text("Deadmau5 - Strobe\nAC/DC - Thunderstruck\nNobody - Nothing\n")
    checked = json.loads(shown(set_commands.check, str(plan), "-f", "json"))
    assert [row["track_id"] for row in checked] == ["deadmau5-strobe", "acdc-thunderstruck", None]
    assert checked[0]["warnings"] == ["cut, do not blend"]  # 8A to 3A is a semitone up
    assert (checked[0]["bpm_percent"], checked[2]["relation"]) == (4.69, None)


def test_errors_name_the_input_and_the_next_step(run: Callable[..., Result], tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("\n\n")
    for command, arguments, words in (
        (commands.harmonic, ("zzzzqqqq",), ("zzzzqqqq", "songnodes search")),
        (commands.top, ("--genre", "polka"), ("polka", "Techno")),
        (commands.find, (), ("--fits",)),
        (commands.find, ("--fits", "13Z"), ("13Z", "8A")),
        (artist_commands.label, ("no such label",), ("no such label", "songnodes search")),
        (set_commands.check, (str(empty),), ("empty.txt", "Artist - Title")),
    ):
        result = run(command, *arguments)
        assert result.exit_code == 1
        assert all(word in str(result.exception) for word in words), str(result.exception)
