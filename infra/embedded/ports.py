"""Loopback ports: chosen once, kept between starts, so that the addresses of a data directory stay."""

import json
import random
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from songnodes.errors import UserError

FILE = "ports.json"
#: Below the ports that Linux and macOS give to outgoing connections, which would take ours between starts.
RANGE = range(20_000, 32_000)
ATTEMPTS = 200


class PortTaken(UserError):
    """A port of the embedded servers is used by another process"""

    remedy = f"End that process, or remove the port from {FILE} in the data directory: another is chosen then"


class NoFreePort(UserError):
    """No free loopback port was found"""


def load(home: Path) -> dict[str, int]:
    """Return the ports that a data directory has chosen; empty where there are none, or no such file as we
    write."""
    with suppress(OSError, ValueError, TypeError):
        return {str(name): int(port) for name, port in dict(json.loads((home / FILE).read_text())).items()}
    return {}


def choose(home: Path, names: Iterable[str]) -> dict[str, int]:
    """Return the ports of these names: those stored in `home`, and new free ones for the others."""
    file = home / FILE
    ports = load(home)
    new = [name for name in names if name not in ports]
    for name in new:
        ports[name] = _free(set(ports.values()))
    if new:
        half = file.with_suffix(".new")
        half.write_text(json.dumps(ports, indent=2) + "\n")
        half.replace(file)
    return ports


def check_free(ports: Mapping[str, int]) -> None:
    """Raise `PortTaken` where a port cannot be listened on."""
    for name, port in ports.items():
        if not _listenable(port):
            raise PortTaken(_owner(port), server=name, port=port)


def accepts(port: int) -> bool:
    """Return True if a server accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free(used: set[int]) -> int:
    for _ in range(ATTEMPTS):
        port = random.choice(RANGE)  # noqa: S311 - spread, so that two checkouts rarely meet; no secret
        if port not in used and _listenable(port):
            return port
    raise NoFreePort(between=f"{RANGE.start} and {RANGE.stop}")


def _listenable(port: int) -> bool:
    """Return True if a server could listen. A socket in TIME_WAIT is no obstacle: SO_REUSEADDR is set."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _owner(port: int) -> str:
    """Return the process that listens, if this user may see it."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, pid {connection.pid}"
    return ""
