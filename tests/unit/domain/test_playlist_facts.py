"""The facts of a playlist about tracks and artists, live and gone."""

from songnodes.domain import facts
from songnodes.domain.identity import artist_id
from songnodes.domain.records import CreditFact, Playlist, TrackFact
from tests.support.set_builders import build_tracklist, track
from tests.support.stored_playlist import StoredPlaylist

FIRST = ["Ada - One", "Bo & Cy ft. Di - Two (Ed Remix)", "Ada - Three (Bo Remix)", "Ada - One"]
DJS = ("Ada", "Fay")


def after(*versions: tuple[list[str], tuple[str, ...]]) -> Playlist:
    """Return the playlist after these versions of its rows and DJs."""
    state = StoredPlaylist()
    for hours, (rows, djs) in enumerate(versions):
        assert state.apply_tracklist(build_tracklist("test:1", rows, djs=djs, hours=hours), hours)
        playlist = state.build("code")
    assert playlist is not None
    return playlist


def credit_facts(playlist: Playlist) -> dict[str, CreditFact]:
    return {fact["artist_id"]: fact for fact in facts.PlaylistFacts(playlist, "1").of_artists()}


def track_facts(playlist: Playlist) -> dict[str, TrackFact]:
    return {fact["track_id"]: fact for fact in facts.PlaylistFacts(playlist, "1").of_tracks()}


def test_an_artist_has_a_fact_with_each_track_and_its_first_role() -> None:
    by_artist = credit_facts(after((FIRST, DJS)))
    roles = {
        fact["name"]: [(entry["track_id"], entry["role"], entry["plays"]) for entry in fact["tracks"]]
        for fact in by_artist.values()
    }
    by_ada, by_bo = track("Ada - One"), track("Bo & Cy - Two (Ed Remix)")
    remixed = track("Ada - Three (Bo Remix)")
    assert roles == {
        "Ada": [(by_ada, "main", 2), (remixed, "main", 1)],
        "Bo": [(remixed, "remixer", 1)],
        "Bo & Cy": [(by_bo, "main", 1)],
        "Di": [(by_bo, "featured", 1)],
        "Ed": [(by_bo, "remixer", 1)],
        "Fay": [],
    }
    assert {fact["name"] for fact in by_artist.values() if fact["as_dj"]} == set(DJS)


def test_the_ids_of_a_claim_are_those_of_its_names() -> None:
    for row in after((FIRST, DJS))["rows"]:
        claim = row["claim"]
        assert claim is not None
        assert claim["artist_ids"] == list(map(artist_id, claim["artist_names"]))
        assert claim["featured_ids"] == list(map(artist_id, claim["featured"]))
        assert claim["version_artist_ids"] == list(map(artist_id, claim["version_artists"]))


def test_a_live_fact_names_the_djs_of_both_kinds_and_a_gone_one_all_of_them_as_gone() -> None:
    playlist = after((FIRST, ("Gil", "Ada")), (["Ada - One"], DJS))
    ada, fay, gil = map(artist_id, ("Ada", "Fay", "Gil"))
    tracks, artists = track_facts(playlist), credit_facts(playlist)
    live, gone = tracks.pop(track("Ada - One")), tracks[track("Ada - Three (Bo Remix)")]
    assert (live["gone"], live["djs_live"], live["djs_gone"], live["own_djs"]) == (
        *(False, [ada, fay], [gil]),
        [ada],
    )
    assert (gone["gone"], gone["djs_live"], gone["djs_gone"], gone["claim"]) == (
        *(True, [], [ada, fay, gil]),
        None,
    )
    states = {
        identity: (fact["gone"], fact["djs_live"], fact["djs_gone"]) for identity, fact in artists.items()
    }
    assert states[ada] == (False, [ada, fay], [gil])
    assert states[fay] == (False, [], [ada, fay, gil])
    assert states[artist_id("Bo")] == (True, [], [ada, fay, gil])
    assert states[gil] == (True, [], [ada, fay, gil])


def test_the_ids_of_facts_differ_and_their_origin_is_the_playlist() -> None:
    playlist = after((FIRST, DJS))
    every = [*track_facts(playlist).values(), *credit_facts(playlist).values()]
    assert len({fact["event_id"] for fact in every}) == len(every) == 9
    assert {fact["origin"]["id"] for fact in every} == {playlist["event_id"]}
