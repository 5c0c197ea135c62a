"""How many lines a second are read and identified, on one core: `python -m benchmarks.lines`.

The lines are the real catalogue rows (32,271, of which 26 in 100 repeat an earlier line). `cold`: each
distinct line once, so that the cache of whole lines never helps; `stream`: all rows in their order, as a
stage meets them. Goal: 15,000 lines a second.
"""

import csv
import gzip
import time
from pathlib import Path

from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line

CATALOGUES = Path(__file__).parents[2] / "shared" / "data" / "dataset" / "beatport-label-catalogues"


def rows() -> list[str]:
    """The rows as lines of a tracklist."""
    found = []
    for path in sorted(CATALOGUES.glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            found += [f"{row['Artists'].replace(',', ', ')} - {row['Name']}" for row in csv.DictReader(file)]
    return found


def rate(lines: list[str]) -> float:
    """Lines per second of processor time."""
    start = time.process_time()
    for line in lines:
        track_id(read_line(line))
    return len(lines) / (time.process_time() - start)


def main() -> None:
    """Print both rates."""
    lines = rows()
    distinct = list(dict.fromkeys(lines))
    half = len(distinct) // 2
    print(f"cold    {rate(distinct[:half]):9,.0f} lines/s  ({half:,} distinct lines)")
    print(f"stream  {rate(lines[len(lines) // 2 :]):9,.0f} lines/s  ({len(lines) - len(lines) // 2:,} rows)")


if __name__ == "__main__":
    main()
