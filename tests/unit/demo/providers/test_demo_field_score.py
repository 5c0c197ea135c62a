"""Score of fields: right, wrong and missing values of tracks against the truth of the world."""

from typing import Any

import pytest

from demo import field_score
from demo.providers import Holdings, truth
from demo.providers.holdings import PROVIDERS, Provider
from demo.score import Measure

KEYLESS: tuple[Provider, ...] = ("deezer", "reccobeats", "musicbrainz")


def perfect(holdings: Holdings) -> dict[str, dict[str, Any]]:
    """Return tracks with all true values, each with the id of its recording."""
    tracks: dict[str, dict[str, Any]] = {}
    for name, recording in holdings.played.items():
        tracks[name] = {str(field): value for field, value in truth.of(holdings, name).values.items()}
        tracks[name]["genres"] = [recording.genre]
    return tracks


def measures(
    holdings: Holdings, tracks: dict[str, dict[str, Any]], providers: tuple[Provider, ...] = PROVIDERS
) -> dict[str, Measure]:
    measured = field_score.score(holdings, tracks, {name: name for name in tracks}, providers)
    return {measure.name: measure for measure in measured}


def test_true_values_score_one(holdings: Holdings) -> None:
    for measure in measures(holdings, perfect(holdings)).values():
        assert measure.precision == measure.recall == 1.0
        assert measure.expected == len(holdings.played)


def test_nothing_is_expected_of_what_no_provider_has(holdings: Holdings) -> None:
    empty: dict[str, dict[str, Any]] = {name: {} for name in holdings.played}
    all_providers, keyless = measures(holdings, empty), measures(holdings, empty, KEYLESS)
    for field in field_score.FIELDS:
        assert keyless[field].expected <= all_providers[field].expected <= len(holdings.played)
        assert keyless[field].recall in (0.0, None)
    assert keyless["beatport_id"].expected == 0
    assert all_providers["bpm"].expected > 0.97 * len(holdings.played)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("isrc", "QZXXX0000000"),
        ("bpm", 64.0),
        ("key", "13A"),
        ("genres", ["Country"]),
        ("musicbrainz_id", "old"),
        ("beatport_id", "1"),
    ],
)
def test_a_wrong_value_lowers_precision_and_recall(holdings: Holdings, field: str, value: Any) -> None:
    tracks = perfect(holdings)
    name = next(name for name in tracks if truth.of(holdings, name).expected(field, PROVIDERS))  # type: ignore[arg-type]
    tracks[name][field] = value
    wrong = measures(holdings, tracks)[field]
    assert (wrong.correct, wrong.returned) == (len(tracks) - 1, len(tracks))
    assert (wrong.recall or 0) < 1


def test_an_acapella_has_no_ids(holdings: Holdings) -> None:
    name, recording = next(iter(holdings.played.items()))
    tracks = {f"{name}/acapella": {"isrc": recording.isrc, "bpm": recording.bpm}}
    scored = measures(holdings, tracks)
    assert (scored["isrc"].correct, scored["isrc"].returned, scored["isrc"].expected) == (0, 1, 0)
    assert scored["bpm"].returned == 0
