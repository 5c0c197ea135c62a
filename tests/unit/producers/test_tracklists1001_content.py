"""What is content and what is not; cues; links; ids. Small pages of our own making."""

import re
from pathlib import Path

import pytest

from producers.sources import tracklists1001
from producers.sources.tracklists1001 import addresses, reading
from songnodes.domain.records import TracklistRow
from tests.support.page_records import FETCHED, page, tracklist

PAGE = """<html><head><link rel="canonical" href="https://www.1001tracklists.com/tracklist/abc123/x.html"></head>
<body><h1 id="pageTitle"><a href="/dj/kilo/index.html">Kilo</a> {mark} {place}</h1>
<div id="tlTab" data-count="{count}"><meta itemprop="name" content="Kilo {mark} {place}">
{metas}{rows}</div>{script}</body></html>"""
ROW = """<div class="tlpTog bItm tlpItem trRow{n} {classes}" data-trno="{trno}" data-id="{id}" {state}>
<input id="tlp{id}_cue_seconds" value="{input}"><span id="tlp{trno}_tracknumber_value">{number}</span>
<div class="cue noWrap">{shown}</div>
<div itemprop="tracks"><meta itemprop="name" content="{name}"><meta itemprop="byArtist" content="Someone">
<span class="trackValue">{value}</span>{more}</div></div>"""


def row(trno: int, **given: object) -> str:
    values = {
        "id": 100 + trno,
        "n": trno + 1,
        "classes": "",
        "state": "",
        "input": "0",
        "number": f"{trno + 1:02d}",
        "shown": "",
        "name": "Someone - Something",
        "value": "",
        "more": "",
    }
    return ROW.format(trno=trno, **{**values, **given})


def whole(
    *rows: str, script: str = "", metas: str = "", place: str = "Event 2025-01-01", mark: str = "@"
) -> bytes:
    text = PAGE.format(
        rows="\n".join(rows), script=script, metas=metas, place=place, mark=mark, count=len(rows)
    )
    return text.encode()


def rows_of(*rows: str, script: str = "") -> list[TracklistRow]:
    return tracklist(whole(*rows, script=script))["rows"]


def entry(seconds: int, *places: int, player: str = "") -> str:
    ids = " ".join(f"cueValuesEntry.ids[{i}] = 'tlp{place}_content';" for i, place in enumerate(places))
    start = f"cueValuesEntry = {{}}; cueValuesEntry.seconds = {seconds}; "
    return f"<script>{start}cueValuesEntry.idPlayer = '{player}'; cueValuesEntry.ids = []; {ids}</script>"


class TestContent:
    """The hash says whether a tracklist changed; bodies always do."""

    @pytest.fixture
    def body(self, shared_data: Path) -> bytes:
        (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob("1pmwyfn1-*.html")
        return file.read_bytes()

    def test_counters_are_no_content(self, body: bytes) -> None:
        later = body.replace(b"UserPageVisits:5958", b"UserPageVisits:6001")
        later = later.replace(b"<span>Save 342</span>", b"<span>Save 343</span>")
        assert later != body
        one, two = tracklist(body), tracklist(later)
        assert one["content_hash"] == two["content_hash"]
        assert one["counters"] != two["counters"]
        assert one["rows"][0]["fragment"] != two["rows"][0]["fragment"]
        assert one["event_id"] != two["event_id"]

    def test_a_changed_name_is_content(self, body: bytes) -> None:
        later = re.sub(rb"Max Styler - ID\b", b"Max Styler - Revealed", body)
        assert tracklist(body)["content_hash"] != tracklist(later)["content_hash"]

    def test_the_same_page_gives_the_same_record(self, body: bytes) -> None:
        assert tracklist(body) == tracklist(body)

    def test_the_record_says_where_it_is_from(self, body: bytes) -> None:
        source, record = page(body), tracklist(body)
        assert record["playlist_id"] == "1001tracklists:1pmwyfn1"
        assert record["page_id"] == source["page_id"] == "1001tracklists:tracklist:1pmwyfn1"
        assert record["origin"]["id"] == f"{source['page_id']}@{source['sha256'][:16]}"
        assert record["origin"]["parser_version"] == tracklists1001.PARSER_VERSION
        assert record["observed_at"] == FETCHED


class TestCues:
    """Input, script and text; 0 is believed on the first row only."""

    def test_zero_is_a_cue_on_the_first_row_only(self) -> None:
        first, second = rows_of(row(0), row(1))
        assert (first["cue_seconds"], second["cue_seconds"]) == (0, None)

    def test_parts_of_a_first_mashup_begin_with_it(self) -> None:
        part = row(1, n=1, classes="con tlpSubTog subPos1", state='data-mashpos="true"')
        found = rows_of(row(0, classes="subPosTog"), part, row(2))
        assert [each["cue_seconds"] for each in found] == [0, 0, None]

    def test_an_entry_can_list_several_rows(self) -> None:
        found = rows_of(row(0), row(1), row(2), script=entry(95, 1, 2))
        assert [each["cue_seconds"] for each in found] == [0, 95, 95]

    def test_the_text_is_used_where_nothing_else_says(self) -> None:
        found = rows_of(row(0), row(1, input="", shown="1:02:03"))
        assert (found[1]["cue_seconds"], found[1]["cue_text"]) == (3723, "1:02:03")

    def test_places_that_disagree_are_a_warning_and_the_input_wins(self) -> None:
        second = rows_of(row(0), row(1, input="100", shown="2:00"), script=entry(110, 1))[1]
        assert second["cue_seconds"] == 100
        assert second["warnings"] == ["cue_conflict: input 100, script 110, text 120"]

    def test_text_that_is_no_cue_is_kept_with_a_warning(self) -> None:
        second = rows_of(row(0), row(1, shown="later"))[1]
        assert (second["cue_text"], second["cue_seconds"]) == ("later", None)
        assert second["warnings"] == ["cue_unreadable: 'later'"]

    def test_cues_of_several_recordings_are_not_on_one_scale(self) -> None:
        script = entry(5, 0, player="one") + entry(9, 1, player="two")
        warnings = tracklist(whole(row(0), row(1), script=script))["warnings"]
        assert any(text.startswith("cues_of_several_recordings") for text in warnings)

    def test_absurd_cues_are_none(self) -> None:
        assert rows_of(row(0), row(1, input="99999999999999999999"))[1]["cue_seconds"] is None


class TestRows:
    """Keys, ids, artists, labels."""

    def test_a_repeated_row_id_stays_two_rows(self) -> None:
        keys = [each["row_key"] for each in rows_of(row(0), row(1, id=100))]
        assert keys == ["100", "100#1"]

    def test_a_row_without_id_is_named_by_its_place(self) -> None:
        assert rows_of(row(0), row(1, id=""))[1]["row_key"] == "#1"

    def test_joined_by_class_or_by_number(self) -> None:
        found = rows_of(row(0), row(1, classes="con"), row(2, number=" w/ "))
        assert [each["joined"] for each in found] == [False, True, True]
        assert found[2]["number"] is None

    def test_a_track_address_that_is_another_than_the_rows_is_a_warning(self) -> None:
        more = '<meta itemprop="url" content="/track/bbb222/x/index.html">'
        (found,) = rows_of(row(0, state='data-trackid="aaa111"', more=more))
        assert found["native_track_id"] == "aaa111"
        assert found["warnings"] == ["track_id_conflict: row aaa111, address bbb222"]

    def test_shop_ids_in_the_row(self) -> None:
        more = '<a href="https://open.spotify.com/track/2VHlwTPRH7Wwxo2KYW5jR7?si=1"></a>'
        more += '<a href="https://www.beatport.com/track/x-y/17883763"></a><i data-isrc="GBAHS1400099"></i>'
        assert rows_of(row(0, more=more))[0]["ids"] == {
            "spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7",
            "beatport_id": "17883763",
            "isrc": "GBAHS1400099",
        }

    def test_linked_artists_one_by_one(self) -> None:
        value = (
            '<span>A<a href="/artist/1/a/index.html"></a></span><span class="spLR"> &amp; </span>'
            '<span>B<a href="/artist/2/b/index.html"></a></span>'
            '<span> ft. C<a href="/artist/3/c/index.html"></a></span><span> - </span>'
            '<span>Title (D Remix)<a href="/artist/4/d/index.html"></a></span>'
        )
        assert rows_of(row(0, value=value))[0]["native_artist_names"] == ["A", "B", "C"]

    def test_a_credit_linked_as_a_whole_is_no_evidence(self) -> None:
        value = '<span>A &amp; B<a href="/artist/9/a-and-b/index.html"></a></span><span> - </span>'
        single = '<span>A<a href="/artist/1/a/index.html"></a></span><span> - </span>'
        found = rows_of(row(0, value=value), row(1, value=single))
        assert [each["native_artist_names"] for each in found] == [[], ["A"]]

    @pytest.mark.parametrize(
        ("publisher", "shown", "expected"),
        [
            ("Ninja Tune", "NINJA", ("Ninja Tune", None)),
            ("Columbia Records", "COLUMBIA (SONY)", ("Columbia Records", "SONY")),
            ("", "GEFFEN (UMG )", ("GEFFEN", "UMG")),
            ("&lt;span&gt;BLACK BOOK&lt;/span&gt;", "BLACK BOOK", ("BLACK BOOK", None)),
            ("&lt;span&gt;BLACK BOOK&lt;/span&gt;", "", ("BLACK BOOK", None)),
        ],
    )
    def test_label_and_parent(self, publisher: str, shown: str, expected: tuple[str, str | None]) -> None:
        more = f'<meta itemprop="publisher" content="{publisher}">' if publisher else ""
        more += f'<span class="trackLabel">{shown}</span>' if shown else ""
        (found,) = rows_of(row(0, more=more))
        assert (found["label"], found["label_parent"]) == expected

    def test_parts_name_their_mashup(self) -> None:
        part = row(1, n=1, classes="con tlpSubTog subPos1", state='data-mashpos="true"')
        parent, found = rows_of(row(0, classes="subPosTog"), part)
        assert parent["mashup"]
        assert (found["parent_row_key"], found["joined"]) == (parent["row_key"], False)


class TestHeader:
    """Event, venue and country out of a title; a page without DJ or date is a page all the same."""

    @pytest.mark.parametrize(
        ("place", "mark", "expected"),
        [
            ("Show 012 2025-01-01", "-", ("Show 012", "Show 012", None, None)),
            ("Fest, Hall Town, Spain 2025-01-01", "@", ("Fest", "Fest", "Hall Town", "Spain")),
            ("Fest, Spain 2025-01-01", "@", ("Fest", "Fest", None, "Spain")),
            (
                "Takeover (Fest, Hall, Spain 2024-12-01) 2025-01-01",
                "@",
                ("Takeover", "Takeover", "Hall", "Spain"),
            ),
            ("Fest (Best Of) 2025-01-01", "@", ("Fest (Best Of)", "Fest (Best Of)", None, None)),
        ],
    )
    def test_places(self, place: str, mark: str, expected: tuple[str | None, ...]) -> None:
        header = tracklist(whole(row(0), place=place, mark=mark))["header"]
        found = header["mix_name"], header["event_name"], header["venue"], header["country"]
        assert found == expected

    def test_the_date_of_the_title_stands_in(self) -> None:
        assert tracklist(whole(row(0)))["header"]["date_text"] == "2025-01-01"

    def test_no_date_is_a_warning(self) -> None:
        record = tracklist(whole(row(0), place="Event"))
        assert record["header"]["date_text"] is None
        assert record["warnings"] == ["no_date: none given"]

    def test_several_authors(self) -> None:
        metas = "".join(f'<meta itemprop="author" content="{name}">' for name in ("KILO", "Other"))
        djs = tracklist(whole(row(0), metas=metas))["header"]["djs"]
        assert [(dj["name"], dj["native_id"]) for dj in djs] == [("KILO", "dj:kilo"), ("Other", None)]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.1001tracklists.com/tracklist/2hjnqr0t/x-2022-06-16.html", ("tracklist", "2hjnqr0t")),
        ("http://1001tracklists.com/tracklist/2hjnqr0t", ("tracklist", "2hjnqr0t")),
        ("https://1001.tl/2hjnqr0t", ("tracklist", "2hjnqr0t")),
        ("https://www.1001tracklists.com/track/18uj2vdx/x/index.html", ("track", "18uj2vdx")),
        ("https://www.1001tracklists.com/dj/curbi/index.html", ("dj", "curbi")),
        ("https://www.1001tracklists.com/artist/sven-vath/tracks.html", ("artist", "sven-vath")),
        ("https://www.1001tracklists.com/source/768tsc/time-warp/index.html", ("source", "768tsc")),
        ("https://www.1001tracklists.com/", ("home", "home")),
        ("https://www.1001tracklists.com/info/unblock_ip.html", None),
        ("https://www.1001tracklists.com.evil.example/tracklist/2hjnqr0t/x.html", None),
        ("https://evil.example/?u=https://www.1001tracklists.com/tracklist/a/", None),
        ("//[", None),
    ],
)
def test_addresses(url: str, expected: tuple[str, str] | None) -> None:
    found = addresses.by_url(url)
    assert (found and (found.kind, found.native_id)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("PT4M43S", 283), ("PT76M11S", 4571), ("PT1H2M3S", 3723), ("PT0S", None), ("PT", None), ("4:43", None)],
)
def test_durations(text: str, expected: int | None) -> None:
    assert reading.duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2:24", 144), ("03:47", 227), ("1:06:36", 3996), ("83:45", 5025), ("2:99", None), ("", None)],
)
def test_clocks(text: str, expected: int | None) -> None:
    assert reading.clock(text) == expected


def test_blanks_inside_brackets_go() -> None:
    assert reading.tidy(" Ede - Do My  Thing ( Dixon\u00a0Rework ) ") == "Ede - Do My Thing (Dixon Rework)"
