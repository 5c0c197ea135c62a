"""Listings of the providers: deterministic, partial, with every trap."""

from collections import Counter

import pytest

from demo.providers import Holdings, truth
from demo.providers.holdings import COVERAGE, PROVIDERS, TRAPS, Provider, Trap
from demo.providers.recordings import Recording
from demo.shapes import tracklists1001 as shapes
from demo.world import world
from demo.world.sizes import SIZES
from tests.unit.demo.providers.conftest import AS_OF

ID_NAMES = ("isrc", "mbid", "spotify_id", "beatport_id", "deezer_id", "tidal_id", "discogs_id")


def test_the_same_seed_gives_the_same_listings(holdings: Holdings) -> None:
    again = Holdings(world.make(SIZES["demo"], AS_OF))
    for provider in PROVIDERS:
        assert again.listed(provider) == holdings.listed(provider)


@pytest.mark.parametrize("name", ID_NAMES)
def test_no_two_recordings_share_an_id(holdings: Holdings, name: str) -> None:
    counts = Counter(getattr(recording, name) for recording in holdings.played.values())
    assert [value for value, count in counts.items() if count > 1] == []


def test_ids_are_those_of_the_pages(holdings: Holdings) -> None:
    for track in world.make(SIZES["demo"], AS_OF).catalogue.tracks:
        recording = holdings.played[track.native_id]
        assert recording.spotify_id == shapes.spotify_id(track)
        assert recording.beatport_id == shapes.beatport_id(track)


@pytest.mark.parametrize("provider", COVERAGE)
def test_coverage_is_partial(holdings: Holdings, provider: Provider) -> None:
    covered = sum(holdings.holding(provider, name) is not None for name in holdings.played)
    assert COVERAGE[provider] - 0.1 < covered / len(holdings.played) < COVERAGE[provider] + 0.03


def test_reccobeats_has_few_new_tracks(holdings: Holdings) -> None:
    fresh = [name for name, entry in holdings.played.items() if (AS_OF - entry.release_date).days < 120]
    covered = sum(holdings.holding("reccobeats", name) is not None for name in fresh)
    assert 0.05 < covered / len(fresh) < 0.4


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_is_set(holdings: Holdings, trap: Trap) -> None:
    assert holdings.with_trap(trap)


def test_a_wrong_value_has_a_right_one_of_more_weight(holdings: Holdings) -> None:
    wrong = 0
    for name in holdings.played:
        true = truth.of(holdings, name)
        for provider in ("deezer", "reccobeats"):
            holding = holdings.holding(provider, name)
            if holding and holding.bpm and not true.is_right("bpm", holding.bpm):
                assert true.holders["bpm"] & {"beatport", "tidal"}
                wrong += 1
    assert wrong > 20


def test_truth_knows_the_holders(holdings: Holdings) -> None:
    for trap, field, provider in (
        ("unknown_key", "key", "beatport"),
        ("extended_only", "beatport_id", "beatport"),
        ("broad_style", "genres", "discogs"),
        ("merged_mbid", "musicbrainz_id", "listenbrainz"),
    ):
        originals = [entry for entry in holdings.with_trap(trap) if _is_listed(holdings, provider, entry)]  # type: ignore[arg-type]
        assert originals
        for recording in originals:
            assert provider not in truth.of(holdings, recording.native_id).holders[field]  # type: ignore[index]


def _is_listed(holdings: Holdings, provider: Provider, recording: Recording) -> bool:
    return recording.version is None and any(
        holding.recording.title == recording.title for holding in holdings.listed(provider)
    )
