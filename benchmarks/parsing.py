"""Pages parsed per second, against a Scrapy spider and against lxml alone: `python -m benchmarks.parsing`.

Five real tracklist pages, over and over, in processor seconds of one core. Rounds are interleaved and a ratio
is of one round, so that load from outside hits all alike. Goals: three times the spider, half of lxml alone,
and with `--memory` flat over 20,000 pages.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import ROOT, SCRAPY, own_python, python_of
from benchmarks.summary import Summary, compare, table
from tests.support.real_data import real_folder

PAGES = real_folder("shared_data") / "html" / "1001tracklists" / "tracklist"
SPIDER = Path(__file__).with_name("jobs") / "spider.py"
ROUNDS = 7
REPEATS = 20  # of the five pages, per round
LONG = 4_000  # of the five pages, for memory
#: What spider and parser must agree on, field of the row: field of the spider.
SAME = {
    "text": "text",
    "artist_text": "artist_text",
    "duration_seconds": "duration_seconds",
    "genre": "genre",
    "row_key": "row_key",
}


def ours(way: str, repeats: int) -> Mapping[str, Any]:
    """Run our parser ("ours") or lxml alone ("lxml")."""
    return _run([str(own_python()), "-m", "benchmarks.jobs.pages", way, str(PAGES), str(repeats)])


def spider(repeats: int) -> Mapping[str, Any]:
    """Run the Scrapy spider."""
    return _run([str(python_of(SCRAPY)), str(SPIDER), str(PAGES), str(repeats)])


def _run(command: Sequence[str]) -> Mapping[str, Any]:
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    report: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def rate(report: Mapping[str, Any]) -> float:
    """Pages per processor second."""
    return float(report["pages"] / report["seconds"])


def check(mine: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> None:
    """Both read the same: rows, their names, artists, lengths, genres, and the header."""
    for record, item in zip(mine, theirs, strict=True):
        header = record["header"]
        assert header["title"] == item["title"] and header["date_text"] == item["date_text"][:10]
        assert [dj["name"] for dj in header["djs"]] == item["djs"]
        assert len(record["rows"]) == len(item["rows"])
        for row, item_row in zip(record["rows"], item["rows"], strict=True):
            for field, theirs_field in SAME.items():
                assert row[field] == item_row.get(theirs_field), (
                    field,
                    row[field],
                    item_row.get(theirs_field),
                )


def main() -> None:
    """Measure and print."""
    check(ours("ours", 1)["items"], spider(1)["items"])
    rounds = [
        (rate(ours("ours", REPEATS)), rate(spider(REPEATS)), rate(ours("lxml", REPEATS)))
        for _ in range(ROUNDS)
    ]
    mine, scrapy, lxml = (list(column) for column in zip(*rounds, strict=True))
    faster, share = compare(mine, scrapy), compare(mine, lxml)
    print(
        table(
            ("pages a second", "median (extremes)"),
            [
                ("ours, page to record", f"{Summary.of(mine):.1f}"),
                ("Scrapy spider, callback alone", f"{Summary.of(scrapy):.1f}"),
                ("lxml, tree alone", f"{Summary.of(lxml):.1f}"),
                ("ours / Scrapy (goal 3)", f"{faster:.2f}"),
                ("ours / lxml (goal 0.5)", f"{share:.2f}"),
            ],
        )
    )
    if "--memory" in sys.argv:
        long = ours("ours", LONG)
        early, late = long["early_mb"], long["late_mb"]
        print(f"\n{long['pages']:,} pages: {early:.1f} MB after a tenth, {late:.1f} MB at the end")


if __name__ == "__main__":
    main()
