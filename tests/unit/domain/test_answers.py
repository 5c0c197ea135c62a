"""The evaluated answers of a track that count, and those that are kept."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import answers
from songnodes.domain.answers import MAX_ANSWERS, AnswerEntry

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def entry(call: str = "deezer:search", **changes: Any) -> AnswerEntry:
    fields: dict[str, Any] = {
        "attempt_id": f"{call}-{changes.get('seconds', 0)}",
        "call": call,
        "provider": call.partition(":")[0],
        "operation": call.rpartition(":")[2],
        "lookup": "search",
        "status": "hit",
        "note": None,
        "match_class": "exact",
        "scope": "recording",
        "confidence": 1.0,
        "values": "{}",
        "ids": {},
        "merged_from": None,
        "observed_at": NOW + timedelta(seconds=changes.pop("seconds", 0)),
        "cached": False,
        "latency_ms": 10,
    }
    return {**fields, **changes}  # type: ignore[typeddict-item]


def by_id(call: str, **ids: str) -> AnswerEntry:
    return entry(call, scope="id", ids=ids, values=json.dumps({"energy": 0.7}))


def counted(*entries: AnswerEntry, **page_ids: str) -> dict[str, float | None]:
    return {item["call"]: confidence for item, confidence in answers.counting(entries, page_ids)}


def test_values_by_id_count_with_the_confidence_of_the_id() -> None:
    features = by_id("reccobeats:features", spotify_id="s")
    assert counted(features)["reccobeats:features"] is None
    assert counted(features, spotify_id="s")["reccobeats:features"] == 1.0
    searched = entry("tidal:search", ids={"spotify_id": "s"}, confidence=0.75)
    assert counted(features, searched)["reccobeats:features"] == 0.75


def test_a_chain_of_ids_counts_and_ends() -> None:
    chain = [
        by_id("a:1", spotify_id="s", reccobeats_id="r"),
        by_id("b:2", reccobeats_id="r", tidal_id="t"),
        by_id("c:3", tidal_id="t"),
    ]
    assert set(counted(*chain).values()) == {None}
    assert set(counted(*chain, spotify_id="s").values()) == {1.0}


def test_the_release_of_a_recording_is_no_evidence_for_another_recording() -> None:
    ours = entry("musicbrainz:search", ids={"musicbrainz_id": "m", "musicbrainz_release_id": "album"})
    neighbour = by_id("listenbrainz:recordings", musicbrainz_id="n", musicbrainz_release_id="album")
    assert counted(ours, neighbour)["listenbrainz:recordings"] is None
    album = by_id("musicbrainz:release", musicbrainz_release_id="album")
    assert counted(ours, album)["musicbrainz:release"] == 1.0


def test_a_variant_a_reference_and_a_refusal_lend_no_id() -> None:
    features = by_id("reccobeats:features", spotify_id="s")
    for weak in (
        entry("a:1", scope="variant", ids={}),
        entry("a:1", scope="reference", ids={"spotify_id": "s"}),
        entry("a:1", status="rejected", ids={"spotify_id": "s"}),
        entry("a:1", scope="artists", ids={"spotify_id": "s"}),
    ):
        assert counted(features, weak)["reccobeats:features"] is None


def test_a_later_failure_does_not_replace_an_answer_and_a_later_answer_does() -> None:
    hit, failed = entry(seconds=0), entry(status="error", seconds=5)
    newer = entry(seconds=9, values=json.dumps({"bpm": 1}))
    assert answers.of_entries([hit, failed])["deezer:search"] == hit
    assert answers.of_entries([failed, newer, hit])["deezer:search"] == newer


@given(st.permutations(range(MAX_ANSWERS + 20)))
def test_the_newest_are_kept_in_any_order(order: list[int]) -> None:
    entries = [entry(f"deezer:{number}", seconds=number) for number in range(MAX_ANSWERS + 20)]
    kept: dict[str, AnswerEntry] = {}
    for number in order:
        kept = answers.with_answer(kept, entries[number])
    assert kept == answers.of_entries(entries)
    assert set(kept) == {f"deezer:{number}" for number in range(20, MAX_ANSWERS + 20)}


def test_merged_ids_are_followed_however_often() -> None:
    first = entry("musicbrainz:1", merged_from="a", ids={"musicbrainz_id": "b"})
    second = entry("musicbrainz:2", merged_from="b", ids={"musicbrainz_id": "c"})
    replaced = answers.replaced_ids([first, second])
    assert [answers.follow(replaced, name) for name in ("a", "b", "c", "x")] == ["c", "c", "c", "x"]
    circle = {"a": "b", "b": "a"}
    assert answers.follow(circle, "a") in circle


def test_a_provider_that_answered_is_a_hit_whatever_failed_later() -> None:
    outcomes = {
        answer.provider: answer.status
        for answer in answers.waterfall_answers(
            [
                entry("deezer:search"),
                entry("deezer:album", status="rate_limited", seconds=9),
                entry("tidal:search", status="miss"),
                entry("discogs:search", status="future_status"),
            ],
            {},
        )
        if answer.field == "*"
    }
    assert outcomes == {"deezer": "hit", "tidal": "miss", "discogs": "error"}
