"""`songnodes dlq list | show | reinsert | drop`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from operations import database
from operations.dead_letters import reinsertion, view
from operations.dead_letters.content import described
from operations.dead_letters.letter import Address, Case, cases
from operations.dead_letters.mailbox import Mailbox, stages
from operations.dead_letters.marks import Marks
from operations.dead_letters.selection import Selection
from songnodes.cli.operator import operator
from songnodes.cli.terminal import console, say
from songnodes.cli.terminal import show as show_table
from songnodes.errors import NotUsable
from songnodes.messaging import clients
from songnodes.servers import reached
from songnodes.settings import Settings, settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

StageName = Annotated[str, typer.Argument(metavar="STAGE", help="parse, silver, appearances, gold or sink.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="PARTITION:OFFSET; else all open.")]
OfReason = Annotated[str | None, typer.Option("--reason", help="Only letters with this reason's code.")]
AtMost = Annotated[int | None, typer.Option("--max", min=1, help="At most so many, oldest first.")]
Again = Annotated[bool, typer.Option("--again", help="Also letters that were dealt with before.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
NEEDED = ("kafka_bootstrap", "database_url")
LISTED = 50  # letters in a table


class FileThere(NotUsable):
    """The file exists already"""


@app.command("list")
def list_letters(
    stage: Annotated[str, typer.Argument(metavar="[STAGE]", help="Only of this one, letter by letter.")] = "",
    reason: OfReason = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what was dealt with.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count dead letters by stage and reason; with STAGE list them."""
    current = reached(settings(), *NEEDED)
    found: dict[str, list[Case]] = {}
    for name in [stage] if stage else stages():
        with _mail(current, name) as (_, _, known):
            selection = Selection(reason=reason, again=everything)
            found[name] = selection.of(known)
    counts = view.counted(found)
    if as_json:
        print(json.dumps({"counts": counts, "letters": [view.plain(case) for case in found.get(stage, [])]}))
        return
    out = console()
    if counts:
        show_table(view.counts_table(counts), out)
    else:
        out.print("no dead letters" + (" open" * (not everything)))
    if found.get(stage):
        show_table(view.cases_table(found[stage][-LISTED:]), out)
    if len(found.get(stage, ())) > LISTED:
        out.print(f"and {len(found[stage]) - LISTED} older; `--json` lists all")


@app.command()
def show(
    stage: StageName,
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="PARTITION:OFFSET.")],
    save: Annotated[Path | None, typer.Option(help="Write the value's bytes to this new file.")] = None,
) -> None:
    """Show one dead letter: its reason, headers and content."""
    current = settings()
    reached(current, *NEEDED, *(["schema_registry_url"] if current.schema_registry_url else []))
    address = Address.of(letter_id)
    mailbox = Mailbox(current, clients.admin(current), stage)
    letter, value = mailbox.one(address)
    with database.connected(current) as connection:
        mark = Marks(connection, mailbox).all().get(address)
    view.show(console(), letter, mark, *described(current, letter, value))
    if save is not None:
        try:
            with save.open("xb") as file:
                file.write(value or b"")
        except FileExistsError as error:
            raise FileThere(str(save)) from error


@app.command()
def reinsert(
    stage: StageName,
    ids: Ids = None,
    reason: OfReason = None,
    most: AtMost = None,
    again: Again = False,
    dry_run: DryRun = False,
    note: Annotated[str, typer.Option(help="Kept with the mark.")] = "",
) -> None:
    """Put records back where they came from, to be processed again. Exit code 1 if one could not be."""
    current = reached(settings(), *NEEDED)
    with _mail(current, stage, to_mark=True) as (mailbox, marks, known):
        chosen = _selection(ids, reason, most, again).of(known)
        blocked = reinsertion.obstacles(current, clients.admin(current), chosen)
        for case, why in blocked.items():
            say(f"{case.letter.address} stays: {why}", error=True)
        ready = [case for case in chosen if case not in blocked]
        if dry_run:
            show_table(view.cases_table(ready))
            typer.echo(f"would put back {len(ready)} of {len(chosen)}")
            return
        done = 0
        for taken in reinsertion.reinsert(current, mailbox, ready) if ready else ():
            marks.add((a for case in taken for a in case.letters), "reinserted", who=operator(), note=note)
            done += len(taken)
    typer.echo(f"put back {done} of {len(chosen)}")
    if done < len(chosen):
        raise typer.Exit(1)


@app.command()
def drop(
    stage: StageName,
    text: Annotated[str, typer.Option("--reason-text", help="Why nothing needs to be done. Kept.")],
    ids: Ids = None,
    reason: OfReason = None,
    most: AtMost = None,
    again: Again = False,
    dry_run: DryRun = False,
) -> None:
    """Mark letters as dealt with. Kafka keeps them until their time is over."""
    with _mail(reached(settings(), *NEEDED), stage, to_mark=True) as (_, marks, known):
        chosen = _selection(ids, reason, most, again).of(known)
        if dry_run:
            show_table(view.cases_table(chosen))
            typer.echo(f"would drop {len(chosen)}")
            return
        marks.add((a for case in chosen for a in case.letters), "dropped", who=operator(), note=text)
    typer.echo(f"dropped {len(chosen)}")


@contextmanager
def _mail(
    current: Settings, stage: str, *, to_mark: bool = False
) -> Iterator[tuple[Mailbox, Marks, list[Case]]]:
    mailbox = Mailbox(current, clients.admin(current), stage)
    with database.connected(current) as connection:
        marks = Marks(connection, mailbox)
        if to_mark:
            marks.take_turn()
        yield mailbox, marks, cases(mailbox.letters(), marks.all())


def _selection(ids: list[str] | None, reason: str | None, most: int | None, again: bool) -> Selection:
    addresses = [Address.of(text) for text in ids or ()]
    return Selection(addresses=addresses, reason=reason, most=most, again=again)
