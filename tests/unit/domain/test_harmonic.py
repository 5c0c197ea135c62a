"""Harmonic relations of keys and tempos, and the ranking of recommendations."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain.harmonic import (
    CLASH,
    MAX_BPM_DIFFERENCE,
    Candidate,
    fold_tempo,
    match,
    rank,
    relation,
    tempo_change,
)
from songnodes.domain.keys import ALL, Key, compatible, read_key

KEYS = st.sampled_from(ALL)
TEMPI = st.floats(40, 250)


def key(code: str) -> Key:
    parsed = read_key(code)
    assert parsed
    return parsed


@pytest.mark.parametrize(
    ("current", "following", "kind", "weight"),
    [
        ("8A", "8A", "perfect", 1.0),
        ("8A", "8B", "compatible", 0.90),
        ("8A", "7A", "compatible", 0.85),
        ("8A", "9A", "compatible", 0.85),
        ("12A", "1A", "compatible", 0.85),
        ("1B", "12B", "compatible", 0.85),
        ("8A", "7B", "possible", 0.75),
        ("8A", "9B", "possible", 0.75),
        ("8B", "9A", "possible", 0.75),
        ("8A", "10A", "possible", 0.55),
        ("8A", "6A", "possible", 0.45),
        ("8A", "11B", "possible", 0.45),
        ("8B", "5A", "possible", 0.45),
        ("8A", "3A", "possible", 0.35),
        ("8A", "2A", "clash", 0.0),
        ("8A", "5B", "clash", 0.0),
        ("8A", "1A", "clash", 0.0),
    ],
)
def test_relations(current: str, following: str, kind: str, weight: float) -> None:
    result = relation(key(current), key(following))
    assert (result.kind, result.weight) == (kind, weight)


@given(KEYS)
def test_every_key_has_the_same_number_of_partners(current: Key) -> None:
    kinds = [relation(current, candidate).kind for candidate in ALL]
    assert [kinds.count(kind) for kind in ("perfect", "compatible", "possible", "clash")] == [1, 3, 6, 14]
    near = {candidate.camelot for candidate in ALL if relation(current, candidate).weight >= 0.85}
    assert near == set(compatible(current))


@given(KEYS)
def test_parallel_is_the_same_tonic(current: Key) -> None:
    parallel = next(candidate for candidate in ALL if relation(current, candidate).move == "parallel")
    assert parallel.pitch_class == current.pitch_class


@given(TEMPI, TEMPI)
def test_folded_tempo_is_within_half_an_octave(bpm: float, reference: float) -> None:
    folded = fold_tempo(bpm, reference)
    assert 1 / math.sqrt(2) <= folded / reference * (1 + 1e-12)
    assert folded / reference < math.sqrt(2) * (1 + 1e-12)
    assert math.log2(folded / bpm) == pytest.approx(round(math.log2(folded / bpm)))


def test_half_and_double_tempo_are_close() -> None:
    assert tempo_change(174, 88).difference == pytest.approx(2)
    assert tempo_change(128, 64).percent == 0
    assert tempo_change(100, 103).closeness == pytest.approx(0.5)


def test_missing_data_yields_no_recommendation() -> None:
    here = Candidate(track_id="a", key=key("8A"), bpm=128.0)
    assert match(here, Candidate(track_id="b", key=None, bpm=128.0)) is None
    assert match(here, Candidate(track_id="b", key=key("8A"), bpm=None)) is None
    assert match(here, Candidate(track_id="b", key=key("8A"), bpm=135.0)) is None
    assert match(here, Candidate(track_id="b", key=key("2A"), bpm=128.0)) is None
    assert match(here, here) is None


@given(st.integers(0, 2**32))
def test_ranking_does_not_depend_on_order(seed: int) -> None:
    chance = random.Random(seed)
    here = Candidate(track_id="here", key=key("8A"), bpm=128.0)
    candidates = [
        Candidate(track_id=f"t{n}", key=chance.choice(ALL), bpm=chance.choice([64.0, 126.0, 128.0, 133.0]))
        for n in range(80)
    ]
    ranked = rank(here, candidates, limit=10)
    chance.shuffle(candidates)
    assert rank(here, candidates, limit=10) == ranked
    assert [entry.score for entry in ranked] == sorted((entry.score for entry in ranked), reverse=True)
    assert all(entry.relation is not CLASH for entry in ranked)
    assert all(abs(entry.tempo.difference) <= MAX_BPM_DIFFERENCE for entry in ranked)
