"""`songnodes plot wheel | matrix | curve | trend | graph | coverage`: write a drawing to a file."""

import asyncio
import os
from pathlib import Path
from typing import Annotated
from xml.etree.ElementTree import Element

import asyncpg
import typer
from playwright.async_api import Error, async_playwright

from producers.fetch.executable import find_chromium, missing
from queries import database, entities
from queries.commands import answer, named_genre
from songnodes.cli.terminal import say
from songnodes.domain.keys import Notation
from songnodes.errors import UserError
from songnodes.settings import Settings, settings
from web import drawing_data as data
from web.drawings import curve, graph, heat_map, matrix, svg, trend, wheel

SCALE = 2  # pixels per unit of the drawing
START_TIMEOUT_MS = 30_000

app = typer.Typer(
    help="Draw a chart as SVG or PNG.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write: FILE.svg or FILE.png.")]
Genre = Annotated[str | None, typer.Option("--genre", help="Primary genre, in any case.")]
Dj = Annotated[str | None, typer.Option("--dj", help="An artist's id or name.")]
Keys = Annotated[Notation, typer.Option("--notation", help="Names of keys: 8A, Am or 1m.")]
Name = Annotated[str, typer.Argument(help="An id, or a name; misspelled ones are found too.")]


class UnknownForm(UserError):
    """The file is neither .svg nor .png"""

    remedy = "`songnodes plot wheel -o wheel.svg`"


@app.command("wheel")
def plot_wheel(output: Output, genre: Genre = None, dj: Dj = None, notation: Keys = Notation.CAMELOT) -> None:
    """Draw the Camelot wheel: number of tracks by key, of a genre, a DJ, or all."""

    async def ask(connection: asyncpg.Connection) -> Element:
        named, dj_id, of = await _scope(connection, genre, dj)
        counts = await data.key_counts(connection, genre=named, dj_id=dj_id)
        return wheel.draw_wheel(counts, title=f"Keys of {of}", notation=notation)

    save(answer(ask), output)


@app.command("matrix")
def plot_matrix(
    output: Output, genre: Genre = None, dj: Dj = None, notation: Keys = Notation.CAMELOT
) -> None:
    """Draw the moves from key to key: of a DJ, from tracks of a genre, or all."""

    async def ask(connection: asyncpg.Connection) -> Element:
        named, dj_id, of = await _scope(connection, genre, dj)
        moves = await data.key_moves(connection, genre=named, dj_id=dj_id)
        return matrix.draw_matrix(moves, title=f"Moves between keys: {of}", notation=notation)

    save(answer(ask), output)


@app.command("curve")
def plot_curve(name: Name, output: Output, notation: Keys = Notation.CAMELOT) -> None:
    """Draw energy, tempo and key of a set over time."""

    async def ask(connection: asyncpg.Connection) -> Element:
        playlist_id = await entities.find(connection, "set", name)
        row = await data.row(connection, "sets", "set", playlist_id)
        if row is None:
            raise entities.NotFound(name, kind="set")
        moments = data.moments(await data.rows(connection, "sets", "rows", playlist_id), row["curve_places"])
        title = str(row["title"] or row["mix_name"] or playlist_id)
        return curve.draw_curve(moments, title=title, notation=notation)

    save(answer(ask), output)


@app.command("trend")
def plot_trend(name: Name, output: Output) -> None:
    """Draw the support of a track by week; one DJ counts once a week."""

    async def ask(connection: asyncpg.Connection) -> Element:
        track_id = await entities.find(connection, "track", name)
        row = await database.row(connection, "tracks", "track", track_id)
        if row is None:
            raise entities.NotFound(name, kind="track")
        points = data.support_by_week(row["support_dates"], row["support_weights"])
        title = f"{row['primary_artist']} - {row['track_name']}"
        return trend.draw_trend(points, title=title, unit="Support per week")

    save(answer(ask), output)


@app.command("graph")
def plot_graph(name: Name, output: Output) -> None:
    """Draw the artists with tracks in common with an artist."""

    async def ask(connection: asyncpg.Connection) -> Element:
        artist_id = await entities.find(connection, "artist", name)
        row = await database.row(connection, "artists", "artist", artist_id)
        if row is None:
            raise entities.NotFound(name, kind="artist")
        artists = await data.neighbours(connection, artist_id)
        pairs = await data.pairs_among(connection, graph.ranked(artists))
        return graph.draw_graph(row["name"], artists, title=f"Artists around {row['name']}", pairs=pairs)

    save(answer(ask), output)


@app.command("coverage")
def plot_coverage(output: Output) -> None:
    """Draw the share of tracks with each value, by the provider that gave it."""

    async def ask(connection: asyncpg.Connection) -> Element:
        shares = data.coverage_shares(await database.rows(connection, "reports", "coverage"))
        return heat_map.draw_heat_map(*shares, title="Values by provider")

    save(answer(ask), output)


async def _scope(
    connection: asyncpg.Connection, genre: str | None, dj: str | None
) -> tuple[str | None, str | None, str]:
    """Return the genre as the data write it, the id of the DJ, and a name of both. Raises BadParameter."""
    if genre is not None and dj is not None:
        raise typer.BadParameter("give --genre or --dj, not both")
    if dj is None:
        named = await named_genre(connection, genre)
        return named, None, named or "all tracks"
    artist_id = await entities.find(connection, "artist", dj)
    row = await database.row(connection, "artists", "artist", artist_id)
    return None, artist_id, str(row["name"] if row else artist_id)


def save(drawing: Element, output: Path) -> None:
    """Write a drawing as SVG, or as PNG through Chromium. Raises UnknownForm and ProgramMissing."""
    text = svg.document(drawing)
    if output.suffix.lower() == ".svg":
        output.write_text(text, "utf-8")
    elif output.suffix.lower() == ".png":
        output.write_bytes(asyncio.run(rasterized(text, settings())))
    else:
        raise UnknownForm(str(output))
    say(f"{output}: {drawing.get('aria-label')}")


async def rasterized(text: str, current: Settings) -> bytes:
    """Return an SVG document as PNG, in light colours. Raises ProgramMissing."""
    path = find_chromium(current)
    async with async_playwright() as driver:
        try:
            browser = await driver.chromium.launch(
                executable_path=path,
                chromium_sandbox=os.geteuid() != 0,  # as root it refuses to start with one
                timeout=START_TIMEOUT_MS,
            )
        except Error as error:
            raise missing(str(error).splitlines()[0]) from error
        async with browser:
            page = await browser.new_page(device_scale_factor=SCALE, color_scheme="light", offline=True)
            await page.set_content(text.partition("?>")[2])
            return await page.locator("svg").screenshot()
