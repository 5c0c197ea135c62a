"""Four times the input costs about four times the time: no rule over text or rows is quadratic."""

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest

from songnodes.domain import credits, playlists
from songnodes.domain.identity import claim_key
from songnodes.domain.lines import read_line, versions
from songnodes.domain.lines.brackets import scan
from songnodes.domain.part_numbers import with_part_numbers
from songnodes.domain.rows import labels_are_round, read_rows
from songnodes.domain.text import norm_v1, repair
from tests.unit.domain.test_playlists import row, tracklist

SHAPES = {
    "names": "A & ",
    "features": "A ft. ",
    "words": "A with B ",
    "versus": "A vs. B ",
    "open brackets": "(",
    "groups": "(A Remix) ",
    "squares": "[A] ",
    "quotes": "\"A' ",
    "dashes": "A - ",
    "stars": " *A",
    "bars": " | A",
    "parts": "pt. ii part ",
    "aliases": "A aka ",
    "known names": "Above & Beyond & ",
}
#: A linear rule gives 4, a quadratic one 16, a cubic one 64.
TIMES = 4
GROWTH = 9.0
#: Below this the clock says nothing, and nothing is slow either.
MIN_S = 0.02


def growth(work: Callable[[Any], object], small: Any, large: Any) -> float:
    """Return how many times longer the larger input takes; 0 where it takes no time worth measuring."""

    def seconds(value: Any) -> float:
        runs = []
        for _ in range(3):
            for cached in (versions.read_group, credits.over_split, credits.take_features, norm_v1):
                cached.cache_clear()
            start = time.process_time()
            work(value)
            runs.append(time.process_time() - start)
        return min(runs)

    gc.collect()
    gc.disable()  # a collection costs what the whole test run has left behind
    try:
        long = seconds(large)
        return long / max(seconds(small), 1e-9) if long > MIN_S else 0.0
    finally:
        gc.enable()


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "read_line": lambda text: claim_key(read_line(text)),
    "credit": lambda text: read_line("A - B", byline=text),
    "split_credit": credits.split_credit,
    "split_lineup": lambda text: credits.split_lineup([text]),
    "over_split": credits.over_split,
    "atoms": credits.atoms,
    "take_features": credits.take_features,
    "scan": scan,
    "norm_v1": lambda text: with_part_numbers(norm_v1(text)),
    "repair": repair,
    "labels_are_round": lambda text: labels_are_round([text + ")"] * 3),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_text_of_four_times_the_length(name: str, shape: str) -> None:
    piece = SHAPES[shape]
    small = piece * (10_000 // len(piece))
    assert growth(FUNCTIONS[name], small, small * TIMES) < GROWTH


def test_a_set_of_four_times_the_rows() -> None:
    def texts(count: int) -> list[str | None]:
        return [f"Artist {number} & Other - Title {number} (X{number} Remix)" for number in range(count)]

    def read(some: list[str | None]) -> None:
        read_rows("p", [row(number, text) for number, text in enumerate(some)], {})

    def validate(some: list[str | None]) -> None:
        state = playlists.unknown()
        playlists.take_tracklist(state, tracklist(some), 0)
        playlists.validated(state, "code")

    assert growth(read, texts(700), texts(700 * TIMES)) < GROWTH
    assert growth(validate, texts(700), texts(700 * TIMES)) < GROWTH


def test_a_row_of_very_many_names_is_read_in_no_time() -> None:
    start = time.process_time()
    credit = "Above & Beyond & " * 1_200
    line = read_line(f"{credit} - Title", byline=credit, links=["Above", "Beyond"])
    assert (len(line.artists), line.credit_split) == (1, False)
    assert time.process_time() - start < 1
