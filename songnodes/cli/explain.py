"""`songnodes explain`: the steps of parsing a line, and the decision on a candidate match.

These need no servers: the code of the stages runs on the arguments. `operations.explain` adds a command.
"""

from collections.abc import Iterator
from typing import Annotated

import typer

from songnodes.cli.terminal import say
from songnodes.domain.identity import artist_id, claim_key, track_id
from songnodes.domain.lines import Line, explain_line, read_line
from songnodes.domain.lines.reading import Reading
from songnodes.domain.matching import Candidate, RequestedTrack, decide
from songnodes.domain.matching import explain as explain_decision

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Text = Annotated[str, typer.Argument(help='A line of a tracklist: "Artist - Title (X Remix) [Label]".')]
Note = Annotated[str | None, typer.Option("--note", help="Version note next to the title.")]
Byline = Annotated[
    str | None, typer.Option("--byline", help="The artists, if the page lists them separately.")
]
Links = Annotated[
    list[str] | None, typer.Option("--link", help="A name that the page links as an artist; repeat for more.")
]


@app.callback()
def explain() -> None:
    """Explain how a line is parsed, why a candidate matches, or how a track was enriched."""


@app.command()
def line(text: Text, note: Note = None, byline: Byline = None, link: Links = None) -> None:
    """Show each step of parsing a line, the result, and the ids."""
    for output_line in line_report(text, note=note, byline=byline, links=tuple(link or ())):
        say(output_line)


@app.command()
def match(
    text: Text,
    name: Annotated[str, typer.Option("--name", help="Title of the candidate.")],
    artist: Annotated[list[str], typer.Option("--artist", help="Artist of the candidate; repeat for more.")],
    mix: Annotated[str | None, typer.Option("--mix", help="Mix name of the candidate.")] = None,
    remixer: Annotated[
        list[str] | None, typer.Option("--remixer", help="Remixer of the candidate; repeat for more.")
    ] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Length of the track, if known.")] = None,
    its_seconds: Annotated[
        float | None, typer.Option("--its-seconds", help="Length of the candidate, if known.")
    ] = None,
) -> None:
    """Show the gates, the score and the scope of a candidate for a line."""
    candidate = Candidate(
        provider="given",
        name=name,
        artists=tuple(artist),
        mix_name=mix,
        remixers=tuple(remixer) if remixer else None,
        duration_ms=_milliseconds(its_seconds),
    )
    query = RequestedTrack(line=read_line(text), duration_ms=_milliseconds(seconds))
    for output_line in explain_decision(decide(query, [candidate])):
        say(output_line)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def line_report(text: str, *, note: str | None, byline: str | None, links: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines that `songnodes explain line` prints."""
    for change in explain_line(text, version_note=note, byline=byline, links=links):
        yield change.step
        for field, (before, after) in change.changed.items():
            yield f"    {field}: {_format_value(before)} -> {_format_value(after)}"
    parsed = read_line(text, version_note=note, byline=byline, links=links)
    yield ""
    yield from _result(parsed)


def _result(parsed: Line) -> Iterator[str]:
    yield f"status      {parsed.status}"
    split_note = "" if parsed.credit_split else "  (not split: ambiguous)"
    artists = ", ".join(f"{name} [{artist_id(name)}]" for name in parsed.artists)
    yield f"artists     {artists or '-'}{split_note}"
    yield f"track       {parsed.track_name or '-'}"
    yield f"variant     {parsed.variant}"
    if parsed.warnings:
        yield f"warnings    {', '.join(parsed.warnings)}"
    for part in parsed.mashup_of:
        yield f"part        {part.credit} - {part.track_name}"
    yield f"claim key   {claim_key(parsed)}"
    yield f"track id    {track_id(parsed) or 'none: only identified lines have one'}"


def _format_value(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_format_value, value)) + "]"
    if isinstance(value, Reading):
        return repr(value.text or value.featured or value.variant or "a note")
    return "nothing" if value in (None, "") else repr(value)
