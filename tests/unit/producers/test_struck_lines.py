"""Rows that are struck out, hidden or flagged in wikitext, in descriptions and in sections (case 09)."""

import pytest

from producers.sources.mixcloud import sections
from producers.sources.mixesdb import wikitext
from producers.sources.setlists import read_text

ROWS = (
    "Mona Veil - Silver Tide",
    "The Ferrymen - Low Moon",
    "Otto B - Red Eagle",
    "Kestrel Row - Ninth Hour",
    "Nadir Nine - Slow",
)
STRUCK = ROWS[1]
OTHERS = [ROWS[0], *ROWS[2:]]


def read_wiki(row: str) -> list[str | None]:
    lines = [f"# [00] {ROWS[0]}", row, *(f"# [{4 * at:02}] {text}" for at, text in enumerate(ROWS[2:], 2))]
    text = "\n".join(["== Tracklist ==", *lines, "[[Category:2025]]"])
    return ["..." if row.gap else row.text for row in wikitext.read(text).tracklist.rows]


@pytest.mark.parametrize(
    "row",
    [
        f"# [04] <s>{STRUCK}</s>",
        f"# <DEL>[04] {STRUCK}</DEL>",
        f"# [04] <strike>{STRUCK}</strike> [Label]",
        f"# [04] '''<s>{STRUCK}</s>'''",
        "# [04] <s>The Ferrymen</s> - <s>Low Moon</s>",
        f"<del>\n# [04] {STRUCK}\n</del>",
        f"# [04] <s>{STRUCK}",
        f'# [04] <span style="color:red; text-decoration: line-through;">{STRUCK}</span>',
        f'<div style="display:none">\n# [04] {STRUCK}\n</div>',
        f"# [04] <span hidden>{STRUCK}</span>",
        f'# [04] <span class="deleted">{STRUCK}</span>',
        f"# [04] {{{{strike|{STRUCK}}}}}",
        "# <s>...</s>",
    ],
)
def test_a_struck_row_of_a_wiki_is_left_out(row: str) -> None:
    assert read_wiki(row) == OTHERS


@pytest.mark.parametrize(
    "row",
    [
        f"# [04] <s>Wrong Man - Wrong One</s> {STRUCK}",
        f"# [04] {STRUCK} <del>(Otto B Remix)</del>",
        f"# [04] {STRUCK}\n#: <s>was: Wrong - Wrong</s>",
        f"# [04] {STRUCK}\n## <s>Wrong Man - Wrong One</s>",
        f"# [04] <ins>{STRUCK}</ins>",
        f'# [04] <span style="color:red">{STRUCK}</span>',
        f"<noinclude>\n# [04] {STRUCK}\n</noinclude>",
    ],
)
def test_a_correction_in_a_wiki_leaves_the_corrected_row(row: str) -> None:
    assert read_wiki(row) == list(ROWS)


def read_description(row: str) -> list[str | None]:
    lines = [f"1. {ROWS[0]}", row, *(f"{number}. {text}" for number, text in enumerate(ROWS[2:], 3))]
    return [row.text for row in read_text("\n".join(["Tracklist:", *lines])).rows]


def stroked(text: str, stroke: str) -> str:
    return "".join(letter + stroke for letter in text)


@pytest.mark.parametrize(
    "row",
    [
        f"2. <s>{STRUCK}</s>",
        f"<del>2. {STRUCK}</del>",
        f"2. ~~{STRUCK}~~",
        f"~~2. {STRUCK}~~",
        *(f"2. {stroked(STRUCK, stroke)}" for stroke in ("\u0335", "\u0336", "\u0337", "\u0338")),
        f'2. <span style="text-decoration: line-through">{STRUCK}</span>',
        f"<p hidden>2. {STRUCK}</p>",
        f"<!-- 2. {STRUCK} -->",
    ],
)
def test_a_struck_row_of_a_description_is_left_out(row: str) -> None:
    assert read_description(row) == OTHERS


@pytest.mark.parametrize(
    "row", [f"2. ~~Wrong - One~~ {STRUCK}", f"2. <s>Wrong - One</s> {STRUCK}", f"2. <ins>{STRUCK}</ins>"]
)
def test_a_correction_in_a_description_leaves_the_corrected_row(row: str) -> None:
    assert read_description(row) == list(ROWS)


@pytest.mark.parametrize(
    "row", ["2. <S!VAS> - Low Moon", "2. The Ferrymen - Løw Møøn", "2. Lo\u0336w - Moon"]
)
def test_marks_in_names_strike_nothing_out(row: str) -> None:
    assert len(read_description(row)) == len(ROWS)


def test_a_list_that_is_struck_as_a_whole_is_ornamented() -> None:
    lines = [f"{number}. ~~{text}~~" for number, text in enumerate(ROWS, 1)]
    assert [row.text for row in read_text("\n".join(["Tracklist:", *lines])).rows] == list(ROWS)


@pytest.mark.parametrize(
    ("flag", "rows"),
    [
        *(
            ({"deleted": True}, 4),
            ({"isHidden": True}, 4),
            ({"is_removed": 1}, 4),
            ({"status": "deleted"}, 4),
        ),
        *(({"deletedAt": "2025-01-01"}, 4), ({"deleted": False}, 5), ({"deleted": "false"}, 5)),
        *(({"deleted_at": None}, 5), ({"hidden": 0}, 5), ({"status": "active"}, 5)),
    ],
)
def test_a_flagged_section_is_left_out(flag: dict[str, object], rows: int) -> None:
    api, graphql = [], []
    for at, text in enumerate(ROWS):
        artist, _, title = text.partition(" - ")
        flags = flag if at == 1 else {}
        track = {"name": title, "artist": {"name": artist}}
        api.append({"section_type": "track", "position": at, "track": track, **flags})
        graphql.append({"__typename": "TrackSection", "artistName": artist, "songName": title, **flags})
    assert len(sections.rows(sections.of_api(api))[0]) == rows
    assert len(sections.rows(sections.of_graphql(graphql))[0]) == rows
