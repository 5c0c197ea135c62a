"""Pages of sets, artists, labels and the wheel: what they show, hostile names, no data."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from lxml import html

from queries import commands
from songnodes.access import Access
from songnodes.domain.keys import Notation
from songnodes.settings import Settings
from tests.support import set_page_world
from tests.support.isolated_pipeline import fresh_settings
from tests.support.set_page_world import ARTISTS, COPY, DJS, EMPTY_SET, LABEL, SET
from tests.support.web_world import SCRIPT
from web import plot
from web.app import create_app
from web.database import Database
from web.pages import wheel

SVG = "*[name()='svg']"


def quoted(text: str) -> str:
    return quote(text, safe="")


PAGES = (
    f"/sets/{quoted(SET)}",
    f"/sets/{SET}?version=none%00",
    f"/sets/{quoted(COPY)}",
    f"/sets/{quoted(EMPTY_SET)}",
    *(f"/artists/{quoted(name)}" for name in (*ARTISTS, *DJS)),
    f"/labels/{quoted(LABEL.upper())}",
    "/wheel",
    "/wheel?genre=House",
    "/wheel?genre=House&key=8A",
    "/wheel?dj=Nora&key=Am",
    f"/wheel?dj={quoted(SCRIPT)}",
    "/wheel?key=13Z%00",
    "/wheel?genre=%3Cb%3E&key=1B",
)
NOBODY = "<b>nobody</b>"
MISSING = tuple(f"/{kind}/{quoted(NOBODY)}%00" for kind in ("sets", "artists", "labels"))


@pytest.fixture(scope="module")
def world(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield settings of a database with the world; no test writes to it."""
    with fresh_settings(addresses, template_database, tmp_path_factory.mktemp("web")) as settings:
        asyncio.run(set_page_world.fill(settings))
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
    """Return the text of the first element of a path, each run of white space as one blank."""
    return " ".join(tree.xpath(path)[0].text_content().split())


@pytest.mark.parametrize("address", (*PAGES, *MISSING))
async def test_no_name_becomes_markup_and_all_links_are_ours(
    client: httpx2.AsyncClient, address: str
) -> None:
    tree = await read(client, address, 404 if address in MISSING else 200)
    assert not tree.xpath("//main//script | //main//b | //main//i | //main//style")
    assert not tree.xpath("//@*[starts-with(name(), 'on')] | //@style")
    for link in tree.xpath("//@href | //@src | //@action"):
        assert urlsplit(link).scheme in ("", "https", "http") and not link.startswith("//"), link
    assert len(tree.xpath("//h1")) == 1
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(tree.xpath("//@aria-labelledby")) <= set(ids)
    assert not tree.xpath("//a[not(@href)] | //a[@href='']")
    assert "49" not in text_of(tree, "//h1")
    local = [link for link in tree.xpath("//main//a/@href") if link.startswith("#")]
    assert {link[1:] for link in local} <= set(ids), "a number links to a part that the page does not have"


async def test_a_set_shows_rows_cues_and_lettered_moves(client: httpx2.AsyncClient) -> None:
    tree = await read(client, PAGES[0])
    rows = tree.xpath("//table[@class='set-rows']/tbody/tr")
    assert len(rows) == 11  # 10 rows and the name of the second part
    assert text_of(rows[0], ".").startswith("1 0:00:00 Low Tide Fjordline")
    assert "w/ the row before" in text_of(rows[1], ".")
    assert [text_of(rows[index], ".//span[contains(@class, 'transition')]") for index in (0, 2)] == [
        "C one step", "X clash"
    ]  # fmt: skip
    assert "ID - ID" in text_of(rows[8], ".") and not rows[8].xpath(".//th/a")
    assert rows[2].xpath("./td[2]/a/@href") == ["https://www.youtube.com/watch?v=x&y=<b>&t=600s"]
    assert "Part <i>2</i>" in text_of(rows[9], ".")
    assert "9 of 10 rows" in text_of(tree, "//dl")
    assert "javascript" not in str(tree.xpath("//@href"))


async def test_a_set_shows_its_course_with_a_table_of_the_same_values(client: httpx2.AsyncClient) -> None:
    tree = await read(client, PAGES[0])
    (drawing,) = tree.xpath(f"//section[@id='course']//{SVG}")
    assert drawing.get("role") == "img"
    body = tree.xpath("//section[@id='course']//tbody/tr")
    assert len(body) == 9  # moments: two rows are together
    tempi = [text_of(row, "./td[4]") for row in body]
    assert tempi == ["122", "124", "?", "125", "126", "127", "128", "?", "122"]  # 62.5 is folded


async def test_a_set_shows_what_was_revealed(client: httpx2.AsyncClient) -> None:
    tree = await read(client, PAGES[0])
    changes = [text_of(item, ".") for item in tree.xpath("//ul[contains(@class, 'changes')]/li")]
    assert changes[0] == "! revealed: ID - ID Umbra Vale - Night Ferry"
    assert [change[0] for change in changes[1:]] == ["−", "+"]
    (older,) = tree.xpath("//section[@id='versions']//ol//a/@href")
    first = await read(client, f"{PAGES[0]}{older.partition('#')[0]}")
    assert "This is the first version." in text_of(first, "//section[@id='versions']")


async def test_a_set_links_its_other_tracklists_and_its_event(client: httpx2.AsyncClient) -> None:
    tree = await read(client, PAGES[0])
    assert tree.xpath("//section[@id='others']//a/@href") == [f"/sets/{quoted(COPY)}"]
    assert "Hall, Berlin, DE" in text_of(tree, "//section[@id='event']")
    copy = await read(client, f"/sets/{quoted(COPY)}")
    assert "another tracklist of this set is" in text_of(copy, "//dl")


async def test_an_artist_has_both_parts_and_a_network(client: httpx2.AsyncClient) -> None:
    tree = await read(client, "/artists/fjordline")
    assert "Low Tide" in text_of(tree, "//section[@id='producer']")
    assert tree.xpath("//section[@id='supporters']//a/@href")[0] == "/artists/dj%20nora#dj"
    network = tree.xpath("//section[@id='network']")[0]
    assert network.xpath(f".//{SVG}//*[name()='a']/@href") == ["/artists/umbra%20vale"]
    assert text_of(network, ".//tbody").startswith("Umbra Vale1")
    assert "No counted set of this artist as DJ" in text_of(tree, "//section[@id='dj']")
    nora = await read(client, "/artists/dj%20nora")
    assert len(nora.xpath("//section[@id='dj']//tbody/tr")) == 5
    links = nora.xpath(f"//{SVG}[contains(@class, 'wheel')]//*[name()='a']/@href")
    assert "/wheel?dj=dj+nora&key=8A#tracks" in links


async def test_the_address_of_a_dj_is_that_of_the_artist(client: httpx2.AsyncClient) -> None:
    response = await client.get("/djs/dj%20nora")
    assert (response.status_code, response.headers["location"]) == (308, "/artists/dj%20nora#dj")


async def test_a_label_is_found_in_any_case(client: httpx2.AsyncClient) -> None:
    tree = await read(client, f"/labels/{quoted(LABEL.upper())}")
    assert text_of(tree, "//h1") == LABEL
    assert len(tree.xpath("//section[@id='tracks']//tbody/tr")) == 8


async def test_the_wheel_is_shown_without_moves_that_take_too_long(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "MOVES_TIMEOUT_S", 0.0)
    tree = await read(client, "/wheel?genre=House&key=8A")
    assert "Counting the moves takes too long" in text_of(tree, "//section[@aria-labelledby='moves-title']")
    assert tree.xpath("//section[@id='tracks']//tbody/tr")
    assert "Tracks by key" in text_of(tree)


async def test_the_wheel_leads_to_the_tracks_of_a_key(client: httpx2.AsyncClient) -> None:
    tree = await read(client, "/wheel?genre=House")
    links = tree.xpath(f"//{SVG}[contains(@class, 'wheel')]//*[name()='a']/@href")
    assert len(links) == 24
    assert "/wheel?genre=House&key=8A#tracks" in links
    tracks = await read(client, "/wheel?genre=House&key=8A")
    assert "Low Tide" in text_of(tracks, "//section[@id='tracks']")
    assert "Night Ferry" not in text_of(tracks, "//section[@id='tracks']")
    of_dj = await read(client, "/wheel?dj=Nora&key=Am")
    assert "Night Ferry" in text_of(of_dj, "//section[@id='tracks']")
    assert "C compatible" in text_of(of_dj, "//section[@aria-labelledby='moves-title']")
    assert "is no key" in text_of(await read(client, "/wheel?key=13Z"))


async def test_pages_of_an_empty_database_name_what_to_do(
    addresses: Access, template_database: str, tmp_path: Path
) -> None:
    with fresh_settings(addresses, template_database, tmp_path) as settings:
        async with serving(settings) as client:
            assert "songnodes providers" in text_of(await read(client, "/wheel"))
            for address in MISSING:
                tree = await read(client, address, 404)
                assert any(link.startswith("/search?q=") for link in tree.xpath("//main//a/@href"))


async def test_drawings_have_the_notation_of_the_reader(client: httpx2.AsyncClient) -> None:
    for keys, names in (("camelot", {"8A"}), ("classic", {"Am"}), ("open", {"1m"})):
        await client.get(f"/preferences?keys={keys}")
        for address in (f"/sets/{quoted(SET)}", "/wheel", "/wheel?dj=Nora", f"/artists/{next(iter(DJS))}"):
            tree = html.document_fromstring((await client.get(address)).text)
            labels = set(tree.xpath(f"//{SVG}//*[name()='text' and contains(@class, 'large')]/text()"))
            labels |= set(tree.xpath(f"//{SVG}//*[name()='text' and contains(@class, 'small')]/text()"))
            assert names <= labels, (keys, address)


def test_plot_writes_the_drawings_of_the_pages(
    world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "settings", lambda: world)
    plot.plot_wheel(tmp_path / "wheel.svg", genre="house", notation=Notation.OPEN)
    plot.plot_matrix(tmp_path / "matrix.svg", dj="Nora", notation=Notation.CLASSIC)
    plot.plot_curve(SET, tmp_path / "curve.svg")
    plot.plot_trend("Low Tide", tmp_path / "trend.svg")
    plot.plot_graph("fjordline", tmp_path / "graph.svg")
    texts = {path.stem: path.read_text() for path in tmp_path.iterdir()}
    assert "Keys of House" in texts["wheel"]
    assert "Umbra Vale" in texts["graph"]
    assert texts["trend"].count("<circle") == 9
    assert all("<script>" not in text and "var(" not in text for text in texts.values())
    with pytest.raises(plot.UnknownForm):
        plot.plot_wheel(tmp_path / "wheel.pdf")
