"""Parts of lists: together they are the whole list and no row comes twice, while rows are inserted."""

from collections.abc import Iterator
from typing import Any

import httpx2
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songnodes.settings import Settings
from tests.support.list_rows import KINDS, TRACK, ListRows

SEED = 7
ROWS = 20
#: Columns that name a row of each list, and the kind of rows that it has.
LISTS = {
    f"tracks/{TRACK}/next": (("track_id",), "transition"),
    "top": (("track_id",), "track"),
    "top?genre=house": (("track_id",), "track"),
    "trending": (("track_id",), "track"),
    "trending?genre=house": (("track_id",), "track"),
    "genres": (("genre",), "track"),
    "unreleased": (("before_track_id", "after_track_id", "name_hash"), "set"),
    "events": (("event_id",), "event"),
    "events?country=de&from=2026-03-01": (("event_id",), "event"),
    f"tracks/{TRACK}/harmonic": (("track_id",), "track"),
    f"tracks/{TRACK}/supporters": (("dj_id",), "support"),
    f"tracks/{TRACK}/lineage": (("playlist_id", "row_index", "bronze_id"), "set"),
    f"tracks/{TRACK}/transitions": (("track_id", "kind"), "transition"),
    "sets/mixesdb:1/rows": (("row_index",), "track"),
}


@pytest.fixture(scope="module")
def rows(world: Settings) -> Iterator[ListRows]:
    """Yield the writer of rows, of which each list has some."""
    with psycopg.connect(world.database_owner_url, autocommit=True) as connection:
        written = ListRows(world, connection, SEED)
        written.begin()
        for kind in KINDS:
            for _ in range(ROWS):
                written.add(kind)
        written.rank()
        yield written


def names(items: list[dict[str, Any]], columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return [tuple(item[column] for column in columns) for item in items]


def read(client: httpx2.Client, path: str, limit: int, cursor: str | None = None) -> dict[str, Any]:
    parameters = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
    answer = client.get(httpx2.URL(f"/api/v1/{path}").copy_merge_params(parameters))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(("path", "columns", "kind"), [(path, *of) for path, of in LISTS.items()])
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 8), inserts=st.lists(st.integers(0, 2), max_size=6))
def test_all_parts_are_the_whole_list_while_rows_are_inserted(
    client: httpx2.Client,
    rows: ListRows,
    path: str,
    columns: tuple[str, ...],
    kind: str,
    limit: int,
    inserts: list[int],
) -> None:
    before = names(read(client, path, 1000)["items"], columns)
    listed: list[tuple[Any, ...]] = []
    cursor = None
    left = list(inserts)
    while True:
        body = read(client, path, limit, cursor)
        listed += names(body["items"], columns)
        cursor = body["next"]
        if cursor is None:
            break
        assert len(body["items"]) == limit
        for _ in range(left.pop() if left else 0):
            rows.add(kind)
        # other counts move a genre in its list, maybe before the cursor
        if kind == "track" and path != "genres":
            rows.rank()
    after = names(read(client, path, 1000)["items"], columns)
    assert len(listed) == len(set(listed))
    assert [name for name in listed if name in set(before)] == before
    assert [name for name in after if name in set(listed)] == listed


def test_ranks_of_parts_count_on(client: httpx2.Client, rows: ListRows) -> None:
    for path, column in ((f"tracks/{TRACK}/supporters", "place"), ("trending", "rank"), ("top", "rank")):
        first = read(client, path, 6)
        following = read(client, path, 6, first["next"])
        items = first["items"] + following["items"]
        assert [item[column] for item in items] == list(range(1, 13))


def test_a_list_has_more_than_a_thousand_rows(client: httpx2.Client, world: Settings, rows: ListRows) -> None:
    with psycopg.connect(world.database_owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO track_supports SELECT 'dj' || n, %s, NULL, 'a' FROM generate_series(1, 1200) AS n",
            (TRACK,),
        )
    first = read(client, f"tracks/{TRACK}/supporters", 1000)
    second = read(client, f"tracks/{TRACK}/supporters", 1000, first["next"])
    assert (len(first["items"]), second["next"]) == (1000, None)
    assert len(second["items"]) > 200


def test_the_nearest_thousand_tracks_are_the_harmonic_list(
    client: httpx2.Client, rows: ListRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.api.tracks.MAX_HARMONIC", 7)
    path = f"tracks/{TRACK}/harmonic"
    first = read(client, path, 5)
    second = read(client, path, 5, first["next"])
    assert (len(second["items"]), second["next"]) == (2, None)
    assert read(client, path, 1000)["next"] is None


@pytest.mark.parametrize("cursor", ["x", "!", "W10", "WzEsMiwzXQ", "ÿ", "[" * 9000, "MiBhIFtd"])
def test_a_cursor_that_is_none_is_a_problem_that_says_what_to_do(client: httpx2.Client, cursor: str) -> None:
    answer = client.get("/api/v1/top", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:songnodes:problem:bad-request")
    assert "without a cursor" in answer.json()["detail"]


def test_a_cursor_of_another_list_is_a_problem(client: httpx2.Client, rows: ListRows) -> None:
    cursor = read(client, "top", 2)["next"]
    assert client.get("/api/v1/top", params={"cursor": cursor, "limit": "3"}).status_code == 200
    assert client.get("/api/v1/top.csv", params={"cursor": cursor}).status_code == 200
    for path in ("/api/v1/top?genre=house", "/api/v1/trending"):
        assert client.get(httpx2.URL(path).copy_merge_params({"cursor": cursor})).status_code == 400


def test_a_cursor_of_the_day_before_is_a_problem(
    client: httpx2.Client, world: Settings, rows: ListRows
) -> None:
    cursor = read(client, "top", 2)["next"]
    for interval, status in (("1 hour", 200), ("25 hours", 400)):
        with psycopg.connect(world.database_owner_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE refresh_steps SET succeeded_at = succeeded_at + %s::interval", (interval,)
            )
        assert client.get("/api/v1/top", params={"cursor": cursor}).status_code == status
