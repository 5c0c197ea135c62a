"""The dashboard serves a feed per list, with the analyst's role."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from queries import database, subscriptions
from queries.subscriptions import Kind
from tests.integration.sinks.test_feeds import check_atom, check_json, refreshed, write
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench
from web.app import create_app
from web.database import Database


@pytest.fixture
async def followed(bench: Bench) -> Bench:
    """Return a bench with a list that follows one track, a label and an artist; two DJs play the track."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    for name in ("one", "two"):
        record = sample.playlist(name, 1, sample.playlist_row(1, "amy-up"), djs=(name,), set_date=yesterday)
        await write(bench, "silver.playlists", {**record, "observed_at": datetime.now(UTC)})
    await write(bench, "silver.tracks", sample.track("amy-up", label="Ultra Records", release_date=None))
    await write(bench, "gold.tracks", sample.counts("amy-up", first_seen_date=yesterday))
    await write(bench, "gold.artists", sample.artist_counts("amy"))
    await refreshed(bench, yesterday + timedelta(days=1))
    async with database.connected(bench.settings) as connection:
        await subscriptions.follow(connection, "work", Kind.TRACK, "amy-up")
        await subscriptions.follow(connection, "work", Kind.LABEL, "ULTRA")
        await subscriptions.follow(connection, "work", Kind.ARTIST, "amy")
    return bench


async def test_a_list_has_its_address(followed: Bench) -> None:
    assert followed.settings.database_analyst_url
    async with Database.opened(followed.settings) as pool:
        app = create_app(pool, followed.settings)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            atom = await client.get("/feeds/work.atom?x=1")
            assert atom.headers["content-type"].startswith("application/atom+xml")
            feed = check_atom(atom.content, 3)  # the play of each DJ, and the track once
            assert feed.find("{*}link").get("href") == "http://127.0.0.1/feeds/work.atom"
            answer = await client.get("/feeds/work.json")
            assert answer.headers["content-type"].startswith("application/feed+json")
            items = check_json(answer.text, 3)["items"]
            assert sorted(item["tags"][0] for item in items) == ["support", "support", "track"]
            check_atom((await client.get("/feeds/none.atom")).content, 0)
            statuses = [
                (await client.get(path)).status_code for path in ("/feeds/..%2Fx.atom", "/feeds/A.atom")
            ]
            assert statuses == [404, 404]
            assert (await client.get("/feeds/work.rss")).status_code == 422
