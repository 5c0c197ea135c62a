"""`songnodes run web`: serve the dashboard and the query API until a signal arrives."""

import asyncio
from threading import Thread

from infra.embedded import web_address
from songnodes import logs, metrics
from songnodes.access import LOOPBACK
from songnodes.http import server
from songnodes.http.server import TokenMissing
from songnodes.settings import Settings
from web import assets
from web.app import create_app
from web.database import Database
from web.pages.pipeline import collector_of
from web.rendering import compile_templates

#: Above the time limit of a statement, so that requests under way are answered.
STOP_TIMEOUT_S = 8

log = logs.get(__name__)


def run_forever(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises TokenMissing, AddressTaken, AddressMissing."""
    if settings.web_host not in LOOPBACK and not settings.web_token.get_secret_value():
        raise TokenMissing(settings.web_host, remedy="Set SONGNODES_WEB_TOKEN, or bind it to 127.0.0.1")
    metrics.serve(settings)
    asyncio.run(_serve(settings))
    log.info("stopped")


async def _serve(settings: Settings) -> None:
    port = web_address.port(settings)
    Thread(target=assets.fetch, daemon=True).start()  # pages work without, and end does not wait for it
    Thread(target=compile_templates, daemon=True).start()
    async with Database.opened(settings) as database:
        app = create_app(database, settings)
        log.info("serving", host=settings.web_host, port=port)
        config = server.configuration(app, settings.web_host, port, stop_timeout_s=STOP_TIMEOUT_S)
        collecting = asyncio.create_task(collector_of(app).keep_recent())
        try:
            await server.serve(config, port_setting="SONGNODES_WEB_PORT")
        finally:
            collecting.cancel()
