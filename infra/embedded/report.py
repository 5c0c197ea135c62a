"""A status as tables on a terminal."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from infra.embedded.crawling import STATES
from infra.embedded.status import Status
from songnodes.cli.terminal import escaped

#: Columns that are never cut.
NAMES = frozenset({"server", "process", "group", "table", "source", "host", "step", "id", "provider"})


def report(status: Status, now: datetime) -> RenderableType:
    """All parts, one below the other, and what could not be found out."""
    parts: list[RenderableType] = [_servers(status), _processes(status)]
    if status.web:
        parts.append(escape(f"Dashboard and query API: {status.web}"))
    if "groups" not in status.unknown:
        parts.append(_groups(status, now))
    if "tables" not in status.unknown:
        parts.append(_tables(status))
    if status.refresh:
        parts.append(_refresh(status, now))
    if status.set_aside:
        parts.append(_set_aside(status))
    if status.list_warnings:
        parts.append(_list_warnings(status))
    if status.frontier:
        parts.append(_frontier(status))
    if status.hosts:
        parts.append(_hosts(status, now))
    if status.providers:
        parts.append(_providers(status))
    if status.rechecks:
        parts.append(_rechecks(status))
    parts += [f"[red]{name}: {_plain(why)}[/]" for name, why in sorted(status.unknown.items())]
    return Group(*parts)


def _table(title: str, columns: Iterable[str], numbers: Iterable[str] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(
            column, justify="right" if column in set(numbers) else "left", no_wrap=column in NAMES
        )
    return table


def _servers(status: Status) -> Table:
    table = _table("Servers", ("server", "answers", "address"))
    for server in status.servers:
        answers = "[green]yes[/]" if server.answers else "[red]no[/]"
        table.add_row(
            server.name, answers, escape(server.address) + ("" if server.embedded else " (from outside)")
        )
    return table


def _processes(status: Status) -> Table:
    numbers = ("pid", "uptime", "memory MB", "restarts, 1 h")
    table = _table("Processes", ("process", "state", *numbers, ""), numbers)
    for process in status.processes:
        colour = "green" if process.state == "RUNNING" else "yellow"
        table.add_row(
            process.name,
            f"[{colour}]{process.state.lower()}[/]",
            str(process.pid or ""),
            _duration(process.uptime) if process.pid else "",
            f"{process.memory / 1e6:.0f}" if process.pid else "",
            f"[red]{process.restarts}[/]" if process.restarts else "0",
            _plain(process.why),
        )
    if not status.processes:
        table.add_row("none", "", "", "", "", "", "`songnodes up` starts them")
    return table


def _groups(status: Status, now: datetime) -> Table:
    numbers = ("records behind", "oldest, age")
    table = _table("Consumer groups", ("group", *numbers), numbers)
    for group in status.groups:
        age = _duration((now - group.oldest).total_seconds()) if group.oldest else ""
        missing = "".join(f" [red]topic {escape(topic)} does not exist[/]" for topic in group.missing)
        table.add_row(escape(group.group) + missing, f"{group.records:,}", age)
    return table


def _tables(status: Status) -> Table:
    table = _table("Tables", ("table", "rows"), ("rows",))
    for entry in status.tables:
        table.add_row(entry.table, f"{'' if entry.exact else 'about '}{entry.rows:,}")
    return table


def _refresh(status: Status, now: datetime) -> Table:
    numbers = ("age", "took", "waiting")
    table = _table("Refresh", ("step", *numbers, "state"), numbers)
    for step in status.refresh:
        if step.error:
            state = f"[red]failed {step.failures}x: {_plain(step.error)}[/]"
        elif step.began_at:
            state = f"running for {_duration((now - step.began_at).total_seconds())}"
            state += f", {step.done:,} done" if step.done else ""
        else:
            state = ""
        table.add_row(
            step.step,
            _duration((now - step.succeeded_at).total_seconds()) if step.succeeded_at else "never",
            f"{step.seconds:.1f} s" if step.seconds is not None else "",
            f"{step.waiting:,}" if step.waiting is not None else "",
            state,
        )
    return table


def _set_aside(status: Status) -> Table:
    table = _table("Set aside after failing", ("process", "kind", "id", "attempts", "error"), ("attempts",))
    for entry in status.set_aside:
        again = ", tried again" if entry.attempts and not entry.is_set_aside else ""
        attempts = f"{entry.attempts}{again}" if entry.attempts else ""
        table.add_row(entry.process, entry.kind, _plain(entry.id), attempts, f"[red]{_plain(entry.error)}[/]")
    return table


def _list_warnings(status: Status) -> Table:
    table = _table("Warnings about written lists", ("source", "warning", "pages"), ("pages",))
    for entry in status.list_warnings:
        table.add_row(entry.source, entry.code, f"{entry.pages:,}")
    return table


def _frontier(status: Status) -> Table:
    numbers = ("due", *STATES)
    table = _table("Pages to crawl", ("source", *numbers), numbers)
    for entry in status.frontier:
        table.add_row(entry.source, f"{entry.due:,}", *(f"{entry.states[state]:,}" for state in STATES))
    return table


def _hosts(status: Status, now: datetime) -> Table:
    numbers = ("fetched", "failed", "blocked", "pause", "budget left", "next turn in")
    table = _table("Hosts", ("host", *numbers, "held for"), numbers)
    for host in status.hosts:
        cooldown = (
            host.held_until
            and f"[red]{_duration((host.held_until - now).total_seconds())}, {_plain(host.why or '')}[/]"
        )
        table.add_row(
            _plain(host.host),
            *(f"{count:,}" for count in (host.fetched, host.failed, host.blocked)),
            f"{host.pause:g} s",
            f"{host.budget_left:,}",
            _duration((host.next_turn - now).total_seconds()) if host.next_turn else "",
            cooldown or "",
        )
    return table


def _providers(status: Status) -> Table:
    table = _table("Providers", ("provider", "requests used", "closed"))
    for entry in status.providers:
        closed = "\n".join(f"[red]{_plain(text)}[/]" for text in entry.closed)
        table.add_row(entry.name, "\n".join(map(_plain, entry.used)), closed)
    return table


def _rechecks(status: Status) -> Table:
    table = _table("Misses looked up again", ("kind", "scheduled", "due", "next"), ("scheduled", "due"))
    for entry in status.rechecks:
        next_at = f"{entry.next_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(entry.kind, str(entry.scheduled), str(entry.due), next_at)
    return table


def _plain(text: str) -> str:
    """Text of data in a cell: no character and no markup of it is obeyed."""
    return escape(escaped(text))


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=max(0, round(seconds))))
