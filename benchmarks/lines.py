"""Lines read and identified per second, on one core: `python -m benchmarks.lines [--profile]`.

The lines are the real catalogue rows (32,271, of which 26 in 100 repeat an earlier line). `cold`: half of the
distinct lines, once each with all caches empty, so that the cache of whole lines never helps; `stream`: the
second half of all rows in their order, after the first half, as a stage reads them. Goal: 15,000 lines/s.

Both are sums over pieces of 400 lines of the best of several rounds, which leaves out the other work of the
machine. `--profile` prints a profile of a cold round.
"""

import cProfile
import csv
import gzip
import pstats
import sys
import time
from collections.abc import Sequence

from songnodes.domain import credits, identity, lines, text
from songnodes.domain.lines import altered, open_versions, versions, vocabulary
from tests.support.real_data import real_folder

CATALOGUES = real_folder("shared_data") / "dataset" / "beatport-label-catalogues"
ROUNDS = 7
PIECE = 400  # lines
CACHES = [
    function
    for module in (altered, credits, identity, lines, open_versions, text, versions, vocabulary)
    for function in vars(module).values()
    if hasattr(function, "cache_clear")
]


def rows() -> list[str]:
    """Return the rows as lines of a tracklist."""
    texts = []
    for path in sorted(CATALOGUES.glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            texts += [f"{row['Artists'].replace(',', ', ')} - {row['Name']}" for row in csv.DictReader(file)]
    return texts


def read(some: Sequence[str]) -> float:
    """Return the seconds of processor time for these lines."""
    start = time.process_time()
    for line in some:
        identity.track_id(lines.read_line(line))
    return time.process_time() - start


def rate(some: Sequence[str], *, before: Sequence[str] = ()) -> float:
    """Return lines per second, from the best round of each piece; `before` is read first in each round."""
    pieces = [some[at : at + PIECE] for at in range(0, len(some), PIECE)]
    best = [float("inf")] * len(pieces)
    for _ in range(ROUNDS):
        for function in CACHES:
            function.cache_clear()
        read(before)
        best = [min(least, read(piece)) for least, piece in zip(best, pieces, strict=True)]
    return len(some) / sum(best)


def main() -> None:
    """Print both rates."""
    every = rows()
    distinct = list(dict.fromkeys(every))
    distinct, half = distinct[: len(distinct) // 2], len(every) // 2
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(read, distinct)
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        return
    print(f"cold    {rate(distinct):9,.0f} lines/s  ({len(distinct):,} distinct lines)")
    print(f"stream  {rate(every[half:], before=every[:half]):9,.0f} lines/s  ({len(every) - half:,} rows)")


if __name__ == "__main__":
    main()
