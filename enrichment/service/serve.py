"""`songnodes run service`: serve `POST /enrich` until a signal arrives."""

import asyncio
import socket

import uvicorn

from enrichment.gateway.opening import configured_terms, opened_archive, opened_gateway
from enrichment.service.app import LOOPBACK_HOSTS, create_app
from enrichment.service.live import LiveEnricher
from songnodes import logs
from songnodes.access import LOOPBACK
from songnodes.clock import SystemClock
from songnodes.errors import UserError
from songnodes.probes import PROBES
from songnodes.settings import Settings

#: Servers without which no answer can be archived.
REQUIRED = {"kafka_bootstrap": "Kafka", "schema_registry_url": "The schema registry"}
#: Seconds that a request waits for the start of one call; later ones are answered without it.
MAX_CALL_WAIT_S = 10.0
STOP_TIMEOUT_S = 10

log = logs.get(__name__)


class ServiceTokenMissing(UserError):
    """The service is bound to an address that others reach, and has no token"""

    remedy = "Set SONGNODES_SERVICE_TOKEN, or bind it to 127.0.0.1"


def run_forever(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ServiceTokenMissing."""
    if settings.service_host not in LOOPBACK and not settings.service_token.get_secret_value():
        raise ServiceTokenMissing(settings.service_host)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async def probe() -> str | None:
        for server, name in REQUIRED.items():
            if not await asyncio.to_thread(PROBES[server], settings):
                return f"{name} does not respond."
        return None

    async with (
        opened_archive(settings) as archive,
        opened_gateway(settings, configured_terms(settings), archive, max_wait_s=MAX_CALL_WAIT_S) as gateway,
    ):
        app = create_app(
            LiveEnricher(gateway, settings, SystemClock(), probe),
            token=settings.service_token.get_secret_value(),
            hosts=LOOPBACK_HOSTS,
        )
        configuration = uvicorn.Config(
            app,
            host=settings.service_host,
            port=settings.service_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_TIMEOUT_S,
        )
        log.info("serving", host=settings.service_host, port=settings.service_port, node=socket.gethostname())
        await uvicorn.Server(configuration).serve()
