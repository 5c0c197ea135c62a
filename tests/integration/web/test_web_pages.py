"""The main pages over a small world: what they show, hostile names, merged ids, no JavaScript, no data."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2
import psycopg
import pytest
from lxml import html

from queries import commands
from songnodes.access import Access
from songnodes.settings import Settings
from tests.support import web_world
from tests.support.isolated_pipeline import fresh_settings
from tests.support.web_world import HOSTILE_ID, HOSTILE_NAMES, IDS
from web import plot
from web.app import create_app
from web.database import Database

PAGES = (
    "/",
    "/?genre=Techno",
    "/?genre=Techno&country=Germany",
    "/?genre=%3Cb%3Epolka",
    "/search",
    "/search?q=alert",
    "/search?q=strobee",
    "/search?q=zzzzqqqq",
    "/search?q=%00%27%22%3C",
    "/search?fits=8A&bpm=126,5&within=6&genre=House",
    "/search?fits=13Z&bpm=nan&within=x",
    "/search/suggestions?q=strob",
    *(f"/tracks/{quote(track_id, safe='')}" for track_id in (*IDS, HOSTILE_ID)),
    "/tracks/none%3Cb%3E",
    "/tracks/t0-name?history=100000",
    "/tracks/t0-name?number=trending_score",
    "/tracks/t0-name?number=%3Cb%3E",
    "/explorer",
    "/explorer?track=t2-name",
    "/explorer?track=none%00",
    f"/explorer?chain=t0-name&chain={quote(HOSTILE_ID, safe='')}&track=t8-name&pin=t9-name&genre=House",
    "/ids",
)


@pytest.fixture(scope="module")
def world(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield settings of a database with the world; no test writes to it."""
    with fresh_settings(addresses, template_database, tmp_path_factory.mktemp("web")) as settings:
        asyncio.run(web_world.fill(settings))
        yield settings


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of the application."""
    async with Database.opened(settings) as database:
        transport = httpx2.ASGITransport(app=create_app(database, settings))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client


@pytest.fixture
async def client(world: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(world) as client:
        yield client


async def read(client: httpx2.AsyncClient, address: str, status: int = 200) -> html.HtmlElement:
    response = await client.get(address)
    assert response.status_code == status, (address, response.text[:500])
    return html.document_fromstring(response.text)


def text_of(tree: html.HtmlElement, path: str = "//main") -> str:
    """Return the words of the first element of a path."""
    return " ".join(" ".join(tree.xpath(path)[0].itertext()).split())


def section(tree: html.HtmlElement, name: str) -> str:
    return text_of(tree, f"//section[@aria-labelledby='{name}']")


def addresses_of(tree: html.HtmlElement) -> set[str]:
    return set(tree.xpath("//@href | //@src | //@action | //@data-suggest"))


@pytest.mark.parametrize("address", PAGES)
async def test_no_name_becomes_markup_or_a_foreign_address(client: httpx2.AsyncClient, address: str) -> None:
    response = await client.get(address)
    assert response.status_code in (200, 404)
    tree = html.document_fromstring(response.text)
    assert [script.get("src") for script in tree.iter("script")] in ([], ["/static/app.js"])
    assert not tree.xpath("//@*[starts-with(name(), 'on')] | //@style | //style | //main//b")
    for link in addresses_of(tree):
        parts = urlsplit(link)
        assert parts.scheme in ("", "https", "http"), link
        assert not link.startswith("//"), link
    assert "{{" not in response.text.replace("{{ 7 * 7 }}", "")


@pytest.mark.parametrize("address", [page for page in PAGES if "suggestions" not in page])
async def test_each_page_has_one_heading_landmarks_and_labels(
    client: httpx2.AsyncClient, address: str
) -> None:
    tree = html.document_fromstring((await client.get(address)).text)
    assert " None " not in text_of(tree)
    assert [len(tree.xpath(f"//{tag}")) for tag in ("h1", "main", "title")] == [1, 1, 1]
    assert tree.xpath("//html/@lang") == ["en"]
    assert tree.xpath("//body/*[1]/@href") == ["#main"]
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    labelled = tree.xpath("//@aria-labelledby | //label/@for | //@aria-describedby")
    assert set(labelled) <= set(ids)
    fields = tree.xpath("//input[not(@type='hidden')] | //select")
    assert all(field.xpath("ancestor::label") or field.get("id") == "find" for field in fields)
    assert not tree.xpath("//a[not(@href)] | //a[@href='']")
    assert not tree.xpath("//a[not(normalize-space(.)) and not(@aria-label)]")


async def test_now_shows_what_rises_with_links_to_the_evidence(client: httpx2.AsyncClient) -> None:
    tree = await read(client, "/")
    assert "Strobe Deadmau5 8A 124.0 House 30 40" in section(tree, "trending")
    (bars,) = tree.xpath("//tr[th/a='Strobe']//*[name()='svg' and @role='img'][1]")[:1]
    assert len(bars.get("aria-label").split(",")) == 13  # "oldest first: 1, 0, ..." of 12 weeks
    assert "/tracks/t0-name#supporters" in addresses_of(tree)
    assert "Growing support" in section(tree, "climbers")
    reveals = section(tree, "reveals")
    assert "Rej Âme row 1 of Kilo" in reveals
    assert "2026-03-07" in reveals
    assert "Nora Night 0 · Berlin 2026-03-02 7/8" in section(tree, "sets")
    techno = section(await read(client, "/?genre=Techno"), "trending")
    assert "Rej" in techno
    assert "Strobe" not in techno
    german = await read(client, "/?genre=House&country=Germany")
    assert "Strobe Deadmau5 8A 124.0 House 4 6" in section(german, "local")
    assert "No track has the genre polka" in text_of(await read(client, "/?genre=polka"))


async def test_search_finds_names_and_what_fits(client: httpx2.AsyncClient) -> None:
    assert "Strobe Deadmau5 30" in text_of(await read(client, "/search?q=strob"))
    assert "spelled alike" in text_of(await read(client, "/search?q=strobee"))
    tree = await read(client, "/search?q=nora")
    assert {"/artists/nora", "/sets/mixesdb%3A0"} <= addresses_of(tree)
    labels = await read(client, "/search?q=mau traps")
    assert "Labels" in text_of(labels)
    assert "/labels/mau%20traps" in addresses_of(labels)
    assert "Nothing is named like this" in text_of(await read(client, "/search?q=zzzzqqqq"))
    fitting = section(await read(client, "/search?fits=Am&bpm=62&within=1"), "fits")
    assert "Strobe Deadmau5 8A 124.0" in fitting  # half tempo
    assert "Tin Cathedral" not in fitting  # 1A
    wrong = section(await read(client, "/search?fits=13Z&bpm=9"), "fits")
    assert "“13Z” is no key" in wrong
    assert "“9” is no BPM from 20 to 400" in wrong
    suggestions = await read(client, "/search/suggestions?q=stro")
    assert suggestions.xpath("//a/@href") == ["/tracks/t0-name"]


async def test_a_track_shows_where_its_numbers_come_from(client: httpx2.AsyncClient) -> None:
    tree = await read(client, "/tracks/t0-name")
    assert text_of(tree, "//h1") == "Strobe"
    assert "next by 2 DJs: Nora: Night 0, 2026-03-02 ; Tessa: Night 2, 2026-02-28" in section(tree, "next")
    assert "1 Kilo early 2026-02-27 1" in section(tree, "supporters")
    assert "Rej Âme 9A one step 1.0" in section(tree, "harmonic")
    values = section(tree, "values")
    assert "BPM 124 beatport 93 % 2 beatport: 128 , 93 % chosen spotify: miss" in values
    assert "https://musicbrainz.org/isrc/GBTDG0900141" in addresses_of(tree)
    assert f"Written as “{web_world.QUOTED}” (2)" in section(tree, "versions")
    assert "t0 - name Kilo 2026-02-27 6 play no page" in section(tree, "history")
    (behind,) = set(tree.xpath("//dl//dt[text()='DJs']/..//@href"))
    rows = section(await read(client, behind), "history")
    assert (
        "Rows behind dj support These rows give 4; gold has 30. Every row" in rows
    )  # the sample's counts are made up
    assert rows.count(" play ") == 4
    revealed = section(await read(client, "/tracks/t1-name"), "history")
    assert "1001tracklists:tracklist:z" in revealed
    assert f"{'0' * 64} parser version 1, fetched 12:00 UTC, 2026-03-07" in revealed
    layered = await read(client, "/tracks/t2-name")
    assert "together by 2 DJs" in section(layered, "next")
    assert "Under Bridge Nora: Night 0" in section(layered, "together")


async def test_a_merged_track_answers_with_its_new_address(client: httpx2.AsyncClient) -> None:
    response = await client.get("/tracks/old-id")
    assert (response.status_code, response.headers["location"]) == (308, "/tracks/t0-name")
    chain = await read(client, "/explorer?track=old-id")
    assert "Deadmau5 - Strobe" in text_of(chain, "//ol[@class='chain']")
    await read(client, "/tracks/none", 404)


async def test_the_chain_of_the_explorer_is_in_the_address(client: httpx2.AsyncClient) -> None:
    begin = await read(client, "/explorer?track=t0-name")
    (step,) = begin.xpath("//section[@aria-labelledby='played']//a[@data-step][text()='Rej']/@href")
    assert step == "/explorer?chain=t0-name&track=t1-name"
    second = await read(client, step)
    assert text_of(second, "//ol[@class='chain']/li[2]") == "one step, +1.0 BPM Âme - Rej 9A 125.0"
    assert second.xpath("//a[@data-back]/@href") == ["/explorer?track=t0-name"]
    assert "Strobe" not in section(second, "mixing")  # it is in the chain
    pinned = await read(client, second.xpath("//a[@data-pin]/@href")[0])
    assert "unpin" in section(pinned, "pins")
    assert set(pinned.xpath("//form//input[@name='chain']/@value")) == {"t0-name"}
    redirect = await client.get("/explorer/find?q=strob")
    assert redirect.headers["location"] == "/explorer?track=t0-name"


async def test_the_chain_leaves_as_files_without_formulas_or_line_breaks(client: httpx2.AsyncClient) -> None:
    chain = "&".join(f"chain={track_id}" for track_id in IDS[8:])
    m3u8 = await client.get(f"/explorer.m3u8?{chain}&track=t0-name")
    lines = m3u8.text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[-2:] == ["#EXTINF:645,Deadmau5 - Strobe", "http://127.0.0.1/tracks/t0-name"]
    assert len(lines) == 1 + 2 * (len(HOSTILE_NAMES) + 1)
    assert "\u202e" not in m3u8.text
    table = list(csv.DictReader(io.StringIO((await client.get(f"/explorer.csv?{chain}&track=t0-name")).text)))
    assert table[-1]["track_name"] == "Strobe"
    assert not [cell for row in table for cell in row.values() if cell.startswith(("=", "@", "+"))]


async def test_ids_show_their_sets(client: httpx2.AsyncClient) -> None:
    tree = await read(client, "/ids")
    (row,) = tree.xpath("//tbody/tr")
    assert text_of(row, ".").startswith("Strobe Deadmau5 ID Rej Âme Nora: Night 0, 2026-03-02 ;")
    assert {"/sets/mixesdb%3A0", "/sets/mixesdb%3A3"} <= addresses_of(tree)


async def test_notation_is_remembered_and_returns_to_this_site_only(client: httpx2.AsyncClient) -> None:
    chosen = await client.get(
        "/preferences?keys=open&dates=day_first&theme=dark&back=/tracks/t0-name?history=0"
    )
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/tracks/t0-name?history=0")
    tree = await read(client, "/tracks/t0-name")
    assert text_of(tree, "//dl//span[contains(@class, 'key')]") == "1m"
    assert "27 Feb 2026" in section(tree, "supporters")
    assert tree.xpath("//html/@data-theme") == ["dark"]
    classic = await client.get("/preferences?keys=classic&theme=nonsense&back=//evil.example")
    assert classic.headers["location"] == "/"
    tree = await read(client, "/tracks/t0-name")
    assert text_of(tree, "//dl//span[contains(@class, 'key')]") == "Am"
    assert tree.xpath("//html/@data-theme") == ["dark"]
    for back in ("https://evil.example", "/\\evil.example", "/a\r\nset-cookie: x"):
        answer = await client.get("/preferences", params={"back": back})
        assert answer.headers["location"] == "/"


async def test_an_empty_database_shows_what_to_do(
    addresses: Access, template_database: str, tmp_path: Path
) -> None:
    with fresh_settings(addresses, template_database, tmp_path) as settings:
        async with serving(settings) as client:
            assert "songnodes demo" in text_of(await read(client, "/"))
            assert "Nothing is named like this" in text_of(await read(client, "/search?q=strobe"))
            assert "Begin with a track" in text_of(await read(client, "/explorer"))
            assert "No ID was played by two DJs" in text_of(await read(client, "/ids"))
            assert "No such track" in text_of(await read(client, "/tracks/t0-name", 404))


async def pipeline(client: httpx2.AsyncClient) -> html.HtmlElement:
    """Return the page with a state in which PostgreSQL answered: it may take too long on a loaded machine."""
    tree = await read(client, "/pipeline")
    for _ in range(60):
        if "postgres does not answer" not in text_of(tree):
            break
        await asyncio.sleep(0.5)
        tree = await read(client, "/pipeline")
    return tree


async def test_pipeline_shows_the_misses_that_are_looked_up_again(
    addresses: Access, template_database: str, tmp_path: Path
) -> None:
    with fresh_settings(addresses, template_database, tmp_path) as settings:
        async with serving(settings) as client:
            assert "None is scheduled" in text_of(await pipeline(client))
        with psycopg.connect(settings.database_owner_url) as connection:
            connection.execute(
                "INSERT INTO enrichment_rechecks"
                " SELECT 't' || number, false, 0, 1, date '2026-03-01' + number * 36500, now(), ''"
                " FROM generate_series(0, 1) AS number"
            )
        async with serving(settings) as client:
            tree = await pipeline(client)
    (row,) = tree.xpath("//section[@aria-labelledby='rechecks-title']//tbody/tr")
    assert [cell.text_content() for cell in row] == ["tracks", "2", "1", "2026-03-01 00:00 UTC"]


async def test_an_artist_has_its_other_spellings(client: httpx2.AsyncClient) -> None:
    tree = await read(client, "/artists/nora")
    (line,) = tree.xpath("//div[@class='head']/p[starts-with(., 'Also')]")
    assert line.text_content() == f"Also {web_world.SCRIPT}"


async def test_the_values_of_an_artist_name_their_source(client: httpx2.AsyncClient) -> None:
    tree = await read(client, "/artists/nora")
    facts = {
        item.findtext("dt"): " ".join("".join(item.find("dd").itertext()).split())
        for item in tree.iterfind(".//dl[@class='facts']/div")
    }
    assert (facts["Country"], facts["Born"]) == ("Sweden musicbrainz", "1980-02 musicbrainz")
    assert facts["Groups"].endswith("musicbrainz, discogs")
    assert facts["Genres"] == "techno pages"
    text = "".join(tree.itertext())
    assert "text of its users under CC BY-SA" in text
    assert "deezer has 2 ids" in text


def test_plot_coverage_has_the_share_of_each_provider(
    world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "settings", lambda: world)
    plot.plot_coverage(tmp_path / "coverage.svg")
    assert "<title>bpm, beatport: 100%</title>" in (tmp_path / "coverage.svg").read_text()
