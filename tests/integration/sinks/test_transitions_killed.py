"""Transitions after kills: tables and topic equal the naive computation, wherever refresh died."""

import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import pytest

from sinks import database
from sinks.refresh.publisher import Publisher
from sinks.refresh.refresher import Refresher
from tests.integration.sinks.test_sinks_refresh import DAY, written
from tests.integration.sinks.test_sinks_transitions import (
    COLUMNS,
    EVIDENCE,
    ID_ROWS,
    PAIRS,
    Sets,
    expected_id_rows,
    expected_pairs,
    lines,
    pair_of,
)
from tests.support import sample_records as sample
from tests.support.killed_refresh import Mortal
from tests.support.sink_bench import Bench, environment

KILLS = 4
#: Statements between two deaths; a step of 1 takes minutes and found nothing more.
STEP = 3
TOPIC = "gold.transitions"
#: Counts that are equal in both directions where tracks were played together.
SYMMETRIC = ("set_count", "dj_count", "first_date", "last_date", "latest_sets")


def killed(bench: Bench, number: int) -> int:
    """Run refresh in a process that kills itself before this statement; return its exit code."""
    arguments = [sys.executable, "-m", "tests.support.killed_refresh", DAY.isoformat(), str(number)]
    return subprocess.run(arguments, env=environment(bench.settings), check=False).returncode


def live(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the pairs as a consumer has them that keeps the record of the highest version."""
    newest: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record["pair"] not in newest or record["version"] >= newest[record["pair"]]["version"]:
            newest[record["pair"]] = record
    kept = [record for record in newest.values() if not record["gone"]]
    return [{name: record[name] for name in COLUMNS} for record in sorted(kept, key=pair_of)]


def consumed(bench: Bench) -> list[Mapping[str, Any]]:
    """Return all records of gold.transitions."""
    values = (message.value() for message in bench.messages(TOPIC))
    return [bench.codec.decode(TOPIC, value) for value in values if value is not None]


async def test_kills_while_sets_are_scraped_again_merged_and_retracted(bench: Bench) -> None:
    bench.make(TOPIC, "gold.playlists")
    sets, codes = Sets(3), []
    for _ in range(KILLS):
        for _ in range(sets.random.choice([2, 6, 12])):
            await written(bench, "silver.playlists", sets.change())
        codes.append(killed(bench, sets.random.randrange(12, 40)))
        for _ in range(3):  # changes again before the next process begins
            await written(bench, "silver.playlists", sets.change())
    assert killed(bench, 0) == 0
    assert codes.count(-9) >= KILLS - 1
    expected = expected_pairs(sets.newest.values())
    assert bench.query(PAIRS) == expected
    assert bench.query(ID_ROWS) == expected_id_rows(sets.newest.values())
    assert live(consumed(bench)) == [row for row in expected if row["set_count"] > 1]
    assert bench.count("refresh_unsent") == 0


class Death(BaseException):
    """The end of the process, in the process of the test."""


def die() -> None:
    raise Death


class Log(Publisher):
    """Publishes to a list; the process may die before and after a delivery."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.settings, bench.codec, cast(Any, None))
        self.records: list[Mapping[str, Any]] = []
        self.mortal: Mortal | None = None

    def _deliver(self, rows: Sequence[Mapping[str, Any]]) -> None:
        assert self.mortal is not None
        self.mortal.count()
        decoded = [self._codec.decode(row["topic"], row["record"]) for row in rows if row["topic"] == TOPIC]
        self.records += decoded
        self.mortal.count()


async def refreshed(bench: Bench, log: Log, number: int = 0) -> bool:
    """Take the queue to its end with a connection of its own; return False if the process died."""
    connection = await database.connect(bench.settings)
    try:
        mortal: Any = Mortal(connection, number, die)
        log.mortal = mortal
        refresher = Refresher(mortal, log)
        turns = 0
        while await refresher.some(DAY):
            turns += 1
            assert turns < 20, bench.query("SELECT step, error FROM refresh_steps WHERE error IS NOT NULL")
    except Death:
        return False
    finally:
        connection.terminate()
    return True


async def test_a_change_that_is_taken_back_after_any_death_leaves_no_record(bench: Bench) -> None:
    """The set has the pair only until the process dies: no table and no newest record may have it."""
    log, number, deaths = Log(bench), 0, 0
    died = True
    while died:
        number += STEP
        first, second = f"p:{number}-1", f"p:{number}-2"
        pair = lines(f"a{number}-one", f"a{number}-two")
        await written(bench, "silver.playlists", sample.playlist(first, 1, *pair))
        assert await refreshed(bench, log)
        await written(bench, "silver.playlists", sample.playlist(second, 1, *pair, djs=("x",)))
        died = not await refreshed(bench, log, number)
        deaths += died
        await written(bench, "silver.playlists", sample.playlist(second, 2, *pair[:1], djs=("x",)))
        assert await refreshed(bench, log)
        assert live(log.records) == [], number
    assert deaths > 10
    assert all(row["set_count"] == 1 for row in bench.query(PAIRS))


def with_gap(rows: Sequence[Mapping[str, Any]], group: int, part: str | None) -> list[dict[str, Any]]:
    """Return the rows with an unidentified one behind a group of a part."""
    moved = [
        {**row, "group_index": row["group_index"] + (row["part"] == part and row["group_index"] > group)}
        for row in rows
    ]
    place = max(i for i, row in enumerate(rows) if (row["part"], row["group_index"]) == (part, group)) + 1
    gap = sample.playlist_row(900, None, group_index=group + 1, part=part)
    return [*moved[:place], gap, *moved[place:]]


@pytest.mark.parametrize("seed", range(2))
async def test_an_unidentified_row_separates_its_neighbours_and_nothing_else(bench: Bench, seed: int) -> None:
    """Each set is written with and without one more unidentified row: exactly that pair of groups is lost."""
    sets, chance, twins = Sets(seed + 20), random.Random(seed), {}
    for number in range(60):
        rows = list(sets.rows())
        place = chance.choice(rows)
        plain, gapped = f"p:{number}", f"q:{number}"
        await written(
            bench,
            "silver.playlists",
            sample.playlist(plain, 1, *rows),
            sample.playlist(gapped, 1, *with_gap(rows, place["group_index"], place["part"])),
        )
        twins[plain] = (gapped, rows, place)
    log = Log(bench)
    assert await refreshed(bench, log)
    evidence: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for row in bench.query(EVIDENCE):
        evidence[row["playlist_id"]].add(pair_of(row))
    separated = 0
    for plain, (gapped, rows, place) in twins.items():
        lost = evidence[plain] - evidence[gapped]
        assert evidence[gapped] <= evidence[plain]
        assert {kind for *_, kind in lost} <= {"followed"}
        leaders = {number: leader(rows, place["part"], place["group_index"] + number) for number in (0, 1)}
        assert lost <= {(leaders[0], leaders[1], "followed")}
        separated += len(lost)
        for first, second, kind in evidence[plain]:
            assert first != second
            assert kind == "followed" or (second, first, kind) in evidence[plain]
    assert separated > 5
    together = {
        (row["from_track_id"], row["to_track_id"]): {name: row[name] for name in SYMMETRIC}
        for row in bench.query(PAIRS)
        if row["kind"] == "together"
    }
    assert {(second, first): counts for (first, second), counts in together.items()} == together


def leader(rows: Sequence[Mapping[str, Any]], part: str | None, group: int) -> str | None:
    """Return the track of the main row of a group, None without one."""
    chosen = [row for row in rows if (row["part"], row["group_index"]) == (part, group)]
    chosen.sort(key=lambda row: row["role"] != "main")
    return chosen[0]["track_id"] if chosen and chosen[0]["status"] == "identified" else None
