"""Pages: each module has a `router`, which is listed here."""

from fastapi import APIRouter

from web import assets
from web.pages import (
    about,
    artists,
    decisions,
    explorer,
    feeds,
    ids,
    now,
    pipeline,
    preferences,
    search,
    sets,
    track,
    wheel,
)

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
    pipeline.router,
    decisions.router,
    about.router,
    assets.router,
)
