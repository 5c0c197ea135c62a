"""The first page."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from web.rendering import page

router = APIRouter()


@router.get("/")
async def home(request: Request) -> HTMLResponse:
    """Show where to begin."""
    return page(request, "home.html")
