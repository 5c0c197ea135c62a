"""Pages: each module has a `router`, which is listed here."""

from fastapi import APIRouter

from web.pages import explorer, ids, now, preferences, search, track

ROUTERS: tuple[APIRouter, ...] = (
    now.router,
    search.router,
    explorer.router,
    ids.router,
    preferences.router,
    track.router,
)
