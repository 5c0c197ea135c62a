"""Query API over a real database: each endpoint, its forms, parts, conditions and errors."""

import csv
import io

import httpx2
import psycopg
import pytest

from songnodes.settings import Settings
from tests.integration.web.conftest import HOSTILE, MERGED, TRACKS

TRACK = "/api/v1/tracks/deadmau5-strobe"
LISTS = {
    "/api/v1/top": 6,
    "/api/v1/trending": None,
    "/api/v1/genres": None,
    "/api/v1/unreleased": None,
    "/api/v1/events": 0,
    "/api/v1/coverage": None,
    "/api/v1/search?q=strobe": None,
    f"{TRACK}/next": None,
    f"{TRACK}/harmonic": None,
    f"{TRACK}/supporters": None,
    f"{TRACK}/lineage": None,
    f"{TRACK}/transitions": None,
    "/api/v1/sets/mixesdb:1/rows": 4,
}
ENTRIES = {
    TRACK: ("track_id", "deadmau5-strobe"),
    "/api/v1/artists/petetong": ("name", "Pete Tong"),
    "/api/v1/djs/petetong": ("name", "Pete Tong"),
    "/api/v1/sets/mixesdb:1": ("playlist_id", "mixesdb:1"),
    "/api/v1/health": ("status", "ok"),
}


@pytest.mark.parametrize(("path", "count"), LISTS.items())
def test_every_list_answers(client: httpx2.Client, path: str, count: int | None) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"as_of", "changed", "items", "next"}
    assert body["as_of"] is not None and body["changed"] is False
    assert count is None or len(body["items"]) == count


@pytest.mark.parametrize(("path", "value"), ENTRIES.items())
def test_every_entry_answers(client: httpx2.Client, path: str, value: tuple[str, str]) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["item"][value[0]] == value[1]


@pytest.mark.parametrize(
    "path", ["tracks/none", "tracks/none/next", "artists/none", "djs/none", "sets/none", "sets/none/rows"]
)
def test_what_does_not_exist_is_a_problem(client: httpx2.Client, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_genre_is_a_problem_with_the_known_ones(client: httpx2.Client) -> None:
    answer = client.get("/api/v1/top", params={"genre": "none"})
    assert answer.status_code == 404
    assert "Techno" in answer.json()["detail"]


def test_a_list_of_a_genre_has_its_tracks_alone(client: httpx2.Client) -> None:
    items = client.get("/api/v1/top", params={"genre": "techno"}).json()["items"]
    assert [item["track_id"] for item in items] == ["ame-rej"]


@pytest.mark.parametrize("limit", [1, 4])
def test_the_parts_of_a_list_are_the_list(client: httpx2.Client, limit: int) -> None:
    whole = [item["track_id"] for item in client.get("/api/v1/top").json()["items"]]
    assert sorted(whole) == sorted(record["track_id"] for record in TRACKS)
    ids: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
        body = client.get("/api/v1/top", params=parameters).json()
        ids += [item["track_id"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
        assert len(body["items"]) == limit
    assert ids == whole


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "1001"}, {"genre": "a\x00b"}])
def test_invalid_parameters_are_a_problem(client: httpx2.Client, parameters: dict[str, str]) -> None:
    assert client.get(f"{TRACK}/next", params=parameters).status_code in (404, 422)
    assert client.get("/api/v1/tracks/a%00b").status_code == 422


@pytest.mark.parametrize(
    ("path", "location"),
    [
        (f"/api/v1/tracks/{MERGED}", TRACK),
        (f"/api/v1/tracks/{MERGED}.csv", f"{TRACK}.csv"),
        (f"/api/v1/tracks/{MERGED}/next?limit=3", f"{TRACK}/next?limit=3"),
    ],
)
def test_a_merged_track_redirects_to_the_one_with_its_counts(
    client: httpx2.Client, path: str, location: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (308, location)


def test_nothing_is_sent_again_until_a_refresh(client: httpx2.Client, world: Settings) -> None:
    first = client.get("/api/v1/top")
    conditions = [
        {"If-None-Match": first.headers["etag"]},
        {"If-Modified-Since": first.headers["last-modified"]},
    ]
    for headers in conditions:
        answer = client.get("/api/v1/top", headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == first.headers["etag"]
    assert client.get("/api/v1/top?limit=2", headers=conditions[0]).status_code == 200
    cursor = client.get("/api/v1/top?limit=2").json()["next"]
    with psycopg.connect(world.database_owner_url, autocommit=True) as connection:
        connection.execute("UPDATE refresh_steps SET succeeded_at = succeeded_at + interval '1 minute'")
    for headers in conditions:
        assert client.get("/api/v1/top", headers=headers).status_code == 200
    assert client.get("/api/v1/top", params={"cursor": cursor}).json()["changed"] is True


@pytest.mark.parametrize("headers", [{}, {"Accept": "text/csv"}])
def test_csv_defuses_formulas(client: httpx2.Client, headers: dict[str, str]) -> None:
    answer = client.get("/api/v1/top" if headers else "/api/v1/top.csv", headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len(TRACKS)
    assert f"'{HOSTILE}" in {row["primary_artist"] for row in rows}
    assert "\x1b" not in answer.text


@pytest.mark.parametrize("headers", [{}, {"Accept": "audio/x-mpegurl"}])
def test_m3u8_has_a_pair_of_lines_per_track(client: httpx2.Client, headers: dict[str, str]) -> None:
    answer = client.get("/api/v1/top" if headers else "/api/v1/top.m3u8", headers=headers)
    lines = answer.text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert len(lines) == 1 + 2 * len(TRACKS)
    assert all(line.startswith("#EXTINF:-1,") for line in lines[1::2])
    assert all(line.startswith("./") for line in lines[2::2])
    assert "\x1b" not in answer.text


def test_a_form_that_does_not_exist_is_not_acceptable(client: httpx2.Client) -> None:
    assert client.get("/api/v1/genres.m3u8").status_code == 406
    assert client.get("/api/v1/genres", headers={"Accept": "image/png"}).status_code == 406


def test_no_other_site_may_read_it(client: httpx2.Client) -> None:
    answer = client.get("/api/v1/top", headers={"Origin": "https://attacker.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_the_database_role_cannot_write(client: httpx2.Client, world: Settings) -> None:
    with (
        psycopg.connect(world.database_analyst_url) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("UPDATE refresh_steps SET failures = 1")
