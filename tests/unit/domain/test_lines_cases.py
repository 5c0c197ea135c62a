"""Lines that were once misread, with the correct result: reported cases and variants of the same kinds."""

import json
import re
from pathlib import Path

import pytest

from songnodes.domain.credits import MAX_NAMES, split_credit
from songnodes.domain.identity import claim_key, track_id
from songnodes.domain.keys import read_key
from songnodes.domain.lines import Line, read_line
from songnodes.domain.rows import labels_are_round

NUMBER = re.compile(r"^\d+\. ")


def case_lines(folder: Path) -> list[Line]:
    """Return the lines of a case, read without their numbers."""
    description = json.loads((folder / "lines.json").read_text())["description"]
    return [read_line(NUMBER.sub("", line)) for line in description.splitlines()]


def ids(*texts: str) -> list[str | None]:
    return [track_id(read_line(text)) for text in texts]


def test_ft_after_a_number_is_a_feature(shared_cases: Path) -> None:
    lines = case_lines(shared_cases / "11-ft-after-number")
    assert track_id(lines[0]) == track_id(lines[1])
    assert [(line.artists, line.featured) for line in lines[:3]] == [
        (("deadmau5",), ("Kiesa",)),
        (("deadmau5",), ("Kiesa",)),
        (("Maroon 5",), ("Wiz Kid",)),
    ]
    assert (lines[3].artists, lines[3].featured) == (("10 ft. Ganja Plant",), ())
    assert (lines[4].base_title, lines[4].featured) == ("10 ft. Tall", ())
    assert (lines[5].base_title, lines[5].featured) == ("50 Ft Queenie", ())


@pytest.mark.parametrize(
    ("text", "artists", "featured"),
    [
        ("10 ft. Giant - Stomp", ("10 ft. Giant",), ()),
        ("The 50 Ft Woman - Walk", ("The 50 Ft Woman",), ()),
        ("Kx5 ft Guest - Night", ("Kx5",), ("Guest",)),
        ("Blink 182 feat Somebody New - Night", ("Blink 182",), ("Somebody New",)),
        ("Sum 41 ft. Kid - Night", ("Sum 41",), ("Kid",)),
        ("Left Draft - Gift", ("Left Draft",), ()),
        ("Zorn Quill×Mira Sol - Nightglass", ("Zorn Quill×Mira Sol",), ()),
        ("Zorn Quill × Mira Sol - Nightglass", ("Zorn Quill", "Mira Sol"), ()),
        ("Zorn Quill w/Mira Sol - Nightglass", ("Zorn Quill", "Mira Sol"), ()),
        ("Man With No Name - Teleport", ("Man With No Name",), ()),
        ("Zorn Quill with the Band - Nightglass", ("Zorn Quill with the Band",), ()),
        ("AC/DC - Thunder", ("AC/DC",), ()),
    ],
)
def test_words_between_artists_and_guests_are_separators(
    text: str, artists: tuple[str, ...], featured: tuple[str, ...]
) -> None:
    line = read_line(text)
    assert (line.artists, line.featured) == (artists, featured)


def test_words_and_signs_between_artists_are_separators(shared_cases: Path) -> None:
    lines = case_lines(shared_cases / "14-words-between-artists")
    assert len({track_id(line) for line in lines[:4]}) == 1
    assert {line.key_artists for line in lines[:4]} == {("mira sol", "zorn quill")}
    in_brackets = read_line("Zorn Quill - Nightglass (with Mira Sol)")
    assert lines[4].featured == in_brackets.featured == ("Mira Sol",)
    assert track_id(lines[4]) == track_id(in_brackets)


def test_words_of_uploads_are_dropped(shared_cases: Path) -> None:
    lines = case_lines(shared_cases / "15-words-of-uploads")
    assert len({track_id(line) for line in lines[:6]}) == 1
    assert {line.artists for line in lines} == {("Mona Veil",)}
    assert track_id(lines[6]) == track_id(lines[7])
    assert "not_a_recording" in lines[6].warnings
    assert lines[6].version_artists == ("Iron Petal",)


@pytest.mark.parametrize(
    "text",
    [
        "Premiere: Mona Veil - Low Moon",
        "DJ Mag Premiere: Mona Veil - Low Moon",
        "EXCLUSIVE PREMIERE | Mona Veil - Low Moon",
        "FREE DOWNLOAD: Mona Veil - Low Moon",
        "(Free DL) Mona Veil - Low Moon",
        "Mona Veil - Low Moon [OUT NOW]",
        "Mona Veil - Low Moon (Out Now on Somewhere)",
        "Mona Veil - Low Moon (Out 12.05.)",
        "Mona Veil - Low Moon (Available Now)",
        "Mona Veil - Low Moon (Free Download in Description)",
        "Mona Veil - Low Moon [Free Download]",
        "Mona Veil - Low Moon | Free Download",
        "Mona Veil - Low Moon // Out Now",
        "Mona Veil - Low Moon FREE DOWNLOAD",
        "Mona Veil - Low Moon (Official Music Video)",
        "Mona Veil - Low Moon [Official Visualizer]",
        "Mona Veil - Low Moon (Lyrics)",
        "Mona Veil - Low Moon **OUT NOW**",
    ],
)
def test_other_words_of_uploads_are_dropped(text: str) -> None:
    line = read_line(text)
    assert claim_key(line) == "mona veil|low moon|||"
    assert line.label is None


@pytest.mark.parametrize(
    "text", ["Mona Veil - Out Now", "Premiere - Low Moon", "The Exclusive - Download", "Free - Download"]
)
def test_names_that_are_words_of_uploads_are_kept(text: str) -> None:
    line = read_line(text)
    assert f"{line.credit} - {line.base_title}" == text


@pytest.mark.parametrize(
    "subtitle",
    [
        "Out Of My Mind",
        "Out There",
        "Available For Love",
        "Download In Progress",
        "Night Turn",
        "Out On Bail",
    ],
)
def test_a_subtitle_is_neither_a_word_of_uploads_nor_a_version(subtitle: str) -> None:
    line = read_line(f"Mona Veil - Low Moon ({subtitle})")
    assert (line.other_tokens, line.version_artists) == ((subtitle,), ())
    assert track_id(line) != track_id(read_line("Mona Veil - Low Moon"))


def test_keys_in_german_and_repeated_keys_are_dropped() -> None:
    german = {
        "B-Dur": "6B",
        "B-moll": "3A",
        "H-Dur": "1B",
        "h-moll": "10A",
        "Es-moll": "2A",
        "Cis-moll": "12A",
    }
    german |= {
        "As-Dur": "4B",
        "fis moll": "11A",
        "Ges-Dur": "2B",
        "A-moll": "8A",
        "Des Dur": "3B",
        "Ais-moll": "3A",
    }
    romance = {"la mineur": "8A", "Si bémol majeur": "6B", "fa# menor": "11A", "Mi bemolle maggiore": "5B"}
    both = dict.fromkeys(("8A (Am)", "8A - Am", "Am - 8A", "8A/Am", "Am [8A]", "08A | A minor"), "8A")
    for text, wanted in (german | romance | both).items():
        key = read_key(text)
        assert key is not None and key.camelot == wanted, text
    for text in ("8A (Cm)", "8A - 9A", "A#m +50", "B-Moll (6B)", "Hm-Dur", "8A (", "8A - ", "Mi", "do"):
        assert read_key(text) is None, text


def test_part_numbers_are_read(shared_cases: Path) -> None:
    lines = case_lines(shared_cases / "22-part-numbers")
    assert len({track_id(line) for line in lines[:4]}) == 1
    assert track_id(lines[4]) != track_id(lines[0])


def test_other_part_numbers_are_read() -> None:
    assert (
        len(set(ids(*(f"M - Song {part}" for part in ("Part 1", "Pt.1", "(Pt. I)", "Part One", "part 01")))))
        == 1
    )
    assert len(set(ids("M - Song Vol. 2", "M - Song Volume II", "M - Song (Vol 2)"))) == 1
    assert (
        len(set(ids("M - S (Zed Remix Part 2)", "M - S (Zed Remix Pt. 2)", "M - S (Zed Remix Pt II)"))) == 1
    )
    assert len(set(ids("M - Party 2", "M - Part 2", "M - Song II", "M - Song 2", "M - Depart One"))) == 5


@pytest.mark.parametrize(
    ("text", "links", "artists", "family"),
    [
        ("A - B (Zorn Quill Reform)", [], ("Zorn Quill",), "remix"),
        ("A - B (Zorn Quill Rephrase)", [], ("Zorn Quill",), "remix"),
        ("A - B (Zorn Quill Tool Dub)", [], ("Zorn Quill",), "dub"),
        ("A - B (Zorn Quill Re-Wire)", [], ("Zorn Quill",), "remix"),
        ("A - B (Zorn Quill's Night Version)", [], ("Zorn Quill",), "remix"),
        ("A - B [Zorn Quill's Night Version]", [], ("Zorn Quill",), "remix"),
        ("A - B [Zorn Quill's Moonlit Walk]", [], ("Zorn Quill",), "remix"),
        ("A - B (Zorn Quill Upgrade)", [], ("Zorn Quill",), "remix"),
        ("A - B (Live Jam Mix 3)", [], (), "live"),
        ("A - B (Zorn Quill Moonwalk)", ["Zorn Quill"], ("Zorn Quill",), "remix"),
        ("Mona Veil - B (Mona Veil Night Drive)", [], ("Mona Veil",), "remix"),
        ("A - B (Zorn Quill Moonwalk)", [], (), None),
        ("A - B (White Girl in Town)", [], (), None),
        ("A - B (The Inner Part Of Me)", [], (), None),
        ("A - B (It's My Life)", [], (), None),
        ("A - B (God's Plan)", [], (), None),
        ("A - B (Remix por Zorn Quill)", [], ("Zorn Quill",), "remix"),
        ("A - B (Rework von Zorn Quill)", [], ("Zorn Quill",), "remix"),
        ("A - B (Edit di Zorn Quill)", [], ("Zorn Quill",), "remix"),
        ("A - B (Remix door Zorn Quill)", [], ("Zorn Quill",), "remix"),
        ("A - B (Zorn Quill Remix feat. Mira Sol)", [], ("Zorn Quill", "Mira Sol"), "remix"),
        ("A - B (Zorn Quill feat. Mira Sol Remix)", [], ("Zorn Quill", "Mira Sol"), "remix"),
        ("A - B (Zorn Quill Remix", [], ("Zorn Quill",), "remix"),
        ("A - B (Zorn Quill Remix]", [], ("Zorn Quill",), "remix"),
        ("A - B ((Zorn Quill Remix))", [], ("Zorn Quill",), "remix"),
        ("A - B (Zorn Quill Remix) (", [], ("Zorn Quill",), "remix"),
    ],
)
def test_versions_are_read(text: str, links: list[str], artists: tuple[str, ...], family: str | None) -> None:
    line = read_line(text, links=links)
    assert (line.version_artists, line.version_family) == (artists, family)
    assert "Mira Sol" not in line.featured


def test_an_edit_by_a_named_artist_is_not_a_variant() -> None:
    named, plain = read_line("A - Song (B Edit)"), read_line("A - Song (Edit)")
    assert (named.variant, named.version_artists) == ("regular", ("B",))
    assert (plain.variant, plain.version_family) == ("edit", None)
    assert read_line("A - Song (B Remix Edit)").variant == "edit"


def test_an_alias_is_not_a_second_artist() -> None:
    assert read_line("Mona Veil aka Otto B - Low Moon").key_artists == ("mona veil",)


@pytest.mark.parametrize(
    ("text", "labels", "catalogue"),
    [
        ("A - B [XY042]", (), "XY042"),
        ("A - B [ABC 12]", (), "ABC 12"),
        ("A - B [Night Office - XY042]", ("Night Office",), "XY042"),
        ("A - B [Night Office] [XY042]", ("Night Office",), "XY042"),
        ("A - B [Night Office / Low Tide]", ("Night Office", "Low Tide"), None),
        ("A - B [Studio 54]", ("Studio 54",), None),
        ("A - B [1991]", ("1991",), None),
    ],
)
def test_labels_and_catalogue_numbers_are_read(
    text: str, labels: tuple[str, ...], catalogue: str | None
) -> None:
    line = read_line(text)
    assert (line.labels, line.catalogue) == (labels, catalogue)
    assert line.label == (labels[0] if labels else None)
    assert line.title == "B"


def test_reversed_brackets_of_a_list_are_read() -> None:
    assert labels_are_round(
        ["A - B [Zed Remix] (Toolroom)", "C - D (Kompakt)", "E - F [Club Mix] (Drumcode)"]
    )
    assert not labels_are_round(["A - B (Zed Remix) [Toolroom]", "C - D [Kompakt]", "E - F (Club Mix) [X]"])
    assert not labels_are_round(
        ["A - B (feat. E) [Zed Remix]", "C - D (feat. F) [Dub]", "G - H (feat. I) [VIP]"]
    )
    assert not labels_are_round(["A - B (1999) [Zed Remix]", "C - D (2001) [Dub]", "E - F (2004)"])
    assert labels_are_round(
        ["A - B [Zed Remix] (XY012)", "C - D (feat. F) [VIP] (Halden)", "E - F (Oak Yard)"]
    )
    assert not labels_are_round(["A - B [Zed Remix]", "C - D [Club Mix]", "E - F", "G - H (Night)"])
    assert not labels_are_round(["A - B (Halden) [Toolroom]", "C - D (Oak) [Kompakt]", "E - F (Pine) [X]"])


def test_a_credit_of_very_many_names_is_not_split_and_is_flagged() -> None:
    credit = " & ".join(["Above"] * (MAX_NAMES + 2))
    assert split_credit(credit) == ((credit,), False)
    assert split_credit("A" * 1_001) == (("A" * 1_001,), False)
