"""Pages: each module has a `router`, which is listed here."""

from fastapi import APIRouter

from web.pages import home

ROUTERS: tuple[APIRouter, ...] = (home.router,)
