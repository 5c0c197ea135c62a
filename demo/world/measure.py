"""Count the frequencies of `frequencies.py` over real tables: `python -m demo.world.measure FOLDER`."""

import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from demo.world.frequencies import Share

LENGTH_WORD = re.compile(r"\((original|extended|radio|club)[^)]*\)", re.IGNORECASE)
FEATURE = re.compile(r"\b(feat|ft|featuring)\b", re.IGNORECASE)
CATALOGUE_FEATURE = re.compile(r"\b(feat|ft)\b", re.IGNORECASE)
LABEL = re.compile(r"\[[^\]]+\]\s*$")
DAMAGE = re.compile("[√≈¬∂]|Ã")  # what UTF-8 read as Mac Roman or Latin-1 leaves
DJS_END = re.compile(r" @ | - ")
BETWEEN_DJS = re.compile(r" & | b2b | vs\.? |, ")
ROW = re.compile(r'<div[^>]*class="[^"]*\btlpItem\b[^"]*"')
TOGETHER = re.compile(r">\s*w/\s*<")
MAX_DJS = 6


def measure(data: Path) -> dict[str, Share]:
    """All shares by their names in `frequencies`. `data` has the folders `dataset`, `html` and `csv`."""
    return {**_set_lists(data), **_rows(data), **_lines(data), **_titles(data), **_events(data)}


def djs(data: Path) -> tuple[int, ...]:
    """Count sets by the number of their DJs, from one to six and more."""
    counts = Counter(
        min(MAX_DJS, len(BETWEEN_DJS.split(DJS_END.split(listed_set["title"], maxsplit=1)[0])))
        for listed_set in _listed(data)
    )
    return tuple(counts[count] for count in range(1, MAX_DJS + 1))


def rows_per_set(data: Path) -> list[float]:
    """Return the nine deciles of announced tracks."""
    return quantiles(
        [listed_set["total_tracks"] for listed_set in _listed(data) if listed_set["total_tracks"]], n=10
    )


def _listed(data: Path) -> list[dict[str, Any]]:
    by_id: dict[str, dict[str, Any]] = {}
    for file in sorted((data / "dataset" / "1001tracklists-index").glob("*.json.gz")):
        for listed_set in json.loads(gzip.decompress(file.read_bytes())):
            by_id.setdefault(listed_set["tracklist_id"], listed_set)
    return list(by_id.values())


def _set_lists(data: Path) -> dict[str, Share]:
    listed = _listed(data)
    counted = [listed_set for listed_set in listed if listed_set["total_tracks"]]
    return {
        "COMPLETE": Share(sum(e["ided_tracks"] == e["total_tracks"] for e in counted), len(counted)),
        "IDENTIFIED": Share(
            sum(e["ided_tracks"] or 0 for e in counted), sum(e["total_tracks"] for e in counted)
        ),
        "AT_VENUE": Share(sum(" @ " in e["title"] for e in listed), len(listed)),
        "PLAY_TIME": Share(sum(e["play_time"] is not None for e in listed), len(listed)),
        "TWO_STYLES": Share(sum(len((e["styles"] or "").split(",")) == 2 for e in listed), len(listed)),
    }


def _rows(data: Path) -> dict[str, Share]:
    """Rows of the pages by their markup, and of the three tables with features."""
    pages = sorted((data / "html" / "1001tracklists" / "tracklist").glob("*.html"))
    rows = [row for page in pages for row in ROW.split(page.read_text(encoding="utf-8"))[1:]]
    heads = [head for page in pages for head in ROW.findall(page.read_text(encoding="utf-8"))]
    table = [
        row
        for file in sorted((data / "dataset" / "1001tracklists-with-features").glob("*.csv"))
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    ]
    cues = (re.search(r'id="tlp\d+_cue_seconds"[^>]*value="(\d+)"', row) for row in rows)
    joined = sum(row["track_number"].strip() == "w/" for row in table)
    timed = sum(bool(row["time"].strip()) for row in table)
    return {
        "JOINED": Share(sum(bool(TOGETHER.search(row)) for row in rows) + joined, len(rows) + len(table)),
        "MASHUP_PARTS": Share(sum("tlpSubTog" in head for head in heads), len(heads)),
        "CUES": Share(sum(bool(cue and int(cue[1])) for cue in cues) + timed, len(rows) + len(table)),
        "PAGE_LABELS": Share(sum("trackLabel" in row for row in rows), len(rows)),
    }


def _lines(data: Path) -> dict[str, Share]:
    file = data / "dataset" / "mixesdb-sets" / "input_test_set.csv.gz"
    lines = [row["set_list"] for row in _table(file)]
    patterns = {"LABEL_SUFFIX": LABEL, "FEATURES": FEATURE, "LENGTH_WORDS": LENGTH_WORD, "DAMAGED": DAMAGE}
    return {
        name: Share(sum(bool(pattern.search(line)) for line in lines), len(lines))
        for name, pattern in patterns.items()
    }


def _titles(data: Path) -> dict[str, Share]:
    files = (data / "dataset" / "beatport-label-catalogues").glob("*.csv.gz")
    rows = [row for file in sorted(files) for row in _table(file)]
    return {
        "REMIXED": Share(sum(bool(row["Remixers"]) for row in rows), len(rows)),
        "DUBS": Share(sum(bool(re.search(r"\bDub\b", row["Name"])) for row in rows), len(rows)),
        "SEVERAL_ARTISTS": Share(sum("," in row["Artists"] for row in rows), len(rows)),
        "FEATURED": Share(sum(bool(CATALOGUE_FEATURE.search(row["Name"])) for row in rows), len(rows)),
    }


def _events(data: Path) -> dict[str, Share]:
    rows = list(_table(data / "csv" / "ra" / "germany_events_2024.csv.gz"))
    return {"EVENT_GENRES": Share(sum(bool(row["genre"]) for row in rows), len(rows))}


def acts(data: Path) -> list[float]:
    """Quartiles of the acts on a line-up."""
    rows = _table(data / "csv" / "ra" / "germany_events_2024.csv.gz")
    return quantiles([sum(bool(act.strip()) for act in row["lineup"].split(",")) for row in rows], n=4)


def _table(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", errors="replace", newline="") as text:
        yield from csv.DictReader(text)


if __name__ == "__main__":
    for name, share in measure(Path(sys.argv[1])).items():
        sys.stdout.write(f"{name:16} {share.matched:>8} of {share.total:>8}  {share.rate:.4f}\n")
    sys.stdout.write(f"DJS {djs(Path(sys.argv[1]))}\nROWS {rows_per_set(Path(sys.argv[1]))}\n")
    sys.stdout.write(f"ACTS {acts(Path(sys.argv[1]))}\n")
