"""Decoy pages: names of rows shuffled in one of their fields, and near misses (case 10)."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from lxml import html

from producers import sources
from producers.sources.errors import DecoyPage
from producers.sources.tracklists1001 import cues, decoys, outline, rows, tree
from tests.support.page_records import page, tracklist

PAGES = ("19h6nw7t", "1gz59x6t", "1pmwyfn1", "25fhn7c9", "nsgpmht")
Row: TypeAlias = html.HtmlElement
#: The texts that a decoy moves from row to row.
Texts = Callable[[Row], list[html.HtmlElement]]


def test_a_decoy_by_artists_is_refused(shared_cases: Path) -> None:
    body = (shared_cases / "10-decoy-by-shown-text" / "decoy.html").read_bytes()
    with pytest.raises(DecoyPage):
        sources.parse(page(body))


def test_a_near_miss_is_accepted(shared_cases: Path) -> None:
    body = (shared_cases / "10-decoy-by-shown-text" / "near-miss-is-sound.html").read_bytes()
    assert len(tracklist(body)["rows"]) == 9


def shown_spans(row: Row) -> list[html.HtmlElement]:
    return row.xpath('.//span[contains(@class, "trackValue")]/span[not(contains(@class, "spLR"))]')  # type: ignore[no-any-return]


def named(row: Row) -> bool:
    return bool(row.xpath('.//meta[@itemprop="url"]'))


def rows_of(root: html.HtmlElement) -> list[Row]:
    rows = root.xpath('//div[contains(@class, "tlpItem")]')
    return [row for row in rows if named(row)]


def move_shown(root: html.HtmlElement) -> None:
    """Give each row the displayed name of the row after the next, with its links."""
    values = [row.xpath('.//span[contains(@class, "trackValue")]')[0] for row in rows_of(root)]
    contents = [list(value) for value in values]
    for value, moved in zip(values, contents[2:] + contents[:2], strict=True):
        for child in list(value):
            value.remove(child)
        value.extend(moved)


def move_shown_titles(root: html.HtmlElement) -> None:
    """Give each row the displayed title of the row after the next; artists stay."""
    values = [row.xpath('.//span[contains(@class, "trackValue")]')[0] for row in rows_of(root)]
    dashes = [
        next(at for at, span in enumerate(value) if span.text_content().strip() == "-") for value in values
    ]
    titles = [list(value)[dash + 1 :] for value, dash in zip(values, dashes, strict=True)]
    for value, moved in zip(values, titles[2:] + titles[:2], strict=True):
        dash = next(at for at, span in enumerate(value) if span.text_content().strip() == "-")
        for child in list(value)[dash + 1 :]:
            value.remove(child)
        value.extend(moved)


def move_metas(*names: str) -> Callable[[html.HtmlElement], None]:
    """Give each row these microdata of the row after the next."""

    def move(root: html.HtmlElement) -> None:
        for name in names:
            metas = [meta for row in rows_of(root) for meta in row.xpath(f'.//meta[@itemprop="{name}"]')]
            contents = [meta.get("content") for meta in metas]
            for meta, content in zip(metas, contents[2:] + contents[:2], strict=True):
                meta.set("content", content)

    return move


def move_titles_of_names(root: html.HtmlElement) -> None:
    """Shuffle the titles in microdata and displayed text alike: only the addresses remain correct."""
    metas = [row.xpath('.//meta[@itemprop="name"]')[0] for row in rows_of(root)]
    parts = [meta.get("content").partition(" - ") for meta in metas]
    titles = [title for _, _, title in parts]
    for meta, (artist, dash, _), title in zip(metas, parts, titles[2:] + titles[:2], strict=True):
        meta.set("content", f"{artist}{dash}{title}")
    move_shown_titles(root)


@pytest.fixture(params=PAGES)
def real_page(request: pytest.FixtureRequest, shared_data: Path) -> bytes:
    (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob(f"{request.param}-*.html")
    return file.read_bytes()


def test_names_of_real_pages_agree_in_all_fields(real_page: bytes) -> None:
    root = tree.read(real_page.decode())
    there = outline.read(root)
    read = rows.read(there.items, cues.script(there.scripts))
    greatest = decoys.disagreement(read.names)
    assert greatest is not None
    assert greatest[0] < 0.05


@pytest.mark.parametrize(
    "move",
    [
        move_shown,
        move_shown_titles,
        move_metas("name"),
        move_metas("byArtist"),
        move_metas("name", "byArtist"),
        move_titles_of_names,
    ],
    ids=["shown", "shown titles", "name", "byArtist", "both", "all titles"],
)
def test_a_real_page_with_moved_names_is_refused(
    real_page: bytes, move: Callable[[html.HtmlElement], None]
) -> None:
    root = html.fromstring(real_page)
    assert len(tracklist(html.tostring(root, doctype="<!DOCTYPE html>"))["rows"]) > 0
    move(root)
    with pytest.raises(DecoyPage):
        sources.parse(page(html.tostring(root)))


def test_rows_of_other_real_pages_agree(shared_data: Path) -> None:
    with gzip.open(shared_data / "html" / "1001tracklists" / "rows" / "dj_set_rows_sample.json.gz") as file:
        sets: dict[str, str] = defaultdict(str)
        for row in json.load(file):
            sets[row["set_id"]] += row["raw_html"]
    for text in sets.values():
        there = outline.read(tree.read(f"<div>{text}</div>"))
        greatest = decoys.disagreement(rows.read(there.items, cues.script(there.scripts)).names)
        assert greatest is not None
        assert greatest[0] < 0.05


def sound(**changes: Any) -> decoys.Names:
    names: dict[str, Any] = {
        "name": "Mona Veil - Silver Tide",
        "by_artist": "Mona Veil",
        "slug": "mona-veil-silver-tide",
        "shown_artist": "Mona Veil",
        "shown_title": "Silver Tide",
    }
    return decoys.Names(**{**names, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"shown_title": "Silver Tide (Otto B Extended Rework)"},
        {"shown_artist": "Mona Veil & Mona Veil"},
        {"shown_artist": "", "shown_title": "Mona Veil - Silver Tide"},
        {"slug": "mona-veil-silvertide-2"},
        {"slug": "", "by_artist": ""},
        {"slug": "x"},
        {"slug": "mona-veil"},
        {"slug": "mona-veil-sil"},
        {"slug": "mona%2Dveil%2Dsilver%2Dtide"},
        {"name": "M\u200bona V\u200beil - Si\u200blver Ti\u00adde"},
        {"shown_artist": "", "shown_title": "Mona Veil - Si..."},
        {"shown_title": "Silver Ti\u2026"},
        {"track_ids": frozenset({"1zxyx3xf"})},
        {
            "name": "Mona Veil ft. Otto B & Pale Ivory - Silver Tide",
            "shown_artist": "Mona Veil ft. Otto B & Pale Ivory",
        },
        {
            "name": "Мона Вейл - Серебро",
            "by_artist": "Мона Вейл",
            "slug": "mona-veil-serebro",
            "shown_artist": "Мона Вейл",
            "shown_title": "Серебро",
        },
        {
            "name": "Mona Veil - L'Étoile D'Or",
            "slug": "mona-veil-letoile-dor",
            "shown_title": "L'Étoile D'Or",
        },
        *(
            {
                "name": f"{artist} - Weißer Sand",
                "by_artist": artist,
                "slug": slug,
                "shown_artist": artist,
                "shown_title": "Weißer Sand",
            }
            for artist, slug in (
                ("Søren", "sren-weier-sand"),
                ("Søren", "soren-weisser-sand"),
                ("Søren", "soeren-weisser-sand"),
                ("So\u0308ren", "soeren-wei-er-sand"),
                ("Łukasz Þór", "lukasz-thor-weisser-sand"),
                ("Łukasz Þór", "ukasz-r-weier-sand"),
            )
        ),
    ],
)
def test_rows_with_added_or_omitted_words_are_accepted(changes: dict[str, Any]) -> None:
    greatest = decoys.disagreement([sound(**changes)] * 6)
    assert greatest is not None
    assert greatest[0] == 0


@pytest.mark.parametrize("slug", ["otto-b-weisser-sand", "srenson-weisser-sand", "ren-weisser-sand"])
def test_another_artist_in_the_address_disagrees_beside_letters_that_are_not_of_ascii(slug: str) -> None:
    names = sound(
        name="Søren - Weißer Sand", by_artist="Søren", slug=slug, shown_artist="Søren", shown_title=""
    )
    assert decoys.disagreement([names] * 6) == (1.0, "address artist")


def test_a_decoy_with_cyrillic_names_is_detected_by_its_text() -> None:
    names = sound(
        name="Мона Вейл - Серебро",
        by_artist="Мона Вейл",
        slug="mona-veil-serebro",
        shown_artist="Отто Б",
        shown_title="Орёл",
    )
    assert decoys.disagreement([names] * 6) == (1.0, "shown title")


@pytest.mark.parametrize(
    ("changes", "comparison"),
    [
        ({"shown_title": "Red Eag..."}, "shown title"),
        ({"slug": "otto-b"}, "address title"),
        ({"track_ids": frozenset({"1zxyx3xf", "2s4yvzzf"})}, "track id"),
    ],
)
def test_cut_names_of_another_track_disagree(changes: dict[str, Any], comparison: str) -> None:
    assert decoys.disagreement([sound(**changes)] * 6) == (1.0, comparison)


def move_track_ids(root: html.HtmlElement) -> None:
    """Give each row the id of the track after the next; names and addresses stay."""
    rows = [row for row in rows_of(root) if row.get("data-trackid")]
    ids = [row.get("data-trackid") for row in rows]
    for row, track_id in zip(rows, ids[2:] + ids[:2], strict=True):
        row.set("data-trackid", track_id)


def cut_addresses(root: html.HtmlElement) -> None:
    for row in rows_of(root):
        for meta in row.xpath('.//meta[@itemprop="url"]'):
            meta.set("content", re.sub(r"(/track/\w+/[^/]{0,12})[^/]*/", r"\1/", meta.get("content")))


def test_a_real_page_with_moved_track_ids_is_refused(real_page: bytes) -> None:
    root = html.fromstring(real_page)
    move_track_ids(root)
    with pytest.raises(DecoyPage, match="track id"):
        sources.parse(page(html.tostring(root)))


def test_a_real_page_with_cut_addresses_is_accepted(real_page: bytes) -> None:
    root = html.fromstring(real_page)
    cut_addresses(root)
    assert tracklist(html.tostring(root, doctype="<!DOCTYPE html>"))["rows"]


def test_few_rows_are_no_evidence() -> None:
    assert decoys.disagreement([sound(shown_title="Red Eagle")] * (decoys.MIN_ROWS - 1)) is None
    assert decoys.disagreement([]) is None


def test_a_minority_of_moved_rows_is_accepted() -> None:
    mixed = [sound()] * 5 + [sound(shown_title="Red Eagle")] * 4
    greatest = decoys.disagreement(mixed)
    assert greatest is not None
    assert greatest[0] < 0.5
