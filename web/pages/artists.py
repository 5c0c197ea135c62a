"""An artist as producer and as DJ, with the artists around them; a record label."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import asyncpg
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from markupsafe import Markup

from queries import database, documents
from queries.addresses import web_address
from queries.database import Row
from songnodes.domain.keys import Notation
from songnodes.domain.labels import label_id
from web import drawing_data as data
from web import links, preferences
from web.api.answers import refreshed_at
from web.database import Database
from web.drawings import graph, svg, trend, wheel
from web.rendering import page

router = APIRouter(include_in_schema=False)

TRACKS, SETS, PLAYED, EARLY = 25, 25, 25, 15
LABEL_TRACKS = 100
PEOPLE = 10  # artists and DJs of a label


@router.get("/network/{artist_id:path}")
async def network(request: Request, artist_id: str) -> Response:
    """Return the artists around one artist for the script of its page: nodes and edges."""
    text = artist_id.replace("\0", "")
    async with request.app.state.database.connection() as connection:
        artist = await named_artist(connection, text)
        if artist is None:
            raise HTTPException(404)
        neighbours = graph.ranked(await data.neighbours(connection, artist["artist_id"]))
        pairs = await data.pairs_among(connection, neighbours)
    own_id = artist["artist_id"]
    names = {own_id: artist["name"]} | {neighbour.artist_id: neighbour.name for neighbour in neighbours}
    edges = {(own_id, neighbour.artist_id): neighbour.tracks for neighbour in neighbours} | {
        pair: tracks for pair, tracks in pairs.items() if set(pair) <= set(names)
    }
    return JSONResponse(
        {
            "nodes": [{"id": key, "name": name, "address": links.artist(key)} for key, name in names.items()],
            "edges": [{"source": a, "target": b, "tracks": tracks} for (a, b), tracks in edges.items()],
        }
    )


@router.get("/artists/{artist_id:path}")
async def artist_page(request: Request, artist_id: str) -> Response:
    """Show an artist as producer and as DJ."""
    text, notation = artist_id.replace("\0", ""), _notation(request)
    pool: Database = request.app.state.database
    async with pool.connection() as connection:
        artist = await named_artist(connection, text)
        if artist is None:
            return page(request, "no_artist.html", status=404, kind="artist", name=text)
        read = partial(_parts, connection, artist, notation)
        context = await pool.kept.get(("artist", text, notation), await refreshed_at(connection), read)
    parts = {"producer": artist["as_producer"], "dj": artist["as_dj"] or documents.blank("as_dj")}
    return page(
        request, "artist.html", artist=artist, web=web_address, **parts, **_profile(artist), **context
    )


@router.get("/djs/{artist_id:path}")
async def dj_page(artist_id: str) -> Response:
    """Redirect to the artist's page, where it shows the DJ."""
    return RedirectResponse(f"/artists/{quote(artist_id, safe='')}#dj", 308)


@router.get("/labels/{name:path}")
async def label_page(request: Request, name: str) -> Response:
    """Show a record label by its id or any spelling of its name."""
    text = name.replace("\0", "")
    async with request.app.state.database.connection() as connection:
        label = await database.row(connection, "labels", "label", label_id(text) or text)
        if label is None:
            return page(request, "no_artist.html", status=404, kind="label", name=text)
        lists: dict[str, Any] = {
            part: await database.rows(connection, "labels", f"{part}_of", label["label_id"], limit)
            for part, limit in (("tracks", LABEL_TRACKS), ("artists", PEOPLE), ("supporters", PEOPLE))
        }
        keys = await data.rows(connection, "artists", "label_keys", label["label_id"])
    counts = {key["camelot"]: key["tracks"] for key in keys}
    weeks = data.support_by_week(label["support_dates"], label["support_weights"])
    return page(
        request,
        "label.html",
        label=label,
        genres=sorted(documents.shares(label["genres"]).items(), key=lambda item: (-item[1], item[0])),
        support=markup(trend.draw_trend(weeks, title="Support by week", unit="Support per week")),
        support_table=trend.tabulate_trend(weeks, unit="Support"),
        wheel=markup(wheel.draw_wheel(counts, title="Keys of the label", notation=_notation(request))),
        wheel_table=wheel.tabulate_wheel(counts),
        **lists,
    )


async def named_artist(connection: asyncpg.Connection, artist_id: str) -> Row | None:
    """Return an artist with all that its page shows; one without a name has its id as name."""
    artist = await data.row(connection, "artists", "artist", artist_id)
    return artist and {**artist, "name": artist["name"] or artist_id}


def markup(drawing: Element) -> Markup:
    """Return a drawing as a part of a page; all texts in it are escaped."""
    return Markup(svg.fragment(drawing))  # noqa: S704


def _notation(request: Request) -> Notation:
    return preferences.read(request.cookies).notation


#: Values of profiles with their titles on the page; `life_begin` has its own, by the type of the artist.
PROFILE = (("Country", "country"), ("Type", "artist_type"), ("Groups", "groups"), ("Genres", "genres"))
LIFE = {"person": ("Born", "Died")}


def _profile(artist: Row) -> dict[str, Any]:
    """Return the values of an artist's profiles, each with its title and the providers that it is from."""
    sources = artist["value_sources"] or {}
    begin, end = LIFE.get(artist["artist_type"], ("Founded", "Ended"))
    shown = []
    for title, name in (*PROFILE, (begin, "life_begin"), (end, "life_end")):
        value = artist[name]
        if value:
            text = ", ".join(value) if isinstance(value, list) else value
            shown.append((title, text, sources.get(name, "pages").replace(",", ", ")))
    biography_source = sources.get("biography", "pages")
    is_lastfm = biography_source == "lastfm"
    return {
        "profile": shown,
        "biography_source": biography_source,
        "biography_page": (artist["links"] or {}).get("lastfm") if is_lastfm else None,
    }


async def _parts(connection: asyncpg.Connection, artist: Row, notation: Notation) -> dict[str, Any]:
    artist_id = artist["artist_id"]
    lists = {
        name: await database.rows(connection, "artists", statement, artist_id, limit)
        for name, statement, limit in (
            ("tracks", "tracks_of", TRACKS),
            ("sets", "sets_of", SETS),
            ("played", "played_by", PLAYED),
            ("early", "breaks", EARLY),
        )
    }
    return {
        **lists,
        **await _network(connection, artist),
        **await _people(connection, artist["as_producer"] or {}, artist["as_dj"] or {}),
        **_drawings(artist, notation),
        **await _dj_keys(connection, artist, notation),
    }


async def _network(connection: asyncpg.Connection, artist: Row) -> dict[str, Any]:
    artists = await data.neighbours(connection, artist["artist_id"])
    pairs = await data.pairs_among(connection, graph.ranked(artists))
    drawing = graph.draw_graph(
        artist["name"], artists, title="Artists with tracks in common", pairs=pairs, address=links.artist
    )
    return {"graph": markup(drawing), "neighbours": artists}


async def _people(
    connection: asyncpg.Connection, producer: Mapping[str, Any], dj: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the supporters and favourite artists with their names."""
    supporters = producer.get("top_supporters") or []
    favourites = dj.get("favourite_artists") or []
    ids = [entry["dj_id"] for entry in supporters] + [entry["artist_id"] for entry in favourites]
    names = {row["artist_id"]: row["name"] for row in await data.rows(connection, "artists", "names", ids)}
    return {
        "supporters": _named(supporters, "dj_id", names),
        "favourites": _named(favourites, "artist_id", names),
    }


def _named(
    entries: Sequence[Mapping[str, Any]], column: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {"artist_id": entry[column], "name": names.get(entry[column], entry[column]), "sets": entry["sets"]}
        for entry in entries
    ]


def _drawings(artist: Row, notation: Notation) -> dict[str, Any]:
    producer = artist["as_producer"] or {}
    weeks = data.support_by_week(artist["support_dates"], artist["support_weights"])
    counts = producer.get("key_profile") or {}
    return {
        "support": markup(trend.draw_trend(weeks, title="Support by week", unit="Support per week")),
        "support_table": trend.tabulate_trend(weeks, unit="Support"),
        "has_support": bool(weeks),
        "keys": markup(wheel.draw_wheel(counts, title="Keys of the tracks", notation=notation))
        if counts
        else None,
        "keys_table": wheel.tabulate_wheel(counts),
        "years": sorted((producer.get("years") or {}).items(), reverse=True),
        "tempi": sorted((producer.get("bpm_profile") or {}).items(), key=lambda item: float(item[0])),
    }


async def _dj_keys(connection: asyncpg.Connection, artist: Row, notation: Notation) -> dict[str, Any]:
    dj = artist["as_dj"]
    genres = sorted(((dj or {}).get("genres_by_year") or {}).items(), reverse=True)
    if not dj:
        return {"dj_keys": None, "dj_keys_table": None, "genres_by_year": genres}
    counts = await data.key_counts(connection, dj_id=artist["artist_id"])
    drawing = wheel.draw_wheel(
        counts,
        title="Keys of the played tracks",
        address=lambda key: links.query("/wheel", [("dj", artist["artist_id"]), ("key", key)]) + "#tracks",
        notation=notation,
    )
    table = wheel.tabulate_wheel(counts)
    return {"dj_keys": markup(drawing), "dj_keys_table": table, "genres_by_year": genres}
