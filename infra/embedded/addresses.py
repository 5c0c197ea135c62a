"""Servers set from outside, and the file by which every process reaches all servers."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import quote

from infra.embedded import ports
from infra.embedded.secrets import write_private
from songnodes.access import ADDRESSES, FIELDS, Access, place
from songnodes.settings import ADDRESS_FILE, stored_access

#: Address -> the name of the port that an embedded server of its kind listens on.
PORT_NAMES: Mapping[str, str] = {
    "kafka_bootstrap": "kafka",
    "database_url": "postgres",
    "redis_url": "redis",
    "schema_registry_url": "registry",
}


def save(access: Access, embedded: Collection[str], home: Path) -> None:
    """Write the access to the file that `songnodes.settings` reads; only the owner can read it.

    `embedded` names the addresses of the servers that are embedded ones.
    """
    content = {**access.plain(), "embedded": sorted(embedded)}
    write_private(home / ADDRESS_FILE, json.dumps(content, indent=2) + "\n")


def from_outside(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the fields of the servers that are set from outside: those servers are not ours to start.

    The address of an embedded server of this data directory is not from outside: `songnodes env` printed it.
    """
    outside = {}
    for server in ADDRESSES:
        address = environment.get(server.upper())
        if address and not is_own(server, address, home):
            for name in FIELDS[server]:
                outside[name] = environment.get(name.upper(), "")
    password = environment.get("PGPASSWORD")
    for name in FIELDS["database_url"]:  # the processes get no variable with a password
        if password and outside.get(name):
            outside[name] = with_password(outside[name], password)
    return {name: text for name, text in outside.items() if text}


def with_password(address: str, password: str) -> str:
    """Return an address with this password, unless it has one."""
    scheme, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    login, at, host = authority.rpartition("@")
    if not at or ":" in login:
        return address
    return f"{scheme}://{login}:{quote(password, safe='')}@{host}{slash}{path}"


def is_own(server: str, address: str, home: Path) -> bool:
    """Return whether an address is that of an embedded server of a data directory, whether it runs or not.

    Another database of its PostgreSQL or Redis is not. A list of brokers is compared as a whole.
    """
    if "," in address:
        stored = stored_access(home)
        return stored is not None and server in stored[1] and address == getattr(stored[0], server)
    there = place(server, address)
    port = ports.load(home).get(PORT_NAMES[server])
    if there is None or port is None or there[:2] != ("loopback", port):
        return False
    if stored := stored_access(home):
        access, embedded = stored
        if server in embedded:
            return there == place(server, getattr(access, server))
    return True
