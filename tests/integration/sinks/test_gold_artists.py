"""Artists as producers and as DJs equal a computation over all plays, after any changes and a rebuild."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from queries import database
from tests.integration.sinks.test_sinks_refresh import DAY, refreshing, written
from tests.support import sample_records as sample
from tests.support.gold_world import TRACKS, Play, SetWorld, plays
from tests.support.sink_bench import Bench
from web import drawing_data

PRODUCERS = "SELECT * FROM gold_producer_analytics"
DJS = "SELECT * FROM gold_dj_analytics"
DJ_COUNTS = "SELECT * FROM gold_dj_counts"


def by_artist(bench: Bench, statement: str) -> dict[str, dict[str, Any]]:
    return {row.pop("artist_id"): row for row in bench.query(statement)}


def lower_median(values: Iterable[Any]) -> Any:
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def top(counts: Mapping[str, int], key: str, value: str) -> list[dict[str, Any]]:
    chosen = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
    return [{key: name, value: count} for name, count in chosen]


class Expected:
    """Analytics computed from all rows of silver."""

    def __init__(self, bench: Bench) -> None:
        self.plays = list(plays(bench))
        self.tracks = {row["track_id"]: row for row in bench.query("SELECT * FROM silver_enriched_tracks")}
        self.sets = bench.query("SELECT * FROM silver_enriched_playlists WHERE counted")
        self.series = {
            row["playlist_id"]: row["series"] for row in bench.query("SELECT * FROM gold_playlist_analytics")
        }
        self.rows = bench.query("SELECT * FROM silver_playlist_tracks")
        self.credits = {
            (row["playlist_id"], row["row_index"]): {*row["artist_ids"], *row["version_artist_ids"]}
            for row in self.rows
        }

    def credited(self, play: Play) -> set[str]:
        return self.credits[play.playlist_id, play.row_index]

    def producers(self) -> dict[str, dict[str, Any]]:
        groups: dict[str, list[Play]] = defaultdict(list)
        for play in self.plays:
            for artist in self.credited(play):
                groups[artist].append(play)
        return {artist: self.producer(artist, group) for artist, group in groups.items()}

    def producer(self, artist: str, group: list[Play]) -> dict[str, Any]:
        supports = {(dj, play.playlist_id) for play in group for dj in play.djs if dj != artist}
        counts = Counter(play.track_id for play in group)
        tracks = [self.tracks.get(track_id) or {"camelot": None, "bpm": None} for track_id in counts]
        keys = Counter(track["camelot"] for track in tracks if track["camelot"])
        tempi = [float(track["bpm"]) for track in tracks if track["bpm"]]
        years: dict[str, list[Play]] = defaultdict(list)
        for play in group:
            if play.day:
                years[str(play.day.year)].append(play)
        return {
            "track_count": len(counts),
            "play_count": len(group),
            "supporter_count": len({dj for dj, _ in supports}),
            "top_supporters": top(Counter(dj for dj, _ in supports), "dj_id", "sets"),
            "top_tracks": top(counts, "track_id", "plays"),
            "years": {
                year: {
                    "plays": len(chosen),
                    "tracks": len({play.track_id for play in chosen}),
                    "supporters": len({dj for play in chosen for dj in play.djs if dj != artist}),
                }
                for year, chosen in years.items()
            },
            "key_profile": dict(keys),
            "key_coverage": pytest.approx(keys.total() / len(counts)),
            "bpm_profile": dict(Counter(str(int(bpm // 5) * 5) for bpm in tempi)),
            "bpm_median": lower_median(tempi),
            "bpm_coverage": pytest.approx(len(tempi) / len(counts)),
        }

    def djs(self) -> dict[str, dict[str, Any]]:
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for parent in self.sets:
            for dj in parent["dj_ids"]:
                groups[dj].append(parent)
        return {dj: self.dj(dj, group) for dj, group in groups.items()}

    def dj(self, dj: str, sets: list[dict[str, Any]]) -> dict[str, Any]:
        group = [play for play in self.plays if dj in play.djs]
        rows = sum(parent["row_count"] for parent in sets)
        ages = [age for play in group if (age := self.age(play)) is not None]
        foreign = {play.track_id for play in self.plays for name in play.djs if name != dj}
        favourites = {(name, play.playlist_id) for play in group for name in self.credited(play)}
        return {
            "set_count": len(sets),
            "track_count": len({play.track_id for play in group}),
            "play_count": len(group),
            "exclusive_tracks": len({play.track_id for play in group} - foreign),
            "unidentified_share": pytest.approx(
                sum(p["row_count"] - p["identified_rows"] for p in sets) / rows
            )
            if rows
            else None,
            "unreleased_share": pytest.approx(sum(age < 0 for age in ages) / len(ages)) if ages else None,
            "release_coverage": pytest.approx(len(ages) / len(group)) if group else None,
            "median_age_days": lower_median(ages),
            "residencies": self.residencies(sets),
            "favourite_artists": top(
                Counter(name for name, _ in favourites if name != dj), "artist_id", "sets"
            ),
            "genres_by_year": self.genres(group),
        }

    def dj_counts(self) -> dict[str, dict[str, Any]]:
        """Return what pages show of all rows of each DJ: most played tracks, keys, moves between keys."""
        djs = {dj for parent in self.sets for dj in parent["dj_ids"]}
        return {dj: self.counts([p for p in self.sets if dj in p["dj_ids"]]) for dj in djs}

    def counts(self, sets: list[dict[str, Any]]) -> dict[str, Any]:
        days: dict[str, dict[str, date | None]] = defaultdict(dict)
        moves: Counter[tuple[str, str]] = Counter()
        for parent in sets:
            rows = {row["row_index"]: row for row in self.rows if row["playlist_id"] == parent["playlist_id"]}
            for row in rows.values():
                if row["status"] == "identified" and row["track_id"]:
                    days[row["track_id"]][parent["set_id"]] = parent["set_date"]
                later = rows.get(row["next_row_index"])
                move = (self.key(row), self.key(later)) if later else (None, None)
                if row["role"] == "main" and move[0] and move[1]:
                    moves[move[0], move[1]] += 1
        played = [
            (track_id, len(of), max((day for day in of.values() if day), default=None))
            for track_id, of in days.items()
        ]
        played.sort(key=lambda row: (-row[1], -(row[2] or date.min).toordinal(), row[0]))
        keys = Counter(key for track_id in days if (key := self.key({"track_id": track_id})))
        return {"tracks": played, "keys": dict(keys), "moves": dict(moves)}

    def key(self, row: dict[str, Any]) -> str | None:
        key: str | None = self.tracks.get(row["track_id"], {}).get("camelot")
        return key

    def age(self, play: Play) -> int | None:
        track = self.tracks.get(play.track_id)
        if not play.day or not track or track["release_date_precision"] != "day":
            return None
        return (play.day - track["release_date"]).days if track["release_date"] else None

    def genres(self, group: list[Play]) -> dict[str, Any]:
        years: dict[str, Counter[str]] = defaultdict(Counter)
        for play in group:
            genres = self.tracks.get(play.track_id, {}).get("genres")
            if play.day and genres:
                years[str(play.day.year)][genres[0]] += 1
        return {
            year: {genre: pytest.approx(n / counts.total(), abs=1e-4) for genre, n in counts.items()}
            for year, counts in years.items()
        }

    def residencies(self, sets: list[dict[str, Any]]) -> list[dict[str, Any]]:
        places: dict[tuple[str, str], list[date]] = defaultdict(list)
        for parent in sets:
            day, observed = parent["set_date"], parent["last_observed_at"].date()
            if day is None or parent["set_date_precision"] != "day" or day > observed + timedelta(days=30):
                continue
            if parent["venue"]:
                places["venue", parent["venue"].lower()].append(day)
            if self.series[parent["playlist_id"]]:
                places["series", self.series[parent["playlist_id"]]].append(day)
        result = []
        for (kind, name), days in places.items():
            most = max(sum(0 <= (last - day).days < 365 for day in days) for last in days)
            if most >= 4:
                span = {"first_date": min(days).isoformat(), "last_date": max(days).isoformat()}
                result.append({"kind": kind, "name": name, "sets": len(days), "most": most, **span})
        return sorted(result, key=lambda entry: (-entry["most"], entry["kind"], entry["name"]))


def tracks(chance: random.Random, version: int) -> list[dict[str, Any]]:
    return [
        sample.track(
            track_id,
            version,
            bpm=chance.choice([None, 122.0, 124.5, 128.0]),
            key=(key := chance.choice([None, 4, 8, 9])),
            key_mode=None if key is None else "minor",
            genres=chance.choice([[], ["house"], ["techno", "house"]]),
            release_date=chance.choice([None, date(2024, 3, 1), date(2025, 1, 15)]),
            release_date_precision=chance.choice(["day", "day", "year"]),
        )
        for track_id in chance.sample(TRACKS, 5)
    ]


def stored_counts(bench: Bench) -> dict[str, dict[str, Any]]:
    """Return the counts of DJs as they are stored."""
    return {
        dj: {
            "tracks": list(zip(row["track_ids"], row["track_sets"], row["track_last_dates"], strict=True)),
            "keys": dict(zip(row["camelots"], row["camelot_tracks"], strict=True)),
            "moves": dict(
                zip(zip(row["moves_from"], row["moves_to"], strict=True), row["move_times"], strict=True)
            ),
        }
        for dj, row in by_artist(bench, DJ_COUNTS).items()
    }


async def check_pages(bench: Bench, expected: Expected) -> None:
    """Compare what pages read of each DJ, in parts of any size, with a computation over all rows."""
    gold_tracks = {row["track_id"] for row in bench.query("SELECT track_id FROM gold_track_analytics")}
    async with database.connected(bench.settings) as connection:
        for dj, counts in expected.dj_counts().items():
            for most in (3, 100, 1000):
                rows = await database.rows(connection, "artists", "played_by", dj, most)
                shown = [(row["track_id"], row["sets"], row["last_date"]) for row in rows]
                assert shown == [row for row in counts["tracks"][:most] if row[0] in gold_tracks]
            assert await drawing_data.key_counts(connection, dj_id=dj) == counts["keys"]
            assert await drawing_data.key_moves(connection, dj_id=dj) == counts["moves"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_artists_equal_a_computation_over_all_plays(bench: Bench, seed: int) -> None:
    world = SetWorld(seed, sets=25)
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        for version in range(1, 9):
            await written(bench, "silver.playlists", *world.playlists(8))
            await written(bench, "silver.tracks", *tracks(world.random, version))
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
            expected = Expected(bench)
            assert by_artist(bench, PRODUCERS) == expected.producers()
            assert by_artist(bench, DJS) == expected.djs()
            assert stored_counts(bench) == expected.dj_counts()
        await check_pages(bench, expected)
        bench.execute("DELETE FROM gold_dj_counts WHERE artist_id <> 'dj1'")
        await check_pages(bench, expected)  # those that refresh did not take yet are counted
        bench.execute("UPDATE gold_dj_analytics SET set_count = 0; DELETE FROM gold_producer_analytics")
        await refresher.everything(DAY)
    assert stored_counts(bench) == expected.dj_counts()
    assert by_artist(bench, PRODUCERS) == expected.producers()
    assert by_artist(bench, DJS) == expected.djs()
    assert bench.query("SELECT error FROM refresh_steps WHERE error IS NOT NULL") == []


async def test_an_artist_is_shown_with_collaborators(bench: Bench) -> None:
    claim = sample.claim("amy", "x", artist_ids=["amy", "zed"])
    playlist = sample.playlist("p:1", 1, sample.playlist_row(1, "amy-x", claim=claim), djs=("amy",))
    await written(bench, "silver.playlists", playlist)
    await written(bench, "gold.artists", sample.artist_counts("amy", 1))
    async with refreshing(bench) as refresher:
        await refresher.everything(DAY)
    (row,) = bench.query("SELECT * FROM gold_artist_overview WHERE artist_id = 'amy'")
    assert (row["as_producer"]["play_count"], row["as_dj"]["set_count"]) == (1, 1)
    assert row["as_producer"]["supporter_count"] == 0
    assert (row["collaborators"], row["top_collaborators"]) == (1, [{"artist_id": "zed", "tracks": 1}])


async def test_a_set_of_another_dj_ends_what_is_exclusive(bench: Bench) -> None:
    def played(playlist_id: str, version: int, *djs: str, **changes: Any) -> dict[str, Any]:
        return sample.playlist(playlist_id, version, sample.playlist_row(1, "a-hit"), djs=djs, **changes)

    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)

        async def exclusives(playlist: dict[str, Any]) -> dict[str, int]:
            await written(bench, "silver.playlists", playlist)
            while await refresher.some(DAY):
                pass
            await refresher.whole(DAY)
            rows = by_artist(bench, DJS)
            assert stored_counts(bench).keys() == rows.keys()
            return {dj: row["exclusive_tracks"] for dj, row in rows.items()}

        assert await exclusives(played("p:1", 1, "dj1")) == {"dj1": 1}
        assert await exclusives(played("p:2", 1, "dj2")) == {"dj1": 0, "dj2": 0}
        assert await exclusives(played("p:2", 2, "dj2", counted=False)) == {"dj1": 1}
        assert await exclusives(played("p:1", 2, "dj3")) == {"dj3": 1}
        assert await exclusives(played("p:2", 3, "dj2", "dj4")) == {"dj2": 0, "dj3": 0, "dj4": 0}
