"""One box for all names, suggestions while typing, and the form for what fits a key and a tempo."""

from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from queries.database import Row
from queries.harmony import fitting, fitting_keys, tempo_range
from queries.search import Hit, search
from songnodes.domain.keys.notation import read_key
from web import links
from web.api.answers import refreshed_at
from web.database import Database
from web.genres import genres
from web.rendering import page

router = APIRouter(include_in_schema=False)

HITS = 40
SUGGESTIONS = 8
FITTING = 100
TEMPO_BOUNDS = (20.0, 400.0)
WITHIN_BOUNDS = (0.0, 50.0)
DEFAULT_WITHIN = 3.0
MAX_TEXT = 200


@router.get("/search")
async def search_page(
    request: Request, q: str = "", fits: str = "", bpm: str = "", within: str = "", genre: str = ""
) -> Response:
    """Show the names that match a text, or the tracks that fit a key, tempo and genre."""
    text, form = q[:MAX_TEXT].strip(), Fit(fits, bpm, within, genre)
    pool: Database = request.app.state.database
    async with pool.connection() as connection:
        names = await genres(pool, connection, await refreshed_at(connection))
        hits = await search(connection, text, limit=HITS) if text else []
        rows = await form.rows(connection) if form.is_filled else []
    return page(
        request,
        "search.html",
        text=text,
        groups=grouped(hits),
        corrected=bool(hits) and all(hit.corrected for hit in hits),
        form=form,
        fitting=rows,
        genres=names,
    )


@router.get("/search/suggestions")
async def suggestions(request: Request, q: str = "") -> Response:
    """Return the list below the search box: part of a page."""
    text = q[:MAX_TEXT].strip()
    async with request.app.state.database.connection() as connection:
        hits = await search(connection, text, limit=SUGGESTIONS) if text else []
    return page(request, "suggestions.html", hits=shown(hits), text=text)


def shown(hits: list[Hit]) -> list[dict[str, Any]]:
    """Return hits with the addresses of their pages."""
    pages = {
        "track": links.track,
        "artist": links.artist,
        "set": links.playlist,
        "label": links.label,
    }
    return [{**hit.as_dict(), "address": pages[hit.kind](hit.id)} for hit in hits]


def grouped(hits: list[Hit]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the hits by kind; the kind of the best hit first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for hit in shown(hits):
        groups.setdefault(hit["kind"], []).append(hit)
    return list(groups.items())


class Fit:
    """The form of key, tempo and genre, with a message for each entry that is not understood."""

    def __init__(self, fits: str, bpm: str, within: str, genre: str) -> None:
        """Read the entries of the form."""
        self.fits, self.bpm, self.within, self.genre = (
            text.strip()[:40] for text in (fits, bpm, within, genre)
        )
        self.errors: list[str] = []
        self.key = read_key(self.fits) if self.fits else None
        if self.fits and self.key is None:
            self.errors.append(f"“{self.fits}” is no key: write 8A, Am, A minor or 1m.")
        self.tempo = self._number(self.bpm, "BPM", TEMPO_BOUNDS)
        percent = self._number(self.within, "percent", WITHIN_BOUNDS)
        self.percent = DEFAULT_WITHIN if percent is None else percent

    @property
    def is_filled(self) -> bool:
        """Return True if the form asks for something that is understood."""
        return bool(self.key or self.tempo or self.genre) and not self.errors

    async def rows(self, connection: asyncpg.Connection) -> list[Row]:
        """Return the tracks that fit, by popularity."""
        keys = fitting_keys(self.key) if self.key else None
        tempi = tempo_range(self.tempo, self.percent) if self.tempo else None
        return await fitting(connection, keys, tempi, self.genre.replace("\0", "") or None, FITTING)

    def _number(self, text: str, name: str, bounds: tuple[float, float]) -> float | None:
        if not text:
            return None
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = float("nan")
        if bounds[0] <= number <= bounds[1]:
            return number
        self.errors.append(f"“{text}” is no {name} from {bounds[0]:g} to {bounds[1]:g}.")
        return None
