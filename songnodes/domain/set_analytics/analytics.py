"""All values of a set that follow from its moments."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from songnodes.domain import harmonic
from songnodes.domain.records import FlowPart
from songnodes.domain.set_analytics import curves
from songnodes.domain.set_analytics.flow import (
    flow,
    longest_same_key_run,
    relation_counts,
    transitions,
)
from songnodes.domain.set_analytics.moments import Moment, TimeBasis, timeline

BPM_DECIMALS = 2
ENERGY_DECIMALS = 6
SHARE_DECIMALS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAnalytics:
    """Values of one set. Curves have one value per moment, None where unknown, and are None when less than
    curves.MIN_COVERAGE of it is known."""

    time_basis: TimeBasis
    moment_count: int
    coverage: float | None
    curve_places: tuple[float, ...]
    energy_coverage: float
    energy_curve: tuple[float | None, ...] | None
    energy_start: float | None
    energy_mean: float | None
    energy_peak: float | None
    energy_end: float | None
    energy_peak_place: float | None
    energy_peaks: int | None
    shape: str | None
    bpm_coverage: float
    bpm_curve: tuple[float | None, ...] | None
    bpm_min: float | None
    bpm_max: float | None
    bpm_mean: float | None
    bpm_drift_per_hour: float | None
    bpm_median_change: float | None
    key_coverage: float
    key_curve: tuple[str | None, ...] | None
    key_moves: tuple[str | None, ...] | None
    key_relations: Mapping[str, int]
    longest_same_key_run: int | None
    harmonic_flow_score: float | None
    harmonic_flow_parts: Mapping[str, FlowPart]
    genre_mix: Mapping[str, float]


def analyse(moments: Sequence[Moment], duration_s: int | None) -> SetAnalytics:
    """Return the analytics of a set with these moments, in the order in which they were played."""
    clock = timeline(moments, duration_s)
    places = clock.places
    energies = [moment.energy for moment in moments]
    energy = [value for value in energies if value is not None]
    tempi = _folded_tempi(moments)
    tempo = [value for value in tempi if value is not None]
    keys = tuple(moment.camelot for moment in moments)
    changes = transitions(moments, tempi)
    real = [change for change in changes if change is not None]
    steps = [abs(change.bpm_change) for change in real if change.bpm_change is not None]
    has_energy, has_tempo, has_keys = map(curves.is_covered, (energies, tempi, keys))
    both = [moment.bpm and moment.camelot for moment in moments]
    score = flow(real)
    hours = clock.hours
    drift = curves.slope(hours, tempi) if hours and has_tempo else None
    return SetAnalytics(
        time_basis=clock.basis,
        moment_count=len(moments),
        coverage=curves.coverage(both) if moments else None,
        curve_places=places,
        energy_coverage=round(curves.coverage(energies), SHARE_DECIMALS),
        energy_curve=tuple(energies) if has_energy else None,
        energy_start=energy[0] if has_energy else None,
        energy_mean=round(statistics.fmean(energy), ENERGY_DECIMALS) if energy else None,
        energy_peak=max(energy, default=None),
        energy_end=energy[-1] if has_energy else None,
        energy_peak_place=curves.peak_place(places, energies) if has_energy else None,
        energy_peaks=curves.count_peaks(energy) if has_energy else None,
        shape=curves.shape_of(places, energies),
        bpm_coverage=round(curves.coverage(tempi), SHARE_DECIMALS),
        bpm_curve=tuple(tempi) if has_tempo else None,
        bpm_min=min(tempo, default=None),
        bpm_max=max(tempo, default=None),
        bpm_mean=round(statistics.fmean(tempo), BPM_DECIMALS) if tempo else None,
        bpm_drift_per_hour=None if drift is None else round(drift, BPM_DECIMALS),
        bpm_median_change=round(statistics.median(steps), BPM_DECIMALS) if steps else None,
        key_coverage=round(curves.coverage(keys), SHARE_DECIMALS),
        key_curve=keys if has_keys else None,
        key_moves=tuple(change.move if change else None for change in changes) if has_keys else None,
        key_relations=relation_counts(real),
        longest_same_key_run=longest_same_key_run(moments),
        harmonic_flow_score=score.score,
        harmonic_flow_parts=score.parts,
        genre_mix=_genre_mix(moments),
    )


def _folded_tempi(moments: Sequence[Moment]) -> list[float | None]:
    """Return the tempi in the octave of their lower median."""
    tempi = sorted(moment.bpm for moment in moments if moment.bpm)
    if not tempi:
        return [None] * len(moments)
    reference = tempi[(len(tempi) - 1) // 2]
    return [
        round(harmonic.fold_tempo(moment.bpm, reference), BPM_DECIMALS) if moment.bpm else None
        for moment in moments
    ]


def _genre_mix(moments: Sequence[Moment]) -> dict[str, float]:
    counts = Counter(moment.genre for moment in moments if moment.genre)
    total = counts.total()
    return {genre: round(count / total, SHARE_DECIMALS) for genre, count in sorted(counts.items())}
