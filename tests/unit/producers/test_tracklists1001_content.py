"""Content and counters, cues, links and ids, with small generated pages."""

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


def row(trno: int, **changes: object) -> str:
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
    return ROW.format(trno=trno, **{**values, **changes})


def tracklist_page(
    *rows: str, script: str = "", metas: str = "", place: str = "Event 2025-01-01", mark: str = "@"
) -> bytes:
    text = PAGE.format(
        rows="\n".join(rows), script=script, metas=metas, place=place, mark=mark, count=len(rows)
    )
    return text.encode()


def rows_of(*rows: str, script: str = "") -> list[TracklistRow]:
    return tracklist(tracklist_page(*rows, script=script))["rows"]


def entry(seconds: int, *places: int, player: str = "") -> str:
    ids = " ".join(f"cueValuesEntry.ids[{i}] = 'tlp{place}_content';" for i, place in enumerate(places))
    start = f"cueValuesEntry = {{}}; cueValuesEntry.seconds = {seconds}; "
    return f"<script>{start}cueValuesEntry.idPlayer = '{player}'; cueValuesEntry.ids = []; {ids}</script>"


class TestContent:
    """The content hash shows if a tracklist changed; bodies always change."""

    @pytest.fixture
    def body(self, shared_data: Path) -> bytes:
        (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob("1pmwyfn1-*.html")
        return file.read_bytes()

    def test_counters_do_not_change_the_hash(self, body: bytes) -> None:
        later = body.replace(b"UserPageVisits:5958", b"UserPageVisits:6001")
        later = later.replace(b"<span>Save 342</span>", b"<span>Save 343</span>")
        assert later != body
        first, second = tracklist(body), tracklist(later)
        assert first["content_hash"] == second["content_hash"]
        assert first["counters"] != second["counters"]
        assert first["rows"][0]["fragment"] != second["rows"][0]["fragment"]
        assert first["event_id"] != second["event_id"]

    def test_a_changed_name_changes_the_hash(self, body: bytes) -> None:
        later = re.sub(rb"Max Styler - ID\b", b"Max Styler - Revealed", body)
        assert tracklist(body)["content_hash"] != tracklist(later)["content_hash"]

    def test_the_same_page_yields_the_same_record(self, body: bytes) -> None:
        assert tracklist(body) == tracklist(body)

    def test_the_record_names_its_page(self, body: bytes) -> None:
        source, record = page(body), tracklist(body)
        assert record["playlist_id"] == "1001tracklists:1pmwyfn1"
        assert record["page_id"] == source["page_id"] == "1001tracklists:tracklist:1pmwyfn1"
        assert record["origin"]["id"] == f"{source['page_id']}@{source['sha256'][:16]}"
        assert record["origin"]["parser_version"] == tracklists1001.PARSER_VERSION
        assert record["observed_at"] == FETCHED


class TestCues:
    """Cues from input, script and text; 0 is a cue on the first row only."""

    def test_zero_is_a_cue_on_the_first_row_only(self) -> None:
        first, second = rows_of(row(0), row(1))
        assert (first["cue_seconds"], second["cue_seconds"]) == (0, None)

    def test_parts_of_a_first_mashup_have_its_cue(self) -> None:
        part = row(1, n=1, classes="con tlpSubTog subPos1", state='data-mashpos="true"')
        rows = rows_of(row(0, classes="subPosTog"), part, row(2))
        assert [row_record["cue_seconds"] for row_record in rows] == [0, 0, None]

    def test_an_entry_can_list_several_rows(self) -> None:
        rows = rows_of(row(0), row(1), row(2), script=entry(95, 1, 2))
        assert [row_record["cue_seconds"] for row_record in rows] == [0, 95, 95]

    def test_the_text_is_used_without_input_and_script(self) -> None:
        rows = rows_of(row(0), row(1, input="", shown="1:02:03"))
        assert (rows[1]["cue_seconds"], rows[1]["cue_text"]) == (3723, "1:02:03")

    def test_contradicting_cues_are_a_warning_and_the_input_wins(self) -> None:
        second = rows_of(row(0), row(1, input="100", shown="2:00"), script=entry(110, 1))[1]
        assert second["cue_seconds"] == 100
        assert second["warnings"] == ["cue_conflict: input 100, script 110, text 120"]

    def test_text_that_is_not_a_cue_is_kept_with_a_warning(self) -> None:
        second = rows_of(row(0), row(1, shown="later"))[1]
        assert (second["cue_text"], second["cue_seconds"]) == ("later", None)
        assert second["warnings"] == ["cue_unreadable: 'later'"]

    def test_cues_of_several_recordings_are_not_on_one_scale(self) -> None:
        script = entry(5, 0, player="one") + entry(9, 1, player="two")
        warnings = tracklist(tracklist_page(row(0), row(1), script=script))["warnings"]
        assert any(text.startswith("cues_of_several_recordings") for text in warnings)

    def test_absurd_cues_are_ignored(self) -> None:
        assert rows_of(row(0), row(1, input="99999999999999999999"))[1]["cue_seconds"] is None


class TestRows:
    """Keys, ids, artists, labels."""

    def test_rows_with_a_repeated_id_are_two_rows(self) -> None:
        keys = [row_record["row_key"] for row_record in rows_of(row(0), row(1, id=100))]
        assert keys == ["100", "100#1"]

    def test_a_row_without_an_id_is_keyed_by_its_position(self) -> None:
        assert rows_of(row(0), row(1, id=""))[1]["row_key"] == "#1"

    def test_rows_are_joined_by_class_or_by_number(self) -> None:
        rows = rows_of(row(0), row(1, classes="con"), row(2, number=" w/ "))
        assert [row_record["joined"] for row_record in rows] == [False, True, True]
        assert rows[2]["number"] is None

    def test_a_contradicting_track_address_is_a_warning(self) -> None:
        more = '<meta itemprop="url" content="/track/bbb222/x/index.html">'
        (row_record,) = rows_of(row(0, state='data-trackid="aaa111"', more=more))
        assert row_record["native_track_id"] == "aaa111"
        assert row_record["warnings"] == ["track_id_conflict: row aaa111, address bbb222"]

    def test_shop_ids_in_the_row_are_read(self) -> None:
        more = '<a href="https://open.spotify.com/track/2VHlwTPRH7Wwxo2KYW5jR7?si=1"></a>'
        more += '<a href="https://www.beatport.com/track/x-y/17883763"></a><i data-isrc="GBAHS1400099"></i>'
        assert rows_of(row(0, more=more))[0]["ids"] == {
            "spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7",
            "beatport_id": "17883763",
            "isrc": "GBAHS1400099",
        }

    def test_artists_linked_individually_are_read(self) -> None:
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
        rows = rows_of(row(0, value=value), row(1, value=single))
        assert [row_record["native_artist_names"] for row_record in rows] == [[], ["A"]]

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
    def test_label_and_parent_label_are_read(
        self, publisher: str, shown: str, expected: tuple[str, str | None]
    ) -> None:
        more = f'<meta itemprop="publisher" content="{publisher}">' if publisher else ""
        more += f'<span class="trackLabel">{shown}</span>' if shown else ""
        (row_record,) = rows_of(row(0, more=more))
        assert (row_record["label"], row_record["label_parent"]) == expected

    def test_parts_name_their_mashup(self) -> None:
        part = row(1, n=1, classes="con tlpSubTog subPos1", state='data-mashpos="true"')
        parent, part_record = rows_of(row(0, classes="subPosTog"), part)
        assert parent["mashup"]
        assert (part_record["parent_row_key"], part_record["joined"]) == (parent["row_key"], False)


class TestHeader:
    """Event, venue and country from a title; a page without a DJ or date is parsed too."""

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
    def test_event_venue_and_country_are_read(
        self, place: str, mark: str, expected: tuple[str | None, ...]
    ) -> None:
        header = tracklist(tracklist_page(row(0), place=place, mark=mark))["header"]
        parsed = header["mix_name"], header["event_name"], header["venue"], header["country"]
        assert parsed == expected

    def test_the_date_of_the_title_is_the_fallback(self) -> None:
        assert tracklist(tracklist_page(row(0)))["header"]["date_text"] == "2025-01-01"

    def test_a_missing_date_is_a_warning(self) -> None:
        record = tracklist(tracklist_page(row(0), place="Event"))
        assert record["header"]["date_text"] is None
        assert record["warnings"] == ["no_date: none given"]

    def test_several_authors_are_read(self) -> None:
        metas = "".join(f'<meta itemprop="author" content="{name}">' for name in ("KILO", "Other"))
        djs = tracklist(tracklist_page(row(0), metas=metas))["header"]["djs"]
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
def test_addresses_are_recognised(url: str, expected: tuple[str, str] | None) -> None:
    page_ref = addresses.by_url(url)
    assert (page_ref and (page_ref.kind, page_ref.native_id)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("PT4M43S", 283), ("PT76M11S", 4571), ("PT1H2M3S", 3723), ("PT0S", None), ("PT", None), ("4:43", None)],
)
def test_durations_are_parsed(text: str, expected: int | None) -> None:
    assert reading.duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2:24", 144), ("03:47", 227), ("1:06:36", 3996), ("83:45", 5025), ("2:99", None), ("", None)],
)
def test_times_are_parsed(text: str, expected: int | None) -> None:
    assert reading.clock(text) == expected


def test_blanks_inside_brackets_are_removed() -> None:
    assert reading.tidy(" Ede - Do My  Thing ( Dixon\u00a0Rework ) ") == "Ede - Do My Thing (Dixon Rework)"
