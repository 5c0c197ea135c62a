"""Restarts of supervised processes, from the log of the supervisor."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from infra.embedded import tail

WINDOW = timedelta(hours=1)
LINES = 20_000  # lines of the log read at most; a process in a loop of restarts writes a few per second
#: An end that was not requested and after which the supervisor starts the process again.
ENDED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ \w+ exited: (\S+) \((.*)\)$")
EXPECTED = "; expected"


def count(home: Path, since: datetime) -> dict[str, int]:
    """Return how often each process of a data directory has ended by itself and was started again.

    `since` is a local time without a zone, as the supervisor writes it.
    """
    return dict(Counter(name for at, name in _ends(home) if at >= since))


def within_hour(home: Path) -> dict[str, int]:
    """Return the restarts of each process within the last hour."""
    return count(home, datetime.now() - WINDOW)


def _ends(home: Path) -> Iterator[tuple[datetime, str]]:
    for file in (home / "supervisord.log.1", home / "supervisord.log"):
        for line in tail.last(file, LINES):
            match = ENDED.match(line)
            if match and not match[3].endswith(EXPECTED):
                yield datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S"), match[2]
