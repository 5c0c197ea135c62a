"""Rows of the resolver, made of records, and records of its results."""

from datetime import timedelta

from songnodes import decisions
from songnodes.decisions import Author
from songnodes.domain.links import Joined, Sighting
from songnodes.domain.records import Playlist
from stream_processors.resolver import inputs, outputs
from stream_processors.resolver.sets import PendingResolution
from stream_processors.resolver.tracks import NO_CAUSE_AT, Facts, Redirected, after
from tests.support.set_builders import T0, Row, Validate, build_tracklist, event, track

ONE, OTHER = "Nora Vexley - Glass Harbour", "Otto Grauwacke - Basalt"


def playlist(*rows: Row, **header: object) -> Playlist:
    validated = Validate().take(build_tracklist("1001tracklists:a", rows, **header))  # type: ignore[arg-type]  # by name
    assert validated is not None
    return validated


def author(minute: int = 0) -> Author:
    return Author(name="tests", reason="so", at=T0 + timedelta(minutes=minute))


def test_a_day_is_stored_if_it_is_exact_and_names_in_normal_form() -> None:
    row = inputs.playlist_row(playlist(ONE, djs=["Lumen & Dax", "Âme"], date_text="2026-01"))
    assert row["set_day"] is None
    assert row["dj_key"] == ["ame", "dax", "lumen"]
    assert row["djs"] == ["ame", "lumen and dax"]
    assert inputs.playlist_row(playlist(ONE, djs=[]))["dj_key"] is None


def test_a_playlist_without_a_resolution_shows_none() -> None:
    assert inputs.shown(playlist(ONE)) == {
        "tracks": {},
        "set_id": None,
        "counted": True,
        "ra_event_id": None,
    }


def test_an_applied_resolution_is_shown_as_it_was_wanted() -> None:
    validate = Validate()
    validate.take(build_tracklist("1001tracklists:a", [ONE]))
    wanted = inputs.wanted(
        "1001tracklists:a",
        tracks={track(ONE): track(OTHER)},
        set_id="1001tracklists:a",
        counted=False,
        ra_event_id="7",
    )
    assert wanted["set_id"] is None, "its own id is no link"
    topic, key, record = outputs.resolution(
        PendingResolution(playlist_id="1001tracklists:a", wanted=wanted, observed_at=T0)
    )
    assert (topic, key) == ("silver.resolutions", "1001tracklists:a")
    emitted = validate.resolve(record)  # type: ignore[arg-type]  # a Resolution
    assert emitted is not None
    assert inputs.shown(emitted) == wanted


def test_sightings_have_each_id_that_links_once() -> None:
    ids = {"spotify_id": "4uLU6hMCjMI75M1A2tKUQC", "youtube_id": "dQw4w9WgXcQ", "native": "4711"}
    sightings = inputs.sighting_rows(playlist((ONE, ids, 200), (ONE, ids, 200), OTHER, "ID - ID"))
    assert [(row["claim_id"], row["ids"], row["duration_ms"]) for row in sightings] == [
        (track(ONE), ["1001tracklists=4711", "spotify_id=4uLU6hMCjMI75M1A2tKUQC"], 200_000),
        (track(OTHER), [], None),
    ]


def test_ids_are_those_of_the_row_however_it_was_resolved() -> None:
    """Otherwise a merge would change its own evidence."""
    validate = Validate()
    before = validate.take(build_tracklist("1001tracklists:a", [(ONE, {"isrc": "GB1"})]))
    wanted = inputs.wanted("x", tracks={track(ONE): "z-1"}, set_id=None, counted=True, ra_event_id=None)
    answer = PendingResolution(playlist_id="1001tracklists:a", wanted=wanted, observed_at=T0)
    after_ = validate.resolve(outputs.resolution(answer)[2])  # type: ignore[arg-type]  # a Resolution
    assert before is not None and after_ is not None
    assert inputs.sighting_rows(before) == inputs.sighting_rows(after_)
    assert list(inputs.claim_rows(before)) == list(inputs.claim_rows(after_))


def test_a_pair_has_one_decision_and_the_later_ranks_higher() -> None:
    merge = inputs.decision_row(decisions.on_pair("merge", "b", "a", author(), forced=True))
    split = inputs.decision_row(decisions.on_pair("split", "a", "b", author(1)))
    assert merge is not None and split is not None
    assert merge["decision_id"] == split["decision_id"]
    assert (merge["claim_a"], merge["claim_b"], merge["forced"]) == ("a", "b", True)
    assert split["rank"] > merge["rank"]
    assert not split["forced"]


def test_overrides_are_kept_and_other_decisions_are_not() -> None:
    row = inputs.decision_row(decisions.override("a", "bpm", 120.0, author()))
    assert row is not None and (row["kind"], row["claim_a"], row["claim_b"]) == ("override", "a", None)
    release = {**decisions.override("a", "bpm", 120.0, author()), "kind": "release"}
    assert inputs.decision_row(release) is None  # type: ignore[arg-type]  # a Decision
    lonely = {**decisions.on_pair("merge", "a", "b", author()), "other_id": None}
    assert inputs.decision_row(lonely) is None  # type: ignore[arg-type]


def test_an_act_is_stored_without_additions_of_its_billing() -> None:
    row = inputs.event_row(event("1", "Nacht", "Âme (Live)", "Lumen & Dax", venue="Halle Neun"))
    assert {"ame", "lumen and dax", "lumen", "dax"} <= set(row["acts"])
    assert inputs.event_row(event("1", "Nacht", "Âme", gone=True))["acts"] == []
    assert inputs.event_row(event("1", "Nacht"))["venue"] is None


def test_the_end_of_a_redirect_is_a_redirect_to_none() -> None:
    moved = Redirected(claim_id="b", canonical_id=None, observed_at=NO_CAUSE_AT)
    topic, key, record = outputs.redirect(moved, 17)
    assert (topic, key, record["canonical_id"], record["version"]) == ("silver.redirects", "b", None, 17)


def test_an_id_without_facts_follows_its_last_redirect() -> None:
    facts = Facts(
        claims=frozenset("abc"),
        sightings=frozenset({Sighting(claim_id="a", ids=()), Sighting(claim_id="b", ids=())}),
        profiles={},
        verdicts={},
        overridden=frozenset(),
        before={"c": "b"},
    )
    assert after(facts, Joined(canonical={"b": "a"}, refused=frozenset())) == {"b": "a", "c": "a"}
    assert after(facts, Joined(canonical={}, refused=frozenset())) == {"c": "b"}
