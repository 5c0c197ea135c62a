"""Transitions: the tables equal a separate, naive computation from the newest records of the sets."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import permutations
from statistics import median_low
from typing import Any

import pytest

from tests.integration.sinks.test_sinks_refresh import DAY, Published, refreshing, written
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench

Pair = tuple[str, str, str]
Record = Mapping[str, Any]

PAIRS = "SELECT * FROM gold_transition_pairs ORDER BY from_track_id, to_track_id, kind"
EVIDENCE = "SELECT * FROM gold_transition_sets ORDER BY from_track_id, to_track_id, kind, playlist_id"
ID_ROWS = "SELECT * FROM gold_id_rows ORDER BY playlist_id, row_index"
MAX_TOGETHER = 8
COLUMNS = (
    *("from_track_id", "to_track_id", "kind", "set_count", "dj_count", "first_date", "last_date"),
    *("gap_count", "gap_seconds", "latest_sets"),
)
#: Statuses of rows that name no track, but a place.
UNKNOWN = ("unidentified", "artist_only", "title_only", "base_only")


def pairs_of(playlist: Record) -> Iterator[tuple[Pair, int | None]]:
    """Yield all pairs of a set, with the gap between their cues."""
    if not playlist["counted"]:
        return
    groups: dict[tuple[str | None, int], list[Record]] = defaultdict(list)
    for row in playlist["rows"]:
        groups[row["part"], row["group_index"]].append(row)
    for (part, number), rows in groups.items():
        following = groups.get((part, number + 1))
        if following is not None:
            here, there = main_row(rows), main_row(following)
            if is_track(here) and is_track(there):
                yield (here["track_id"], there["track_id"], "followed"), gap(here, there)
        for is_component in (True, False):
            tracks = [
                row["track_id"]
                for row in rows
                if is_track(row) and (row["role"] == "component") is is_component
            ]
            if len(tracks) <= MAX_TOGETHER:
                for first, second in permutations(tracks, 2):
                    yield (first, second, "together"), None


def main_row(rows: list[Record]) -> Record:
    return next((row for row in rows if row["role"] == "main"), rows[0])


def is_track(row: Record) -> bool:
    return row["status"] == "identified" and row["track_id"] is not None


def gap(here: Record, there: Record) -> int | None:
    if here["cue_seconds"] is None or there["cue_seconds"] is None:
        return None
    seconds: int = there["cue_seconds"] - here["cue_seconds"]
    return seconds if seconds >= 0 else None


def day_of(playlist: Record) -> date | None:
    day: date | None = playlist["set_date"]
    return None if day is None or day > playlist["observed_at"].date() + timedelta(days=30) else day


def expected_pairs(playlists: Iterable[Record]) -> list[dict[str, Any]]:
    """Return the rows of gold_transition_pairs for these sets."""
    sets: dict[Pair, dict[str, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    by_id = {playlist["playlist_id"]: playlist for playlist in playlists}
    for playlist in by_id.values():
        for pair, seconds in pairs_of(playlist):
            if pair[0] != pair[1]:
                sets[pair][playlist["playlist_id"]].append(seconds)
    rows = []
    for pair, gaps_by_set in sorted(sets.items()):
        dated = [(day_of(by_id[name]), name) for name in gaps_by_set]
        days = [day for day, _ in dated if day is not None]
        gaps = [
            min(gaps) for all_gaps in gaps_by_set.values() if (gaps := [g for g in all_gaps if g is not None])
        ]
        latest = sorted(dated, key=lambda item: (item[0] or date.min, item[1]), reverse=True)
        rows.append(
            {
                **dict(zip(("from_track_id", "to_track_id", "kind"), pair, strict=True)),
                "set_count": len(gaps_by_set),
                "dj_count": len({dj["artist_id"] for name in gaps_by_set for dj in by_id[name]["djs"]}),
                "first_date": min(days, default=None),
                "last_date": max(days, default=None),
                "gap_count": len(gaps),
                "gap_seconds": median_low(gaps) if gaps else None,
                "latest_sets": [name for _, name in latest][:5],
            }
        )
    return rows


def expected_id_rows(playlists: Iterable[Record]) -> list[dict[str, Any]]:
    """Return the rows of gold_id_rows for these sets."""
    id_rows = []
    for playlist in playlists:
        main_rows: dict[tuple[str | None, int], Record] = {}
        for row in playlist["rows"]:
            stored = main_rows.get((row["part"], row["group_index"]))
            if stored is None or (row["role"] == "main" and stored["role"] != "main"):
                main_rows[row["part"], row["group_index"]] = row
        for (part, number), row in main_rows.items():
            around = [main_rows.get((part, number + step)) for step in (-1, 1)]
            if playlist["counted"] and row["status"] in UNKNOWN and all(r and is_track(r) for r in around):
                tracks = [neighbour["track_id"] for neighbour in around if neighbour]
                named_as = (
                    " ".join(row["raw_text"].lower().split()) if row["status"] != "unidentified" else ""
                )
                id_rows.append(
                    {
                        "playlist_id": playlist["playlist_id"],
                        "row_index": playlist["rows"].index(row),
                        "before_track_id": tracks[0],
                        "after_track_id": tracks[1],
                        "named_as": named_as,
                    }
                )
    places = Counter((row["before_track_id"], row["after_track_id"], row["named_as"]) for row in id_rows)
    for row in id_rows:
        row["is_repeated"] = places[row["before_track_id"], row["after_track_id"], row["named_as"]] > 1
    return sorted(id_rows, key=lambda row: (row["playlist_id"], row["row_index"]))


def counts_of(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Return the pairs of several sets as a consumer of gold.transitions has them."""
    newest: dict[str, Record] = {}
    for record in records:
        assert record["pair"] not in newest or record["version"] > newest[record["pair"]]["version"]
        newest[record["pair"]] = record
    live = [record for record in newest.values() if not record["gone"]]
    return [{name: record[name] for name in COLUMNS} for record in sorted(live, key=pair_of)]


def pair_of(record: Record) -> Pair:
    return record["from_track_id"], record["to_track_id"], record["kind"]


class Sets:
    """Random versions of some sets, and the newest of each."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.newest: dict[str, Record] = {}
        self.merged: dict[str, str] = {}
        self.version = 0

    def change(self) -> dict[str, Any]:
        """Return a version above all others: a tracklist, a retraction, or one that does not count."""
        self.version += 1
        chance = self.random
        playlist_id = f"p:{chance.randrange(7)}"
        if chance.random() < 0.1 and len(self.merged) < 3:
            self.merged[f"a-{chance.randrange(9)}"] = "a-merged"
        rows = [] if chance.random() < 0.1 else list(self.rows())
        record = sample.playlist(
            playlist_id,
            self.version,
            *rows,
            djs=tuple({f"dj{chance.randrange(4)}" for _ in range(chance.randrange(3))}),
            set_date=chance.choice([None, DAY, DAY - timedelta(days=9), DAY + timedelta(days=31)]),
            counted=bool(rows) and chance.random() < 0.85,
        )
        self.newest[playlist_id] = record
        return record

    def rows(self) -> Iterator[dict[str, Any]]:
        group, cue, size = 0, 0, self.random.choice([2, 6, 12, 25])
        for position in range(1, size + 1):
            role = (
                self.random.choice(["main"] * 6 + ["layered", "component", "acapella"]) if group else "main"
            )
            group += role == "main"
            cue += self.random.choice([0, 60, 240, -5])
            row = sample.playlist_row(position, self.track(), group_index=group, role=role)
            row["cue_seconds"] = self.random.choice([cue, cue, None]) if cue >= 0 else None
            row["part"] = "second" if position > 15 else None
            if row["track_id"] is None and self.random.random() < 0.5:
                row |= {"status": self.random.choice([*UNKNOWN, "unparsed"]), "raw_text": "Zed  - ID "}
            yield row
        if self.random.random() < 0.2:  # a list without times
            yield from (
                sample.playlist_row(
                    100 + n, f"a-{n % 9}", group_index=group + 1, role="layered" if n else "main"
                )
                for n in range(self.random.choice([8, 9, 12]))
            )

    def track(self) -> str | None:
        if self.random.random() < 0.15:
            return None
        name = f"a-{self.random.randrange(9)}"
        return self.merged.get(name, name)


@pytest.mark.parametrize("seed", range(2))
async def test_transitions_equal_a_computation_from_all_sets(bench: Bench, seed: int) -> None:
    """Versions arrive in any order, some after newer ones; then a rebuild repairs damaged tables."""
    sets, published = Sets(seed), Published()
    async with refreshing(bench, published) as refresher:
        await refresher.tick(DAY, pinned=True)
        for _ in range(8):
            arriving = [sets.change() for _ in range(sets.random.choice([1, 1, 4, 8]))]
            sets.random.shuffle(arriving)
            for record in arriving:
                await written(bench, "silver.playlists", record)
            while await refresher.some(DAY):
                pass
            expected = expected_pairs(sets.newest.values())
            assert bench.query(PAIRS) == expected
            assert counts_of(published.transitions) == [row for row in expected if row["set_count"] > 1]
            assert bench.query(ID_ROWS) == expected_id_rows(sets.newest.values())
        by_queue = bench.query(EVIDENCE)
        assert {
            (row["to_track_id"], row["from_track_id"]) for row in by_queue if row["kind"] == "together"
        } == {(row["from_track_id"], row["to_track_id"]) for row in by_queue if row["kind"] == "together"}
        damage(bench)
        await refresher.everything(DAY)
    assert bench.query(EVIDENCE) == by_queue
    assert bench.query(ID_ROWS) == expected_id_rows(sets.newest.values())
    assert bench.query(PAIRS) == expected_pairs(sets.newest.values())


def damage(bench: Bench) -> None:
    bench.execute("DELETE FROM gold_transition_sets WHERE playlist_id = 'p:1'")
    bench.execute("UPDATE gold_id_rows SET is_repeated = NOT is_repeated")
    bench.execute(
        "INSERT INTO gold_id_rows VALUES ('p:unknown', 1, 'a-1', 'a-2', ''), ('p:2', 999, 'a-1', 'a-2', '')"
    )
    bench.execute("UPDATE gold_transition_pairs SET dj_count = 77, latest_sets = '{}'")
    bench.execute("INSERT INTO gold_transition_sets VALUES ('a-1', 'a-2', 'followed', 'p:unknown', 5)")
    bench.execute(
        "INSERT INTO gold_transition_pairs VALUES ('x', 'y', 'together', 1, 0, NULL, NULL, 0, NULL, '{}')"
    )


async def transitions(bench: Bench) -> set[tuple[str, str, str, int, int]]:
    async with refreshing(bench) as refresher:
        await refresher.tick(DAY, pinned=True)
        while await refresher.some(DAY):
            pass
    return {
        (row["from_track_id"], row["to_track_id"], row["kind"], row["set_count"], row["dj_count"])
        for row in bench.query(PAIRS)
    }


def lines(*tracks: str | None) -> list[dict[str, Any]]:
    return [sample.playlist_row(position, track) for position, track in enumerate(tracks, 1)]


async def test_only_neighbours_follow_each_other(bench: Bench) -> None:
    """No pair reaches over an unidentified or rejected row, into another part, or to the track itself."""
    rejected = {**sample.playlist_row(6, None), "status": "identified"}
    other_part = {**sample.playlist_row(9, "a-eight"), "part": "second"}
    rows = [*lines("a-one", None, "a-two", "a-two", "a-three"), rejected, sample.playlist_row(7, "a-four")]
    rows += [sample.playlist_row(8, "a-seven"), other_part, sample.playlist_row(11, "a-ten", part="second")]
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, *rows))
    assert await transitions(bench) == {
        ("a-two", "a-three", "followed", 1, 1),
        ("a-four", "a-seven", "followed", 1, 1),
    }


async def test_tracks_of_one_moment_are_played_together(bench: Bench) -> None:
    """A mashup and its own components are no pair; the main tracks follow each other."""
    rows = [
        sample.playlist_row(1, "a-one", group_index=1),
        sample.playlist_row(2, "a-layer", group_index=1, role="layered"),
        sample.playlist_row(3, "a-mashup", group_index=2),
        sample.playlist_row(4, "b-part", group_index=2, role="component"),
        sample.playlist_row(5, "c-part", group_index=2, role="component"),
    ]
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, *rows, djs=("x", "y")))
    assert await transitions(bench) == {
        ("a-one", "a-mashup", "followed", 1, 2),
        ("a-one", "a-layer", "together", 1, 2),
        ("a-layer", "a-one", "together", 1, 2),
        ("b-part", "c-part", "together", 1, 2),
        ("c-part", "b-part", "together", 1, 2),
    }


async def test_a_set_on_two_sites_counts_once(bench: Bench) -> None:
    rows = lines("a-one", "a-two")
    await written(
        bench,
        "silver.playlists",
        sample.playlist("p:1", 1, *rows, set_id="s"),
        sample.playlist("q:1", 1, *rows, set_id="s", counted=False),
    )
    assert await transitions(bench) == {("a-one", "a-two", "followed", 1, 1)}
    await written(
        bench,
        "silver.playlists",
        sample.playlist("p:1", 2, *rows, set_id="p:1"),
        sample.playlist("q:1", 2, *rows, set_id="q:1", djs=("x",)),
    )
    assert await transitions(bench) == {("a-one", "a-two", "followed", 2, 2)}


async def test_a_corrected_set_takes_its_pairs_back(bench: Bench) -> None:
    first = sample.playlist("p:1", 1, *lines("a-one", "a-two", "a-three"))
    await written(bench, "silver.playlists", first, sample.playlist("p:2", 1, *lines("a-one", "a-two")))
    assert await transitions(bench) == {
        ("a-one", "a-two", "followed", 2, 1),
        ("a-two", "a-three", "followed", 1, 1),
    }
    await written(
        bench, "silver.playlists", sample.playlist("p:1", 2, *lines("a-one", "a-three"), djs=("x",))
    )
    assert await transitions(bench) == {
        ("a-one", "a-two", "followed", 1, 1),
        ("a-one", "a-three", "followed", 1, 1),
    }
    await written(bench, "silver.playlists", sample.playlist("p:1", 3, counted=False))
    assert await transitions(bench) == {("a-one", "a-two", "followed", 1, 1)}


async def test_a_pair_of_several_sets_is_published(bench: Bench) -> None:
    published = Published()
    everywhere, elsewhere = lines("a-one", "a-two", "a-three"), lines("a-two", "a-three")
    versions = [("p:1", 1, everywhere), ("p:2", 1, everywhere), ("p:2", 2, elsewhere)]
    sent = []
    async with refreshing(bench, published) as refresher:
        await refresher.tick(DAY, pinned=True)
        for playlist_id, version, rows in versions:
            await written(bench, "silver.playlists", sample.playlist(playlist_id, version, *rows))
            while await refresher.some(DAY):
                pass
            sent.append([(r["pair"], r["set_count"], r["gone"]) for r in published.transitions])
            records = [*published.transitions]
            published.transitions.clear()
    assert sent == [
        [],
        [("a-one|a-two|followed", 2, False), ("a-two|a-three|followed", 2, False)],
        [("a-one|a-two|followed", 1, True)],
    ]
    (record,) = records
    encoded = bench.codec.encode("gold.transitions", record)
    assert bench.codec.decode("gold.transitions", encoded) == record


async def test_the_view_has_the_change_of_key_tempo_and_energy(bench: Bench) -> None:
    await written(bench, "silver.playlists", sample.playlist("p:1", 1, *lines("a-one", "a-two", "a-three")))
    await written(
        bench,
        "silver.tracks",
        sample.track("a-one", bpm=128.0, key=12, key_mode="minor", energy=0.5),
        sample.track("a-two", bpm=65.0, key=1, key_mode="minor", energy=0.75),
    )
    await transitions(bench)
    rows = bench.query(
        "SELECT to_track_name, to_artist, bpm_change, key_relation, energy_change FROM gold_transitions"
        " ORDER BY from_track_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Two", "A", 2, "one step", 0.25),
        (None, None, None, None, None),
    ]
