"""The yearly report equals a computation over all plays, and stays as it was made."""

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from operations.yearly_report import cli, editions
from sinks import tables
from songnodes.domain import ids
from tests.integration.sinks.test_sinks_refresh import refreshing
from tests.support import sample_records as sample
from tests.support.gold_world import TRACKS, Play, SetWorld, plays
from tests.support.sink_bench import Bench, write_directly

YEAR = 2024
DAY = date(2026, 3, 2)
HOSTILE = "|\x1b[2J# <b>[x](http://x)"
SPELLINGS = {"Drumcode": "drumcode", "Drumcode Records": "drumcode", "Kompakt": "kompakt"}
Rows = list[dict[str, Any]]


class Expected:
    """Sections computed from all rows of silver."""

    def __init__(self, bench: Bench) -> None:
        self.all_plays = list(plays(bench))
        self.plays = [play for play in self.all_plays if play.day and play.day.year == YEAR]
        self.parents = {p["playlist_id"]: p for p in bench.query("SELECT * FROM silver_enriched_playlists")}
        self.tracks = {t["track_id"]: t for t in bench.query("SELECT * FROM silver_enriched_tracks")}
        self.credits = {
            (row["playlist_id"], row["row_index"]): {*row["artist_ids"], *row["version_artist_ids"]}
            for row in bench.query("SELECT * FROM silver_playlist_tracks")
        }

    def groups(self, keys: Callable[[Play], Iterable[str]]) -> dict[str, list[Play]]:
        groups: dict[str, list[Play]] = defaultdict(list)
        for play in self.plays:
            for key in keys(play):
                groups[key].append(play)
        return groups

    def credited(self, play: Play) -> set[str]:
        return self.credits[play.playlist_id, play.row_index]

    def label(self, play: Play) -> list[str]:
        label = self.tracks.get(play.track_id, {}).get("label")
        return [SPELLINGS[label]] if label else []

    def genre(self, play: Play) -> list[str]:
        return (self.tracks.get(play.track_id, {}).get("genres") or [])[:1]

    def country(self, play: Play) -> list[str]:
        country = self.parents[play.playlist_id]["country"]
        return [country] if country else []

    def by_djs(self, keys: Callable[[Play], Iterable[str]], *, others: bool = False) -> list[tuple[Any, ...]]:
        """Return (key, DJs, sets, tracks, plays), by DJs; `others`: own tracks are no support."""
        rows = []
        for key, group in self.groups(keys).items():
            djs = {dj for play in group for dj in play.djs if not others or dj != key}
            rows.append((key, len(djs), *sizes(group)))
        return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))

    def newcomers(self) -> list[tuple[Any, ...]]:
        first: dict[str, date] = defaultdict(lambda: date.max)
        for play in self.all_plays:
            first[play.track_id] = min(first[play.track_id], play.day or date.max)
        return [row[:3] for row in self.by_djs(lambda play: [play.track_id]) if first[row[0]].year == YEAR]


def sizes(group: list[Play]) -> tuple[int, int, int]:
    """Return the numbers of sets, tracks and plays."""
    return len({play.playlist_id for play in group}), len({play.track_id for play in group}), len(group)


def values(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    assert [row["place"] for row in rows] == list(range(1, len(rows) + 1))
    return [tuple(row[column] for column in columns) for row in rows]


def check(bench: Bench, sections: dict[str, Rows]) -> None:
    """Assert that the sections equal the computation."""
    truth = Expected(bench)
    djs = {dj for play in truth.plays for dj in play.djs}
    (totals,) = sections["totals"]
    assert tuple(totals[name] for name in ("sets", "tracks", "plays")) == sizes(truth.plays)
    assert totals["djs"] == len(djs)
    counted = ("id", "djs", "sets", "tracks", "plays")
    by_track = [(row[0], row[1], row[2], row[4]) for row in truth.by_djs(lambda play: [play.track_id])]
    assert values(sections["tracks"], "id", "djs", "sets", "plays") == by_track
    assert values(sections["artists"], *counted) == truth.by_djs(truth.credited, others=True)
    assert values(sections["labels"], *counted) == truth.by_djs(truth.label)
    by_dj = [(dj, *sizes(group)) for dj, group in truth.groups(lambda play: play.djs).items()]
    by_dj.sort(key=lambda row: (-row[1], -row[2], row[0]))
    assert values(sections["djs"], "id", "sets", "tracks", "plays") == by_dj
    genres = Counter({genre: len(group) for genre, group in truth.groups(truth.genre).items()})
    expected_genres = [
        (genre, count, round(count / genres.total(), 4))
        for genre, count in sorted(genres.items(), key=lambda item: (-item[1], item[0]))
    ]
    assert values(sections["genres"], "name", "plays", "share") == expected_genres
    by_country = [(name, *sizes(group)) for name, group in truth.groups(truth.country).items()]
    by_country.sort(key=lambda row: (-row[1], row[0]))
    assert values(sections["countries"], "name", "sets", "tracks", "plays") == by_country
    assert values(sections["newcomers"], "id", "djs", "sets") == truth.newcomers()


async def fill(bench: Bench, world: SetWorld, chance: random.Random) -> None:
    """Write new versions of sets and tracks in the order of chance, and refresh."""
    playlists = world.playlists(25)
    for playlist in playlists:
        playlist["country"] = chance.choice([None, "Germany", "Spain"])
        own = next((row["track_id"] for row in playlist["rows"] if row["track_id"]), None)
        if own and chance.random() < 0.3:  # a producer, whose own tracks are no support
            producer = own.partition("-")[0]
            playlist["djs"] = [{"artist_id": producer, "name": "Producer", "native_id": None}]
    records = [
        sample.track(
            track_id,
            world.version,
            track_name=HOSTILE,
            label=chance.choice([None, *SPELLINGS]),
            genres=chance.choice([[], ["house"], ["techno", "house"]]),
        )
        for track_id in chance.sample(TRACKS, 9)
    ]
    await write_directly(bench.settings, tables.WRITERS["silver.tracks"], records)
    await write_directly(bench.settings, tables.WRITERS["silver.playlists"], playlists)
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)


async def made(bench: Bench) -> editions.Report:
    async with editions.connected(bench.settings) as connection:
        return await editions.make(connection, YEAR, DAY)


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command on the bench's database."""
    monkeypatch.setattr(cli, "settings", lambda: bench.settings)

    def call(*arguments: str) -> Result:
        app = typer.Typer()
        app.command()(cli.report)
        return CliRunner().invoke(app, arguments)

    return call


def test_a_report_equals_a_computation_and_stays_as_it_was(
    bench: Bench,
    run: Callable[..., Result],
) -> None:
    world, chance = SetWorld(3, sets=40), random.Random(3)
    for _ in range(2):
        asyncio.run(fill(bench, world, chance))
        check(bench, dict(asyncio.run(made(bench)).sections))  # type: ignore[arg-type]
    first = json.loads(run("2024", "--edition", "1", "-f", "json").stdout)
    latest = {form: run("2024", "-f", form).stdout for form in ("table", "json", "csv", "markdown")}
    asyncio.run(fill(bench, world, chance))
    assert {form: run("2024", "-f", form).stdout for form in latest} == latest
    again = json.loads(run("2024", "--again", "-f", "json").stdout)
    assert (first["edition"], json.loads(latest["json"])["edition"], again["edition"]) == (1, 2, 3)
    check(bench, again["sections"])
    assert again["sections"] != json.loads(latest["json"])["sections"] != first["sections"]
    assert json.loads(run("2024", "--edition", "1", "-f", "json").stdout) == first
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        bench.query("UPDATE gold_reports SET year = 2023 RETURNING year")

    assert "\x1b" not in "".join(latest.values())
    page = latest["markdown"]
    assert page.startswith("# 2024 in DJ sets\n")
    assert r"\|\\x1b\[2J\# \<b\>\[x\]\(http\://x\)" in page
    assert latest["csv"].splitlines()[0].startswith("year,edition,as_of,section,id,place")
    assert "no such edition" in str(run("2024", "--edition", "9").exception)


def test_a_track_that_a_page_named_in_the_year_is_a_reveal(
    bench: Bench,
    run: Callable[..., Result],
) -> None:
    row = sample.playlist_row(1, "a-hit")
    playlist = sample.playlist("p:1", 1, row, sample.playlist_row(2, "b-side"))
    asyncio.run(write_directly(bench.settings, tables.WRITERS["silver.playlists"], [playlist]))
    for number, (title, day) in enumerate((("ID", "2025-12-01"), ("Hit", "2026-01-05"))):
        bench.query(
            "INSERT INTO bronze_scraped_tracks (id, source, source_url, raw_data, scraped_at,"
            " scraper_version, playlist_id, row_key, ordinal, content_hash, page_id, page_sha256,"
            " parser_version) VALUES (coalesce(%s, gen_random_uuid()), 's', 'u', %s, %s,"
            " '1', 'p:1', %s, 0, %s, 'p', 'p', 1)"
            " RETURNING id",
            row["bronze_id"] if number else None,
            json.dumps({"track_name": title}),
            day,
            row["row_key"],
            str(number),
        )
    report = json.loads(run("2026", "-f", "json").stdout)
    (reveal,) = report["sections"]["reveals"]
    assert (reveal["id"], reveal["sets"], reveal["revealed_date"]) == ("a-hit", 1, "2026-01-05")
    assert json.loads(run("2025", "-f", "json").stdout)["sections"]["reveals"] == []


def test_a_reveal_is_a_play_of_a_counted_set_that_the_page_names_now(
    bench: Bench,
    run: Callable[..., Result],
) -> None:
    """Reveals are ordered by sets, then day; mixed in are rows that each break one rule."""
    sets: list[tuple[str, str, dict[str, Any], dict[str, Any], str, str]] = [
        ("p:1", "b-early", {}, {}, "Early", "2026-01-05"),
        ("p:2", "a-often", {}, {}, "Often", "2026-03-01"),
        ("p:3", "a-often", {}, {}, "Often", "2026-04-01"),
        ("p:4", "c-uncounted", {}, {"counted": False}, "Uncounted", "2026-01-05"),
        ("p:5", "d-component", {"role": "component"}, {}, "Component", "2026-01-05"),
        ("p:6", "e-unknown", {}, {}, "ID", "2026-01-05"),
        ("p:7", "f-before", {}, {}, "Before", "2025-12-31"),
        ("p:8", "g-after", {}, {}, "After", "2027-01-01"),
        ("p:9", "h-rejected", {"status": "title_only"}, {}, "Rejected", "2026-01-05"),
    ]
    for name, track_id, of_row, of_set, title, day in sets:
        row = sample.playlist_row(1, track_id, bronze_id=ids.event_id("bronze", name), **of_row)
        playlist = sample.playlist(name, 1, row, **of_set)
        asyncio.run(write_directly(bench.settings, tables.WRITERS["silver.playlists"], [playlist]))
        for number, (shown, fetched) in enumerate((("ID", "2025-01-01"), (title, day))):
            bench.execute(
                "INSERT INTO bronze_scraped_tracks (id, source, source_url, raw_data, scraped_at,"
                " scraper_version, playlist_id, row_key, ordinal, content_hash, page_id, page_sha256,"
                " parser_version) VALUES (coalesce(%s, gen_random_uuid()), 's', 'u', %s, %s,"
                " '1', %s, %s, 0, %s, 'p', 'p', 1)",
                row["bronze_id"] if number else None,
                json.dumps({"track_name": shown}),
                fetched,
                name,
                row["row_key"],
                str(number),
            )
    reveals = json.loads(run("2026", "-f", "json").stdout)["sections"]["reveals"]
    assert values(reveals, "id", "sets", "revealed_date") == [
        ("a-often", 2, "2026-03-01"),
        ("b-early", 1, "2026-01-05"),
    ]
