"""Run a process as an older version did: `python -m tests.support.older_rules run silver`.

Its rules read no versions, and its parser of 1001tracklists is one version older.
"""

from dataclasses import replace

from producers.sources.tracklists1001 import tracklist
from songnodes.cli import main
from songnodes.domain import lines
from songnodes.domain.lines.steps import STEPS

tracklist.READER = replace(tracklist.READER, version=tracklist.READER.version - 1)
vars(lines)["STEPS"] = tuple(step for step in STEPS if step[0] not in {"brackets", "version"})

if __name__ == "__main__":
    main()
