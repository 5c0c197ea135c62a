"""The application: pages, the query API below /api, static files."""

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from songnodes import __version__
from songnodes.access import LOOPBACK
from songnodes.http.guard import LOOPBACK_HOSTS, Guard
from songnodes.settings import Settings
from web import api, failures
from web.compression import Compression
from web.database import Database
from web.headers import SecurityHeaders
from web.pages import ROUTERS

STATIC = Path(__file__).parent / "static"


def create_app(database: Database, settings: Settings) -> FastAPI:
    """Return the application. With a token every request must have it; without one, a host on loopback."""
    app = FastAPI(
        title="SongNodes",
        version=__version__,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.database = database
    app.state.settings = settings
    failures.install(app)
    api.install(app, limited=settings.web_host not in LOOPBACK)
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(
        Guard,
        token=settings.web_token.get_secret_value(),
        hosts=LOOPBACK_HOSTS | settings.web_hosts,
        browsers=True,
    )
    app.add_middleware(Compression)
    app.add_middleware(SecurityHeaders)
    return app
