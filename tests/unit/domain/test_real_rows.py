"""All real rows: every row is read, and no track has two different named remixers."""

import csv
import gzip
import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from parsel import Selector

from songnodes.domain.identity import track_id
from songnodes.domain.lines import Line, read_line
from songnodes.domain.text import norm_v1

SITE = "1001tracklists"


def page_rows(folder: Path) -> Iterator[Line]:
    pages = [
        path.read_text("utf-8", "replace") for path in sorted((folder / SITE / "tracklist").glob("*.html"))
    ]
    with gzip.open(folder / SITE / "rows" / "dj_set_rows_sample.json.gz", "rt", encoding="utf-8") as file:
        pages += [row["raw_html"] for row in json.load(file)]
    for page in pages:
        for row in Selector(page).css("div.tlpItem"):
            name = row.css("meta[itemprop=name]::attr(content)").get()
            note = " ".join(row.css(".trackEditData ::text").getall()).strip()
            byline = row.css("meta[itemprop=byArtist]::attr(content)").get()
            yield read_line(name or "ID - ID", version_note=note or None, byline=byline)


def table_rows(folder: Path) -> Iterator[Line]:
    for path in sorted((folder / "1001tracklists-with-features").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield read_line(html.unescape(row["name"]), byline=row["byArtist"])


def test_every_row_of_the_real_pages_is_read(shared_data: Path) -> None:
    lines = list(page_rows(shared_data / "html"))
    statuses = Counter(line.status for line in lines)
    assert len(lines) == 147 + 80  # 7 of the 87 raw rows are headings
    assert statuses["unparsed"] == statuses["title_only"] == 0
    assert statuses["unidentified"] == 15 + 5
    assert statuses["artist_only"] == 5
    assert Counter(line.stem for line in lines)["acapella"] == 3
    assert not [line for line in lines if set(line.warnings) & {"damaged_text", "unbalanced_brackets"}]


def test_every_row_of_the_tables_is_read(shared_data: Path) -> None:
    lines = list(table_rows(shared_data / "dataset"))
    statuses = Counter(line.status for line in lines)
    assert len(lines) == 128
    assert statuses == {"identified": 125, "unparsed": 3}  # the three rows that are empty in the table
    assert Counter(line.version_family for line in lines)["mashup"] == 9


@pytest.fixture(scope="module")
def catalogue(shared_data: Path) -> list[tuple[dict[str, str], Line]]:
    """Return all catalogue rows. Their artists have no blanks and are separated by commas."""
    rows = []
    for path in sorted((shared_data / "dataset" / "beatport-label-catalogues").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rows.append((row, read_line(f"{row['Artists'].replace(',', ', ')} - {row['Name']}")))
    return rows


def test_catalogue_rows_are_identified(catalogue: list[tuple[dict[str, str], Line]]) -> None:
    assert len(catalogue) == 32_271
    unidentified = Counter(
        row["Name"].split("(")[0] for row, line in catalogue if line.status != "identified"
    )
    assert unidentified == {"?": 1, "Unknown": 5, "ID 22": 2, "Use Your Ears": 1}
    named = [line for row, line in catalogue if row["Remixers"]]
    assert sum(line.version_family is None for line in named) / len(named) < 0.02


#: Pairs that share a track, one person each under two names or a slip of the catalogue: all there are.
ALIASES = {
    frozenset({"lassalinas", "lassalinasradio"}),
    frozenset({"soundprank", "colinfisher"}),
    frozenset({"jaylumen", "csabalumnitzer"}),
    frozenset({"gabriel", "dresden", "joshgabriel", "davedresden"}),
    frozenset({"snejider", "sneijder"}),
    frozenset({"thenightowls", "thenightowlsgoonhouse"}),
    frozenset({"agoria", "agoriasunlune"}),
    frozenset({"jornvandeynhoven", "jvandeynhoven"}),
    frozenset({"hardyheller", "hh"}),
    frozenset({"nihadtule", "lasseman", "nimakhak", "nihad", "lasse", "nima"}),
}


def remixers(row: dict[str, str]) -> frozenset[str]:
    names = re.split(r"[,&+]", re.sub(r"\(\w+\)", "", row["Remixers"]))
    return frozenset(norm_v1(name).replace(" ", "") for name in names if name)


def test_different_remixers_never_share_a_track(catalogue: list[tuple[dict[str, str], Line]]) -> None:
    by_track: dict[str, set[frozenset[str]]] = defaultdict(set)
    for row, line in catalogue:
        track = track_id(line)
        if track is not None and row["Remixers"]:
            by_track[track].add(remixers(row))
    collisions = {
        first | second
        for sets in by_track.values()
        for first, second in combinations(sorted(sets, key=sorted), 2)
        if not first & second
    }
    assert collisions == ALIASES
