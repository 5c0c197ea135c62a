"""The command line: `songnodes COMMAND`. One command per file; a command is imported when it is called.

Commands of a stage stand beside the stage and are named here only by the text of their address, so that
this package imports no stage.
"""

import os
import sys
from difflib import get_close_matches
from importlib import import_module

import typer

from songnodes.cli.failures import sentence
from songnodes.errors import SongNodesError, Transient

#: Exit code of a process that cannot start yet because a server is away (sysexits.h): it is started again.
TEMPORARY = 75

#: name -> (address of a typer.Typer or of a plain function, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("infra.embedded.cli:up", "Start the embedded servers and all processes."),
    "down": ("infra.embedded.cli:down", "Stop what `up` started."),
    "stop": ("infra.embedded.cli:stop", "Stop one process or server."),
    "start": ("infra.embedded.cli:start", "Start one that was stopped."),
    "restart": ("infra.embedded.cli:restart", "Stop one and start it again."),
    "status": ("infra.embedded.cli:status", "Servers, processes, lag, counts per table."),
    "env": ("infra.embedded.cli:env", "Print the addresses that other clients need."),
    "logs": ("infra.embedded.cli:logs", "Show the log of a server or process."),
    "topics": ("songnodes.cli.topics:app", "Make or check the topics."),
    "schemas": ("songnodes.cli.schemas:app", "Register or check the schemas."),
    "dictionary": ("operations.dictionary:dictionary", "Print what every table and topic holds."),
    "migrate": ("sinks.cli:migrate", "Bring the database to the newest form."),
    "ingest": ("producers.cli:ingest", "Publish saved pages to bronze."),
    "scrape": ("producers.crawl.cli:command", "Fetch pages of a site into bronze, politely."),
    "sources": ("producers.sources_cli:sources", "What each site gives, and whether it is crawled."),
    "demo": ("demo.cli:demo", "Crawl an invented world, show the gold tables, score them."),
    "run": ("songnodes.cli.run:run", "Run one process of the pipeline in the foreground."),
    "replay": ("operations.replay.cli:replay", "Read a stage's input again from an earlier offset."),
    "dlq": ("operations.dead_letters.cli:app", "List, show, reinsert or drop dead letters."),
    "drift": ("operations.drift.cli:app", "Sites that seem to have changed; release held pages."),
    "reparse": ("operations.reparse.cli:reparse", "Read archived pages of a site again, offline."),
    "reconcile": ("sinks.cli:reconcile", "Compare gold counts with silver, pair by pair."),
    "refresh": ("sinks.cli:refresh", "Recompute ranks, decayed scores and views now."),
    "explain": ("songnodes.cli.explain:app", "How a line is read, and why a candidate is a match or none."),
    "override": ("songnodes.cli.override:app", "Set or withdraw a value by hand."),
    "merge": ("stream_processors.resolver.cli:merge", "Say that two tracks are one recording."),
    "split": ("stream_processors.resolver.cli:split", "Say that a track is not what it is merged with."),
    "links": (
        "stream_processors.resolver.cli:links",
        "Show which ids are one track and why; the review list.",
    ),
}


def main() -> None:
    """Run a command; an error is one line on standard error.

    The exit code is 1 then, and 75 for `run` where a server is away.
    """
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        _overview()
        return
    name = arguments[0]
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        print(f"songnodes: no command {name!r}.{hint} `songnodes --help` lists them.", file=sys.stderr)
        sys.exit(2)
    try:
        _command(name)(arguments[1:], prog_name=f"songnodes {name}")
    except Exception as error:
        if not isinstance(error, SongNodesError) and (name == "run" or _debugging()):
            raise  # the log of a process keeps the traceback; the user of a command gets one sentence
        print(f"songnodes: {sentence(error)}", file=sys.stderr)
        sys.exit(TEMPORARY if name == "run" and isinstance(error, Transient) else 1)


def _debugging() -> bool:
    return os.environ.get("SONGNODES_LOG_LEVEL") == "debug"


def _command(name: str) -> typer.Typer:
    module, attribute = COMMANDS[name][0].split(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return found
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name, help=found.__doc__)(found)
    return single


def _overview() -> None:
    print("SongNodes: DJ tracklists as an event stream.\n\nUsage: songnodes COMMAND [--help]\n")
    width = max(map(len, COMMANDS))
    for name, (_, text) in COMMANDS.items():
        print(f"  {name:<{width}}  {text}")
