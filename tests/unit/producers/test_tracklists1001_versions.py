"""Creators of versions, and links over joint credits: real pages, and generated rows in their structure."""

import gzip
import html
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from producers.sources.tracklists1001 import credit_links, cues, outline, rows, shown, tree
from songnodes.domain.identity import claim_key
from songnodes.domain.lines import Line, read_line
from songnodes.domain.records import TracklistRow
from songnodes.domain.rows import read
from tests.support.page_records import tracklist


@pytest.fixture(scope="module")
def real_rows(shared_data: Path) -> list[TracklistRow]:
    folder = shared_data / "html" / "1001tracklists"
    return [
        row
        for file in sorted((folder / "tracklist").glob("*.html"))
        for row in tracklist(file.read_bytes())["rows"]
    ]


def sample_rows(shared_data: Path) -> Iterator[TracklistRow]:
    """Return rows of two more real sets."""
    file = shared_data / "html" / "1001tracklists" / "rows" / "dj_set_rows_sample.json.gz"
    sets: dict[str, str] = defaultdict(str)
    for row in json.loads(gzip.decompress(file.read_bytes())):
        sets[row["set_id"]] += row["raw_html"]
    for text in sets.values():
        there = outline.read(tree.read(f"<div>{text}</div>"))
        yield from rows.read(there.items, cues.script(there.scripts)).rows


def by_text(rows: list[TracklistRow], start: str) -> TracklistRow:
    return next(row for row in rows if (row["text"] or "").startswith(start))


MARKED = {
    "Len Faki - Temple": ("Ø [Phase] Remix", ["Ø [Phase]"]),
    "Jeshi - 3210": ("Ross From Friends Remix", ["Ross From Friends"]),
    "Felix Da Housecat": ("Alexander Delanois Private Mix", ["Alexander Delanois"]),
    "Sven Väth - L'Esperanza": (
        "The Visions Of Shiva Hope Will Move Mountains Mix",
        ["The Visions Of Shiva"],
    ),
    "Dennis Ferrer": ("Pan African Electro Dub Mix", []),
    "Adam Beyer & Raxon - The Signal (Day": ("Day Mix", []),
    "Cassius": ("Curbi Remix", ["Curbi"]),
    "Yellow Claw": ("Psycho Boys Club Remix", ["Psycho Boys Club"]),
    "Phuture - Your Only Friend (Hardspace": ("Hardspace Remix", ["Hardspace"]),
    "Moderat - Copy Copy": ("LOGIC1000 & Big Ever Remix", ["LOGIC1000 & Big Ever"]),
}


@pytest.mark.parametrize("start", MARKED)
def test_versions_of_real_rows_are_read(start: str, real_rows: list[TracklistRow]) -> None:
    row = by_text(real_rows, start)
    text, artists = MARKED[start]
    assert row["versions"] == [{"text": text, "artists": artists}]
    line = read(row)
    assert list(line.version_artists) == artists
    assert line.version_text == text


def test_every_remixer_of_the_real_pages_is_an_artist_of_its_version(
    real_rows: list[TracklistRow], shared_data: Path
) -> None:
    marked = 0
    for row in [*real_rows, *sample_rows(shared_data)]:
        assert len(row["versions"]) == row["fragment"].count('class="remixValue'), row["text"]
        names = [name for version in row["versions"] for name in version["artists"]]
        assert list(read(row).version_artists) == names, row["text"]
        assert len(names) == row["fragment"].count("open remixer artist page"), row["text"]
        marked += bool(names)
        # The same words without marks name the same track: other sites have no marks.
        assert claim_key(read(row)) == claim_key(read({**row, "versions": []})), row["text"]
    assert marked == 47


def test_joint_links_of_the_real_pages_are_split(real_rows: list[TracklistRow], shared_data: Path) -> None:
    rows = [*real_rows, *sample_rows(shared_data)]
    names = {name for row in rows for name in row["native_artist_names"]}
    assert not [name for name in names if " vs. " in name or " pres. " in name or " ft. " in name]
    untouched = {"Dimitri Vegas & Like Mike", "Perry & Rhodan", "Voodoos & Taboos"}
    assert untouched <= names
    mashup = read(by_text(rows, "Somnia vs. Lewis Capaldi"))
    assert mashup.artists == ("Somnia", "Lewis Capaldi")
    partly = by_text(rows, "Carmen Twillie & Lebo M. vs. Andrew Rayel & Graham Bell")
    assert read(partly).artists[0] == "Carmen Twillie & Lebo M."
    assert not read(partly).credit_split


# Rows of the site's structure, with invented names.


def link(name: str, slug: str | None = None) -> str:
    href = f"/artist/{slug or name.lower().replace(' ', '-')}/index.html"
    anchor = (
        f'<span title="open artist page" class="tgHid spL"><a href="{html.escape(href)}"><i></i></a></span>'
    )
    return f'<span class="notranslate blueTxt">{html.escape(name)}{anchor}</span>'


def plain(text: str, classes: str = "notranslate") -> str:
    return f'<span class="{classes}">{html.escape(text)}</span>'


def remixer(name: str) -> str:
    anchor = f'<a href="/artist/{html.escape(name.lower())}/index.html" class="notranslate tgHid"><i></i></a>'
    shown_name = f'<span class="blueTxt">{html.escape(name)}</span>'
    return f'{shown_name}<span title="open remixer artist page">{anchor}</span>'


def version(*parts: str) -> str:
    return f'<span class="notranslate"> ({"".join(parts)})</span>'


def kind_span(text: str) -> str:
    return f'<span class="remixValue blueTxt"> {html.escape(text)}</span>'


def row_of(name: str, *spans: str, by_artist: str | None = None) -> str:
    artist = by_artist or name.partition(" - ")[0]
    return f"""<div class="tlpTog bItm tlpItem trRow1" data-id="{name}"><div itemprop="tracks">
<meta itemprop="name" content="{html.escape(name)}"><meta itemprop="byArtist" content="{html.escape(artist)}">
<span class="trackValue">{"".join(spans)}</span></div></div>"""


def page_rows(*texts: str) -> list[TracklistRow]:
    there = outline.read(tree.read(f"<div>{''.join(texts)}</div>"))
    return rows.read(there.items, cues.script(there.scripts)).rows


def line_of(name: str, *back: str) -> Line:
    artist, _, title = name.partition(" - ")
    base = title.partition(" (")[0]
    (row,) = page_rows(row_of(name, link(artist), plain(" - "), plain(base), *back))
    return read(row)


@pytest.mark.parametrize(
    "word", ["Club", "Dub", "Radio", "Live", "Vocal", "Extended", "Acid", "Deep", "Night"]
)
def test_vocabulary_words_in_a_linked_name_are_kept(word: str) -> None:
    name = f"Zorn {word}"
    line = line_of(f"Mona Veil - Silver Tide ({name} Remix)", version(remixer(name), kind_span("Remix")))
    assert line.version_artists == (name,)
    assert line.version_text == f"{name} Remix"
    assert line.variant == "regular"
    assert line.base_title == "Silver Tide"
    without = read_line(f"Mona Veil - Silver Tide ({name} Remix)")
    assert claim_key(line) == claim_key(without)


def test_the_text_after_a_linked_name_is_the_mix_name() -> None:
    line = line_of(
        "Mona Veil - Silver Tide (Zorn Quill Hope Without End Mix)",
        version(remixer("Zorn Quill"), kind_span("Hope Without End Mix")),
    )
    assert line.version_artists == ("Zorn Quill",)
    assert line.version_text == "Zorn Quill Hope Without End Mix"


def test_a_length_word_after_a_linked_name_is_the_variant() -> None:
    line = line_of(
        "Mona Veil - Silver Tide (Zorn Radio Extended Remix)",
        version(remixer("Zorn Radio"), kind_span("Extended Remix")),
    )
    assert (line.version_artists, line.variant, line.version_text) == (
        ("Zorn Radio",),
        "extended",
        "Zorn Radio Remix",
    )


@pytest.mark.parametrize("what", ["Moonwalk", "Rephrase", "Ninth Hour Journey", "On The Shore"])
def test_marked_words_are_a_version(what: str) -> None:
    line = line_of(
        f"Mona Veil - Silver Tide (Zorn Quill {what})", version(remixer("Zorn Quill"), kind_span(what))
    )
    assert (line.title, line.version_family) == ("Silver Tide", "remix")
    assert line.version_artists == ("Zorn Quill",)
    assert line.version_text == f"Zorn Quill {what}"


def test_a_linked_name_that_is_a_length_word_is_a_name() -> None:
    line = line_of("Mona Veil - Silver Tide (Extended Mix)", version(remixer("Extended"), kind_span("Mix")))
    assert (line.version_artists, line.version_family, line.variant) == (("Extended",), "remix", "regular")
    line = line_of("Mona Veil - Silver Tide (Extended Mix)", version(kind_span("Extended Mix")))
    assert (line.version_artists, line.version_family, line.variant) == ((), None, "extended")


def test_several_remixers_and_versions_are_read() -> None:
    joined = version(remixer("Zorn Quill"), plain(" & ", "spLR"), remixer("Otto B"), kind_span("Remix"))
    line = line_of("Mona Veil - Silver Tide (Zorn Quill & Otto B Remix)", joined)
    assert line.version_artists == ("Zorn Quill", "Otto B")
    versions = (version(remixer("Zorn Quill"), kind_span("Remix")), version(kind_span("Acappella")))
    line = line_of("Mona Veil - Silver Tide (Zorn Quill Remix) (Acappella)", *versions)
    assert (line.version_artists, line.stem) == (("Zorn Quill",), "acapella")


def test_a_remix_by_an_unlinked_name_is_read_from_its_words() -> None:
    line = line_of("Mona Veil - Silver Tide (Zorn Quill Remix)", version(kind_span("Zorn Quill Remix")))
    assert line.version_artists == ("Zorn Quill",)


def test_a_joint_link_of_remixers_linked_individually_is_split() -> None:
    name = "Mona Veil - Silver Tide (Zorn Quill & Otto B Remix)"
    joint = version(remixer("Zorn Quill & Otto B"), kind_span("Remix"))
    row = row_of(name, link("Mona Veil"), plain(" - "), plain("Silver Tide"), joint)
    individual_rows = [
        row_of(f"{artist} - Red", link(artist), plain(" - "), plain("Red"))
        for artist in ("Zorn Quill", "Otto B")
    ]
    assert read(page_rows(row)[0]).version_artists == ("Zorn Quill & Otto B",)
    assert read(page_rows(row, *individual_rows)[0]).version_artists == ("Zorn Quill", "Otto B")
    pair = row_of(
        "Mona Veil - Silver Tide (Zorn Quill vs. Otto B Remix)",
        *(link("Mona Veil"), plain(" - "), plain("Silver Tide")),
        version(remixer("Zorn Quill vs. Otto B"), kind_span("Remix")),
    )
    assert read(page_rows(pair)[0]).version_artists == ("Zorn Quill", "Otto B")


ALONE = [
    row_of(f"{name} - Red Eagle", link(name), plain(" - "), plain("Red Eagle"))
    for name in ("Mona Veil", "Otto B")
]
#: A row whose artists are linked individually, as on pages whose links are trusted.
PAIR = row_of(
    "Pale Ivory & Kestrel Row - Ninth Hour",
    *(link("Pale Ivory"), plain(" & ", "spLR"), link("Kestrel Row"), plain(" - "), plain("Ninth Hour")),
)
JOINT = [
    ("Mona Veil vs. Zorn Quill", ("Mona Veil", "Zorn Quill"), True),
    ("Mona Veil pres. Zorn Quill", ("Mona Veil", "Zorn Quill"), True),
    ("Mona Veil b2b Zorn Quill", ("Mona Veil", "Zorn Quill"), True),
    ("Mona Veil & Otto B pres. Field Unit", ("Mona Veil", "Otto B", "Field Unit"), True),
    ("Slow Lane & Nadir Nine pres. Field Unit", ("Slow Lane & Nadir Nine", "Field Unit"), False),
    ("Mona Veil & Otto B", ("Mona Veil", "Otto B"), True),
    ("Mona Veil x Otto B", ("Mona Veil", "Otto B"), True),
    ("Mona Veil & Slow Lane vs. Field Unit", ("Mona Veil & Slow Lane", "Field Unit"), False),
]


@pytest.mark.parametrize("other_rows", [[], [PAIR]], ids=["links of credits", "links one by one"])
@pytest.mark.parametrize(("credit", "expected", "certain"), JOINT)
def test_a_joint_link_is_not_an_artist(
    credit: str, expected: tuple[str, ...], certain: bool, other_rows: list[str]
) -> None:
    row = row_of(f"{credit} - Silver Tide", link(credit), plain(" - "), plain("Silver Tide"))
    row_record = page_rows(row, *ALONE, *other_rows)[0]
    line = read(row_record)
    assert (line.artists, line.credit_split) == (expected, certain)
    assert credit not in row_record["native_artist_names"]


def test_the_guest_of_a_joint_link_is_featured() -> None:
    credit = "Mona Veil vs. Otto B ft. Zorn Quill"
    row = row_of(f"{credit} - Silver Tide", link(credit), plain(" - "), plain("Silver Tide"))
    line = read(page_rows(row)[0])
    assert (line.artists, line.featured) == (("Mona Veil", "Otto B"), ("Zorn Quill",))


def test_a_pair_that_no_other_row_splits_is_not_split() -> None:
    """On a page that links artists individually the pair is an artist; on other pages it is uncertain."""
    row = row_of("Slow & Nadir - Silver Tide", link("Slow & Nadir"), plain(" - "), plain("Silver Tide"))
    assert (read(page_rows(row)[0]).artists, read(page_rows(row)[0]).credit_split) == (
        ("Slow & Nadir",),
        False,
    )
    one_by_one = read(page_rows(row, PAIR)[0])
    assert (one_by_one.artists, one_by_one.credit_split) == (("Slow & Nadir",), True)


def test_a_protected_name_with_linked_parts_is_not_split() -> None:
    names = ("Above", "Beyond")
    parts = [row_of(f"{name} - Red", link(name), plain(" - "), plain("Red")) for name in names]
    row = row_of("Above & Beyond - Sun", link("Above & Beyond"), plain(" - "), plain("Sun"))
    assert read(page_rows(row, *parts)[0]).artists == ("Above & Beyond",)


def test_displayed_names_without_a_dash_or_links_are_read() -> None:
    assert shown.read(None) == shown.Shown()
    element = tree.read("<span class='trackValue'>Mona Veil - Silver Tide</span>").find(".//span")
    assert shown.read(element) == shown.Shown(title="Mona Veil - Silver Tide")
    assert credit_links.names_of_page([shown.Shown()]) == frozenset()
