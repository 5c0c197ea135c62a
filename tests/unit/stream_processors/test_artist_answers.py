"""Artists: ids and profiles from the archived answers of providers about tracks."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain import identity
from songnodes.domain.artist_answers import MAX_IDS
from songnodes.domain.records import Attempt
from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline
from tests.support.provider_answers import (
    RAJ,
    STROBE,
    archived,
    deezer,
    deezer_track,
    key_of,
    musicbrainz,
    reccobeats_track,
)
from tests.unit.stream_processors.test_merge_answers import VOLATILE, answer, with_a_set

DEADMAU5 = identity.artist_id("Deadmau5")


def artist(pipeline: InProcessPipeline, artist_id: str = DEADMAU5) -> Any:
    return pipeline.live_records["silver.artists"][artist_id]


def withdraw(pipeline: InProcessPipeline, *records: Attempt) -> None:
    for record in records:
        pipeline.publish("bronze.enrichments", key_of(record), None)
    pipeline.run()


def test_a_matched_answer_lends_ids_to_the_artist_of_equal_name() -> None:
    pipeline, _ = with_a_set()
    assert artist(pipeline)["native_ids"] == []
    answer(pipeline, deezer(STROBE))
    row = artist(pipeline)
    assert row["native_ids"] == ["deezer:5"]
    assert row["links"] == {"deezer": "https://www.deezer.com/artist/5"}
    assert row["value_sources"] == {"ids.deezer": "deezer", "links.deezer": "deezer"}


def test_a_description_counts_while_a_matched_answer_has_its_id() -> None:
    pipeline, _ = with_a_set()
    track, description = musicbrainz()
    answer(pipeline, description)
    assert (artist(pipeline)["country"], artist(pipeline)["native_ids"]) == (None, [])
    answer(pipeline, track)
    row = artist(pipeline)
    assert (row["country"], row["genres"]) == ("Canada", ["progressive house"])
    assert {"text": "Joel Zimmerman", "count": 0} in row["aliases"]
    assert row["links"]["discogs"] == "https://www.discogs.com/artist/289522"
    assert row["value_sources"]["country"] == "musicbrainz"
    withdraw(pipeline, track)
    assert (artist(pipeline)["country"], artist(pipeline)["native_ids"]) == (None, [])


def test_an_answer_that_does_not_match_lends_nothing() -> None:
    pipeline, track_id = with_a_set()
    remix = deezer_track(title="Strobe (Michael Woods Remix)")
    foreign = reccobeats_track(artists=[{"id": "a", "name": "Another"}])
    answer(
        pipeline,
        archived(track_id, "deezer", "search", {"data": [remix]}),
        archived(track_id, "reccobeats", "tracks", foreign, seconds=1),
    )
    assert artist(pipeline)["native_ids"] == []


def test_two_ids_of_one_provider_are_a_conflict_and_neither_is_chosen() -> None:
    pipeline, _ = with_a_set(STROBE, RAJ)
    answer(pipeline, deezer(STROBE, 5), deezer(RAJ, 6))
    row = artist(pipeline)
    assert (row["native_ids"], row["links"]) == ([], {})
    assert row["id_conflicts"] == {"deezer": ["5", "6"]}
    withdraw(pipeline, deezer(RAJ, 6))
    row = artist(pipeline)
    assert (row["native_ids"], row["id_conflicts"]) == (["deezer:5"], {})


def test_the_id_of_a_page_decides_a_conflict() -> None:
    pipeline, _ = with_a_set(STROBE, RAJ)
    page = sample_records.profile(artist_id=DEADMAU5, name="deadmau5", ids={"deezer": "6"})
    pipeline.publish("bronze.artists", DEADMAU5, page)
    answer(pipeline, deezer(STROBE, 5), deezer(RAJ, 6))
    row = artist(pipeline)
    assert "deezer:6" in row["native_ids"] and "deezer:5" not in row["native_ids"]
    assert row["id_conflicts"] == {"deezer": ["5", "6"]}


def test_the_state_of_an_artist_has_a_bound() -> None:
    lines = [f"Deadmau5 - Tune {number:c}" for number in range(ord("a"), ord("a") + MAX_IDS + 4)]
    pipeline, _ = with_a_set(*lines)
    answer(pipeline, *(deezer(line, 100 + i, seconds=i) for i, line in enumerate(lines)))
    newest = [str(100 + number) for number in range(4, MAX_IDS + 4)]
    assert artist(pipeline)["id_conflicts"] == {"deezer": newest}
    withdraw(pipeline, deezer(lines[-1], 100 + MAX_IDS + 3, seconds=MAX_IDS + 3))
    assert artist(pipeline)["id_conflicts"] == {"deezer": ["103", *newest[:-1]]}


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False), st.sets(st.integers(0, 4)))
def test_any_order_of_arrival_gives_the_same_artist(random: Random, withdrawn: set[int]) -> None:
    records = [deezer(STROBE, 5), deezer(RAJ, 6, seconds=3), deezer(STROBE, 7, seconds=4), *musicbrainz()]
    page = sample_records.tracklist("abc", STROBE, RAJ)

    def run(order: list[int], *, first: bool) -> Any:
        pipeline = InProcessPipeline()
        if first:
            pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        for index in order:
            pipeline.publish("bronze.enrichments", key_of(records[index]), records[index])
            if random.random() < 0.3:
                pipeline.run()
        for index in withdrawn:
            pipeline.publish("bronze.enrichments", key_of(records[index]), None)
        if not first:
            pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        pipeline.run()
        return {name: value for name, value in artist(pipeline).items() if name not in VOLATILE}

    order = list(range(len(records)))
    random.shuffle(order)
    assert run(order, first=random.random() < 0.5) == run(list(range(len(records))), first=True)
