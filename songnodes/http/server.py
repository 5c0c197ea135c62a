"""The server of an application: uvicorn with limits on connections, ended by signals."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn

from songnodes.errors import UserError
from songnodes.http.connections import HttpConnection
from songnodes.process.shell import STOP_SIGNALS


class AddressTaken(UserError):
    """The service cannot listen on its address"""


class TokenMissing(UserError):
    """A server over HTTP is bound to an address that others reach, and has no token"""


class Server(uvicorn.Server):
    """A server that ends on signals without raising them again: what it uses is closed after it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def configuration(app: object, host: str, port: int, *, stop_timeout_s: int) -> uvicorn.Config:
    """Return the configuration of the server. Requests under way get `stop_timeout_s` at the end."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        http=HttpConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=stop_timeout_s,
    )


async def serve(config: uvicorn.Config, *, port_setting: str) -> None:
    """Serve until a signal arrives. Raises AddressTaken."""
    try:
        await Server(config).serve()
    except SystemExit:  # of uvicorn, which has logged the error
        remedy = f"Set {port_setting} to a free port"
        raise AddressTaken(f"{config.host}:{config.port}", remedy=remedy) from None
