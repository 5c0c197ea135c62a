"""Pages of all four sources through parse, silver and gold, in every order, without Kafka."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

from songnodes.domain.records import Page
from tests.support.in_process_stages import InProcessPipeline
from tests.support.page_records import page

TITLE = "2006-05-01 - Ada @ Cellar, Berlin"
TEXT = "== Tracklist ==\n# [00] Bo - One [L]\n...\n# [05] Cy - Two\n# [05] Di - Three\n[[Category:2006]]"
MEDIA = "https://www.1001tracklists.com/ajax/get_medialink.php?idObject=5&idItem=909720#25fhn7c9"


def outcome(*pages: Page) -> InProcessPipeline:
    """Return the results of the pages."""
    pipeline = InProcessPipeline()
    for record_page in pages:
        pipeline.publish("bronze.pages", record_page["page_id"], record_page)
    pipeline.run()
    assert pipeline.dead_letters == []
    return pipeline


def the(pipeline: InProcessPipeline, topic: str, key: str) -> Any:
    return pipeline.live_records[topic][key]


def test_a_mix_of_mixesdb_is_counted_without_neighbours_across_its_gap() -> None:
    body = json.dumps({"title": TITLE, "source": TEXT, "content_model": "wikitext"}).encode()
    pipeline = outcome(page(body))
    playlist = the(pipeline, "silver.playlists", "mixesdb:2006-05-01_-_Ada_@_Cellar,_Berlin")
    assert [(row["status"], row["group_index"]) for row in playlist["rows"]] == [
        ("identified", 1),
        ("unidentified", 2),
        ("identified", 3),
        ("identified", 4),
    ]
    assert [dj["name"] for dj in playlist["djs"]] == ["Ada"]
    assert [track["play_count"] for track in pipeline.live_records["gold.tracks"].values()] == [1, 1, 1]


def test_a_show_of_mixcloud_and_its_sections_are_one_set(shared_data: Path) -> None:
    show = json.loads((shared_data / "json" / "mixcloud" / "cloudcast-response.json").read_bytes())
    del show["sections"]
    track = {"__typename": "TrackSection", "artistName": "Bo", "songName": "One", "startSeconds": 5}
    lookup = {"slug": "party-time", "owner": {"username": "spartacus"}, "sections": [track]}
    pages = (
        page(json.dumps(show).encode()),
        page(json.dumps({"data": {"cloudcastLookup": lookup}}).encode()),
    )
    for order in permutations(pages):
        playlist = the(outcome(*order), "silver.playlists", "mixcloud:spartacus/party-time")
        assert [row["raw_text"] for row in playlist["rows"]] == ["Bo - One"]
        assert (playlist["title"], playlist["djs"][0]["name"]) == ("Party Time", "Spartacus")


def test_media_links_reach_the_track(shared_data: Path) -> None:
    """The track of the response is on none of the real pages: its id is put on one of them."""
    (file,) = (shared_data / "html" / "1001tracklists" / "tracklist").glob("25fhn7c9-*.html")
    edited = file.read_bytes().replace(
        b'mediaRow" data-trackid="251475"', b'mediaRow" data-trackid="909720"', 1
    )
    answer = (shared_data / "json" / "1001tracklists" / "medialink-909720.json").read_bytes()
    pages = (page(edited), page(answer, url=MEDIA))
    for order in permutations(pages):
        pipeline = outcome(*order)
        playlist = the(pipeline, "silver.playlists", "1001tracklists:25fhn7c9")
        assert len(playlist["rows"]) == 52
        (row,) = (row for row in playlist["rows"] if row["claim"] and "beatport_id" in row["claim"]["ids"])
        assert row["claim"]["ids"]["spotify_id"] == "5ly24DpozyrKv1FFDivUHx"
        request = the(pipeline, "enrichment.requests", row["track_id"])
        assert request["known_ids"]["beatport_id"] == "17883763"


def test_an_events_own_page_wins_over_a_listing_in_any_order(shared_data: Path) -> None:
    raw = (shared_data / "json" / "ra" / "graphql-event-listings-excerpt.json").read_bytes()
    short = json.loads(raw)["response"]["data"]["eventListings"]["data"][1]["event"]
    area = {
        "name": "San Francisco",
        "ianaTimeZone": "America/Los_Angeles",
        "country": {"name": "United States"},
    }
    own = {**short, "venue": {**short["venue"], "area": area}}
    pages = (page(raw), page(json.dumps({"data": {"event": own}}).encode()))
    for order in permutations(pages):
        pipeline = outcome(*order)
        event = the(pipeline, "silver.events", "ra:2476779")
        assert (event["page_kind"], event["city"]) == ("event", "San Francisco")
        assert event["start_time"].isoformat() == "2026-07-09T04:30:00+00:00"
        assert set(pipeline.live_records["silver.events"]) == {"ra:2476779", "ra:2480119"}
        artist = the(pipeline, "silver.artists", event["lineup"][0]["artist_id"])
        assert artist["name"] == "Nino Msk"
        assert not pipeline.live_records.get("silver.playlists")
