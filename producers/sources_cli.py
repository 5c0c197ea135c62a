"""`songnodes sources`: kinds of pages of each site, and whether it is crawled."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from producers.crawl import permission
from producers.errors import ContactRequired
from producers.sources import SOURCES
from producers.sources.card import Card
from songnodes.errors import UserError
from songnodes.settings import Settings, settings


def sources(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with fields and checks.")] = False,
    only: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sites.")] = None,
) -> None:
    """Show each site: its kinds of pages, their records, whether it is crawled, and why."""
    current = settings()
    for name in only or ():
        permission.check_source(name)
    chosen = {name: source for name, source in SOURCES.items() if not only or name in only}
    if as_json:
        typer.echo(
            json.dumps([_plain(name, source.card, current) for name, source in chosen.items()], indent=2)
        )
        return
    table = Table("site", "page", "gives", "live", show_lines=False)
    for name, source in chosen.items():
        card = source.card
        for place, kind in enumerate(card.kinds):
            first = place == 0
            table.add_row(
                card.title if first else "", kind.name, kind.gives, _live(name, current) if first else ""
            )
        table.add_section()
    console = Console()
    console.print(table)
    for source in chosen.values():
        console.print(f"{source.card.title}: {source.card.conduct.why}.")
    if not current.contact:
        console.print("No site is crawled without a contact address: set SONGNODES_CONTACT.")


def _live(name: str, current: Settings) -> str:
    try:
        permission.check_allowed(name, current)
    except ContactRequired:
        return "off: no contact"
    except UserError:
        return "off"
    return "on"


def _plain(name: str, card: Card, current: Settings) -> dict[str, object]:
    return {
        "source": name,
        "title": card.title,
        "topic": card.topic,
        "on": _live(name, current) == "on",
        "why": card.conduct.why,
        "needs_contact": card.conduct.needs_contact,
        "seconds_between_requests": card.conduct.floor,
        "kinds": {kind.name: kind.gives for kind in card.kinds},
        "fields": list(card.coverage),
        "checks": {contract.name: contract.means for contract in card.contracts},
    }
