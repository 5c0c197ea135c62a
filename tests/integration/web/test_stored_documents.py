"""Stored rows of other versions: a member, a value or a row may be absent, and all pages and answers remain.

Over the real rows of a world: each member of each stored document is removed in turn, each table that refresh
and other stages fill is empty in turn, and all values that may be NULL are.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from urllib.parse import quote

import httpx2
import psycopg
import pytest

from songnodes.access import Access
from songnodes.domain.labels import label_id
from songnodes.settings import Settings
from tests.support import set_page_world, stored_documents, web_world
from tests.support.isolated_pipeline import fresh_settings
from tests.support.stored_documents import OneConnection, undone
from web.app import create_app
from web.kept import Kept

TRACK, ARTIST, SET, LABEL = web_world.IDS[0], "nora", set_page_world.SET, set_page_world.LABEL
RESIDENCIES = """[{"kind": "venue", "name": "Hall", "sets": 4, "most": 4, "first_date": "2025-01-01",
    "last_date": "2025-03-01"}]"""
#: Statements of a request after a refresh, and of the next one to the same address.
STATEMENTS: Mapping[str, tuple[int, int]] = {
    "/": (7, 1),
    "/?genre=no-such-genre&country=nowhere": (7, 1),
    "/search?q=": (2, 1),
    f"/explorer?track={TRACK}": (13, 12),
    f"/tracks/{TRACK}": (10, 10),
    f"/artists/{ARTIST}": (10, 2),
    "/wheel": (4, 1),
    f"/wheel?dj={ARTIST}": (6, 3),
    "/api/v1/top": (2, 2),
    "/api/v1/trending": (2, 2),
    f"/api/v1/tracks/{TRACK}": (2, 2),
    **{f"/api/v1/tracks/{TRACK}/{part}": (2, 2) for part in ("next", "supporters", "lineage", "transitions")},
    f"/api/v1/tracks/{TRACK}/harmonic": (7, 7),
    f"/api/v1/sets/{SET}/rows": (2, 2),
    f"/api/v1/djs/{ARTIST}": (5, 1),
    "/api/v1/genres": (2, 1),
    "/api/v1/unreleased": (2, 1),
    "/api/v1/coverage": (2, 1),
}
#: Parts of the statements that asyncpg sends before the first values of a type.
OF_CODECS = ("typeinfo", "pg_type", "set_config('jit'")
KEPT_PAGES = ("/", f"/artists/{ARTIST}", f"/api/v1/djs/{ARTIST}", f"/wheel?dj={ARTIST}")
PARTS = ("next", "harmonic", "supporters", "lineage", "transitions")
#: Addresses that read the documents of tables, by a part of the table's name.
READERS: Mapping[str, tuple[str, ...]] = {
    "bronze": (f"/sets/{SET}", "/"),
    "playlist": (f"/sets/{SET}", f"/api/v1/sets/{SET}", f"/api/v1/sets/{SET}/rows"),
    "tracks": (f"/tracks/{TRACK}", f"/api/v1/tracks/{TRACK}"),
    "label": (
        f"/labels/{quote(LABEL, safe='')}",
        f"/api/v1/labels/{label_id(LABEL)}",
        "/api/v1/search?q=mau",
    ),
    "": (f"/artists/{ARTIST}", "/artists/fjordline", f"/api/v1/djs/{ARTIST}"),
}
ADDRESSES = (
    *sorted({address for addresses in READERS.values() for address in addresses}),
    "/?genre=Techno&country=Germany",
    "/search?q=strobe",
    f"/explorer?chain={web_world.IDS[1]}&track={TRACK}",
    "/ids",
    "/about",
    "/wheel?genre=House&key=8A",
    f"/wheel?dj={ARTIST}&key=8A",
    "/tracks/fjord-harbour",
    f"/tracks/{TRACK}?number=dj_support",
    "/artists/dj%20nora",
    f"/network/{ARTIST}",
    *(f"/api/v1/tracks/{TRACK}/{part}" for part in PARTS),
    f"/api/v1/artists/{ARTIST}",
    *(
        f"/api/v1/{name}"
        for name in ("top", "trending", "genres", "unreleased", "events", "coverage", "health")
    ),
    "/api/v1/search?q=strobe",
)


@pytest.fixture(scope="module")
def world(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield settings of a database with tracks, sets, artists and a label; tests undo their changes."""
    with fresh_settings(addresses, template_database, tmp_path_factory.mktemp("web")) as settings:
        asyncio.run(set_page_world.fill(settings))
        asyncio.run(web_world.fill(settings))
        asyncio.run(web_world.add_partners(settings))
        with psycopg.connect(settings.database_owner_url) as connection:
            connection.execute("UPDATE gold_dj_analytics SET residencies = %s", (RESIDENCIES,))
        yield settings


@pytest.fixture
async def database(world: Settings) -> AsyncIterator[OneConnection]:
    async with stored_documents.one_connection(world) as database:
        yield database


@pytest.fixture
async def client(world: Settings, database: OneConnection) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(database, world)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def failed(client: httpx2.AsyncClient, addresses: Sequence[str] = ADDRESSES) -> list[str]:
    """Return the addresses that answer with an error of the server."""
    answers = {address: await client.get(address) for address in addresses}
    return [
        f"{address}: {answer.status_code}" for address, answer in answers.items() if answer.is_server_error
    ]


def readers(table: str) -> tuple[str, ...]:
    """Return the addresses that read a table."""
    return next(addresses for part, addresses in READERS.items() if part in table)


async def test_the_world_has_what_is_removed(client: httpx2.AsyncClient, database: OneConnection) -> None:
    members = {path[-1] for column in await stored_documents.columns(database.own) for path in column.paths()}
    assert {"note", "dj_id", "artist_id", "text", "url", "lastfm", "first_date"} <= members
    for address in ADDRESSES:
        answer = await client.get(address)
        assert answer.is_success, (address, answer.text[:300])


async def test_each_member_may_be_absent(client: httpx2.AsyncClient, database: OneConnection) -> None:
    failures = []
    for column in await stored_documents.columns(database.own):
        for path in column.paths():
            async with undone(database.own):
                await column.without(database.own, [path])
                lines = await failed(client, readers(column.table))
            failures += [f"{column} without {path}: {line}" for line in lines]
    assert not failures, "\n".join(failures)


async def test_all_members_may_be_null(client: httpx2.AsyncClient, database: OneConnection) -> None:
    failures = []
    for column in await stored_documents.columns(database.own):
        async with undone(database.own):
            await column.without(database.own, column.paths()[::-1], null=True)
            lines = await failed(client, readers(column.table))
        failures += [f"{column}: {line}" for line in lines]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("table", stored_documents.COMPUTED_TABLES)
async def test_a_table_may_not_be_filled_yet(
    client: httpx2.AsyncClient, database: OneConnection, table: str
) -> None:
    await database.own.execute(f"DELETE FROM {table}")  # noqa: S608
    assert not await failed(client)


async def test_values_may_be_null(client: httpx2.AsyncClient, database: OneConnection) -> None:
    failures = []
    for table, names in await stored_documents.nullable(database.own):
        async with undone(database.own):
            await stored_documents.set_null(database.own, table, names)
            lines = await failed(client)
        failures += [f"{table}: {line}" for line in lines]
    assert not failures, "\n".join(failures)


async def test_answers_are_kept_until_the_next_refresh(
    client: httpx2.AsyncClient, database: OneConnection
) -> None:
    async def texts() -> list[str]:
        answers = [await client.get(address) for address in KEPT_PAGES]
        assert all(answer.is_success for answer in answers)
        return [answer.text for answer in answers]

    database.kept = Kept()
    before = await texts()
    await database.own.execute(
        "UPDATE gold_track_counts SET track_name = track_name || ' changed', key = key % 12 + 1"
    )
    assert await texts() == before
    await database.own.execute(
        "UPDATE gold_dj_counts SET camelot_tracks = array(SELECT n + 1 FROM unnest(camelot_tracks) AS n)"
    )
    await database.own.execute("UPDATE refresh_steps SET succeeded_at = succeeded_at + interval '1 s'")
    after = await texts()
    assert not [
        address for address, *both in zip(KEPT_PAGES, before, after, strict=True) if both[0] == both[1]
    ]


async def statements(client: httpx2.AsyncClient, database: OneConnection, address: str) -> list[str]:
    """Return the statements of a request, without those of the transaction and of the codecs of types."""
    texts: list[str] = []
    with database.own.query_logger(lambda record: texts.append(record.query)):
        answer = await client.get(address)
    assert answer.is_success
    return [
        text
        for text in texts
        if not text.startswith(("SAVEPOINT", "RELEASE")) and not any(part in text for part in OF_CODECS)
    ]


@pytest.mark.parametrize("address", STATEMENTS)
async def test_requests_have_few_statements(
    client: httpx2.AsyncClient, database: OneConnection, address: str
) -> None:
    database.kept = Kept()

    first, following = [await statements(client, database, address) for _ in range(2)]
    assert (len(first), len(following)) == STATEMENTS[address], "\n".join(first)


async def test_unknown_names_take_no_place_among_kept_answers(
    client: httpx2.AsyncClient, database: OneConnection
) -> None:
    database.kept = Kept(most=8)
    await client.get("/")
    for number in range(20):
        assert (await client.get(f"/?genre=g{number}&country=c{number}")).is_success
    assert len(await statements(client, database, "/")) == 1
