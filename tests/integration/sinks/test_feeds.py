"""Events of a feed equal a computation over the records; feeds are valid whatever the names are."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer
from lxml import etree
from typer.testing import CliRunner, Result

from queries import commands, database, feed_commands, feeds, subscriptions
from queries.subscriptions import Kind
from sinks import tables
from tests.integration.sinks.test_sinks_refresh import refreshing
from tests.support import sample_records as sample
from tests.support.gold_world import FIRST_DAY, TRACKS, SetWorld
from tests.support.sink_bench import Bench, write_directly

TODAY = FIRST_DAY + timedelta(days=900)
DAYS = 880
FOLLOWED = (
    (Kind.TRACK, "artist1-1"), (Kind.TRACK, "artist3-9"), (Kind.DJ, "dj1"), (Kind.DJ, "dj3"),
    (Kind.ARTIST, "artist2"), (Kind.LABEL, "LABEL 1"),
)  # fmt: skip


async def write(bench: Bench, topic: str, *records: dict[str, Any]) -> None:
    await write_directly(bench.settings, tables.WRITERS[topic], records)


async def refreshed(bench: Bench, day: date) -> None:
    async with refreshing(bench) as refresher:
        await refresher.tick(day, pinned=True)
        while await refresher.some(day):
            pass
        await refresher.whole(day)


async def listed(bench: Bench, name: str = "default", **options: Any) -> list[feeds.Entry]:
    async with database.connected(bench.settings) as connection:
        return await feeds.entries(connection, name, **{"today": TODAY, "days": DAYS, **options})


class Truth:
    """The events of a world of sets, from its records."""

    def __init__(self, sets: dict[str, dict[str, Any]], tracks: dict[str, dict[str, Any]]) -> None:
        self.tracks = tracks
        self.supports: dict[tuple[str, str], date] = {}
        self.first: dict[str, date] = {}
        self.credits: set[tuple[str, str]] = set()
        self.sets: list[tuple[str, str, date]] = []
        for record in sets.values():
            if record["counted"]:
                self._take(record)

    def _take(self, record: dict[str, Any]) -> None:
        day = record["set_date"]
        exact = day if record["set_date_precision"] == "day" else None
        djs = [dj["artist_id"] for dj in record["djs"]]
        self.sets += [(record["playlist_id"], dj, exact) for dj in djs if exact]
        for row in record["rows"]:
            if row["status"] != "identified":
                continue
            track_id, claim = row["track_id"], row["claim"]
            self.credits |= {
                (track_id, maker) for maker in (*claim["artist_ids"], *claim["version_artist_ids"])
            }
            if row["role"] == "component":
                continue
            if day:
                self.first[track_id] = min(self.first.get(track_id, day), day)
            for dj in djs:
                old = self.supports.get((track_id, dj), date.max)
                self.supports[track_id, dj] = min(old, exact or date.max)

    def events(self) -> set[tuple[str, str | None, date]]:
        """Return kind, track (of a set: the set) and day of the events of FOLLOWED."""
        since, followed = TODAY - timedelta(days=DAYS), set(FOLLOWED)
        events: set[tuple[str, str | None, date]] = set()
        for (track_id, _), day in self.supports.items():
            if (Kind.TRACK, track_id) in followed:
                events.add(("support", track_id, day))
        for playlist_id, dj, day in self.sets:
            if (Kind.DJ, dj) in followed:
                events.add(("set", playlist_id, day))
        for track_id, day in self.first.items():
            track = self.tracks[track_id]
            is_followed = (track_id, "artist2") in self.credits or track["label"] == "Label 1"
            if is_followed and (not track["release_date"] or (day - track["release_date"]).days <= 365):
                events.add(("track", track_id, day))
        return {event for event in events if since <= event[2] <= TODAY}


async def world(bench: Bench, seed: int) -> Truth:
    """Write versions of sets, their tracks and the counts of these, and follow."""
    source = SetWorld(seed, sets=16)
    sets: dict[str, dict[str, Any]] = {}
    for _ in range(4):
        batch = source.playlists(10)
        sets |= {record["playlist_id"]: record for record in batch}
        await write(bench, "silver.playlists", *batch)
    released = [None, FIRST_DAY, FIRST_DAY - timedelta(days=400), FIRST_DAY + timedelta(days=300)]
    tracks = {
        track_id: sample.track(
            track_id,
            label=f"Label {number % 3}",
            release_date=released[number % 4],
            release_date_precision=released[number % 4] and "day",
        )
        for number, track_id in enumerate(TRACKS)
    }
    truth = Truth(sets, tracks)
    counts = [sample.counts(name, first_seen_date=truth.first.get(name)) for name in TRACKS]
    await write(bench, "silver.tracks", *tracks.values())
    await write(bench, "gold.tracks", *counts)
    names = ["artist2", "dj1", "dj3"]
    await write(bench, "gold.artists", *(sample.artist_counts(name) for name in names))
    await refreshed(bench, TODAY)
    async with database.connected(bench.settings) as connection:
        for kind, name in FOLLOWED:
            await subscriptions.follow(connection, "default", kind, name)
    return truth


@pytest.mark.parametrize("seed", [1, 6])
async def test_events_equal_a_computation_over_the_records(bench: Bench, seed: int) -> None:
    truth = await world(bench, seed)
    entries = await listed(bench)
    kinds = {(e.kind, e.playlist_id if e.kind == "set" else e.track_id, e.day) for e in entries}
    assert kinds == truth.events()
    assert {kind for kind, _, _ in kinds} == {"support", "set", "track"}
    supports = sum(
        track_id in ("artist1-1", "artist3-9") and TODAY - timedelta(days=DAYS) <= day <= TODAY
        for (track_id, _), day in truth.supports.items()
    )
    assert sum(entry.kind == "support" for entry in entries) == supports  # one per DJ
    assert len({entry.id for entry in entries}) == len(entries)
    assert [entry.published for entry in entries] == sorted((e.published for e in entries), reverse=True)
    assert await listed(bench, "nobody") == []

    await refreshed(bench, TODAY)
    assert {entry.id for entry in await listed(bench)} == {entry.id for entry in entries}


async def test_an_id_that_became_a_followed_track_is_revealed_once(bench: Bench) -> None:
    first = sample.tracklist("one", "ID - ID", "Amy - Known")
    second = sample.tracklist("one", "Amy - Hidden", "Amy - Known")
    second["observed_at"] = first["observed_at"] + timedelta(days=3)
    await write(bench, "bronze.tracklists", first)
    await write(bench, "bronze.tracklists", second)
    bronze = {
        row["raw_data"]["track_name"]: str(row["id"])
        for row in bench.query("SELECT * FROM bronze_scraped_tracks")
    }
    rows = [
        sample.playlist_row(1, "amy-hidden", row_key="1000", bronze_id=bronze["Hidden"]),
        sample.playlist_row(2, "amy-known", row_key="1001", bronze_id=bronze["Known"]),
    ]
    await write(bench, "silver.playlists", sample.playlist("1001tracklists:one", 2, *rows))
    tracks = [sample.counts(name, first_seen_date=date(2020, 1, 1)) for name in ("amy-hidden", "amy-known")]
    await write(bench, "gold.tracks", *tracks)
    await write(bench, "gold.artists", sample.artist_counts("amy"))
    day = second["observed_at"].date()
    await refreshed(bench, day)
    async with database.connected(bench.settings) as connection:
        await subscriptions.follow(connection, "default", Kind.ARTIST, "amy")
        await subscriptions.follow(connection, "default", Kind.TRACK, "amy-hidden")
    entries = await listed(bench, today=day + timedelta(days=1), days=30)
    reveals = [entry for entry in entries if entry.kind == "reveal"]
    assert [(entry.track_id, entry.published) for entry in reveals] == [("amy-hidden", second["observed_at"])]
    assert not [e for e in await listed(bench, today=day - timedelta(days=1)) if e.kind == "reveal"]


async def test_a_climb_is_the_first_final_day_among_the_first(bench: Bench) -> None:
    await write(bench, "gold.tracks", sample.counts("amy-up"))
    day = date(2026, 3, 1)
    ranks = {0: 14, 1: 10, 2: 9, 4: 12, 5: 8, 40: 7, 41: 3}
    for number in (*ranks, 39, 42):
        bench.execute(
            "INSERT INTO gold_rank_snapshots VALUES (%s, 1, false, 'x', now())", day + timedelta(number)
        )
    ranks |= {42: 3}
    for number, rank in ranks.items():
        bench.execute(
            "INSERT INTO gold_track_rank_history VALUES ('amy-up', %s, %s, 'House', %s, 0.5, 3)",
            *(day + timedelta(number), rank + 100, rank),
        )
    async with database.connected(bench.settings) as connection:
        await subscriptions.follow(connection, "default", Kind.TRACK, "amy-up")
    for top, expected in ((10, [1, 40]), (8, [5, 40]), (3, [41]), (2, [])):
        entries = await listed(bench, today=day + timedelta(50), days=90, top=top)
        assert sorted((entry.day - day).days for entry in entries if entry.kind == "climb") == expected, top
    assert "is number 3 in House" in (await listed(bench, today=day + timedelta(50), top=3))[0].title


HOSTILE = '<script>&amp;"\x00\x1b[2J\ufffe]]> ' + "x" * 500


def check_atom(document: bytes, count: int) -> Any:
    """Return the feed, with the elements that RFC 4287 requires, each of the allowed form."""
    feed = etree.fromstring(document)
    names = {"a": feeds.ATOM}
    assert feed.tag == f"{{{feeds.ATOM}}}feed"
    allowed = {
        "feed": {"id", "title", "updated", "author", "link", "entry"},
        "entry": {"id", "title", "updated", "published", "link", "category", "content"},
    }
    for element in (feed, *feed.findall("a:entry", names)):
        children = [etree.QName(child).localname for child in element]
        assert set(children) <= allowed[etree.QName(element).localname]
        assert all(children.count(name) == 1 for name in ("id", "title", "updated"))
        assert datetime.fromisoformat(element.findtext("a:updated", namespaces=names)).tzinfo
        assert element.findtext("a:id", namespaces=names).startswith("urn:uuid:")
        assert all(
            link.get("href").startswith(("http://", "https://")) for link in element.findall("a:link", names)
        )
    assert feed.findtext("a:author/a:name", namespaces=names)
    assert len(feed.findall("a:entry", names)) == count
    return feed


def check_json(text: str, count: int) -> Any:
    """Return the feed, with the fields that JSON Feed 1.1 requires."""
    feed = json.loads(text)
    assert (feed["version"], bool(feed["title"])) == ("https://jsonfeed.org/version/1.1", True)
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert item.keys() <= {"id", "url", "title", "content_text", "date_published", "tags"}
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"]) == count
    return feed


@pytest.fixture
async def hostile(bench: Bench) -> Bench:
    """Return a bench with a set whose names are hostile, and whose address is no web address."""
    await write(
        bench,
        "silver.playlists",
        sample.playlist("p:1", 1, sample.playlist_row(1, "amy-up"), title=HOSTILE, url="javascript:alert(1)"),
        sample.playlist("p:2", 1, sample.playlist_row(1, "amy-up"), djs=("sasha",)),
    )
    await write(bench, "gold.tracks", sample.counts("amy-up", track_name=HOSTILE))
    await write(bench, "gold.artists", sample.artist_counts("petetong", name="Pete Tong"))
    await refreshed(bench, date(2026, 3, 2))
    return bench


@pytest.fixture
def run(hostile: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(commands, "settings", lambda: hostile.settings)

    class Today(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Today":
            return cls(2026, 3, 2, tzinfo=UTC)

    monkeypatch.setattr(feed_commands, "datetime", Today)

    def call(command: Callable[..., None], *arguments: str) -> Result:
        app = typer.Typer()
        app.command()(command)
        return CliRunner().invoke(app, arguments)

    return call


def test_the_commands_follow_and_write_valid_feeds(run: Callable[..., Result], tmp_path: Path) -> None:
    def shown(command: Callable[..., None], *arguments: str) -> str:
        result = run(command, *arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    check_atom(shown(feed_commands.feed).encode(), 0)
    check_json(shown(feed_commands.feed, "--form", "json"), 0)
    assert "followed in list" in shown(feed_commands.follow, "dj", "pete tong")
    assert "followed already" in shown(feed_commands.follow, "dj", "petetong")
    shown(feed_commands.follow, "track", "amy-up")
    shown(feed_commands.follow, "track", "amy-up", "--list", "b-2")
    rows = json.loads(shown(feed_commands.following, "-f", "json"))
    assert [(row["list_name"], row["kind"], row["target_id"]) for row in rows] == [
        ("b-2", "track", "amy-up"), ("default", "dj", "petetong"), ("default", "track", "amy-up")
    ]  # fmt: skip
    path = tmp_path / "feed.atom"
    shown(feed_commands.feed, "-o", str(path))
    atom = check_atom(path.read_bytes(), 3)  # two DJs played the track, one of them has a new set
    assert [p.name for p in tmp_path.iterdir()] == ["feed.atom"]
    assert atom.findall("{*}entry/{*}link")[0].get("href") == "https://www.1001tracklists.com/tracklist/abc/"
    assert b"javascript" not in path.read_bytes()
    document = check_json(shown(feed_commands.feed, "--form", "json"), 3)
    assert all(len(item["title"]) <= feeds.MAX_TITLE for item in document["items"])
    assert any("<script>" in item["title"] for item in document["items"])
    assert "removed from" in shown(feed_commands.unfollow, "dj", "Pete Tong")
    assert "not in" in shown(feed_commands.unfollow, "dj", "petetong")
    check_json(shown(feed_commands.feed, "--form", "json"), 2)
    for command, arguments, words in (
        (feed_commands.follow, ("label", "none"), "songnodes search"),
        (feed_commands.feed, ("--list", "../x"), "lower-case"),
    ):
        result = run(command, *arguments)
        assert result.exit_code == 1
        assert words in str(result.exception)


async def test_a_login_that_may_not_write_follows_nothing(bench: Bench) -> None:
    async with database.connected(bench.settings) as connection:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("DELETE FROM feed_subscriptions")
    url = bench.settings.database_analyst_url
    assert url
    connection = await asyncpg.connect(url)
    try:
        with pytest.raises(subscriptions.NotWritable, match="songnodes env --writer"):
            await subscriptions._write(connection, "unfollow", "default", "dj", "a")
    finally:
        await connection.close()
