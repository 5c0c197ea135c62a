"""The servers that a command uses: addresses are checked and servers probed before any client is made.

The clients' own failures take up to a minute, and their messages name no remedy.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from songnodes.access import ADDRESSES, Access
from songnodes.errors import (
    KafkaUnreachable,
    PostgresUnreachable,
    RedisUnreachable,
    RegistryUnreachable,
    ServerUnreachable,
    UserError,
)
from songnodes.probes import PROBES
from songnodes.redaction import without_password
from songnodes.settings import Settings

#: Seconds for all probes of a command together, name lookups included.
PROBE_DEADLINE_S = 3.0
RETRY_INTERVAL_S = 0.25
LARGEST_PORT = 65535

#: Setting -> the server's name and the form of its address.
SERVERS: Mapping[str, tuple[str, str]] = {
    "kafka_bootstrap": ("Kafka", "HOST:PORT[,HOST:PORT...]"),
    "database_url": ("PostgreSQL", "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
    "redis_url": ("Redis", "redis://HOST:PORT/0"),
    "schema_registry_url": ("The schema registry", "http://HOST:PORT/PATH"),
}


class InvalidAddress(UserError):
    """The address of a server is malformed"""

    def __str__(self) -> str:
        return (
            f"{self.setting.upper()} is malformed: {self.detail}. Set it to {SERVERS[self.setting][1]}, "
            "or unset it to use the embedded server"
        )


UNREACHABLE: Mapping[str, type[ServerUnreachable]] = {
    "kafka_bootstrap": KafkaUnreachable,
    "database_url": PostgresUnreachable,
    "redis_url": RedisUnreachable,
    "schema_registry_url": RegistryUnreachable,
}


def unreachable(setting: str, address: str) -> ServerUnreachable:
    """Return the error of a server that was probed at the address of this setting."""
    return UNREACHABLE[setting](
        f"no server at {without_password(address)}, or it refuses the login",
        remedy=(
            "`songnodes status` shows all servers, `songnodes up` starts the embedded ones; "
            f"{setting.upper()} names one of your own"
        ),
    )


def reached(settings: Settings, *names: str, wait_s: float = 0.0) -> Settings:
    """Return the settings once the servers of these address settings answer; without names all four.

    A server that does not answer is probed again for `wait_s` seconds. Raises AddressMissing, InvalidAddress
    and ServerUnreachable.
    """
    names = names or tuple(SERVERS)
    settings.require(*names)
    addresses = {name: str(getattr(settings, name)) for name in names}
    check_addresses(addresses)
    deadline = time.monotonic() + wait_s
    while silent := [name for name, answered in probe(settings, names).items() if not answered]:
        if time.monotonic() >= deadline:
            raise unreachable(silent[0], addresses[silent[0]])
        time.sleep(RETRY_INTERVAL_S)
    return settings


def probe(access: Access, names: Iterable[str] = ADDRESSES) -> dict[str, bool]:
    """Return for each of these address settings whether its server answers in time; all are probed at once.

    The threads are daemons: a name lookup cannot be interrupted, and must not delay the end of the process.
    """
    answers = dict.fromkeys(names, False)

    def ask(name: str) -> None:
        answers[name] = PROBES[name](access)

    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in answers]
    for thread in threads:
        thread.start()
    until = time.monotonic() + PROBE_DEADLINE_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return dict(answers)


def check_addresses(addresses: Mapping[str, str]) -> None:
    """Raise InvalidAddress for the first address that cannot be one of its kind of server."""
    for name, address in addresses.items():
        fault = address_fault(name, address)
        if fault:
            raise InvalidAddress(fault, setting=name)


def malformed(addresses: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with each malformed address, by setting."""
    faults = {name: address_fault(name, address) for name, address in addresses.items()}
    return {name: str(InvalidAddress(fault, setting=name)) for name, fault in faults.items() if fault}


def address_fault(name: str, address: str) -> str | None:
    """Return what is wrong with an address, without repeating it (it may hold a password), or None."""
    if not address.isprintable() or any(char.isspace() for char in address):
        return "it holds blanks or control characters"
    if name == "kafka_bootstrap":
        return next((fault for entry in address.split(",") if (fault := _host_port_fault(entry))), None)
    return _url_fault(address, SCHEMES[name], host_needed=name != "database_url")


SCHEMES: Mapping[str, tuple[str, ...]] = {
    "database_url": ("postgresql", "postgres"),
    "redis_url": ("redis", "rediss", "unix"),
    "schema_registry_url": ("http", "https"),
}


def _host_port_fault(entry: str) -> str | None:
    host, colon, port = entry.rpartition(":")
    if "/" in entry:
        return "a broker is HOST:PORT, without a scheme"
    if not colon or not host.strip("[]"):
        return "a host or a port is missing"
    return None if _is_port(port) else "the port is not a number from 1 to 65535"


def _url_fault(address: str, schemes: Iterable[str], *, host_needed: bool) -> str | None:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "it is not a URL"
    if parts.scheme not in schemes:
        return f"it does not begin with {schemes_shown(schemes)}"
    hosts = parts.netloc.rpartition("@")[2]
    if host_needed and parts.scheme != "unix" and not host:
        return "the host is missing"
    for entry in filter(None, hosts.split(",")):
        _, colon, port = entry.rpartition("]")[2].rpartition(":")
        if colon and not _is_port(port):
            return "the port is not a number from 1 to 65535"
    return None


def schemes_shown(schemes: Iterable[str]) -> str:
    """Return the schemes as a sentence names them: `redis:// or rediss://`."""
    return " or ".join(f"{scheme}://" for scheme in schemes)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_PORT
