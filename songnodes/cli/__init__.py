"""The command line: `songnodes COMMAND`. One command per file; a command is imported when it is called.

Commands of a stage are defined with the stage and listed here by address only, so that this package imports
no stage. What shows help or a failure is imported there: the list of commands needs none of it.
"""

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from songnodes import gc_tuning
from songnodes.errors import SongNodesError
from songnodes.process import exit_codes
from songnodes.process.exit_codes import EXIT_FAILURE, EXIT_USAGE

if TYPE_CHECKING:
    import typer

#: Address of a typer.Typer or of a plain function, and one line of help, by command name.
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("infra.embedded.cli:up", "Start the embedded servers and all processes."),
    "down": ("infra.embedded.cli:down", "Stop everything that `up` started."),
    "stop": ("infra.embedded.cli:stop", "Stop one process or server."),
    "start": ("infra.embedded.cli:start", "Start a stopped process or server."),
    "restart": ("infra.embedded.cli:restart", "Restart a process or server."),
    "status": ("infra.embedded.cli:status", "Show servers, processes, lag and counts per table."),
    "env": ("infra.embedded.cli:env", "Print the addresses for other clients."),
    "logs": ("infra.embedded.cli:logs", "Show the log of a server or process."),
    "topics": ("songnodes.cli.topics:app", "Create or verify topics."),
    "schemas": ("songnodes.cli.schemas:app", "Register or verify schemas."),
    "dictionary": ("operations.dictionary:dictionary", "Describe every table, column and topic field."),
    "migrate": ("sinks.cli:migrate", "Apply database migrations."),
    "ingest": ("producers.cli:ingest", "Publish saved pages to bronze."),
    "scrape": ("producers.crawl.cli:command", "Fetch pages of a site into bronze."),
    "sources": ("producers.sources_cli:sources", "Show the sites, their pages, and if they are crawled."),
    "providers": (
        "enrichment.providers_cli:providers",
        "Show the providers of music data: on or why not, budgets, breakers.",
    ),
    "demo": ("demo.cli:demo", "Crawl an invented world, show the gold tables, score them."),
    "run": ("songnodes.cli.run:run", "Run one process of the pipeline in the foreground."),
    "replay": ("operations.replay.cli:replay", "Read a stage's input again from an earlier offset."),
    "rebuild": (
        "operations.rebuild.cli:rebuild",
        "Compute silver or gold again in bulk, and swap its tables.",
    ),
    "dlq": ("operations.dead_letters.cli:app", "List, show, reinsert or drop dead letters."),
    "drift": ("operations.drift.cli:app", "Show sites that seem to have changed; release held pages."),
    "reparse": ("operations.reparse.cli:reparse", "Parse archived pages of a site again, offline."),
    "facts": ("operations.facts.cli:facts", "Emit the facts of stored playlists again."),
    "reconcile": ("sinks.cli:reconcile", "Compare gold counts with silver, pair by pair."),
    "refresh": ("sinks.cli:refresh", "Recompute ranks, decayed scores and views now."),
    "search": (
        "queries.commands:find",
        "Find tracks, artists, sets and labels by name; tracks by key, tempo, genre.",
    ),
    "top": ("queries.commands:top", "Show the most supported tracks."),
    "trending": ("queries.commands:trending", "Show the tracks that rise."),
    "climbers": ("queries.chart_commands:climbers", "Show the tracks whose rank rose within 7 or 28 days."),
    "report": ("operations.yearly_report.cli:report", "Print the report of a year as it was made."),
    "track": ("queries.commands:show_track", "Show a track: values, supporters, sets."),
    "artist": ("queries.artist_commands:artist", "Show an artist as producer."),
    "dj": ("queries.artist_commands:dj", "Show an artist as DJ."),
    "set": ("queries.set_commands:show_set", "Show a set row by row."),
    "label": ("queries.artist_commands:label", "Show a record label: counts, tracks, artists, DJs."),
    "harmonic": ("queries.commands:harmonic", "Show the tracks that mix with a track by key and tempo."),
    "next": ("queries.commands:next_tracks", "Show what to play after a track, with the sets as evidence."),
    "unreleased": ("queries.commands:unreleased", "Show unidentified tracks that several DJs play."),
    "lineage": ("queries.lineage_commands:lineage", "Show the rows and pages behind a track, set or artist."),
    "plot": ("web.plot:app", "Draw a chart as SVG or PNG: wheel, matrix, curve, trend, graph, coverage."),
    "mcp": ("web.mcp_command:serve", "Answer questions of a program (Model Context Protocol, on stdin)."),
    "follow": ("queries.feed_commands:follow", "Follow a track, artist, label or DJ."),
    "unfollow": ("queries.feed_commands:unfollow", "Follow it no longer."),
    "following": ("queries.feed_commands:following", "Show what the lists follow."),
    "feed": ("queries.feed_commands:feed", "Write what is new of it as Atom or JSON Feed."),
    "coverage": (
        "queries.report_commands:coverage",
        "Show which provider fills which field; quality by site.",
    ),
    "costs": ("queries.report_commands:costs", "Show calls, cache share and latency of providers."),
    "check": ("queries.set_commands:check", "Check the transitions of a tracklist or a set."),
    "explain": (
        "operations.explain:app",
        "Explain how a line is parsed, why a candidate matches, how a track was enriched.",
    ),
    "enrich": ("operations.enrich:enrich", "Call the providers for one track now; show each step."),
    "enrichments": ("enrichment.withdrawal_cli:app", "Withdraw archived answers of providers."),
    "override": ("songnodes.cli.override:app", "Set or withdraw overrides of track values."),
    "merge": ("stream_processors.resolver.cli:merge", "Merge two tracks that are one recording."),
    "split": ("stream_processors.resolver.cli:split", "Undo a merge of two tracks."),
    "links": (
        "stream_processors.resolver.cli:links",
        "Show merged track ids, and links to review.",
    ),
}


def main() -> None:
    """Run a command; an error is one line on standard error.

    Exit codes: `songnodes.process.exit_codes`. Only `run` ends with EXIT_TEMPORARY when a server is down.
    """
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        _print_overview()
        return
    name = arguments[0]
    if name not in COMMANDS:
        suggestions = get_close_matches(name, COMMANDS, n=1)
        hint = f" Did you mean `{suggestions[0]}`?" if suggestions else ""
        print(
            f"songnodes: no command {name!r}.{hint} `songnodes --help` lists all commands.", file=sys.stderr
        )
        sys.exit(EXIT_USAGE)
    try:
        _load_command(name)(arguments[1:], prog_name=f"songnodes {name}")
    except Exception as error:
        if not isinstance(error, SongNodesError) and (name == "run" or _is_debugging()):
            raise  # the log of a process keeps the traceback; the user of a command gets one sentence
        from songnodes.cli.failures import sentence

        print(f"songnodes: {sentence(error)}", file=sys.stderr)
        sys.exit(exit_codes.of_error(error, EXIT_FAILURE) if name == "run" else EXIT_FAILURE)


def _is_debugging() -> bool:
    return os.environ.get("SONGNODES_LOG_LEVEL") == "debug"


def _load_command(name: str) -> "typer.Typer":
    module, attribute = COMMANDS[name][0].split(":")
    with gc_tuning.paused():
        import typer

        target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        return target
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name, help=target.__doc__)(target)
    return single


def _print_overview() -> None:
    print("SongNodes: DJ tracklists as an event stream.\n\nUsage: songnodes COMMAND [--help]\n")
    width = max(map(len, COMMANDS))
    for name, (_, text) in COMMANDS.items():
        print(f"  {name:<{width}}  {text}")
