"""Refresh: scores, ranks, matches, transitions, analytics of sets, the artist network.

`run` computes everything once; `run_forever` is the process that follows the sinks.
"""

from sinks.refresh.command import run, run_forever

__all__ = ["run", "run_forever"]
