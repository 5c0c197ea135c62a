"""Work grows about linearly, not with the square of the input: each pure function with 4 times the input.

Processor time, the least of several runs, counts: other processes do not. Linear work takes 4 times as long,
n log n about 5 times, quadratic work 16 times.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from songnodes.domain import credits, facts, harmonic, rows, text
from songnodes.domain.drift import bounds
from songnodes.domain.keys import read_key
from songnodes.domain.lines import read_line
from songnodes.domain.links.components import join
from songnodes.domain.links.fact import Link
from songnodes.domain.links.occasion import occasion
from songnodes.domain.links.sets import Tracklisted, common_share, same_sets
from songnodes.domain.matching import Candidate, RequestedTrack, decide
from songnodes.domain.quality.playlists import MAX_COMPARED_ROWS, playlist_quality
from songnodes.domain.waterfall import choose
from songnodes.domain.waterfall.answers import Answer
from tests.support import sample_records
from tests.support.growth import MAX_SECONDS, MIN_SECONDS, assert_near_linear, seconds
from tests.support.set_builders import build_tracklist

PIECES = (
    *("A & ", "a", "(", "( ", "[", " - ", "a-", "feat. ", "X vs. ", "1:", "́", "&amp;", "a.", "_s", "$a"),
    *(
        "a aka ",
        "sped up ",
        "\n",
        "in the style of ",
        "x by ",
        "a and ",
        "√∂",
        "w/ ",
        "a, ",
        "a (UK) & ",
        " x ",
    ),
)
TEXTS: dict[str, Callable[[str], object]] = {
    "repair": text.repair,
    "norm_v1": text.norm_v1,
    "slug": lambda given: text.slug([given]),
    "over_split": credits.over_split,
    "split_credit": credits.split_credit,
    "take_features": credits.take_features,
    "read_line": read_line,
    "title": lambda given: read_line(f"A - {given}"),
    "bracket": lambda given: read_line(f"A - B ({given})"),
    "key": read_key,
    "occasion": lambda given: occasion([given], djs=[given]),
    "decide by title": lambda given: decide(
        RequestedTrack(line=read_line(f"A - {given}")), [Candidate(provider="p", name=given, artists=("A",))]
    ),
    "decide by artist": lambda given: decide(
        RequestedTrack(line=read_line(f"{given} - B")),
        [Candidate(provider="p", name="B", artists=(given,), remixers=(given,))],
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_functions_grow_linearly(name: str) -> None:
    function = TEXTS[name]
    for piece in PIECES:
        took = seconds(lambda piece=piece: function((piece * 20_000)[:20_000]))  # type: ignore[misc]
        assert took < MAX_SECONDS, piece
        if took > 10 * MIN_SECONDS:
            assert_near_linear(
                lambda size, piece=piece: lambda: function((piece * size)[:size]),  # type: ignore[misc]
                5_000,
            )


def playlist_of(size: int) -> Any:
    rows = (
        sample_records.playlist_row(place, f"artist{place % (size // 2)}-title{place}")
        for place in range(1, size + 1)
    )
    return sample_records.playlist("1001tracklists:a", 1, *rows)


def links(size: int, shape: str) -> list[Link]:
    ends = {
        "star": [("a", f"b{n:06}") for n in range(size)],
        "star from the other end": [(f"b{n:06}", "z") for n in range(size)],
        "chain": [(f"b{n:06}", f"b{n + 1:06}") for n in range(size)],
    }
    return [Link(claims=both, reason="isrc", evidence="") for both in ends[shape]]


@pytest.mark.parametrize("shape", ["star", "star from the other end", "chain"])
def test_components_grow_linearly(shape: str) -> None:
    def of_size(size: int) -> Callable[[], object]:
        facts = links(size, shape)
        return lambda: join(facts, {})

    assert_near_linear(of_size, 1_500)


def test_facts_of_a_set_grow_linearly() -> None:
    def of_size(size: int) -> Callable[[], object]:
        playlist = playlist_of(size)
        return lambda: (
            list(facts.PlaylistFacts(playlist, "1").of_tracks()),
            list(facts.PlaylistFacts(playlist, "1").of_artists()),
        )

    assert_near_linear(of_size, 1_000)


def test_rows_of_a_set_grow_linearly() -> None:
    def of_size(size: int) -> Callable[[], object]:
        record: Any = build_tracklist(
            "mixesdb:a", [f"Artist{n} - Title{n} (Zed Remix)" for n in range(size)]
        )["rows"]
        return lambda: rows.read_rows("mixesdb:a", record, {})

    assert_near_linear(of_size, 500)


def tracklisted(playlist_id: str, tracks: int) -> Tracklisted:
    return Tracklisted(
        playlist_id=playlist_id,
        source=playlist_id.partition(":")[0],
        djs=("a",),
        day=date(2026, 1, 1),
        occasion=occasion(["Night"]),
        tracks=tuple(f"t{n}" for n in range(tracks)),
        rows=tracks,
    )


def test_sets_of_too_many_rows_are_not_searched() -> None:
    many = [f"t{n}" for n in range(MAX_COMPARED_ROWS + 1)]
    assert common_share(many, many) is None
    assert common_share(many[:-1], many[:-1]) == 1.0
    took = seconds(lambda: same_sets([tracklisted("a:1", 100_000), tracklisted("b:1", 100_000)]))
    assert took < MAX_SECONDS


def test_sets_of_one_dj_grow_linearly() -> None:
    def of_size(size: int) -> Callable[[], object]:
        sets = [tracklisted(f"a:{n:06}", 3) for n in range(size)]
        days = [date.fromordinal(735_000 + 3 * n) for n in range(size)]
        spread = [replace(entry, day=day) for entry, day in zip(sets, days, strict=True)]
        return lambda: same_sets(spread)

    assert_near_linear(of_size, 2_000)


def test_ranking_of_candidates_grows_linearly() -> None:
    def of_size(size: int) -> Callable[[], object]:
        candidates = [
            Candidate(provider="p", name=f"Strobe ({n} Remix)", artists=("A",)) for n in range(size)
        ]
        query = RequestedTrack(line=read_line("A - Strobe (9 Remix)"))
        return lambda: decide(query, candidates)

    assert_near_linear(of_size, 200)


def test_the_waterfall_grows_linearly() -> None:
    def of_size(size: int) -> Callable[[], object]:
        answers = [
            Answer(provider=f"p{n}", field="label", value=f"label{n}", observed=None) for n in range(size)
        ]
        return lambda: choose(answers, {})

    assert_near_linear(of_size, 500)


def test_harmonic_ranking_grows_linearly() -> None:
    def of_size(size: int) -> Callable[[], object]:
        key = read_key("8A")
        tracks = [harmonic.Candidate(track_id=f"t{n}", key=key, bpm=120.0 + n % 9) for n in range(size)]
        return lambda: harmonic.rank(tracks[0], tracks)

    assert_near_linear(of_size, 2_000)


def test_quality_of_a_set_grows_linearly() -> None:
    def of_size(size: int) -> Callable[[], object]:
        rows = playlist_of(size)["rows"]
        day = date(2026, 3, 1)
        return lambda: playlist_quality(
            rows=rows, djs=["a"], set_date=day, latest_date=day, declared=size, header={}
        )

    assert_near_linear(of_size, 2_000)


def test_drift_statistics_grow_linearly() -> None:
    random = Random(1)
    outcomes = [random.random() < 0.9 for _ in range(20_000)]
    assert_near_linear(lambda size: lambda: bounds.inflation(outcomes[:size], 20), 4_000)
    assert seconds(lambda: bounds.most_hits(20_000, 0.01, 1e-6)) < MAX_SECONDS
