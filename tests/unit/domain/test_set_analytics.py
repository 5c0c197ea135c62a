"""Analytics of sets: laws, an independent computation of peaks, and sets of known shape."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import harmonic
from songnodes.domain.keys import Key
from songnodes.domain.set_analytics import Moment, analyse, curves, series_key
from songnodes.domain.set_analytics.moments import timeline

CODES = [f"{number}{letter}" for number in range(1, 13) for letter in "AB"]


def moment(**values: object) -> Moment:
    fields = dict.fromkeys(("part", "cue_s", "bpm", "camelot", "energy", "genre"))
    return Moment(**{**fields, **values})  # type: ignore[arg-type]


def energies(*values: float | None) -> list[Moment]:
    return [moment(energy=value) for value in values]


MOMENTS = st.lists(
    st.builds(
        Moment,
        part=st.sampled_from([None, None, None, "CD1", "CD2"]),
        cue_s=st.none() | st.integers(0, 20_000),
        bpm=st.none() | st.floats(40, 250).map(lambda bpm: round(bpm, 2)),
        camelot=st.none() | st.sampled_from(CODES),
        energy=st.none() | st.floats(0, 1),
        genre=st.none() | st.sampled_from(["house", "techno"]),
    ),
    max_size=30,
)


def naive_peaks(values: list[float]) -> int:
    """Return the most maxima with a fall of the prominence between any two neighbours, by trying all."""
    if not values or max(values) - min(values) < curves.PROMINENCE:
        return 0
    for count in range(len(values), 1, -1):
        for chosen in combinations(range(len(values)), count):
            if all(
                min(values[a], values[b]) - min(values[a : b + 1]) >= curves.PROMINENCE
                for a, b in pairwise(chosen)
            ):
                return count
    return 1


@given(st.lists(st.integers(0, 20).map(lambda step: step / 20), max_size=9))
def test_peaks_equal_a_search_of_all_combinations(values: list[float]) -> None:
    assert curves.count_peaks(values) == naive_peaks(values)


@given(MOMENTS, st.none() | st.integers(1, 20_000))
def test_every_value_is_in_its_range_and_curves_need_coverage(
    moments: list[Moment], duration_s: int | None
) -> None:
    result = analyse(moments, duration_s)
    places = result.curve_places
    assert list(places) == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    for curve, name in (
        (result.energy_curve, "energy"),
        (result.bpm_curve, "bpm"),
        (result.key_curve, "camelot"),
    ):
        measured = [getattr(item, name) is not None for item in moments]
        assert (curve is not None) == (bool(moments) and sum(measured) >= curves.MIN_COVERAGE * len(moments))
        assert curve is None or [value is not None for value in curve] == measured
    if result.bpm_curve is not None and result.bpm_min is not None and result.bpm_max is not None:
        assert result.bpm_max <= 2.01 * result.bpm_min
    for score in (
        result.harmonic_flow_score,
        *(part["score"] for part in result.harmonic_flow_parts.values()),
    ):
        assert score is None or 0 <= score <= 1
    assert sum(result.genre_mix.values()) == pytest.approx(1 if result.genre_mix else 0, abs=1e-3)


@given(MOMENTS)
def test_transitions_are_between_neighbours_of_one_part_only(moments: list[Moment]) -> None:
    expected: dict[str, int] = {}
    for here, there in pairwise(moments):
        if here.part == there.part and here.camelot and there.camelot:
            kind = harmonic.relation(key(here.camelot), key(there.camelot)).kind
            expected[kind] = expected.get(kind, 0) + 1
    assert analyse(moments, None).key_relations == expected


def key(camelot: str) -> Key:
    return Key(number=int(camelot[:-1]), mode="minor" if camelot[-1] == "A" else "major")


@given(MOMENTS)
def test_the_longest_run_equals_a_search_of_all_runs(moments: list[Moment]) -> None:
    runs = [
        end - start
        for start in range(len(moments))
        for end in range(start + 1, len(moments) + 1)
        if moments[start].camelot and len({(m.part, m.camelot) for m in moments[start:end]}) == 1
    ]
    assert analyse(moments, None).longest_same_key_run == max(runs, default=None)


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ((0.2, 0.25, 0.3, 0.4, 0.5, 0.55), "warm-up"),
        ((0.3, 0.4, 0.5, 0.7, 0.8, 0.95), "build"),
        ((0.7, 0.72, 0.68, 0.75, 0.7, 0.74), "plateau"),
        ((0.3, 0.9, 0.3, 0.9, 0.3, 0.9, 0.3), "wave"),
        ((0.3, 0.5, 0.9, 0.95, 0.6, 0.3), "peak-and-release"),
        ((0.9, None, 0.5, 0.6, 0.95, 0.3, 0.2), "wave"),
        ((0.3, 0.9, 0.3, 0.9), None),
        ((0.3, None, None, 0.5, None, 0.9, 0.9, None), None),
    ],
)
def test_shapes(values: tuple[float | None, ...], shape: str | None) -> None:
    assert analyse(energies(*values), None).shape == shape


def test_places_come_from_cues_and_are_interpolated_between() -> None:
    cued = [moment(cue_s=cue) for cue in (0, None, 600, 500, None)]
    assert timeline(cued, 1800).times == (0, 300, 600, 1000, 1400)
    assert timeline(cued, None).times == (0, 300, 600, 900, 1200)
    assert timeline([moment(), moment(cue_s=100), moment(cue_s=200)], None).times == (0, 100, 200)
    assert timeline([moment(cue_s=5), moment()], 100).basis == "duration"
    assert timeline([moment(cue_s=5, part="CD1"), moment(cue_s=9, part="CD2")], None).basis == "order"
    assert timeline([moment(), moment()], None).places == (0, 1)


def test_the_drift_of_the_tempo_is_per_hour_of_the_set() -> None:
    faster = [moment(bpm=120.0 + step, cue_s=600 * step) for step in range(7)]
    assert analyse(faster, None).bpm_drift_per_hour == 6.0
    assert analyse(faster, None).bpm_median_change == 1.0
    assert analyse([moment(bpm=m.bpm) for m in faster], None).bpm_drift_per_hour is None
    assert analyse([moment(bpm=128.0), moment(bpm=64.5), moment(bpm=256.0)], None).bpm_curve == (
        128,
        129,
        128,
    )


def test_a_part_of_the_flow_without_data_is_left_out_visibly() -> None:
    keyed = [moment(camelot=code) for code in ("8A", "8A", "9A", "3A")]
    result = analyse(keyed, None)
    assert result.harmonic_flow_score == pytest.approx((1 + 0.85 + 0) / 3, abs=1e-4)
    assert result.harmonic_flow_parts == {
        "key": {"score": result.harmonic_flow_score, "weight": 0.7, "coverage": 1.0},
        "tempo": {"score": None, "weight": 0.3, "coverage": 0.0},
    }
    assert result.key_moves == ("same", "one step", "clash", None)
    both = [moment(camelot="8A", bpm=bpm) for bpm in (120.0, 123.0)]
    assert analyse(both, None).harmonic_flow_score == pytest.approx(0.7 + 0.3 * 0.5)
    assert analyse([moment(bpm=120.0), moment(bpm=120.0)], None).harmonic_flow_score is None


def test_episodes_of_one_show_are_a_series() -> None:
    def of(title: str, *djs: str) -> str | None:
        return series_key(dj_ids=djs, dj_names=djs, texts=[title], places=[None])

    assert of("Group Therapy 301", "above-beyond") == of(
        "Group Therapy Episode 302 2019-01-04", "above-beyond"
    )
    assert of("Group Therapy 301", "above-beyond") != of("Group Therapy 301", "guest")
    assert of("Group Therapy 301") is None
    assert of("2019-01-04", "guest") is None
