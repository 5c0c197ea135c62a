"""`songnodes merge`, `split` and `links`: what people say of two tracks, and what the facts say."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from songnodes import decisions
from songnodes.cli.operator import operator
from songnodes.cli.override import subject
from songnodes.cli.terminal import console, escaped
from songnodes.decisions import Author
from songnodes.errors import NotUsable
from songnodes.settings import settings
from stream_processors.resolver.store import Row, Store

FILE = "questions"


class OtherVersion(NotUsable):
    """These are two versions by their names"""

    remedy = "Say --force if they are one recording all the same"


class SameTrack(NotUsable):
    """A track cannot be merged with itself or split from itself"""


class NotMerged(NotUsable):
    """This track is merged with no other"""


Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]
Who = Annotated[
    str | None, typer.Option("--author", help="Who decided; the user of this shell if not given.")
]
Track = Annotated[str, typer.Argument(help='A track id, or a line: "Deadmau5 - Strobe".')]
Withdraw = Annotated[bool, typer.Option("--withdraw", help="Take back what was said of these two.")]


def merge(
    track: Track,
    other: Track,
    reason: Reason,
    author: Who = None,
    force: Annotated[bool, typer.Option("--force", help="Though the versions differ by name.")] = False,
    withdraw: Withdraw = False,
) -> None:
    """TRACK and OTHER are one recording. The smaller id stands for both; the other one goes on to resolve."""
    one, two = _pair(track, other)
    with closing(Store.opened(settings().require("database_url"))) as store:
        known = store.rows(FILE, "profiles", claims=[one, two])
    if not (force or withdraw) and _differ(known):
        raise OtherVersion(" and ".join(sorted((one, two))))
    said = decisions.on_pair("merge", one, two, _author(author, reason), forced=force, withdrawn=withdraw)
    decisions.publish(settings(), [said])
    typer.echo(f"{'withdrawn' if withdraw else 'merged'}: {one} and {two}")


def split(
    track: Track,
    reason: Reason,
    other: Annotated[str | None, typer.Argument(help="From this one only; without it from all.")] = None,
    author: Who = None,
    withdraw: Withdraw = False,
) -> None:
    """TRACK is not the recording that it is merged with. It outranks every link."""
    one = subject(track)
    others = [_pair(track, other)[1]] if other is not None else _merged_with(one)
    by = _author(author, reason)
    decisions.publish(
        settings(), [decisions.on_pair("split", one, two, by, withdrawn=withdraw) for two in others]
    )
    typer.echo(f"{'withdrawn' if withdraw else 'split'}: {one} from {', '.join(others)}")


def links(
    track: Annotated[str | None, typer.Argument(help="A track id, old ones too, or a line.")] = None,
    sets: Annotated[bool, typer.Option("--sets", help="Tracklists that are of one set.")] = False,
    limit: Annotated[int, typer.Option(min=1)] = 50,
) -> None:
    """Which ids are one TRACK and why; without one, the links that a person should look at."""
    with closing(Store.opened(settings().require("database_url"))) as store:
        if sets:
            _print(store.rows(FILE, "sets", limit=limit), "no set is known from two sites")
        elif track is None:
            _print(store.rows(FILE, "review", limit=limit), "nothing to review")
        else:
            _show(store, subject(track))


def _show(store: Store, track: str) -> None:
    (found,) = store.rows(FILE, "canonical", track=track)
    members = store.rows(FILE, "members", track=found["canonical_id"])
    claims = sorted({track, *(row["claim_id"] for row in members)})
    typer.echo(f"{track} is {found['canonical_id'] if found['canonical_id'] != track else 'itself'}")
    _print(members, "")
    _print(store.rows(FILE, "links", claims=claims), "no links")
    _print(store.rows(FILE, "decided", claims=claims), "")


def _print(rows: Sequence[Row], nothing: str) -> None:
    if not rows:
        typer.echo(nothing) if nothing else None
        return
    table = Table(*rows[0], box=None)
    for row in rows:
        table.add_row(*("" if value is None else escaped(str(value)) for value in row.values()))
    console().print(table)


def _pair(track: str, other: str) -> tuple[str, str]:
    one, two = subject(track), subject(other)
    if one == two:
        raise SameTrack(one)
    return one, two


def _merged_with(track: str) -> list[str]:
    with closing(Store.opened(settings().require("database_url"))) as store:
        (found,) = store.rows(FILE, "canonical", track=track)
        members = store.rows(FILE, "members", track=found["canonical_id"])
    others = [row["claim_id"] for row in members if row["claim_id"] != track]
    if not others:
        raise NotMerged(track)
    return others


def _differ(known: Sequence[Row]) -> bool:
    """Both are known, and their version artists or stems are not the same."""
    return len(known) == 2 and len({(tuple(row["version_artists"]), row["stem"]) for row in known}) == 2


def _author(name: str | None, reason: str) -> Author:
    return Author(name=name or operator(), reason=reason, at=datetime.now(UTC))
