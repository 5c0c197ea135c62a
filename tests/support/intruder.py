"""Attempts of another user of this machine against a running stack: `python -m tests.support.intruder`.

Reads a JSON document from standard input: `home`, `places` (directories), `pids`, `ports` by server, and
`analyst_url`. Imports all clients, becomes the other user if it runs as root, and prints the error of each
attempt, or "succeeded".
"""

import json
import os
import pwd
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import redis
from confluent_kafka.admin import AdminClient

from tests.support.another_user import IS_ROOT, OTHER

SUCCEEDED = "succeeded"
TIMEOUT_S = 5
FILES = ("secrets.json", "addresses.json", "supervisord.conf", "kafka.properties", "supervisor.sock")
#: First words of the names of attempts that open files.
ON_FILES = ("open", "list", "environment")
POSTGRES_USERS = ("postgres", "songnodes", "root", "songnodes_owner", "songnodes_writer", "songnodes_analyst")
PROGRAM = b"COPY (SELECT 1) TO PROGRAM 'id'"


def attempts(target: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Return all attempts by name."""
    home, ports = Path(target["home"]), target["ports"]
    actions: dict[str, Callable[[], object]] = {f"list {home}": partial(os.listdir, home)}
    for name in FILES:
        actions[f"open {name}"] = partial((home / name).open, "rb")
    for place in target["places"]:
        actions[f"list {place}"] = partial(os.listdir, place)
    for pid in target["pids"]:
        actions[f"environment of {pid}"] = Path(f"/proc/{pid}/environ").read_bytes
    for user in POSTGRES_USERS:
        url = f"postgresql://{user}@127.0.0.1:{ports['postgres']}/songnodes"
        actions[f"postgres as {user}"] = partial(psycopg.connect, url, connect_timeout=TIMEOUT_S)
    actions["copy to a program"] = partial(_execute, target["analyst_url"], PROGRAM)
    for command in ("PING", "CONFIG SET dir /tmp", "GET songnodes:x"):
        actions[f"redis {command}"] = partial(_redis, ports["redis"], command)
    for port in ("kafka", "kafka_controller"):
        actions[port] = partial(_topics, ports[port])
    return actions


def _execute(url: str, statement: bytes) -> None:
    with psycopg.connect(url, connect_timeout=TIMEOUT_S) as connection:
        connection.execute(statement)


def _redis(port: int, command: str) -> object:
    with redis.Redis(port=port, socket_timeout=TIMEOUT_S) as client:
        return client.execute_command(*command.split())


def _topics(port: int) -> object:
    admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0})
    return admin.list_topics(timeout=TIMEOUT_S)


def _outcome(action: Callable[[], object]) -> str:
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return SUCCEEDED


def main() -> None:
    """Make all attempts."""
    actions = attempts(json.load(sys.stdin))
    for name, action in actions.items():
        if not name.startswith(ON_FILES):
            _outcome(action)  # imports what clients import when used: the other user cannot read the modules
    if IS_ROOT:
        entry = pwd.getpwnam(OTHER)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    outcomes = {name: _outcome(action) for name, action in actions.items()}
    print(json.dumps({"uid": os.getuid(), "outcomes": outcomes}))


if __name__ == "__main__":
    main()
