"""`songnodes merge`, `split` and `links`: what people say of two tracks, and what the facts say."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from songnodes import catalogue, decisions
from songnodes.cli import terminal
from songnodes.cli.current_user import current_user
from songnodes.cli.override import track_id_of
from songnodes.cli.terminal import escaped, say
from songnodes.decisions import Author
from songnodes.errors import NotUsable
from songnodes.servers import reached
from songnodes.settings import Settings, settings
from stream_processors.resolver.store import Row, Store

FILE = "questions"
#: Columns of the tables that hold ids; they are never cut.
IDS = ("claim_id", "claim_a", "claim_b", "playlist_a", "playlist_b", "evidence")


class OtherVersion(NotUsable):
    """These are two versions by their names"""

    remedy = "Say --force if they are one recording all the same"


class SameTrack(NotUsable):
    """A track cannot be merged with itself or split from itself"""


class NotConfirmed(NotUsable):
    """Nothing was merged: the names have no word in common"""

    remedy = "--yes merges them without the question"


class NotMerged(NotUsable):
    """This track is merged with no other"""


Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]
Who = Annotated[
    str | None, typer.Option("--author", help="Who decided; the user of this shell if not given.")
]
Track = Annotated[str, typer.Argument(help='A track id, or a line: "Deadmau5 - Strobe".')]
Withdraw = Annotated[bool, typer.Option("--withdraw", help="Take back what was said of these two.")]
Force = Annotated[bool, typer.Option("--force", help="Also for a track that is still to come.")]
NEEDED = ("kafka_bootstrap", "database_url", "schema_registry_url")


def merge(
    track: Track,
    other: Track,
    reason: Reason,
    author: Who = None,
    force: Annotated[
        bool, typer.Option("--force", help="Though the versions differ by name, or a track is still to come.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask about names without a common word.")
    ] = False,
    withdraw: Withdraw = False,
) -> None:
    """TRACK and OTHER are one recording. The smaller id stands for both; the other one goes on to resolve."""
    one, two = _pair(track, other)
    current = reached(settings(), *NEEDED)
    names = catalogue.check(current, (one, two), force=force, decided=withdraw)
    with closing(Store.opened(current)) as store:
        known = store.rows(FILE, "profiles", claims=[one, two])
    if not (force or withdraw) and _differ(known):
        raise OtherVersion(" and ".join(sorted((one, two))))
    if not (yes or withdraw) and catalogue.have_no_word_in_common(names, one, two):
        _confirm(f"{_named(names, one)} and {_named(names, two)} have no word in common. Merge them?")
    said = decisions.on_pair("merge", one, two, _author(author, reason), forced=force, withdrawn=withdraw)
    decisions.publish(current, [said])
    say(f"{'withdrawn' if withdraw else 'merged'}: {one} and {two}")


def split(
    track: Track,
    reason: Reason,
    other: Annotated[str | None, typer.Argument(help="From this one only; without it from all.")] = None,
    author: Who = None,
    withdraw: Withdraw = False,
    force: Force = False,
) -> None:
    """TRACK is not the recording that it is merged with. It outranks every link."""
    one = track_id_of(track)
    pair = _pair(track, other) if other is not None else (one,)
    current = reached(settings(), *NEEDED)
    catalogue.check(current, pair, force=force, decided=withdraw)
    others = [pair[1]] if len(pair) > 1 else _merged_with(current, one)
    by = _author(author, reason)
    decisions.publish(
        current, [decisions.on_pair("split", one, two, by, withdrawn=withdraw) for two in others]
    )
    say(f"{'withdrawn' if withdraw else 'split'}: {one} from {', '.join(others)}")


def links(
    track: Annotated[str | None, typer.Argument(help="A track id, old ones too, or a line.")] = None,
    sets: Annotated[bool, typer.Option("--sets", help="Tracklists that are of one set.")] = False,
    why: Annotated[
        str | None, typer.Option("--why", help="Of the review list only what has this reason.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of the review list or of the sets.")] = 50,
    force: Force = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Which ids are one TRACK and why; without one, the links that a person should look at."""
    current = reached(settings(), "database_url")
    one = track_id_of(track) if track is not None else None
    if one is not None:
        catalogue.check(current, [one], force=force, decided=True)
    with closing(Store.opened(current)) as store:
        if one is not None:
            found = _of_track(store, one)
            _show_json(found) if as_json else _show(one, found)
            return
        rows = (
            store.rows(FILE, "sets", limit=limit)
            if sets
            else store.rows(FILE, "review", limit=limit, why=why)
        )
    if as_json:
        _show_json({"sets" if sets else "review": rows})
    else:
        _print(rows, "no set is known from two sites" if sets else "nothing to review")


def _of_track(store: Store, track: str) -> dict[str, Any]:
    """Return what a track stands for, its members, their links and the decisions on them."""
    (found,) = store.rows(FILE, "canonical", track=track)
    members = store.rows(FILE, "members", track=found["canonical_id"])
    claims = sorted({track, *(row["claim_id"] for row in members)})
    return {
        "canonical_id": found["canonical_id"],
        "members": members,
        "links": store.rows(FILE, "links", claims=claims),
        "decided": store.rows(FILE, "decided", claims=claims),
    }


def _show(track: str, found: Mapping[str, Any]) -> None:
    canonical = found["canonical_id"]
    say(f"{track} is {canonical if canonical != track else 'itself'}")
    _print(found["members"], "")
    _print(found["links"], "no links")
    _print(found["decided"], "")


def _show_json(document: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))


def _print(rows: Sequence[Row], nothing: str) -> None:
    if not rows:
        say(nothing) if nothing else None
        return
    table = terminal.table(*rows[0], ids=IDS)
    for row in rows:
        terminal.add(table, *row.values())
    terminal.show(table)


def _confirm(question: str) -> None:
    """Ask on the terminal; raise NotConfirmed without a yes."""
    try:
        agreed = typer.confirm(escaped(question))
    except typer.Abort:
        agreed = False
    if not agreed:
        raise NotConfirmed


def _named(names: Mapping[str, str], track: str) -> str:
    return f"{track} ({names[track]})" if names.get(track) else track


def _pair(track: str, other: str) -> tuple[str, str]:
    one, two = track_id_of(track), track_id_of(other)
    if one == two:
        raise SameTrack(one)
    return one, two


def _merged_with(current: Settings, track: str) -> list[str]:
    with closing(Store.opened(current)) as store:
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
    return Author(name=name or current_user(), reason=reason, at=datetime.now(UTC))
