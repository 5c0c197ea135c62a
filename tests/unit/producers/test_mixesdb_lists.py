"""MixesDB's wikitext: the wiki's own examples line by line, a real mix, and all formats of lines and cues."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from producers.sources import setlists
from producers.sources.mixesdb import wikitext
from songnodes.domain.cues import read_cue
from songnodes.domain.records import TracklistRow
from songnodes.domain.rows import read, read_rows

#: The examples' form, read here by other means than the parser's.
BLOCK = re.compile(r"^(Original|Candidate|Expected result):$")
LINE = re.compile(r"^(?:# )?(?:\[([\d?:]+)\] )?(.*)$")
LABEL = re.compile(r" \[([^\]]+)\]$")
NO_LABEL = {"Unreleased", "Self Released"}


def section(lines: list[str]) -> list[TracklistRow]:
    text = "\n".join(["== Tracklist ==", *lines, "", "== Comments ==", "# no - track", "[[Category:2018]]"])
    return setlists.rows(wikitext.read(text).tracklist.rows)


def blocks(text: str) -> Iterator[list[str]]:
    lines: list[str] | None = None
    for line in [*text.splitlines(), "Original:"]:
        if BLOCK.match(line) or line.startswith("=="):
            if lines is not None:
                yield lines
            lines = [] if BLOCK.match(line) else None
        elif lines is not None:
            lines.append(line)


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> list[list[str]]:
    text = (shared_data / "wikitext" / "mixesdb" / "tracklist-merger-examples.txt").read_text("utf-8")
    return list(blocks(text))


def test_all_examples_are_present(examples: list[list[str]]) -> None:
    assert len(examples) == 27
    assert sum(len([line for line in block if line and line[0] != ";"]) for block in examples) == 494


def test_every_line_of_the_examples_is_parsed_to_its_row(examples: list[list[str]]) -> None:
    for block in examples:
        wanted, part = [], None
        for line in filter(None, block):
            if line.startswith(";"):
                part = line[1:]
            else:
                wanted.append((part, line))
        rows = section(block)
        assert [(row["part"], row["fragment"]) for row in rows] == wanted
        for row in rows:
            _agrees(row)


def _agrees(row: TracklistRow) -> None:
    """Compare artist, title, label, cue and grain with the plain form of the line."""
    match = LINE.match(row["fragment"])
    assert match is not None
    cue, rest = match[1], match[2]
    if rest == "...":
        assert (row["gap"], row["text"], row["cue_text"]) == (True, None, None)
        return
    note = re.match(r"'''.+?:''' ", rest)
    rest = rest[note.end() :] if note else rest.strip("'")
    expected_cue = read_cue(cue) if cue else None
    exact = expected_cue if expected_cue and "?" not in cue else None
    assert row["cue_text"] == cue
    assert row["cue_grain"] == (expected_cue.grain if expected_cue else None)
    assert row["cue_seconds"] == (exact.seconds if exact else None)
    assert row["gap"] is False
    assert row["text"] == rest
    line = read(row)
    label = LABEL.search(rest)
    wanted = label[1] if label and label[1] not in NO_LABEL else None
    assert wanted in (line.label, line.catalogue)  # letters and closing digits are a number
    if " - " in rest and not rest.endswith("]"):
        assert line.raw.startswith(line.credit.split(" ")[0])


def test_the_examples_have_their_cue_grains(examples: list[list[str]]) -> None:
    rows = [row for block in examples for row in section(block)]
    grains = [row["cue_grain"] for row in rows if row["cue_text"]]
    assert {grain: grains.count(grain) for grain in set(grains)} == {
        "minute": 245,
        "second": 26,
        "ten_minutes": 6,
        "hour": 20,
        None: 23,
    }
    assert sum(row["gap"] for row in rows) == 55
    assert sum(row["text"] == "?" for row in rows) == 32


def test_the_cocorico_mix_is_parsed(shared_data: Path) -> None:
    """The mix has twenty rows in three parts, each part with its own times."""
    with (shared_data / "csv" / "mixesdb" / "richie-hawtin-cocorico-2006.csv").open(encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))
    lines: list[str] = []
    for want in wanted:
        if f";{want['part']}" not in lines:
            lines += ["", f";{want['part']}"]
        lines.append(f"# [{want['timestamp']}] {want['raw']}")
    rows = section(lines)
    assert len(rows) == len(wanted) == 20
    for row, want in zip(rows, wanted, strict=True):
        line = read(row)
        assert (row["part"], row["cue_text"], row["text"]) == (want["part"], want["timestamp"], want["raw"])
        assert line.credit == want["artist"]
        assert line.track_name == want["title"]
    assert [row["cue_seconds"] for row in rows[:3]] == [0, 60, 450]
    assert (rows[9]["cue_text"], rows[9]["cue_seconds"], rows[9]["cue_grain"]) == (
        "4?:??",
        None,
        "ten_minutes",
    )
    statuses = [row["status"] for row in read_rows("mixesdb:x", rows, {})]
    assert statuses.count("identified") == 19
    assert statuses[12] == "artist_only"


CUES = [
    ("[05]", 300, "minute"),
    ("[008]", 480, "minute"),
    ("[105]", 6300, "minute"),
    ("[02:30]", 150, "second"),
    ("[1:02:30]", 3750, "second"),
    ("[12:3?]", 750, "ten_seconds"),
    ("[12:??]", 720, "minute"),
    ("[3?]", None, "ten_minutes"),
    ("[4?:??]", None, "ten_minutes"),
    ("[0??]", None, "hour"),
    ("[??]", None, None),
    ("[???]", None, None),
]


@pytest.mark.parametrize(("cue", "seconds", "grain"), CUES)
def test_cues_have_their_grains(cue: str, seconds: int | None, grain: str | None) -> None:
    (row,) = section([f"# {cue} A - B [L]"])
    assert (row["cue_text"], row["cue_seconds"], row["cue_grain"]) == (cue.strip("[]"), seconds, grain)
    assert row["warnings"] == []


FORMS = [
    ("# A - B", "A - B"),
    ("#A - B", "A - B"),
    ("* A - B", "A - B"),
    ("# ''A - B''", "A - B"),
    ("# '''Intro:''' A - B", "A - B"),
    ("# [05] '''Rewind''': A - B", "A - B"),
    ("# [[A]] - [[B (song)|B]]", "A - B"),
    ("# [https://example.org A] - B", "A - B"),
    ("# A - B {{Released|2006|{{nested}}}}", "A - B"),
    ("# A - B<ref>heard twice</ref>", "A - B"),
    ("# A - B <!-- or C -->", "A - B"),
    ("# <u>A</u> - B", "A - B"),
    ("# A &amp; C - B&nbsp;[L]", "A & C - B [L]"),
    ("# Rock 'n' Roll - Ain't", "Rock 'n' Roll - Ain't"),
    ("# 808 State - Pacific", "808 State - Pacific"),
    ("# Ø [Phase] - B [L]", "Ø [Phase] - B [L]"),
    ("# ?", "?"),
    ("# A - ?", "A - ?"),
]


@pytest.mark.parametrize(("line", "text"), FORMS)
def test_markup_is_removed(line: str, text: str) -> None:
    (row,) = section([line])
    assert row["text"] == text
    assert row["fragment"].startswith(line[0])


def test_rows_played_together_and_remarks_are_parsed() -> None:
    rows = section(["# A - B", "# w/ C - D", "#: the second time tonight", "## E - F", "#* G - H", "# I - J"])
    assert [(row["text"], row["joined"]) for row in rows] == [
        ("A - B", False),
        ("C - D", True),
        ("E - F", True),
        ("G - H", True),
        ("I - J", False),
    ]


def test_both_list_formats_on_one_page_are_parsed() -> None:
    lines = ["Found by - Somebody", "# [00] A - B", "<list>", "[05] C - D", "...", "E - F", "</list>"]
    lines += ["Thanks - to all", "=== Second hour ===", "# [00] G - H"]
    rows = section(lines)
    assert [(row["text"], row["part"]) for row in rows] == [
        ("A - B", None),
        ("C - D", None),
        (None, None),
        ("E - F", None),
        ("G - H", "Second hour"),
    ]


def test_labels_after_a_second_dash_are_decided_per_list() -> None:
    lines = [f"# Artist {n} - Title {n} - Label {n}" for n in range(8)]
    rows = section([*lines, "# Artist - Title - Their Remix", "# Artist - Title"])
    assert [(row["text"], row["label"]) for row in rows[:2]] == [
        ("Artist 0 - Title 0", "Label 0"),
        ("Artist 1 - Title 1", "Label 1"),
    ]
    assert (rows[8]["text"], rows[8]["label"]) == ("Artist - Title - Their Remix", None)
    few = section([lines[0], *(f"# Artist - Title {n}" for n in range(8))])
    assert few[0]["text"] == "Artist 0 - Title 0 - Label 0"


def test_an_inserted_line_keeps_the_keys_of_the_others() -> None:
    before = section(["# A - B", "# C - D", "# A - B", "...", "..."])
    after = section(["# A - B", "# [10] X - Y", "# [12] C - D", "# A - B", "...", "..."])
    assert len({row["row_key"] for row in before}) == 5
    assert [row["row_key"] for row in before] == [row["row_key"] for row in after if row["text"] != "X - Y"]


def test_rows_across_a_gap_are_not_neighbours() -> None:
    rows = read_rows("mixesdb:x", section(["# [05] A - B", "...", "# [05] C - D"]), {})
    assert [row["group_index"] for row in rows] == [1, 2, 3]
    assert rows[1]["status"] == "unidentified"
    assert rows[1]["track_id"] is None
    assert rows[1]["validation_status"] == "validated"


def test_broken_markup_is_parsed() -> None:
    pieces = ("<!--", "<ref", "<ref>", "{{player|", "[[Category:", "[//", "[[", "{{", "'''a", "<list", "<a ")
    for piece in pieces:
        wikitext.read("== Tracklist ==\n" + piece * 20_000)
        wikitext.read("== Tracklist ==\n# " + f"{piece}\n# " * 10_000)
