"""Real tables as sets: keys and curves are plausible, fits by key are compared with chance."""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from songnodes.domain.keys import ALL
from songnodes.domain.set_analytics import SetAnalytics, analyse
from tests.support import real_sets
from tests.support.real_sets import Sets, fitting_share, minor_share, shuffled_share, wheel


@pytest.fixture(scope="module")
def playlists(shared_data: Path) -> Sets:
    return real_sets.spotify_playlists(shared_data)


@pytest.fixture(scope="module")
def releases(shared_data: Path) -> Sets:
    return real_sets.beatport_releases(shared_data)


@pytest.fixture(scope="module")
def dj_sets(shared_data: Path) -> Sets:
    return real_sets.dj_sets(shared_data)


def analysed(sets: Sets) -> Mapping[str, SetAnalytics]:
    return {name: analyse(moments, None) for name, moments in sets.items()}


def check_values(analytics: Iterable[SetAnalytics]) -> None:
    """Check the ranges and the relations that values of any set have."""
    for values in analytics:
        places = values.curve_places
        assert len(places) == values.moment_count
        assert all(0 <= here <= there <= 1 for here, there in pairwise(places))
        for curve in (values.energy_curve, values.bpm_curve, values.key_curve):
            assert curve is None or len(curve) == values.moment_count
        assert all(0 <= energy <= 1 for energy in values.energy_curve or () if energy is not None)
        if values.bpm_min is not None:
            assert values.bpm_max is not None
            assert values.bpm_mean is not None
            assert values.bpm_min <= values.bpm_mean <= values.bpm_max
            assert values.bpm_max / values.bpm_min < 2.001  # one octave around the median
        assert sum(values.key_relations.values()) <= max(0, values.moment_count - 1)
        assert values.harmonic_flow_score is None or 0 <= values.harmonic_flow_score <= 1
        assert math.isclose(sum(values.genre_mix.values()), 1, abs_tol=0.01) or not values.genre_mix


def test_spotify_playlists_have_plausible_keys_and_curves(playlists: Sets) -> None:
    analytics = analysed(playlists)
    counts = wheel(playlists.values())
    assert (len(playlists), counts.total()) == (471, 32_833)
    assert set(counts) == {key.camelot for key in ALL}
    # Spotify finds more major keys than Beatport; rock is major, C, D, G and A lie well on a guitar.
    assert 0.40 < minor_share(counts) < 0.47
    rock = wheel(playlists.values(), "classic rock")
    assert minor_share(rock) < 0.3
    assert {code for code, _ in rock.most_common(4)} == {"8B", "9B", "10B", "11B"}
    check_values(analytics.values())
    assert sum(values.key_curve is not None for values in analytics.values()) == 471
    # Nobody mixes a playlist: what follows is chance, and tempi jump.
    assert fitting_share(analytics.values()) == pytest.approx(shuffled_share(playlists.values()), abs=0.015)
    steps = [
        values.bpm_median_change for values in analytics.values() if values.bpm_median_change is not None
    ]
    assert sum(step > 6 for step in steps) / len(steps) > 0.8


def test_house_and_trance_at_beatport_are_minor(releases: Sets) -> None:
    counts = wheel(releases.values())
    assert counts.total() == 32_250  # of 32,271 rows; 21 have "None"
    assert counts.most_common(1)[0][0] == "8A"
    shares = {
        genre: minor_share(wheel(releases.values(), genre))
        for genre in ("house", "deep house", "tech house", "progressive house", "trance", "techno", "dance")
    }
    assert 0.6 < minor_share(counts) < 0.68
    assert all(share > 0.58 for genre, share in shares.items() if genre != "dance")
    assert shares["dance"] < 0.4 < shares["house"]  # radio edits of pop
    tempi = sorted(moment.bpm for moments in releases.values() for moment in moments if moment.bpm)
    assert tempi[len(tempi) // 2] == pytest.approx(130, abs=6)
    check_values(analysed(releases).values())


def test_neighbours_on_a_release_fit_more_often_than_chance(releases: Sets) -> None:
    """A release has versions of one track next to each other."""
    long = [moments for moments in releases.values() if len(moments) >= 5]
    share = fitting_share(analyse(moments, None) for moments in long)
    assert share > shuffled_share(long) + 0.015
    assert shuffled_share(long) == pytest.approx(0.228, abs=0.01)


def test_real_sets_of_djs_have_cues_and_smooth_tempi(dj_sets: Sets, playlists: Sets) -> None:
    analytics = analysed(dj_sets)
    check_values(analytics.values())
    assert {name: values.time_basis for name, values in analytics.items()} == dict.fromkeys(dj_sets, "cues")
    night_owl, hardwell = analytics["night_owl_radio"], analytics["hardwell"]
    assert night_owl.moment_count == 42
    assert night_owl.bpm_median_change is not None
    assert night_owl.bpm_median_change < 3
    # Two thirds of that set are mashups without features: values stay unknown, no curve is drawn.
    assert (hardwell.key_coverage, hardwell.key_curve, hardwell.shape) == (0.3333, None, None)
    assert hardwell.harmonic_flow_score is None
    flows = [values.harmonic_flow_score for values in analysed(playlists).values()]
    scores = sorted(score for score in flows if score is not None)
    assert night_owl.harmonic_flow_score is not None
    assert night_owl.harmonic_flow_score > scores[len(scores) * 9 // 10]
