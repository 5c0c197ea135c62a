"""`songnodes run service`: serve `POST /enrich` until a signal arrives."""

import asyncio

import uvicorn

from enrichment.service.app import create_app
from enrichment.service.opening import opened_enricher
from songnodes import logs, metrics
from songnodes.access import LOOPBACK
from songnodes.http import server
from songnodes.http.guard import LOOPBACK_HOSTS
from songnodes.http.server import TokenMissing
from songnodes.settings import Settings

#: Above the time of one track, so that requests under way are answered.
STOP_TIMEOUT_S = 35

log = logs.get(__name__)


def run_forever(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises TokenMissing, AddressTaken."""
    if settings.service_host not in LOOPBACK and not settings.service_token.get_secret_value():
        raise TokenMissing(
            settings.service_host, remedy="Set SONGNODES_SERVICE_TOKEN, or bind it to 127.0.0.1"
        )
    metrics.serve(settings)
    asyncio.run(_serve(settings))
    log.info("stopped")


async def _serve(settings: Settings) -> None:
    async with opened_enricher(settings, "service") as enricher:
        app = create_app(enricher, token=settings.service_token.get_secret_value(), hosts=LOOPBACK_HOSTS)
        log.info("serving", host=settings.service_host, port=settings.service_port)
        await server.serve(configuration(app, settings), port_setting="SONGNODES_SERVICE_PORT")


def configuration(app: object, settings: Settings) -> uvicorn.Config:
    """Return the configuration of the server."""
    return server.configuration(
        app, settings.service_host, settings.service_port, stop_timeout_s=STOP_TIMEOUT_S
    )
