"""About the data: sources, licences, what is counted how, and how fresh it is."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from songnodes import sql
from songnodes.errors import SongNodesError
from web.database import Database
from web.pipeline import shown
from web.pipeline.collector import Collector
from web.rendering import page

router = APIRouter()

SOURCES_INTERVAL_S = 300.0  # the statement reads all tracklists
Sources = list[dict[str, Any]]


@router.get("/about")
async def about(request: Request) -> HTMLResponse:
    """Show where the data come from."""
    sources: Sources = []
    unknown = ""
    try:
        sources = await _collector(request).current()
    except SongNodesError as error:  # the page explains even without data
        unknown = str(error)
    return page(request, "about.html", sources=sources, unknown=unknown, now=datetime.now(UTC), shown=shown)


def _collector(request: Request) -> Collector[Sources]:
    state = request.app.state
    if not hasattr(state, "sources"):
        database: Database = state.database

        async def collect() -> Sources:
            async with database.connection() as connection:
                return [dict(row) for row in await connection.fetch(sql.query("web", "about", "sources"))]

        state.sources = Collector(collect, SOURCES_INTERVAL_S)
    collector: Collector[Sources] = state.sources
    return collector
