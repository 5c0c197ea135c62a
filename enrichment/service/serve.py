"""`songnodes run service`: serve `POST /enrich` until a signal arrives."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn

from enrichment.service.app import LOOPBACK_HOSTS, create_app
from enrichment.service.connections import HttpConnection
from enrichment.service.opening import opened_enricher
from songnodes import logs, metrics
from songnodes.access import LOOPBACK
from songnodes.errors import UserError
from songnodes.process.shell import STOP_SIGNALS
from songnodes.settings import Settings

#: Above the time of one track, so that requests under way are answered.
STOP_TIMEOUT_S = 35

log = logs.get(__name__)


class ServiceTokenMissing(UserError):
    """The service is bound to an address that others reach, and has no token"""

    remedy = "Set SONGNODES_SERVICE_TOKEN, or bind it to 127.0.0.1"


class AddressTaken(UserError):
    """The service cannot listen on its address"""

    remedy = "Set SONGNODES_SERVICE_PORT to a free port"


class Server(uvicorn.Server):
    """A server that ends on signals without raising them again: the gateway is closed after it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def run_forever(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ServiceTokenMissing, AddressTaken."""
    if settings.service_host not in LOOPBACK and not settings.service_token.get_secret_value():
        raise ServiceTokenMissing(settings.service_host)
    metrics.serve(settings)
    asyncio.run(_serve(settings))
    log.info("stopped")


async def _serve(settings: Settings) -> None:
    async with opened_enricher(settings, "service") as enricher:
        app = create_app(enricher, token=settings.service_token.get_secret_value(), hosts=LOOPBACK_HOSTS)
        server = Server(configuration(app, settings))
        log.info("serving", host=settings.service_host, port=settings.service_port)
        try:
            await server.serve()
        except SystemExit:  # of uvicorn, which has logged the error
            raise AddressTaken(f"{settings.service_host}:{settings.service_port}") from None


def configuration(app: object, settings: Settings) -> uvicorn.Config:
    """Return the configuration of the server."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.service_host,
        port=settings.service_port,
        http=HttpConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
