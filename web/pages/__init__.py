"""Pages: each module has a `router`, which is listed here."""

from fastapi import APIRouter

from web.pages import artists, explorer, feeds, ids, now, preferences, search, sets, track, wheel

ROUTERS: tuple[APIRouter, ...] = (
    now.router,
    search.router,
    explorer.router,
    feeds.router,
    ids.router,
    preferences.router,
    track.router,
    sets.router,
    artists.router,
    wheel.router,
)
