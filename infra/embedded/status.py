"""Processes, lag and rows of the database. Each part is independent: if one server is down, the parts of the
others are still shown."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import psutil
import psycopg
from confluent_kafka import KafkaException

from infra.embedded import crawling, enriching, lag, refresh_state, rows, stage_records, web_address
from infra.embedded.restarts import within_hour
from infra.embedded.stack import SERVERS, Stack
from infra.embedded.supervisor import ProcessInfo
from songnodes.access import ADDRESSES
from songnodes.errors import SongNodesError
from songnodes.messaging import topics
from songnodes.redaction import without_password, without_password_in
from songnodes.servers import malformed, probe
from songnodes.settings import Settings

if TYPE_CHECKING:
    from producers.fetch.hosts import HostState

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """A server, its address without a password. `embedded` is False for one that is set from outside."""

    name: str
    address: str
    answers: bool
    embedded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStatus:
    """A supervised process. `uptime` in seconds, `memory` in bytes with that of its children.

    `restarts` is how often it ended by itself and was started again within the last hour.
    """

    name: str
    state: str
    pid: int | None
    uptime: float
    memory: int
    why: str
    restarts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All parts. One that could not be queried is empty, and `unknown` has the reason."""

    servers: list[ServerStatus]
    processes: list[ProcessStatus]
    groups: list[lag.GroupLag]
    tables: list[rows.TableRows]
    refresh: list[refresh_state.RefreshStep]
    set_aside: list[refresh_state.SetAside]
    list_warnings: list[refresh_state.ListWarnings]
    hosts: list["HostState"]
    frontier: list[crawling.SourcePages]
    providers: list[enriching.ProviderBudget]
    unknown: dict[str, str]
    rechecks: list[enriching.Rechecks] = field(default_factory=list)  # none before the first migration
    #: Address of the dashboard; empty where it does not run.
    web: str = ""

    def plain(self, now: datetime) -> dict[str, Any]:
        """For JSON: times as text, and the age of each group's oldest record in seconds."""
        plain = asdict(self)
        for group in plain["groups"]:
            oldest = group["oldest"]
            group["oldest"] = oldest.isoformat() if oldest else None
            group["oldest_age"] = round((now - oldest).total_seconds(), 3) if oldest else None
        for step in plain["refresh"]:
            succeeded = step["succeeded_at"]
            step["age"] = round((now - succeeded).total_seconds(), 3) if succeeded else None
            for name in ("succeeded_at", "began_at"):
                step[name] = step[name].isoformat() if step[name] else None
        for entry in plain["set_aside"]:
            entry["last_at"] = entry["last_at"].isoformat()
        for entry in plain["rechecks"]:
            entry["next_at"] = entry["next_at"].isoformat()
        for host in plain["hosts"]:
            for name in ("held_until", "next_turn"):
                host[name] = host[name].isoformat() if host[name] else None
        return plain


def status(stack: Stack, namespace: str = "", *, count_rows: bool = True) -> Status:
    """Return the status of a stack and of the pipeline of this namespace on it.

    Without `count_rows`, which reads whole tables, `tables` is empty.
    """
    access = stack.addresses
    here = Settings().with_access(access).model_copy(update={"namespace": namespace})
    addresses = {name: str(getattr(access, name)) for name in ADDRESSES}
    unknown = malformed(addresses)
    answers = probe(access)
    embedded = {server.name for server in stack.servers()}
    servers = [
        ServerStatus(
            name=kind.name,
            address=without_password(addresses[kind.setting]),
            answers=answers[kind.setting],
            embedded=kind.name in embedded,
        )
        for kind in SERVERS
    ]
    restarted = within_hour(stack.home)
    processes = [_process(running, restarted.get(running.name, 0)) for running in stack.processes()]
    up = {server.name: server.answers for server in servers}
    url = here.database_url
    return Status(
        servers=servers,
        processes=processes,
        groups=_part(
            "groups", up, "kafka", lambda: lag.groups(here, namespace, topics.readers(here)), unknown
        ),
        tables=_part("tables", up, "postgres", lambda: rows.tables(url) if count_rows else [], unknown),
        refresh=_part("refresh", up, "postgres", lambda: refresh_state.steps(url), unknown),
        set_aside=stage_records.set_aside(stack.home, here)
        + _part("set_aside", up, "postgres", lambda: refresh_state.set_aside(url), unknown),
        list_warnings=_part(
            "list_warnings", up, "postgres", lambda: refresh_state.list_warnings(url), unknown
        ),
        hosts=_part("hosts", up, "redis", lambda: crawling.hosts(here), unknown),
        frontier=_part("frontier", up, "postgres", lambda: crawling.frontier(here), unknown),
        providers=_part("providers", up, "redis", lambda: enriching.providers(here), unknown),
        unknown=unknown,
        rechecks=_part("rechecks", up, "postgres", lambda: enriching.rechecks(url), unknown),
        web=web_address.url(here) if any(process.name == web_address.NAME for process in processes) else "",
    )


def _part(
    name: str,
    up: Mapping[str, bool],
    server: str,
    ask: Callable[[], list[Part]],
    unknown: dict[str, str],
) -> list[Part]:
    if not up[server]:
        unknown[name] = f"{server} does not answer"
        return []
    try:
        return ask()
    except (KafkaException, psycopg.Error, SongNodesError) as error:  # went away between probe and query
        unknown[name] = without_password_in(str(error)).strip()
        return []


def _process(running: ProcessInfo, restarts: int) -> ProcessStatus:
    return ProcessStatus(
        name=running.name,
        state=running.state,
        pid=running.pid,
        uptime=round(running.uptime, 1),
        memory=_memory(running.pid) if running.pid else 0,
        why=running.why,
        restarts=restarts,
    )


def _memory(pid: int) -> int:
    """Shared pages count in parts (PSS), or the buffers of PostgreSQL would count once per connection."""
    total = 0
    try:
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            used = member.memory_full_info()
            total += getattr(used, "pss", used.rss)
    except psutil.Error:
        pass  # ended meanwhile; the sum so far is returned
    return total
